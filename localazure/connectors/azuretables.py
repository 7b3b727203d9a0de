"""The azuretables connector: every operation of its first and second version, on the account's real Table service.

Source: the generated clients (Azure/Connectors-Python-SDK) for the second version, public workflow definitions for the
first. Both versions have the same operations; the second puts `/v2/storageAccounts/{account}` before their paths.
"""

from __future__ import annotations

import binascii
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from localazure.clock import Clock
from localazure.connectors.azuretables_accounts import AccountChoice, ResolveAccount, storage_accounts
from localazure.connectors.azuretables_operations import OPERATIONS
from localazure.connectors.connection import Connection
from localazure.connectors.errors import ConnectorError, json_answer
from localazure.connectors.operations import OperationTable
from localazure.connectors.paging import PageLinks
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.connectors.table_service import TableAccount, TableAnswer, Tables, TableService, error_message
from wdl.errors import ExpressionError


class AzureTables:
    """`resolve` finds an account's endpoint, `links` makes the address of the next page.

    `page_size` bounds the rows of a page (the Table service's own bound is 1,000), to test paging with few rows;
    `tables` takes the place of the accounts' own Table services.
    """

    api = "azuretables"
    needs_consent = False
    operations = OPERATIONS

    def __init__(
        self,
        resolve: ResolveAccount,
        clock: Clock,
        links: PageLinks,
        page_size: Callable[[], int | None] | None = None,
        tables: Tables | None = None,
    ) -> None:
        self._accounts = AccountChoice(resolve)
        self._service = tables or TableService(clock)
        self._links = links
        self._page_size = page_size or (lambda: None)
        self._table = OperationTable(self.api, OPERATIONS)

    async def close(self) -> None:
        """Close the connections to the Table services."""
        await self._service.close()

    async def call(self, connection: Connection, request: ConnectorRequest) -> ConnectorResponse:
        """One operation; raises ConnectorError."""
        found = self._table.match(request.method, request.path)
        if found.operation.id == "GetStorageAccounts":
            return storage_accounts(connection)
        account = self._accounts.choose(connection, found.parameters.get("account", ""))
        call = _Call(self._service, account, request, found.parameters)
        name = found.operation.id.removesuffix("_V2")
        try:
            if name == "GetEntities":
                return await self._get_entities(connection, call)
            return await _HANDLERS[name](call)
        except httpx.HTTPError as error:
            raise ConnectorError(502, f"The Table service could not be reached: {type(error).__name__}.") from None
        except binascii.Error:
            raise ConnectorError(400, "The shared storage key is not valid base64.") from None
        except ExpressionError as error:
            raise ConnectorError(400, f"The body cannot be written as JSON: {error.message}") from None

    async def _get_entities(self, connection: Connection, call: _Call) -> ConnectorResponse:
        query = call.queries("$filter", "$select", "NextPartitionKey", "NextRowKey")
        if (size := self._page_size()) is not None:
            query["$top"] = str(size)
        page = await call.send("GET", f"/{call.table}()", query=query)
        answer, partition = _answer(page), page.headers.get("x-ms-continuation-nextpartitionkey")
        if not partition:
            return answer
        # A page may be empty and still have a successor ("Query Timeout and Pagination").
        token = {"NextPartitionKey": partition, "NextRowKey": page.headers.get("x-ms-continuation-nextrowkey", "")}
        link = self._links.next(connection, call.request, {name: value for name, value in token.items() if value})
        return ConnectorResponse(answer.status, answer.headers, {**answer.body, "nextLink": link})


