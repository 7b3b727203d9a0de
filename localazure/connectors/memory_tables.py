"""A small Table service in memory with a clock of its own, for simulations on the virtual clock.

Azurite stamps rows with the machine's time; this one with the clock it is given. It takes the place of `TableService`
behind the azuretables connector (`ConnectorHost(…, tables=MemoryTables(clock))`, or `host.add(tables.connector())` in a
cloud that is there already) and answers what that connector asks: tables, entities, ETags, filters, pages. One contract
suite holds both to the same behaviour. Signatures are not looked at: whoever holds the object may read it.
"""

from __future__ import annotations

import base64
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from localazure.clock import Clock
from localazure.connectors.azuretables import AzureTables
from localazure.connectors.odata_filter import Comparable, Predicate, comparable, compile_filter, ticks
from localazure.connectors.paging import PageLinks
from localazure.connectors.table_service import ACCEPT, TableAccount, TableAnswer
from wdl.checker.odata import FilterError

LARGEST_PAGE = 1_000
_ANNOTATED = ("Edm.Int64", "Edm.Guid", "Edm.DateTime", "Edm.Binary")
_TABLE = re.compile(r"/(?P<table>\w+)(?:\(\))?")
_ENTITY = re.compile(r"/(?P<table>\w+)\(PartitionKey='(?P<partition>.*)',RowKey='(?P<row>.*)'\)")
_ONE_TABLE = re.compile(r"/Tables\('(?P<table>.*)'\)")
_ERRORS = {
    "TableAlreadyExists": (409, "The table specified already exists."),
    "TableNotFound": (404, "The table specified does not exist."),
    "EntityAlreadyExists": (409, "The specified entity already exists."),
    "ResourceNotFound": (404, "The specified resource does not exist."),
    "UpdateConditionNotSatisfied": (412, "The update condition specified in the request was not satisfied."),
    "PropertiesNeedValue": (400, "The values are not specified for all properties in the entity."),
    "InvalidInput": (400, "The query condition specified in the request is invalid."),
    "InvalidResourceName": (400, "The specified resource name contains invalid characters."),
    "NotImplemented": (501, "The requested operation is not implemented on the specified resource."),
}
Key = tuple[str, str]
_FIRST = datetime(1, 1, 1)


class _RefusedError(Exception):
    """`args[0]`: a code of `_ERRORS`."""


@dataclass
class Entity:
    """A row: its properties as JSON has them, their types where JSON does not say, and what filters compare."""

    properties: dict[str, Any]
    types: dict[str, str]
    stamp: str
    compared: dict[str, Comparable]

    @property
    def etag(self) -> str:
        return f"W/\"datetime'{self.stamp.replace(':', '%3A')}'\""

    def shown(self, wanted: list[str]) -> dict[str, Any]:
        """As `odata=minimalmetadata` shows it; `wanted`: what `$select` names, [] for all."""
        shown: dict[str, Any] = {"odata.etag": self.etag}
        for name, value in {**self.properties, "Timestamp": self.stamp}.items():
            if not wanted or name in wanted:
                if name in self.types:
                    shown[f"{name}@odata.type"] = self.types[name]
                shown[name] = value
        return shown


@dataclass
class Table:
    """Rows by their keys."""

    name: str
    rows: dict[Key, Entity] = field(default_factory=dict)


