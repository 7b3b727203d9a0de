"""When leads arrived: the newest of a table, and the times of all since a moment.

The table service has no index of time: each question reads the whole table on its side, so few are asked, and no more
is fetched than keys and times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from leads.lead import Lead, parse_lead
from leads.selection import Selection, received

_LOOK_BACK = (timedelta(days=1), timedelta(days=31), None)
_TIME_ONLY = ("PartitionKey", "RowKey", "Timestamp")


class ReadableTable(Protocol):
    """What is needed of `leads.table.LeadTable`."""

    def rows(self, odata_filter: str = "", columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]: ...


def newest_lead(table: ReadableTable, now: datetime) -> Lead | None:
    """The lead that arrived last, looked for in the last day, then in the last month, then in all of the table."""
    for period in _LOOK_BACK:
        since = now - period if period else None
        newest = max(table.rows(Selection(since=since).filter, _TIME_ONLY), key=_time, default=None)
        if newest is not None:
            keys = " and ".join(f"{name} eq '{_quoted(newest[name])}'" for name in ("PartitionKey", "RowKey"))
            return next(map(parse_lead, table.rows(keys)), None)
    return None


def arrivals(table: ReadableTable, since: datetime | None = None, until: datetime | None = None) -> Iterator[datetime]:
    """The times (UTC) at which the leads of a period were written, in no order."""
    selection = Selection(since=since, until=until)
    for row in table.rows(selection.filter, _TIME_ONLY):
        moment = received(parse_lead(row))
        if moment is not None and not (since and moment < since):
            yield moment


def _time(row: Mapping[str, Any]) -> str:
    return str(row.get("Timestamp", ""))


def _quoted(text: Any) -> str:
    return str(text).replace("'", "''")
