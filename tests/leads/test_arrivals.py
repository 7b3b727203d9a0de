"""The newest lead is found with few questions; arrivals are times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from leads.arrivals import arrivals, newest_lead

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Table:
    """Answers the filters that are asked of it, and remembers them."""

    def __init__(self, *written: datetime) -> None:
        self.written = written
        self.asked: list[str] = []

    def rows(self, odata_filter: str = "", columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        self.asked.append(odata_filter)
        bound = re.search(r"ge datetime'([^']+)'", odata_filter)
        since = datetime.fromisoformat(bound[1]) if bound else None
        for number, moment in enumerate(self.written):
            row = {"PartitionKey": "o'p", "RowKey": f"r{number}", "Timestamp": moment.isoformat(), "ActionCode": "INS"}
            keys = "PartitionKey eq 'o''p'" in odata_filter and f"RowKey eq 'r{number}'" in odata_filter
            if keys or ("eq" not in odata_filter and not (since and moment < since)):
                yield {name: value for name, value in row.items() if columns is None or name in columns}


def test_a_lead_of_today_is_found_at_once() -> None:
    table = Table(NOW - timedelta(hours=2), NOW - timedelta(hours=1), NOW - timedelta(days=40))
    found = newest_lead(table, NOW)
    assert found is not None
    assert (found.row_key, found.action) == ("r1", "INS")
    assert len(table.asked) == 2


def test_an_old_lead_is_found_in_the_whole_table() -> None:
    table = Table(NOW - timedelta(days=400))
    found = newest_lead(table, NOW)
    assert found is not None
    assert found.row_key == "r0"
    assert table.asked[2] == ""


def test_an_empty_table_has_none() -> None:
    assert newest_lead(Table(), NOW) is None


def test_arrivals_are_the_times_since_a_moment() -> None:
    table = Table(NOW - timedelta(hours=2), NOW - timedelta(minutes=5))
    assert list(arrivals(table, NOW - timedelta(hours=1))) == [NOW - timedelta(minutes=5)]