@dataclass(frozen=True)
class _Call:
    """One operation on one account."""

    service: Tables
    account: TableAccount
    request: ConnectorRequest
    parameters: Mapping[str, str]

    @property
    def table(self) -> str:
        return quote(self.parameters["table"], safe="")

    @property
    def entity_path(self) -> str:
        partition, row = (quote(_doubled(self.parameters[name]), safe="") for name in ("partition", "row"))
        return f"/{self.table}(PartitionKey='{partition}',RowKey='{row}')"

    @property
    def entity(self) -> dict[str, Any]:
        if not isinstance(self.request.body, dict):
            raise ConnectorError(400, "The body must be an entity: a JSON object.")
        return self.request.body

    @property
    def if_match(self) -> dict[str, str]:
        # The generated client sends no If-Match: the connector's own default is "any version".
        sent = {name.lower(): value for name, value in self.request.headers.items()}
        return {"If-Match": sent.get("if-match") or "*"}

    def queries(self, *names: str) -> dict[str, str]:
        sent = {name.lower(): value for name, value in self.request.queries.items()}
        return {name: str(sent[name.lower()]) for name in names if sent.get(name.lower())}

    async def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        query: Mapping[str, str] | None = None,
    ) -> TableAnswer:
        return await self.service.call(self.account, method, path, query, headers, body)


async def _get_tables(call: _Call) -> ConnectorResponse:
    return _answer(await call.send("GET", "/Tables"))


async def _create_table(call: _Call) -> ConnectorResponse:
    name = call.request.body
    if not isinstance(name, str) or not name:
        raise ConnectorError(400, "The body of Create table must be the table's name as a JSON string.")
    return _answer(await call.send("POST", "/Tables", {"Prefer": "return-content"}, {"TableName": name}))


async def _get_table(call: _Call) -> ConnectorResponse:
    # Azurite has no GET of one table; the list filtered by name says the same.
    name = _doubled(call.parameters["table"])
    answer = await call.send("GET", "/Tables", query={"$filter": f"TableName eq '{name}'"})
    found = _answer(answer).body.get("value", [])
    if not found:
        raise ConnectorError(404, "The table specified does not exist.")
    return json_answer(200, {"odata.metadata": answer.body.get("odata.metadata", "") + "/@Element", **found[0]})


async def _delete_table(call: _Call) -> ConnectorResponse:
    return _answer(await call.send("DELETE", f"/Tables('{quote(_doubled(call.parameters['table']), safe='')}')"))


async def _create_entity(call: _Call) -> ConnectorResponse:
    return _answer(await call.send("POST", f"/{call.table}", {"Prefer": "return-content"}, call.entity))


async def _get_entity(call: _Call) -> ConnectorResponse:
    return _answer(await call.send("GET", call.entity_path, query=call.queries("$select")))


async def _insert_replace(call: _Call) -> ConnectorResponse:
    return _answer(await call.send("PUT", call.entity_path, body=call.entity))


async def _insert_merge(call: _Call) -> ConnectorResponse:
    return _answer(await call.send("MERGE", call.entity_path, body=call.entity))


async def _replace(call: _Call) -> ConnectorResponse:
    return _answer(await call.send("PUT", call.entity_path, call.if_match, call.entity))


async def _merge(call: _Call) -> ConnectorResponse:
    return _answer(await call.send("MERGE", call.entity_path, call.if_match, call.entity))


async def _delete_entity(call: _Call) -> ConnectorResponse:
    return _answer(await call.send("DELETE", call.entity_path, call.if_match))


_HANDLERS: dict[str, Callable[[_Call], Awaitable[ConnectorResponse]]] = {
    "GetTables": _get_tables,
    "CreateTable": _create_table,
    "GetTable": _get_table,
    "DeleteTable": _delete_table,
    "CreateEntity": _create_entity,
    "GetEntity": _get_entity,
    "InsertReplaceEntity": _insert_replace,
    "InsertMergeEntity": _insert_merge,
    "ReplaceEntity": _replace,
    "MergeEntity": _merge,
    "DeleteEntity": _delete_entity,
}


def _answer(answer: TableAnswer) -> ConnectorResponse:
    if answer.status >= 400:
        raise ConnectorError(answer.status, error_message(answer))
    kept = {"etag": "ETag", "date": "Date", "x-ms-request-id": "x-ms-request-id", "x-ms-version": "x-ms-version"}
    headers = {name: answer.headers[key] for key, name in kept.items() if key in answer.headers}
    if answer.body is not None:
        headers["Content-Type"] = "application/json; charset=utf-8"
    return ConnectorResponse(answer.status, headers, answer.body)


def _doubled(key: str) -> str:
    return key.replace("'", "''")
