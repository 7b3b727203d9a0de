"""The managed APIs that ARM tells of: their names, their connection parameters, which of those are secrets.

Source: the connectors' reference pages, public templates. An API that is not listed here may still be connected to
(its connector is then given by the user); nothing is known of its parameters, so none is returned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OAUTH, SECURE, STRING, INTEGER, BOOLEAN = "oauthSetting", "securestring", "string", "int", "bool"


@dataclass(frozen=True)
class ManagedApi:
    """`parameters` maps a connection parameter to its type; all but `optional` must be given."""

    name: str
    display_name: str
    description: str
    brand_color: str = "#0078D4"
    parameters: Mapping[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    managed_identity: bool = False

    @property
    def needs_consent(self) -> bool:
        """True if a person must authorize each connection (OAuth)."""
        return OAUTH in self.parameters.values()

    def parameter(self, name: str) -> str | None:
        """A parameter's own spelling, found in any case."""
        return next((known for known in self.parameters if known.lower() == name.lower()), None)

    def is_secret(self, name: str) -> bool:
        """True unless the parameter is known to be none."""
        return self.parameters.get(self.parameter(name) or "", SECURE) not in (STRING, INTEGER, BOOLEAN)

    def connection_parameters(self) -> dict[str, Any]:
        """As the managedApis resource shows them."""
        return {name: _declaration(name, kind, name in self.optional) for name, kind in self.parameters.items()}


def managed_api(name: str) -> ManagedApi:
    """What is known of an API; for an unknown one its name only."""
    return _APIS.get(name.lower()) or ManagedApi(name, name, "")


def managed_apis() -> list[ManagedApi]:
    """All that are listed, by name."""
    return [_APIS[name] for name in sorted(_APIS)]


def is_listed(name: str) -> bool:
    """True if the API is one of `managed_apis()`."""
    return name.lower() in _APIS


def _declaration(name: str, kind: str, optional: bool) -> dict[str, Any]:
    if kind == OAUTH:
        settings = {"identityProvider": "aadcertificate", "clientId": "localazure", "scopes": []}
        return {"type": OAUTH, "oAuthSettings": settings}
    required = "false" if optional else "true"
    return {"type": kind, "uiDefinition": {"displayName": name, "constraints": {"required": required}}}


_LISTED = (
    ManagedApi(
        "azuretables",
        "Azure Table Storage",
        "Azure Table storage is a service that stores structured NoSQL data in the cloud, providing a key/attribute "
        "store with a schemaless design.",
        "#804998",
        {"storageaccount": STRING, "sharedkey": SECURE},
        managed_identity=True,
    ),
    ManagedApi(
        "office365",
        "Office 365 Outlook",
        "Microsoft Office 365 is a cloud-based service that is designed to help meet your organization's needs for "
        "robust security, reliability, and user productivity.",
        "#0078D4",
        {"token": OAUTH},
    ),
    ManagedApi(
        "smtp",
        "SMTP",
        "Simple Mail Transfer Protocol for sending emails",
        "#ad7b5a",
        {"serverAddress": STRING, "userName": STRING, "password": SECURE, "port": INTEGER, "enableSSL": BOOLEAN},
        optional=("userName", "password", "port", "enableSSL"),
    ),
    ManagedApi(
        "acsemail",
        "Azure Communication Services Email",
        "Connector to send Email using the domains linked to the Azure Communication Services in your subscription.",
        "#3C1D6E",
        {"api_key": SECURE},
    ),
    ManagedApi("teams", "Microsoft Teams", "Microsoft Teams", "#4B53BC", {"token": OAUTH}),
    ManagedApi("outlook", "Outlook.com", "Outlook.com connector", "#0078D4", {"token": OAUTH}),
    ManagedApi("sendgrid", "SendGrid", "SendGrid Connection Provider", "#2B7DB7", {"apiKey": SECURE}),
)
_APIS = {api.name: api for api in _LISTED}