class MemoryTables:
    """The tables of any number of accounts, told apart by their names.

    To be changed at any time: `page_size` (rows of a page at most) and `empty_first_page` (a query's first page has no
    row and a continuation, as the service may answer after its time is up or at the border of a partition).
    """

    def __init__(self, clock: Clock, page_size: int = LARGEST_PAGE) -> None:
        self.page_size, self.empty_first_page = page_size, False
        self._clock = clock
        self._accounts: dict[str, dict[str, Table]] = {}
        self._last = 0

    def connector(self) -> AzureTables:
        """The azuretables connector on these tables; every account exists."""

        def account(name: str) -> TableAccount:
            return TableAccount(name, f"http://127.0.0.1/{name}", "")

        return AzureTables(account, self._clock, PageLinks(lambda: "http://127.0.0.1"), tables=self)

    def insert(self, account: str, table: str, entity: Mapping[str, Any]) -> None:
        """Write a row now, as somebody outside of the workflow would; the table is made if it is not there."""
        found = self._accounts.setdefault(account, {}).setdefault(table.lower(), Table(table))
        self._stored(found, (entity["PartitionKey"], entity["RowKey"]), entity)

    async def close(self) -> None:
        """Nothing is open."""

    async def call(
        self,
        account: TableAccount,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> TableAnswer:
        """One call as `TableService.call` takes it."""
        call = _Call(account, method, path, query or {}, headers or {}, body)
        tables = self._accounts.setdefault(account.name, {})
        try:
            return self._handler(call)(tables, call)
        except _RefusedError as refusal:
            return _failed(str(refusal.args[0]))

    def _handler(self, call: _Call) -> Callable[[dict[str, Table], _Call], TableAnswer]:
        on_entity = _ENTITY.fullmatch(call.path) is not None
        if call.path == "/Tables":
            wanted = {"GET": self._list_tables, "POST": self._create_table}
        elif _ONE_TABLE.fullmatch(call.path):
            wanted = {"DELETE": self._delete_table}
        elif on_entity:
            wanted = {"GET": self._get, "PUT": self._write, "MERGE": self._write, "DELETE": self._delete}
        else:
            wanted = {"GET": self._query, "POST": self._insert}
        if call.method not in wanted:
            raise _RefusedError("NotImplemented")
        return wanted[call.method]

    # -- tables ---------------------------------------------------------------------------------------------------

    def _list_tables(self, tables: dict[str, Table], call: _Call) -> TableAnswer:
        holds = _predicate(call)
        names = [table.name for _, table in sorted(tables.items())]
        found = [{"TableName": name} for name in names if holds({"TableName": ("text", name)})]
        return call.answer(200, {"value": found}, "Tables")

    def _create_table(self, tables: dict[str, Table], call: _Call) -> TableAnswer:
        name = call.body.get("TableName") if isinstance(call.body, dict) else None
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{2,62}", name):
            raise _RefusedError("InvalidResourceName")
        if name.lower() in tables:
            raise _RefusedError("TableAlreadyExists")
        tables[name.lower()] = Table(name)
        return call.answer(201, {"TableName": name}, "Tables/@Element")

    def _delete_table(self, tables: dict[str, Table], call: _Call) -> TableAnswer:
        match = _ONE_TABLE.fullmatch(call.path)
        if match is None or tables.pop(unquote(match["table"]).lower(), None) is None:
            raise _RefusedError("ResourceNotFound")
        return TableAnswer(204, {}, None)

    # -- entities -------------------------------------------------------------------------------------------------

    def _insert(self, tables: dict[str, Table], call: _Call) -> TableAnswer:
        table = _table(tables, call)
        body = call.body if isinstance(call.body, dict) else {}
        partition, row = body.get("PartitionKey"), body.get("RowKey")
        if not isinstance(partition, str) or not isinstance(row, str):
            raise _RefusedError("PropertiesNeedValue")
        if (partition, row) in table.rows:
            raise _RefusedError("EntityAlreadyExists")
        entity = self._stored(table, (partition, row), body)
        if call.header("prefer") == "return-no-content":
            return TableAnswer(204, {"etag": entity.etag}, None)
        return call.answer(201, entity.shown([]), f"{table.name}/@Element", entity.etag)

    def _write(self, tables: dict[str, Table], call: _Call) -> TableAnswer:
        """Replace or merge; without If-Match, insert what is missing."""
        table, key = _table(tables, call), call.key
        old = table.rows.get(key)
        if call.header("if-match"):
            old = _matching(old, call)
        kept = _as_given(old) if old is not None and call.method == "MERGE" else {}
        given = {name: value for name, value in (call.body or {}).items() if value is not None}
        changed = {key: value for key, value in kept.items() if key.partition("@")[0] not in given}
        return TableAnswer(204, {"etag": self._stored(table, key, {**changed, **given}).etag}, None)

    def _delete(self, tables: dict[str, Table], call: _Call) -> TableAnswer:
        table, key = _table(tables, call), call.key
        _matching(table.rows.get(key), call)
        del table.rows[key]
        return TableAnswer(204, {}, None)

    def _get(self, tables: dict[str, Table], call: _Call) -> TableAnswer:
        table = _table(tables, call)
        entity = table.rows.get(call.key)
        if entity is None:
            raise _RefusedError("ResourceNotFound")
        return call.answer(200, entity.shown(call.selected), f"{table.name}/@Element", entity.etag)

    def _query(self, tables: dict[str, Table], call: _Call) -> TableAnswer:
        table, holds = _table(tables, call), _predicate(call)
        size = min(self.page_size, call.top)
        token = call.continuation
        found = sorted(key for key, entity in table.rows.items() if holds(entity.compared))
        found = found[bisect_left(found, token) :] if token else found
        page = [] if self.empty_first_page and token is None else found[:size]
        rows = [table.rows[key].shown(call.selected) for key in page]
        answer = call.answer(200, {"value": rows}, table.name)
        return answer if len(page) == len(found) else _continued(answer, found[len(page)])

    def _stored(self, table: Table, key: Key, body: Mapping[str, Any]) -> Entity:
        entity = _entity({**body, "PartitionKey": key[0], "RowKey": key[1]}, self._tick())
        table.rows[key] = entity
        return entity

    def _tick(self) -> int:
        """The time of a write: later than the one before, so that every version has an ETag of its own."""
        self._last = max(ticks(self._clock.now()), self._last + 1)
        return self._last


@dataclass(frozen=True)
class _Call:
    account: TableAccount
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers.items() if key.lower() == name), None)

    @property
    def key(self) -> Key:
        match = _ENTITY.fullmatch(self.path)
        assert match is not None
        return _unquoted(match["partition"]), _unquoted(match["row"])

    @property
    def selected(self) -> list[str]:
        return [name.strip() for name in self.query.get("$select", "").split(",") if name.strip() not in ("", "*")]

    @property
    def top(self) -> int:
        text = self.query.get("$top", str(LARGEST_PAGE))
        if not text.isdecimal() or int(text) > LARGEST_PAGE:
            raise _RefusedError("InvalidInput")
        return int(text)

    @property
    def continuation(self) -> Key | None:
        if "NextPartitionKey" not in self.query:
            return None
        return _read(self.query["NextPartitionKey"]), _read(self.query.get("NextRowKey", ""))

    def answer(self, status: int, body: dict[str, Any], about: str, etag: str | None = None) -> TableAnswer:
        metadata = f"{self.account.endpoint.rstrip('/')}/$metadata#{about}"
        headers = {"content-type": ACCEPT} | ({} if etag is None else {"etag": etag})
        return TableAnswer(status, headers, {"odata.metadata": metadata, **body})


