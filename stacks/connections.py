"""API connections: how the Logic App reaches the table and the mail service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_azure_native import web

from notifier.channels import Channel
from stacks.settings import SmtpServer


@dataclass
class MailConnection:
    """The connection of a mail channel: its API, its name for people, and its parameter values (none where a person
    consents instead)."""

    api: str
    title: str
    values: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


@dataclass
class ConnectionsArgs:
    """`resource_group_id` tells the subscription; `account_key` signs the flow's reading of the table."""

    resource_group_name: pulumi.Input[str]
    resource_group_id: pulumi.Output[str]
    location: str
    account_name: pulumi.Input[str]
    account_key: pulumi.Input[str]
    mail: MailConnection
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class Connections(pulumi.ComponentResource):
    """Connections for Azure Tables and the mail channel, each named like its API.

    The names are fixed: a person's consent to an Office 365 connection belongs to the resource and must survive.
    `workflow_value` is the value of the workflow's `$connections` parameter.
    """

    mail_id: pulumi.Output[str]
    workflow_value: pulumi.Output[dict[str, Any]]

    def __init__(self, name: str, args: ConnectionsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("marketplace-leads:stacks:Connections", name, None, opts)
        tables_values = {"storageaccount": args.account_name, "sharedkey": pulumi.Output.secret(args.account_key)}
        tables = self._connection(name, args, "azuretables", "Azure Tables", tables_values)
        mail = self._connection(name, args, args.mail.api, args.mail.title, args.mail.values)
        self.mail_id = mail.id
        self.workflow_value = pulumi.Output.all(tables.id, mail.id, _managed_apis(args)).apply(
            lambda known: {
                "azuretables": _reference(known[0], known[2], "azuretables"),
                args.mail.api: _reference(known[1], known[2], args.mail.api),
            }
        )
        self.register_outputs({"mail_id": self.mail_id})

    def _connection(
        self, name: str, args: ConnectionsArgs, api: str, title: str, parameter_values: Mapping[str, pulumi.Input[str]]
    ) -> web.Connection:
        properties = web.ApiConnectionDefinitionPropertiesArgs(
            api=web.ApiReferenceArgs(id=_managed_apis(args).apply(lambda apis: f"{apis}/{api}")),
            display_name=title,
            # Azure never returns them. One secret value inside makes the whole of `properties` secret in the state.
            parameter_values=parameter_values or None,
        )
        return web.Connection(
            f"{name}-{api}",
            connection_name=api,
            resource_group_name=args.resource_group_name,
            location=args.location,
            properties=properties,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )


def mail_connection(channel: Channel, server: SmtpServer) -> MailConnection:
    """The connection that `channel` needs; `server` is used by channel smtp only."""
    return MailConnection(channel.api, channel.title, _smtp_values(server) if channel.api == "smtp" else {})


def _smtp_values(server: SmtpServer) -> dict[str, pulumi.Input[str]]:
    """Parameter values of an smtp connection: texts, every one, in the specification that the provider follows."""
    values: dict[str, pulumi.Input[str]] = {
        "serverAddress": server.host,
        "port": str(server.port),
        "enableSSL": str(server.tls).lower(),
    }
    if not server.user:
        return values
    return {**values, "userName": server.user, "password": pulumi.Output.secret(server.password.get_secret_value())}


def _managed_apis(args: ConnectionsArgs) -> pulumi.Output[str]:
    """Id of the region's managed APIs; the subscription comes from the resource group's id, without an extra call."""
    place = f"providers/Microsoft.Web/locations/{args.location}/managedApis"
    return args.resource_group_id.apply(lambda group: f"/subscriptions/{group.split('/')[2]}/{place}")


def _reference(connection_id: str, managed_apis: str, api: str) -> dict[str, str]:
    return {"connectionId": connection_id, "connectionName": api, "id": f"{managed_apis}/{api}"}
