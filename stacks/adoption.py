"""A storage account and a lead table that somebody, or Microsoft, created: found and checked, never made or changed.

They are read by functions of the provider and are no resources of the stack: nothing that happens to the stack can
delete them. What cannot serve as a lead destination is refused before anything is deployed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pulumi
from pulumi_azure_native import storage

from stacks.values import AccountReference

T = TypeVar("T")

_GONE = ("ResourceNotFound", "ResourceGroupNotFound", "TableNotFound", "NotFound")
_NO_DELIVERY = "Partner Center could not write to it, and the Logic App not read."


class AdoptionError(pulumi.RunError):
    """What is to be adopted is not there, or cannot take leads; the message says which setting or command mends it."""


@dataclass(frozen=True)
class AdoptedAccount:
    """An account as it was found: its id, its name, the group it lies in, the address of its tables."""

    id: str
    name: str
    group: str
    table_endpoint: str


def find_account(reference: AccountReference) -> AdoptedAccount:
    """Look an account up and check that leads can be delivered to it; raises `AdoptionError`."""
    found = _looked_up(
        lambda: storage.get_storage_account(account_name=reference.name, resource_group_name=reference.group),
        f"existingAccount: there is no storage account '{reference.name}' in the resource group '{reference.group}' of"
        " this subscription; `az storage account list --query [].id -o tsv` shows which there are.",
    )
    _check_subscription(found.id, reference)
    return AdoptedAccount(found.id, found.name, reference.group, _checked_endpoint(found))


def find_table(account: AdoptedAccount, name: str) -> str:
    """The existing table's own spelling of `name`; raises `AdoptionError` if there is no such table in any case."""
    found = _looked_up(
        lambda: storage.get_table(account_name=account.name, resource_group_name=account.group, table_name=name),
        f"existingTable: the storage account '{account.name}' has no table '{name}'; have it made with"
        " `pulumi config rm existingTable`, or see which there are:"
        f" az storage table list --account-name {account.name} --auth-mode login -o table",
    )
    return str(found.name)


def _looked_up(read: Callable[[], T], absent: str) -> T:
    try:
        return read()
    except Exception as error:  # the SDK raises nothing more special
        if any(f'Code="{code}"' in str(error) for code in _GONE):
            raise AdoptionError(absent) from None
        raise AdoptionError(f"{absent.partition(':')[0]}: it cannot be read: {error}") from None


def _check_subscription(found: str, reference: AccountReference) -> None:
    """An id from elsewhere must not silently become the account of the same name here."""
    own = found.split("/")[2].lower()
    if reference.subscription not in ("", own):
        raise AdoptionError(
            f"existingAccount: the account is in the subscription {reference.subscription}, but this stack deploys to"
            f" {own}; deploy to the account's subscription: az account set --subscription {reference.subscription}"
        )


def _checked_endpoint(account: storage.AwaitableGetStorageAccountResult) -> str:
    endpoint = account.primary_endpoints.table
    if not endpoint:
        raise AdoptionError(
            f"existingAccount: '{account.name}' ({account.kind}, {account.sku.name}) has no tables; choose a"
            " general-purpose account, or have one made: pulumi config rm existingAccount"
        )
    if account.allow_shared_key_access is False:
        raise AdoptionError(
            f"existingAccount: '{account.name}' forbids shared keys, and Partner Center knows no other way; allow them:"
            f" az storage account update --name {account.name} --allow-shared-key-access true"
        )
    _warn_of_firewall(account)
    return str(endpoint)


def _warn_of_firewall(account: storage.AwaitableGetStorageAccountResult) -> None:
    rules = account.network_rule_set
    if account.public_network_access == "Disabled" or (rules and rules.default_action == "Deny"):
        pulumi.log.warn(
            f"existingAccount: a firewall stands before '{account.name}'. Microsoft publishes no addresses of the"
            " service that writes leads, and a Logic App cannot pass it from the same region: open it to all networks"
            f" (az storage account update --name {account.name} --default-action Allow), unless leads arrive already."
        )
