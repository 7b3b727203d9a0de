"""Which storage account an azuretables operation is for, and with which key it is signed."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from localazure.connectors.connection import MANAGED_IDENTITY, Connection
from localazure.connectors.errors import ConnectorError, json_answer
from localazure.connectors.request import ConnectorResponse
from localazure.connectors.table_service import TableAccount

FROM_SETTINGS = "AccountNameFromSettings"
"""In the place of the account: the account that the connection names."""

ResolveAccount = Callable[[str], TableAccount | None]
"""The account of a name, with a key that the local cloud itself may use for managed identities; None if unknown."""


class AccountChoice:
    """`resolve` finds an account by its name."""

    def __init__(self, resolve: ResolveAccount) -> None:
        self._resolve = resolve

    def choose(self, connection: Connection, wanted: str) -> TableAccount:
        """The account of a call; `wanted` is what its path says ("" in version 1). Raises ConnectorError."""
        own = _account_name(connection.parameter("storageaccount") or "")
        name = own if wanted in ("", FROM_SETTINGS) else _account_name(wanted)
        if not name:
            raise ConnectorError(400, "The connection names no storage account (parameter 'storageaccount').")
        if (known := self._resolve(name)) is None:
            raise ConnectorError(404, f"The storage account '{name}' does not exist in this local cloud.")
        return known if connection.value_set == MANAGED_IDENTITY else _keyed(connection, own or name, known.endpoint)


def storage_accounts(connection: Connection) -> ConnectorResponse:
    """The answer of Get storage accounts: what the designer offers."""
    name = connection.parameter("storageaccount")
    value = [{"Name": FROM_SETTINGS, "DisplayName": f"Use connection settings ({name})"}] if name else []
    return json_answer(200, {"value": value})


def _keyed(connection: Connection, name: str, endpoint: str) -> TableAccount:
    key = connection.parameter("sharedkey")
    if key is None:
        raise ConnectorError(401, "The connection has no shared storage key (parameter 'sharedkey').")
    # Signed with the connection's own account and key: the Table service itself finds out whether they fit.
    return TableAccount(name, endpoint, key)


def _account_name(name: str) -> str:
    """The name in `leads`, `https://leads.table.core.windows.net` or `http://127.0.0.1:10002/leads`."""
    if "//" not in name:
        return name
    try:
        url = httpx.URL(name)
    except httpx.InvalidURL:
        raise ConnectorError(400, "The storage account is neither a name nor the address of an endpoint.") from None
    first = url.path.strip("/").split("/")[0]
    return first or url.host.split(".")[0]
