"""API connections, through generic resources: no management client has them.

Source: Microsoft.Web 2016-06-01 (azure-rest-api-specs, logicAppsManagementClient). The newer version tells more of a
connection (whether it uses a managed identity) and is read only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leads.arm_errors import Explained
from leads.clients import Clients

VERSION = "2016-06-01"
_TELLING_VERSION = "2018-07-01-preview"
_IDENTITY = "managedidentityauth"


@dataclass(frozen=True)
class ApiConnection:
    """One connection: its managed `api`, its `status` in Azure's words, and why it is not `Connected`.

    `uses_key` tells whether it signs with an account's key, as far as Azure tells: values are never returned.
    """

    id: str
    name: str
    api: str
    status: str
    problem: str
    uses_key: bool

    @property
    def is_connected(self) -> bool:
        return self.status == "Connected"


def connections(clients: Clients, parameter: Mapping[str, Mapping[str, Any]]) -> list[ApiConnection]:
    """The connections that a Logic App's parameter `$connections` names; raises `FlowError`."""
    ids = dict.fromkeys(str(reference["connectionId"]) for reference in parameter.values())
    return [_connection(clients, connection_id) for connection_id in ids]


def write_key(clients: Clients, connection: ApiConnection, account: str, key: str) -> None:
    """Let a connection for tables sign with another key of the account. Everything else of it stays as it is."""
    with Explained(f"connection {connection.name}"):
        resources = clients.resources.resources
        found = resources.get_by_id(connection.id, api_version=VERSION).as_dict()
        named = (found["properties"].get("nonSecretParameterValues") or {}).get("storageaccount")
        body = _with_key(found, str(named or account), key)
        resources.begin_create_or_update_by_id(connection.id, body, api_version=VERSION).result()


def _connection(clients: Clients, connection_id: str) -> ApiConnection:
    name = connection_id.rsplit("/", 1)[-1]
    with Explained(f"connection {name}"):
        found = clients.resources.resources.get_by_id(connection_id, api_version=_TELLING_VERSION).as_dict()
    properties = found.get("properties") or {}
    value_set = str((properties.get("parameterValueSet") or {}).get("name") or "")
    fault = _fault(properties)
    return ApiConnection(
        id=connection_id,
        name=name,
        api=str((properties.get("api") or {}).get("name") or ""),
        status=str(fault.get("status") or properties.get("overallStatus") or "Connected"),
        problem=str((fault.get("error") or {}).get("message") or ""),
        uses_key=value_set.lower() != _IDENTITY,
    )


def _fault(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    statuses: list[Mapping[str, Any]] = properties.get("statuses") or []
    return next((one for one in statuses if one.get("status") != "Connected"), {})


def _with_key(found: Mapping[str, Any], account: str, key: str) -> dict[str, Any]:
    properties = found["properties"]
    return {
        "location": found["location"],
        "tags": found.get("tags") or {},
        "properties": {
            "api": {"id": properties["api"]["id"]},
            "displayName": properties.get("displayName"),
            "customParameterValues": properties.get("customParameterValues") or {},
            "parameterValues": {"storageaccount": account, "sharedkey": key},
        },
    }
