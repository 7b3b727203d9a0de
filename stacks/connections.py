"""API connections: how the Logic App reaches the table and the mail service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_azure_native import web

from notifier.channels import Channel
from stacks.protection import guarded, replaced_in_place
from stacks.settings import SmtpServer

# All that a connection consists of, but for the API it is for and the region. What Azure, the portal or a person
# changes of it, a refresh brings into the state; but a PUT may take the consent away: none of it leads to one.
_NEVER_WRITTEN_AGAIN = [
    "tags",
    "subscriptionId",  # an import sets it, and a path parameter that differs would replace the connection
    *(
        f"properties.{name}"
        for name in (
            "changedTime",
            "createdTime",
            "customParameterValues",
            "displayName",
            "nonSecretParameterValues",
            "parameterValues",
            "statuses",
            "testLinks",
        )
    ),
    *(
        f"properties.api.{name}"
        for name in ("brandColor", "description", "displayName", "iconUri", "name", "swagger", "type")
    ),
]


@dataclass
class ApiConnection:
    """One connection: its managed API, its name for people, and its parameter values, or that a person `consented`."""

    api: str
    title: str
    values: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    consented: bool = False


@dataclass
class ConnectionsArgs:
    """`resource_group_id` tells the subscription; `account_key` signs the flow's reading of the table; `protected`: a
    connection that a person consented to cannot be deleted by mistake."""

    resource_group_name: pulumi.Input[str]
    resource_group_id: pulumi.Output[str]
    location: str
    account_name: pulumi.Input[str]
    account_key: pulumi.Input[str]
    mail: ApiConnection
    protected: bool = False
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class Connections(pulumi.ComponentResource):
    """Connections for Azure Tables and the mail channel, each named like its API.

    The names are fixed, and a connection that a person consents to is written once, when it is made: the consent
    belongs to the resource and must survive. `workflow_value` is the value of the workflow's parameter `$connections`.
    """

    mail_id: pulumi.Output[str]
    workflow_value: pulumi.Output[dict[str, Any]]

    def __init__(self, name: str, args: ConnectionsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("marketplace-leads:stacks:Connections", name, None, opts)
        tables_values = {"storageaccount": args.account_name, "sharedkey": pulumi.Output.secret(args.account_key)}
        tables = self._connection(name, args, ApiConnection("azuretables", "Azure Tables", tables_values))
        mail = self._connection(name, args, args.mail)
        self.mail_id = mail.id
        self.workflow_value = pulumi.Output.all(tables.id, mail.id, _managed_apis(args)).apply(
            lambda known: {
                "azuretables": _reference(known[0], known[2], "azuretables"),
                args.mail.api: _reference(known[1], known[2], args.mail.api),
            }
        )
        self.register_outputs({"mail_id": self.mail_id})

    def _connection(self, name: str, args: ConnectionsArgs, wanted: ApiConnection) -> web.Connection:
        properties = web.ApiConnectionDefinitionPropertiesArgs(
            api=web.ApiReferenceArgs(id=_managed_apis(args).apply(lambda apis: f"{apis}/{wanted.api}")),
            display_name=wanted.title,
            # Azure never returns them. One secret value inside makes the whole of `properties` secret in the state.
            parameter_values=wanted.values or None,
        )
        return web.Connection(
            f"{name}-{wanted.api}",
            connection_name=wanted.api,
            resource_group_name=args.resource_group_name,
            location=args.location,
            properties=properties,
            tags=args.tags,
            opts=self._options(args, wanted),
        )

    def _options(self, args: ConnectionsArgs, wanted: ApiConnection) -> pulumi.ResourceOptions:
        if not wanted.consented:
            return replaced_in_place(self)
        once = pulumi.ResourceOptions(ignore_changes=_NEVER_WRITTEN_AGAIN)
        return pulumi.ResourceOptions.merge(guarded(args.protected, parent=self), once)


def mail_connection(channel: Channel, server: SmtpServer) -> ApiConnection:
    """The connection that `channel` needs; `server` is used by channel smtp only."""
    values = _smtp_values(server) if channel.api == "smtp" else {}
    return ApiConnection(channel.api, channel.title, values, consented=channel.needs_consent)


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
