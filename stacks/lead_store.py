"""Where Microsoft writes the leads: a storage account with the lead table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import storage

from stacks.outputs import connection_string


@dataclass
class LeadStoreArgs:
    """`account_stem`: beginning of the account's name (the provider adds eight hex digits); `sku`: its redundancy."""

    resource_group_name: pulumi.Input[str]
    location: pulumi.Input[str]
    account_stem: str
    table_name: pulumi.Input[str]
    sku: pulumi.Input[str] = "Standard_LRS"
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class LeadStore(pulumi.ComponentResource):
    """Storage account (StorageV2, TLS 1.2, HTTPS only, no public blobs) and lead table.

    `flow_key` is key1, for the flow; `connection_string` is made of key2, for Partner Center, so that either key can be
    renewed without touching the other's user. Both are secrets from the moment they are listed.
    """

    account_name: pulumi.Output[str]
    table_name: pulumi.Output[str]
    table_endpoint: pulumi.Output[str]
    flow_key: pulumi.Output[str]
    connection_string: pulumi.Output[str]

    def __init__(self, name: str, args: LeadStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("marketplace-leads:stacks:LeadStore", name, None, opts)
        account = self._account(args)
        table = self._table(name, args, account)
        keys = _keys(args, account)
        self.account_name = account.name
        self.table_name = table.name
        self.table_endpoint = account.primary_endpoints.apply(lambda endpoints: endpoints.table)
        self.flow_key = keys.apply(lambda listed: listed["key1"])
        key2 = keys.apply(lambda listed: listed["key2"])
        self.connection_string = pulumi.Output.all(account.name, key2, self.table_endpoint).apply(
            lambda parts: connection_string(*parts)
        )
        self.register_outputs({"account_name": self.account_name, "table_name": self.table_name})

    def _account(self, args: LeadStoreArgs) -> storage.StorageAccount:
        return storage.StorageAccount(
            args.account_stem,  # the provider makes the account's name of it: 3 to 24 lowercase letters and digits
            resource_group_name=args.resource_group_name,
            location=args.location,
            kind=storage.Kind.STORAGE_V2,
            sku=storage.SkuArgs(name=args.sku),
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            enable_https_traffic_only=True,
            allow_blob_public_access=False,
            allow_shared_key_access=True,  # Partner Center signs with a key: it knows no other way
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _table(self, name: str, args: LeadStoreArgs, account: storage.StorageAccount) -> storage.Table:
        return storage.Table(
            f"{name}-table",
            resource_group_name=args.resource_group_name,
            account_name=account.name,
            table_name=args.table_name,
            opts=pulumi.ResourceOptions(parent=self),
        )


def account_stem(stack: str) -> str:
    """A logical name whose autonamed account is valid: at most 16 lowercase letters and digits, `leads` + the stack's.

    The provider appends eight hex digits and knows no rule of length or case (pulumi-azure-native #3778).
    """
    letters = [character for character in stack.lower() if character.isascii() and character.isalnum()]
    return f"leads{''.join(letters)}"[:16]


def _keys(args: LeadStoreArgs, account: storage.StorageAccount) -> pulumi.Output[dict[str, str]]:
    """The account's keys by name, secret at the source: the provider's answer is not (pulumi-azure-native #1693)."""
    listed = storage.list_storage_account_keys_output(
        account_name=account.name, resource_group_name=args.resource_group_name
    )
    return pulumi.Output.secret(listed.apply(lambda answer: {key.key_name: key.value for key in answer.keys}))