def _table(tables: dict[str, Table], call: _Call) -> Table:
    match = _ENTITY.fullmatch(call.path) or _TABLE.fullmatch(call.path)
    if match is None or (found := tables.get(match["table"].lower())) is None:
        raise _RefusedError("TableNotFound")
    return found


def _matching(entity: Entity | None, call: _Call) -> Entity:
    if entity is None:
        raise _RefusedError("ResourceNotFound")
    if call.header("if-match") not in ("*", entity.etag):
        raise _RefusedError("UpdateConditionNotSatisfied")
    return entity


def _predicate(call: _Call) -> Predicate:
    try:
        return compile_filter(call.query.get("$filter", ""))
    except FilterError:
        raise _RefusedError("InvalidInput") from None


def _entity(body: Mapping[str, Any], tick: int) -> Entity:
    """Read what was sent: properties that are null are not stored, `Timestamp` is the service's own."""
    names = [name for name in body if "@" not in name and not name.startswith("odata.") and name != "Timestamp"]
    properties = {name: body[name] for name in names if body[name] is not None}
    kinds = {name: body.get(f"{name}@odata.type") for name in properties}
    try:
        compared = {name: comparable(value, kinds[name]) for name, value in properties.items()}
    except (ValueError, KeyError, TypeError):
        raise _RefusedError("InvalidInput") from None
    types = {name: kind for name, kind in kinds.items() if kind in _ANNOTATED}
    return Entity(properties, types, _stamp(tick), {**compared, "Timestamp": ("time", tick)})


def _as_given(entity: Entity) -> dict[str, Any]:
    """An entity in the form in which it is sent."""
    return {**entity.properties, **{f"{name}@odata.type": kind for name, kind in entity.types.items()}}


def _stamp(tick: int) -> str:
    seconds, rest = divmod(tick, 10_000_000)
    return f"{(_FIRST + timedelta(seconds=seconds)).isoformat()}.{rest:07d}Z"


def _continued(answer: TableAnswer, key: Key) -> TableAnswer:
    tokens = {
        f"x-ms-continuation-next{name}key": _written(part) for name, part in zip(("partition", "row"), key, strict=True)
    }
    return TableAnswer(answer.status, {**answer.headers, **tokens}, answer.body)


def _written(part: str) -> str:
    return base64.urlsafe_b64encode(part.encode()).decode()


def _read(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except ValueError:
        raise _RefusedError("InvalidInput") from None


def _unquoted(key: str) -> str:
    return unquote(key).replace("''", "'")


def _failed(code: str) -> TableAnswer:
    status, text = _ERRORS[code]
    return TableAnswer(status, {}, {"odata.error": {"code": code, "message": {"lang": "en-US", "value": text}}})
