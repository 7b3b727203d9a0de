"""The azuretables connector: every operation of its first and second version, on the account's real Table service.

Source: the generated clients (Azure/Connectors-Python-SDK) for the second version, public workflow definitions for the
first. Both versions name the same operations; the second puts `/v2/storageAccounts/{account}` before them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

import httpx

from localazure.clock import Clock
from localazure.connectors.connection import MANAGED_IDENTITY, Connection
from localazure.connectors.errors import ConnectorError, json_answer
from localazure.connectors.paging import PageLinks
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.connectors.table_service import TableAccount, TableAnswer, TableService

FROM_SETTINGS = "AccountNameFromSettings"
"""In the place of the account: the account that the connection names."""

ResolveAccount = Callable[[str], TableAccount | None]
"""The account of a name, with a key that the local cloud itself may use for managed identities; None if unknown."""

_V2 = re.compile(r"/v2/storageAccounts/(?P<account>[^/]+)(?P<rest>/.*)", re.IGNORECASE)
_TABLES = re.compile(r"/tables(?:/(?P<table>[^/]+))?", re.IGNORECASE)
_ENTITIES = re.compile(r"/tables/(?P<table>[^/]+)/entities", re.IGNORECASE)
_ENTITY = re.compile(
    r"/tables/(?P<table>[^/]+)/entities(?P<etag>/etag)?\(PartitionKey='(?P<partition>.*)',\s*RowKey='(?P<row>.*)'\)",
    re.IGNORECASE,
)


class AzureTables:
    """`resolve` finds an account's endpoint, `links` makes the address of the next page.

    `page_size` bounds the rows of a page (the Table service's own bound is 1,000), to test paging with few rows.
    """

    api = "azuretables"
    needs_consent = False

    def __init__(
        self, resolve: ResolveAccount, clock: Clock, links: PageLinks, page_size: Callable[[], int | None] | None = None
    ) -> None:
        self._resolve = resolve
        self._service = TableService(clock)
        self._links = links
        self._page_size = page_size or (lambda: None)

    async def close(self) -> None:
        """Close the connections to the Table services."""
        await self._service.close()

    async def call(self, connection: Connection, request: ConnectorRequest) -> ConnectorResponse:
        """One operation; raises ConnectorError."""
        account_name, rest = _split(request.path)
        if rest.lower() == "/v2/getstorageaccounts":
            return _storage_accounts(connection)
        call = _Call(self._service, self._account(connection, account_name), request)
        try:
            return await self._operate(connection, call, rest)
        except httpx.HTTPError as error:
            raise ConnectorError(502, f"The Table service could not be reached: {type(error).__name__}.") from None
        except ValueError:
            raise ConnectorError(400, "The shared storage key is not valid base64.") from None

    async def _operate(self, connection: Connection, call: _Call, rest: str) -> ConnectorResponse:
        method = call.request.method.upper()
        if found := _ENTITY.fullmatch(rest):
            return await _entity(call, method, found)
        if found := _ENTITIES.fullmatch(rest):
            return await self._entities(connection, call, method, unquote(found["table"]))
        if found := _TABLES.fullmatch(rest):
            return await _tables(call, method, found["table"] and unquote(found["table"]))
        raise _no_operation(method, rest)

    async def _entities(self, connection: Connection, call: _Call, method: str, table: str) -> ConnectorResponse:
        if method == "POST":
            return _answer(await call.send("POST", f"/{quote(table)}", {"Prefer": "return-content"}, _entity_of(call)))
        if method != "GET":
            raise _no_operation(method, "entities")
        query = _query(call.request, "$filter", "$select", "NextPartitionKey", "NextRowKey")
        if (size := self._page_size()) is not None:
            query["$top"] = str(size)
        page = await call.send("GET", f"/{quote(table)}()", query=query)
        return _page(_answer(page), page, self._links, connection, call.request)

    def _account(self, connection: Connection, wanted: str) -> TableAccount:
        identity = connection.value_set == MANAGED_IDENTITY
        own = connection.parameter("storageaccount") or ""
        name = _account_name(wanted if wanted != FROM_SETTINGS and (identity or wanted) else own)
        if not name:
            raise ConnectorError(400, "The connection names no storage account (parameter 'storageaccount').")
        if (known := self._resolve(name)) is None:
            raise ConnectorError(404, f"The storage account '{name}' does not exist in this local cloud.")
        if identity:
            return known
        key = connection.parameter("sharedkey")
        if key is None:
            raise ConnectorError(401, "The connection has no shared storage key (parameter 'sharedkey').")
        # Signed with the connection's own account and key: the Table service itself finds out whether they fit.
        return TableAccount(_account_name(own) or name, known.endpoint, key)


class _Call:
    """One operation on one account."""

    def __init__(self, service: TableService, account: TableAccount, request: ConnectorRequest) -> None:
        self.service = service
        self.account = account
        self.request = request

    async def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        query: Mapping[str, str] | None = None,
    ) -> TableAnswer:
        return await self.service.call(self.account, method, path, query, headers, body)


async def _tables(call: _Call, method: str, table: str | None) -> ConnectorResponse:
    if method == "POST" and table is None:
        name = call.request.body
        if not isinstance(name, str) or not name:
            raise ConnectorError(400, "The body of Create table must be the table's name as a JSON string.")
        created = await call.send("POST", "/Tables", {"Prefer": "return-content"}, {"TableName": name})
        return _answer(created)
    if method == "GET" and table is None:
        return _answer(await call.send("GET", "/Tables"))
    if method == "GET":
        return _one_table(await call.send("GET", "/Tables", query={"$filter": f"TableName eq '{_quoted(table)}'"}))
    if method == "DELETE" and table is not None:
        return _answer(await call.send("DELETE", f"/Tables('{quote(_quoted(table))}')"))
    raise _no_operation(method, "tables")


def _one_table(answer: TableAnswer) -> ConnectorResponse:
    # Azurite has no GET of one table; the list filtered by name says the same.
    if answer.status != 200:
        return _answer(answer)
    found = answer.body.get("value", [])
    if not found:
        raise ConnectorError(404, "The table specified does not exist.")
    return json_answer(200, {"odata.metadata": answer.body.get("odata.metadata", "") + "/@Element", **found[0]})


async def _entity(call: _Call, method: str, found: re.Match[str]) -> ConnectorResponse:
    partition, row = (quote(_quoted(unquote(found[name]))) for name in ("partition", "row"))
    path = f"/{quote(unquote(found['table']))}(PartitionKey='{partition}',RowKey='{row}')"
    conditional = bool(found["etag"])
    if method == "GET" and not conditional:
        return _answer(await call.send("GET", path, query=_query(call.request, "$select")))
    if method == "DELETE" and conditional:
        return _answer(await call.send("DELETE", path, _if_match(call.request)))
    if method in ("PUT", "PATCH"):
        verb = "PUT" if method == "PUT" else "MERGE"
        headers = _if_match(call.request) if conditional else {}
        return _answer(await call.send(verb, path, headers, _entity_of(call)))
    raise _no_operation(method, "entity")


def _if_match(request: ConnectorRequest) -> dict[str, str]:
    # The generated client sends no If-Match: the connector's own default is "any version".
    sent = {name.lower(): value for name, value in request.headers.items()}
    return {"If-Match": sent.get("if-match") or "*"}


def _entity_of(call: _Call) -> dict[str, Any]:
    if not isinstance(call.request.body, dict):
        raise ConnectorError(400, "The body must be an entity: a JSON object.")
    return call.request.body


def _query(request: ConnectorRequest, *names: str) -> dict[str, str]:
    sent = {name.lower(): value for name, value in request.queries.items()}
    return {name: str(sent[name.lower()]) for name in names if sent.get(name.lower())}


def _page(
    answer: ConnectorResponse, page: TableAnswer, links: PageLinks, connection: Connection, request: ConnectorRequest
) -> ConnectorResponse:
    partition = page.headers.get("x-ms-continuation-nextpartitionkey")
    if not partition:
        return answer
    # A page may be empty and still have a successor ("Query Timeout and Pagination").
    token = {"NextPartitionKey": partition, "NextRowKey": page.headers.get("x-ms-continuation-nextrowkey", "")}
    link = links.next(connection, request, {name: value for name, value in token.items() if value})
    return ConnectorResponse(answer.status, answer.headers, {**answer.body, "nextLink": link})


def _answer(answer: TableAnswer) -> ConnectorResponse:
    if answer.status >= 400:
        raise ConnectorError(answer.status, _message(answer))
    kept = {"etag": "ETag", "date": "Date", "x-ms-request-id": "x-ms-request-id", "x-ms-version": "x-ms-version"}
    headers = {name: answer.headers[key] for key, name in kept.items() if key in answer.headers}
    if answer.body is not None:
        headers["Content-Type"] = "application/json; charset=utf-8"
    return ConnectorResponse(answer.status, headers, answer.body)


def _message(answer: TableAnswer) -> str:
    body = answer.body
    if isinstance(body, dict) and isinstance(error := body.get("odata.error"), dict):
        message = error.get("message")
        text = message.get("value") if isinstance(message, dict) else message
        if text:
            return str(text)
    if isinstance(body, str) and (found := re.search(r"<[Mm]essage[^>]*>(.*?)</", body, re.DOTALL)):
        return found[1]
    return f"The Table service answered with status {answer.status}."


def _split(path: str) -> tuple[str, str]:
    """The account ("" in version 1) and what follows it."""
    path = path.split("?")[0]
    path = path if path.startswith("/") else "/" + path
    found = _V2.fullmatch(path)
    # The account is encoded twice, because an endpoint's address with its slashes may stand there.
    return (unquote(unquote(found["account"])), found["rest"]) if found else ("", path)


def _account_name(name: str) -> str:
    """The name in `leads`, `https://leads.table.core.windows.net` or `http://127.0.0.1:10002/leads`."""
    if "//" not in name:
        return name
    url = httpx.URL(name)
    first = url.path.strip("/").split("/")[0]
    return first or url.host.split(".")[0]


def _storage_accounts(connection: Connection) -> ConnectorResponse:
    name = connection.parameter("storageaccount")
    value = [{"Name": FROM_SETTINGS, "DisplayName": f"Use connection settings ({name})"}] if name else []
    return json_answer(200, {"value": value})


def _quoted(key: str | None) -> str:
    return (key or "").replace("'", "''")


def _no_operation(method: str, path: str) -> ConnectorError:
    return ConnectorError(404, f"Resource not found: azuretables has no operation {method} {path}.")
