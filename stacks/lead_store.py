"""Where Microsoft writes the leads: a storage account with the lead table, made or adopted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import storage

from stacks.adoption import AdoptedAccount
from stacks.outputs import connection_string
from stacks.protection import delete_lock, guarded


@dataclass
class LeadStoreArgs:
    """`account_stem`: beginning of the account's name (the provider adds eight hex digits); `sku`: its redundancy.

    `adopted` is used instead of an account of the stack's own; `table_exists`: the table is in it already. `protected`:
    what the stack makes cannot be deleted by mistake.
    """

    resource_group_name: pulumi.Input[str]
    location: pulumi.Input[str]
    account_stem: str
    table_name: str
    sku: pulumi.Input[str] = "Standard_LRS"
    adopted: AdoptedAccount | None = None
    table_exists: bool = False
    protected: bool = False
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class LeadStore(pulumi.ComponentResource):
    """Storage account (StorageV2, TLS 1.2, HTTPS only, no public blobs) and lead table, or those that are there.

    `flow_key` is key1, for the flow; `connection_string` is made of key2, for Partner Center, so that either key can be
    renewed without touching the other's user. Both are secrets from the moment they are listed.
    """

    account_id: pulumi.Output[str]
    account_name: pulumi.Output[str]
    table_name: pulumi.Output[str]
    table_endpoint: pulumi.Output[str]
    flow_key: pulumi.Output[str]
    connection_string: pulumi.Output[str]

    def __init__(self, name: str, args: LeadStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("marketplace-leads:stacks:LeadStore", name, None, opts)
        self._args = args
        if args.adopted is None:
            self._make(name)
        else:
            self._adopt(name, args.adopted)
        keys = self._keys()
        self.flow_key = keys.apply(lambda listed: listed["key1"])
        key2 = keys.apply(lambda listed: listed["key2"])
        self.connection_string = pulumi.Output.all(self.account_name, key2, self.table_endpoint).apply(
            lambda parts: connection_string(*parts)
        )
        self.register_outputs({"account_name": self.account_name, "table_name": self.table_name})

    def _make(self, name: str) -> None:
        account = self._account()
        self._group: pulumi.Input[str] = self._args.resource_group_name
        self.account_id, self.account_name = account.id, account.name
        self.table_endpoint = account.primary_endpoints.apply(lambda endpoints: endpoints.table)
        table = self._table(name)
        if self._args.protected:
            delete_lock(f"{name}-cannot-delete", account.id, parent=self, holds=[account, table])

    def _adopt(self, name: str, account: AdoptedAccount) -> None:
        """No lock: whether anybody may delete the account is its owner's to say."""
        self._group = account.group
        self.account_id, self.account_name = (
            pulumi.Output.from_input(account.id),
            pulumi.Output.from_input(account.name),
        )
        self.table_endpoint = pulumi.Output.from_input(account.table_endpoint)
        self.table_name = pulumi.Output.from_input(self._args.table_name)
        if not self._args.table_exists:
            self._table(name)

    def _account(self) -> storage.StorageAccount:
        return storage.StorageAccount(
            self._args.account_stem,  # the provider makes the account's name of it
            resource_group_name=self._args.resource_group_name,
            location=self._args.location,
            kind=storage.Kind.STORAGE_V2,
            sku=storage.SkuArgs(name=self._args.sku),
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            enable_https_traffic_only=True,
            allow_blob_public_access=False,
            allow_shared_key_access=True,  # Partner Center signs with a key: it knows no other way
            tags=self._args.tags,
            opts=guarded(self._args.protected, parent=self),
        )

    def _table(self, name: str) -> storage.Table:
        table = storage.Table(
            f"{name}-table",
            resource_group_name=self._group,
            account_name=self.account_name,
            table_name=self._args.table_name,
            opts=guarded(self._args.protected, parent=self),
        )
        self.table_name = table.name
        return table

    def _keys(self) -> pulumi.Output[dict[str, str]]:
        """The account's keys by name, secret at the source: the provider's answer is not (azure-native #1693)."""
        listed = storage.list_storage_account_keys_output(
            account_name=self.account_name, resource_group_name=self._group
        )
        return pulumi.Output.secret(listed.apply(lambda answer: {key.key_name: key.value for key in answer.keys}))


def account_stem(stack: str) -> str:
    """A logical name whose autonamed account is valid: at most 16 lowercase letters and digits, `leads` + the stack's.

    The provider appends eight hex digits and knows no rule of length or case (pulumi-azure-native #3778).
    """
    letters = [character for character in stack.lower() if character.isascii() and character.isalnum()]
    return f"leads{''.join(letters)}"[:16]
