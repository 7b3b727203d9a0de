"""Metrics: what happened to a resource, gathered by minute as Azure Monitor does.

Kept for 93 days, Azure's retention of platform metrics. Source: "Azure Monitor Metrics overview".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from localazure.store import Store

RETENTION = timedelta(days=93)
MINUTE = timedelta(minutes=1)

_TABLE = """CREATE TABLE IF NOT EXISTS metrics (
    resource TEXT NOT NULL, name TEXT NOT NULL, minute INTEGER NOT NULL,
    count REAL NOT NULL, total REAL NOT NULL, minimum REAL NOT NULL, maximum REAL NOT NULL,
    PRIMARY KEY (resource, name, minute)) WITHOUT ROWID"""
_RECORD = """INSERT INTO metrics VALUES (?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO UPDATE SET
    count = count + 1, total = total + excluded.total,
    minimum = min(minimum, excluded.minimum), maximum = max(maximum, excluded.maximum)"""
_QUERY = "SELECT * FROM metrics WHERE resource = ? AND name = ? AND minute >= ? AND minute < ? ORDER BY minute"

Listener = Callable[[str, str], None]
"""Told the resource id and the name of a metric that got a value."""


@dataclass(frozen=True)
class Bucket:
    """The values of one interval that begins at `start`; `count` 0 means that there were none."""

    start: datetime
    count: float = 0
    total: float = 0
    minimum: float = 0
    maximum: float = 0

    def value(self, aggregation: str) -> float | None:
        """Total, Count, Average, Minimum or Maximum (any case); None where there is nothing to tell of."""
        kind = aggregation.lower()
        if kind in ("total", "count"):
            return self.total if kind == "total" else self.count
        if not self.count:
            return None
        return {"average": self.total / self.count, "minimum": self.minimum, "maximum": self.maximum}[kind]


class Metrics:
    """The metrics of all resources. Ids and names match in any case."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listeners: list[Listener] = []
        store.ensure(_TABLE)

    def listen(self, listener: Listener) -> None:
        """Have `listener` called after each record, in the thread that recorded."""
        self._listeners.append(listener)

    def record(self, resource_id: str, name: str, at: datetime, value: float = 1) -> None:
        """Add one value of a metric at an instant (aware)."""
        values = (_key(resource_id), name.lower(), _minute(at), value, value, value)
        self._store.execute(_RECORD, values)
        for listener in self._listeners:
            listener(resource_id, name)

    def query(
        self, resource_id: str, name: str, start: datetime, end: datetime, interval: timedelta | None = None
    ) -> list[Bucket]:
        """One bucket for each interval from `start` (rounded down to a minute) to `end`, empty ones too.

        `interval` is whole minutes; None makes one bucket of all.
        """
        first, last = _minute(start), -(-end.timestamp() // 60)
        width = max(1, round(interval / MINUTE)) if interval else max(1, int(last) - first)
        rows = self._store.rows(_QUERY, (_key(resource_id), name.lower(), first, int(last)))
        buckets = {at: Bucket(_instant(at)) for at in range(first, int(last), width)}
        for row in rows:
            at = first + (row["minute"] - first) // width * width
            buckets[at] = _merged(buckets[at], row["count"], row["total"], row["minimum"], row["maximum"])
        return list(buckets.values())

    def total(self, resource_id: str, name: str, start: datetime, end: datetime) -> Bucket:
        """All values from `start` to `end` in one bucket."""
        return self.query(resource_id, name, start, end)[0]

    def names(self, resource_id: str) -> list[str]:
        """The metrics (in lower case) that the resource has values of."""
        rows = self._store.rows("SELECT DISTINCT name FROM metrics WHERE resource = ?", (_key(resource_id),))
        return [str(row["name"]) for row in rows]

    def forget(self, resource_id: str) -> None:
        """Drop a resource's metrics, when it is deleted."""
        self._store.execute("DELETE FROM metrics WHERE resource = ?", (_key(resource_id),))

    def expire(self, now: datetime) -> int:
        """Drop what is older than the retention; returns how many minutes were dropped."""
        return self._store.execute("DELETE FROM metrics WHERE minute < ?", (_minute(now - RETENTION),))


def _merged(bucket: Bucket, count: float, total: float, minimum: float, maximum: float) -> Bucket:
    if not bucket.count:
        return Bucket(bucket.start, count, total, minimum, maximum)
    return Bucket(
        bucket.start,
        bucket.count + count,
        bucket.total + total,
        min(bucket.minimum, minimum),
        max(bucket.maximum, maximum),
    )


def _key(resource_id: str) -> str:
    return "/" + resource_id.strip("/").lower()


def _minute(at: datetime) -> int:
    return int(at.timestamp() // 60)


def _instant(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
