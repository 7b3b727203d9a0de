"""One contract for both Table services: Azurite, and the one in memory that simulations on the virtual clock use.

What only the second has, a clock of its own and pages to order, is at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from localazure.clock import VirtualClock, WallClock
from localazure.connectors.memory_tables import MemoryTables
from localazure.connectors.table_service import TableAccount, TableAnswer, Tables, TableService

T = TypeVar("T")
CONTENT = {"Prefer": "return-content"}
ANY = {"If-Match": "*"}
STALE = {"If-Match": "W/\"datetime'2020-01-01T00%3A00%3A00.0000000Z'\""}
ROW = {
    "PartitionKey": "p",
    "RowKey": "r1",
    "S": "it's",
    "I": 1,
    "D": 1.5,
    "B": True,
    "L@odata.type": "Edm.Int64",
    "L": "5000000000",
    "G@odata.type": "Edm.Guid",
    "G": "c9da6455-213d-42c9-9a79-3e9149a57833",
    "T@odata.type": "Edm.DateTime",
    "T": "2026-01-01T00:00:00Z",
    "X@odata.type": "Edm.Binary",
    "X": "AQI=",
}


class One:
    """A table of a service."""

    def __init__(self, service: Tables, account: TableAccount, table: str) -> None:
        self.service, self.account, self.table = service, account, table
        self._loop = asyncio.new_event_loop()

    def go(self, work: Awaitable[T]) -> T:
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        self.go(self.service.close())
        self._loop.close()

    def call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: Any = None, **query: str
    ) -> TableAnswer:
        queries = {name.replace("_", "$"): value for name, value in query.items()}
        return self.go(self.service.call(self.account, method, path, queries, headers, body))

    def insert(self, row: str = "r1", **properties: Any) -> TableAnswer:
        return self.call("POST", f"/{self.table}", CONTENT, {"PartitionKey": "p", "RowKey": row, **properties})

    def path(self, row: str = "r1", partition: str = "p") -> str:
        return f"/{self.table}(PartitionKey='{partition}',RowKey='{row}')"

    def found(self, **query: str) -> list[str]:
        """The row keys of the answer to a query."""
        answer = self.call("GET", f"/{self.table}()", None, None, **query)
        assert answer.status == 200
        return [row["RowKey"] for row in answer.body["value"]]


@pytest.fixture(params=["azurite", "memory"])
def one(request: pytest.FixtureRequest, table: str) -> Iterator[One]:
    if request.param == "azurite":
        made = One(TableService(WallClock()), request.getfixturevalue("account"), table)
    else:
        made = One(MemoryTables(VirtualClock()), TableAccount("leads", "http://127.0.0.1:1/leads/", "a2V5"), table)
    assert made.call("POST", "/Tables", CONTENT, {"TableName": table}).status == 201
    yield made
    made.close()


def error(answer: TableAnswer) -> tuple[int, str, str]:
    found = answer.body["odata.error"]
    return answer.status, found["code"], found["message"]["value"].split("\n")[0]


def test_a_table_is_made_once_listed_and_deleted(one: One) -> None:
    assert error(one.call("POST", "/Tables", CONTENT, {"TableName": one.table.upper()})) == (
        409,
        "TableAlreadyExists",
        "The table specified already exists.",
    )
    listed = one.call("GET", "/Tables", _filter=f"TableName eq '{one.table}'").body
    assert listed["value"] == [{"TableName": one.table}]
    assert listed["odata.metadata"].endswith("/leads/$metadata#Tables")
    assert one.call("DELETE", f"/Tables('{one.table}')").status == 204
    assert error(one.call("DELETE", f"/Tables('{one.table}')"))[:2] == (404, "ResourceNotFound")
    assert error(one.insert())[:2] == (404, "TableNotFound")
    assert one.call("POST", "/Tables", CONTENT, {"TableName": "1x"}).status == 400


def test_an_inserted_row_comes_back_as_it_was_written(one: One) -> None:
    answer = one.call("POST", f"/{one.table}", CONTENT, {**ROW, "N": None})
    assert answer.status == 201
    body = answer.body
    assert body.pop("odata.etag") == answer.headers["etag"]
    assert body.pop("odata.metadata").endswith(f"/leads/$metadata#{one.table}/@Element")
    stamp = body.pop("Timestamp")
    assert body == ROW
    assert len(stamp) == len("2026-01-01T00:00:00.0000000Z")
    assert answer.headers["etag"] == f"W/\"datetime'{stamp.replace(':', '%3A')}'\""
    read = one.call("GET", one.path())
    assert (read.status, read.headers["etag"]) == (200, answer.headers["etag"])
    assert read.body.items() >= ROW.items()
    assert error(one.call("POST", f"/{one.table}", CONTENT, ROW))[:2] == (409, "EntityAlreadyExists")


def test_what_is_asked_for_less_is_answered_with_less(one: One) -> None:
    answer = one.call("POST", f"/{one.table}", {"Prefer": "return-no-content"}, ROW)
    assert (answer.status, answer.body) == (204, None)
    assert answer.headers["etag"].startswith("W/")
    (row,) = one.call("GET", f"/{one.table}()", _select="S, L,Nope").body["value"]
    assert set(row) == {"odata.etag", "S", "L", "L@odata.type"}
    assert set(one.call("GET", one.path(), _select="I").body) == {"odata.etag", "odata.metadata", "I"}


def test_a_row_needs_its_keys_and_a_missing_one_is_told(one: One) -> None:
    assert error(one.call("POST", f"/{one.table}", CONTENT, {"RowKey": "r"}))[:2] == (400, "PropertiesNeedValue")
    for method in ("GET", "PUT", "MERGE", "DELETE"):
        answer = one.call(method, one.path("none"), None if method == "GET" else ANY, {"I": 1})
        assert error(answer)[:2] == (404, "ResourceNotFound"), method


def test_replace_forgets_and_merge_keeps(one: One) -> None:
    one.insert(S="x", I=1)
    assert one.call("MERGE", one.path(), ANY, {"I": 2, "J": 3, "S": None}).status == 204
    assert one.call("GET", one.path(), _select="S,I,J").body.items() >= {"S": "x", "I": 2, "J": 3}.items()
    assert one.call("PUT", one.path(), ANY, {"J": 4}).status == 204
    assert set(one.call("GET", one.path(), _select="S,I,J").body) == {"odata.etag", "odata.metadata", "J"}


def test_without_if_match_a_write_inserts_what_is_missing(one: One) -> None:
    for method, row in (("PUT", "a"), ("MERGE", "b")):
        assert one.call(method, one.path(row), None, {"I": 1}).status == 204
        assert one.call(method, one.path(row), None, {"J": 2}).status == 204
    assert "I" not in one.call("GET", one.path("a")).body
    assert one.call("GET", one.path("b")).body.items() >= {"I": 1, "J": 2}.items()


def test_a_stale_etag_changes_nothing(one: One) -> None:
    first = one.insert(I=1).headers["etag"]
    for method in ("PUT", "MERGE", "DELETE"):
        assert error(one.call(method, one.path(), STALE, {"I": 9}))[:2] == (412, "UpdateConditionNotSatisfied"), method
    second = one.call("PUT", one.path(), {"If-Match": first}, {"I": 2}).headers["etag"]
    assert second != first
    assert one.call("DELETE", one.path(), {"If-Match": first}).status == 412
    assert one.call("DELETE", one.path(), {"If-Match": second}).status == 204
    assert one.found() == []


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", ["r1", "r2", "r3"]),
        ("I gt 1", ["r2", "r3"]),
        ("I ge 1 and S eq 'it''s'", ["r1"]),
        ("not (I eq 1)", ["r2", "r3"]),
        ("I eq 1 or I eq 3 and S eq 'no'", ["r1"]),
        ("(I eq 1 or I eq 3) and S eq 'no'", []),
        ("L eq 5000000000L", ["r1"]),
        ("G eq guid'c9da6455-213d-42c9-9a79-3e9149a57833'", ["r1"]),
        ("T lt datetime'2026-02-01T00:00:00Z'", ["r1"]),
        ("T lt datetime'2026-01-01T00:00:00Z'", []),
        ("B", ["r1"]),
        ("B eq true", ["r1"]),
        ("B ne true", []),
        ("X eq X'0102'", ["r1"]),
        ("D eq 1.5", ["r1"]),
        ("I ne 1", ["r2", "r3"]),
        ("I eq '1'", []),
        ("'x' eq S", ["r2"]),
        ("Nope ne 'x'", []),
        ("PartitionKey eq 'p' and RowKey ge 'r2' and RowKey lt 'r3'", ["r2"]),
        ("Timestamp gt datetime'2025-12-31T23:59:59.9999999Z'", ["r1", "r2", "r3"]),
        ("Timestamp le datetime'2025-12-31T23:59:59.9999999Z'", []),
    ],
)
def test_filters(one: One, text: str, rows: list[str]) -> None:
    one.call("POST", f"/{one.table}", CONTENT, ROW)
    one.insert("r3", I=3)
    one.insert("r2", I=2, S="x")
    assert one.found(_filter=text) == rows


@pytest.mark.parametrize("text", ["bad bad", "I eq", "(I eq 1", "I eq 1)", "substringof('x',S)", "I = 1"])
def test_what_is_no_filter_is_refused(one: One, text: str) -> None:
    one.insert(I=1)
    assert error(one.call("GET", f"/{one.table}()", _filter=text)) == (
        400,
        "InvalidInput",
        "The query condition specified in the request is invalid.",
    )


def test_a_time_stamp_is_compared_to_the_millisecond(one: One) -> None:
    """Azurite compares no finer (its dates are JavaScript's); the service in memory does, see below."""
    stamp = one.insert().body["Timestamp"]
    at = datetime.fromisoformat(stamp)
    before, after = (at + timedelta(milliseconds=step) for step in (-1, 1))
    assert one.found(_filter=f"Timestamp gt datetime'{stamp}'") == []
    assert one.found(_filter=f"Timestamp ge datetime'{stamp}'") == ["r1"]
    assert one.found(_filter=f"Timestamp gt datetime'{before:%Y-%m-%dT%H:%M:%S.%f}Z'") == ["r1"]
    assert one.found(_filter=f"Timestamp lt datetime'{after:%Y-%m-%dT%H:%M:%S.%f}Z'") == ["r1"]


def test_pages_lead_through_all_rows_in_the_order_of_their_keys(one: One) -> None:
    for row in ("c", "a", "e", "b", "d"):
        one.insert(row, I=0 if row == "b" else 1)
    seen, token = [], dict[str, str]()
    while True:
        answer = one.call("GET", f"/{one.table}()", None, None, _filter="I eq 1", _top="2", **token)
        seen.append([row["RowKey"] for row in answer.body["value"]])
        if "x-ms-continuation-nextpartitionkey" not in answer.headers:
            break
        names = {"NextPartitionKey": "nextpartitionkey", "NextRowKey": "nextrowkey"}
        token = {name: answer.headers[f"x-ms-continuation-{key}"] for name, key in names.items()}
    assert seen == [["a", "c"], ["d", "e"]]


# -- in memory alone ----------------------------------------------------------------------------------------------


def in_memory(act: Callable[[MemoryTables, VirtualClock, One], None]) -> None:
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    tables = MemoryTables(clock)
    one = One(tables, TableAccount("leads", "http://127.0.0.1:1/leads/", "a2V5"), "Leads")
    one.call("POST", "/Tables", CONTENT, {"TableName": "Leads"})
    act(tables, clock, one)
    one.close()


def test_rows_are_stamped_by_the_clock_that_was_given_and_never_twice_the_same() -> None:
    def act(_: MemoryTables, clock: VirtualClock, one: One) -> None:
        stamps = [one.insert(row).body["Timestamp"] for row in ("a", "b")]
        one.go(clock.advance(timedelta(hours=1)))
        stamps.append(one.insert("c").body["Timestamp"])
        assert stamps == [
            "2026-01-01T00:00:00.0000000Z",
            "2026-01-01T00:00:00.0000001Z",
            "2026-01-01T01:00:00.0000000Z",
        ]
        assert one.found(_filter="Timestamp gt datetime'2026-01-01T00:00:00.0000000Z'") == ["b", "c"]

    in_memory(act)


def test_the_first_page_may_be_empty_and_the_next_has_the_rows() -> None:
    def act(tables: MemoryTables, _: VirtualClock, one: One) -> None:
        one.insert("a")
        tables.empty_first_page = True
        answer = one.call("GET", "/Leads()")
        assert answer.body["value"] == []
        token = answer.headers["x-ms-continuation-nextpartitionkey"]
        row = answer.headers["x-ms-continuation-nextrowkey"]
        assert one.found(NextPartitionKey=token, NextRowKey=row) == ["a"]

    in_memory(act)


def test_accounts_do_not_see_each_others_tables() -> None:
    def act(_: MemoryTables, __: VirtualClock, one: One) -> None:
        other = One(one.service, TableAccount("other", "http://127.0.0.1:1/other/", "a2V5"), "Leads")
        assert error(other.insert())[:2] == (404, "TableNotFound")

    in_memory(act)
