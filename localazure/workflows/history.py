"""Runs on disk: the run itself, a row for each action and iteration record, and the trigger histories.

A step's changes are written in one transaction, so that history is never half-written. Only what changed is written:
a loop of many thousand iterations costs each step no more than its own records.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from localazure.store import Store
from localazure.workflows.state import Record, RunData
from wdl.values import dumps

_TABLES = (
    """CREATE TABLE IF NOT EXISTS workflow_runs (
        workflow TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, started TEXT NOT NULL,
        tracking TEXT NOT NULL, live INTEGER NOT NULL, origin TEXT NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (workflow, name))""",
    "CREATE INDEX IF NOT EXISTS workflow_runs_by_name ON workflow_runs (name)",
    "CREATE INDEX IF NOT EXISTS live_workflow_runs ON workflow_runs (live) WHERE live",
    """CREATE TABLE IF NOT EXISTS workflow_records (
        run TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, repetition TEXT NOT NULL, status TEXT NOT NULL,
        data TEXT NOT NULL, inputs TEXT, outputs TEXT, items TEXT, UNIQUE (run, kind, name, repetition))""",
    """CREATE TABLE IF NOT EXISTS workflow_trigger_histories (
        workflow TEXT NOT NULL, trigger TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, started TEXT NOT NULL,
        tracking TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (workflow, trigger, name))""",
)
_PLACES = {"action": "actions", "iteration": "iterations", "items": "items"}
_ORIGIN = ("trigger", "about")  # what a run begins with and never changes: written once
_APART = ("inputs", "outputs", "items")
_KEPT_APART = frozenset({*_PLACES.values(), *_ORIGIN})
_FINISHED = ("Succeeded", "Failed", "Skipped", "TimedOut", "Cancelled", "Aborted")


@dataclass(frozen=True)
class Filter:
    """What a list call asks for; None asks for everything."""

    status: str | None = None
    tracking: str | None = None
    started: Sequence[tuple[str, str]] = ()  # (operator of SQL, time stamp)
    before: str | None = None  # names after this one in the list
    top: int = 250

    def sql(self) -> tuple[str, list[Any]]:
        """A condition for the lists of runs and histories, newest first."""
        parts, values = [""], list[Any]()
        for column, value in (("status", self.status), ("tracking", self.tracking)):
            if value is not None:
                parts.append(f"{column} = ? COLLATE NOCASE")
                values.append(value)
        for operator, at in self.started:
            parts.append(f"started {operator} ?")
            values.append(at)
        if self.before is not None:
            parts.append("name > ?")
            values.append(self.before)
        # Names fall with time: their order is newest first.
        return " AND ".join(parts) + " ORDER BY name LIMIT ?", [*values, self.top]


@dataclass
class Sum:
    """All repetitions of one action: how many of which status, from when to when."""

    tracking: str
    started: str
    ended: str = ""
    statuses: dict[str, int] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        """Take in the repetitions of one status."""
        self.started = min(self.started, row["started"])
        self.ended = max(self.ended, row["ended"] or "")
        self.statuses[row["status"]] = row["number"]

    @property
    def number(self) -> int:
        return sum(self.statuses.values())

    @property
    def has_ended(self) -> bool:
        return not set(self.statuses) - set(_FINISHED)


class History:
    """Reads and writes of runs and trigger histories. `workflow` is a workflow's guid; run names are unique."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.ensure(*_TABLES)

    def save(self, data: RunData, changed: Mapping[tuple[str, str, str], Record]) -> None:
        """Write a run and its changed records; call it inside a transaction."""
        own = {key: value for key, value in data.items() if key not in _KEPT_APART}
        begun = "{}" if data["steps"] else encode({key: data[key] for key in _ORIGIN})
        live = data["status"] not in _FINISHED
        self._store.execute(
            "INSERT INTO workflow_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workflow, name) DO UPDATE SET "
            "status = excluded.status, live = excluded.live, data = excluded.data",
            (
                *(data["guid"], data["name"], data["status"], data["startTime"], data["clientTrackingId"]),
                *(live, begun, encode(own)),
            ),
        )
        for (kind, name, repetition), record in changed.items():
            self._save_record(data["name"], kind, name, repetition, record)

    def _save_record(self, run: str, kind: str, name: str, repetition: str, record: Record) -> None:
        own = {key: value for key, value in record.items() if key not in _APART}
        apart = [encode(record[key]) if key in record else None for key in _APART]
        self._store.execute(
            "INSERT INTO workflow_records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (run, kind, name, repetition) DO UPDATE SET status = excluded.status, data = excluded.data, "
            "inputs = excluded.inputs, outputs = excluded.outputs",
            (run, kind, name, repetition, record["status"], encode(own), *apart),
        )

    def load(self, workflow: str, run: str) -> RunData | None:
        """A run whole, as it was last saved."""
        data = self.run(workflow, run)
        if data is None:
            return None
        data.update({place: {} for place in _PLACES.values()})
        for row in self._store.rows("SELECT * FROM workflow_records WHERE run = ? ORDER BY rowid", (run,)):
            data[_PLACES[row["kind"]]].setdefault(row["name"], {})[row["repetition"]] = _record(row)
        return data

    def run(self, workflow: str, run: str) -> RunData | None:
        """A run without its records."""
        found = self._store.row(
            "SELECT origin, data FROM workflow_runs WHERE workflow = ? AND name = ?", (workflow, run)
        )
        return None if found is None else _run(found)

    def find(self, run: str) -> RunData | None:
        """A run by its name alone, without its records."""
        found = self._store.row("SELECT origin, data FROM workflow_runs WHERE name = ?", (run,))
        return None if found is None else _run(found)

    def runs(self, workflow: str, wanted: Filter) -> list[RunData]:
        """Runs without their records, newest first."""
        condition, values = wanted.sql()
        query = f"SELECT origin, data FROM workflow_runs WHERE workflow = ?{condition}"  # noqa: S608 - no values inside
        return [_run(row) for row in self._store.rows(query, (workflow, *values))]

    def live(self) -> list[tuple[str, str]]:
        """Workflow and name of every run that has not ended, oldest first."""
        rows = self._store.rows("SELECT workflow, name FROM workflow_runs WHERE live ORDER BY started, rowid")
        return [(row["workflow"], row["name"]) for row in rows]

    def going_on(self, workflow: str) -> tuple[int, int]:
        """How many runs of a workflow go on, and how many wait for their turn."""
        query = "SELECT status, count(*) AS number FROM workflow_runs WHERE live AND workflow = ? GROUP BY status"
        numbers = {row["status"]: row["number"] for row in self._store.rows(query, (workflow,))}
        waiting = numbers.pop("Waiting", 0)
        return sum(numbers.values()), waiting

    def waiting(self, workflow: str, limit: int) -> list[RunData]:
        """The runs whose turn has come, oldest first, where at most `limit` may go on at once."""
        free = limit - self.going_on(workflow)[0]
        query = (
            "SELECT origin, data FROM workflow_runs WHERE live AND workflow = ? AND status = 'Waiting' "
            "ORDER BY started, rowid LIMIT ?"
        )
        return [_run(row) for row in self._store.rows(query, (workflow, max(0, free)))]

    def records(
        self, run: str, kind: str = "action", name: str | None = None, repetition: str | None = None
    ) -> list[tuple[str, str, Record]]:
        """Name, repetition and record, in the order in which they began."""
        query, values = "SELECT * FROM workflow_records WHERE run = ? AND kind = ?", [run, kind]
        for column, wanted in (("name", name), ("repetition", repetition)):
            if wanted is not None:
                query, values = query + f" AND {column} = ?", [*values, wanted]
        rows = self._store.rows(query + " ORDER BY rowid", values)
        return [(row["name"], row["repetition"], _record(row)) for row in rows]

    def repetitions(self, run: str, kind: str, name: str, after: str, top: int) -> list[tuple[str, str, Record]]:
        """Records inside loops in the order of their indexes: `top` of those after the repetition `after`."""
        query = (
            "SELECT * FROM workflow_records WHERE run = ? AND kind = ? AND name = ? AND repetition > ? "
            "ORDER BY repetition LIMIT ?"
        )
        rows = self._store.rows(query, (run, kind, name, after, top))
        return [(row["name"], row["repetition"], _record(row)) for row in rows]

    def sums(self, run: str) -> dict[str, Sum]:
        """What ran in loops, summed up by action, in the order in which the actions began."""
        query = """SELECT name, status, count(*) AS number, min(rowid) AS first,
            min(json_extract(data, '$.startTime')) AS started, max(json_extract(data, '$.endTime')) AS ended,
            json_extract(data, '$.tracking') AS tracking
            FROM workflow_records WHERE run = ? AND kind = 'action' AND repetition != '' GROUP BY name, status"""
        found: dict[str, Sum] = {}
        for row in sorted(self._store.rows(query, (run,)), key=lambda row: row["first"]):
            found.setdefault(row["name"], Sum(row["tracking"], row["started"])).add(row)
        return found

    def add_trigger(self, workflow: str, trigger: str, name: str, entry: Mapping[str, Any]) -> None:
        """Write one entry of a trigger's history."""
        self._store.execute(
            "INSERT OR REPLACE INTO workflow_trigger_histories VALUES (?, ?, ?, ?, ?, ?, ?)",
            (workflow, trigger, name, entry["status"], entry["startTime"], entry["clientTrackingId"], encode(entry)),
        )

    def trigger_histories(self, workflow: str, trigger: str, wanted: Filter) -> list[tuple[str, dict[str, Any]]]:
        """Name and entry, newest first."""
        condition, values = wanted.sql()
        query = (
            "SELECT name, data FROM workflow_trigger_histories "  # noqa: S608 - no values inside
            f"WHERE workflow = ? AND trigger = ? COLLATE NOCASE{condition}"
        )
        rows = self._store.rows(query, (workflow, trigger, *values))
        return [(row["name"], json.loads(row["data"])) for row in rows]

    def trigger_history(self, workflow: str, trigger: str, name: str) -> dict[str, Any] | None:
        query = (
            "SELECT data FROM workflow_trigger_histories WHERE workflow = ? AND trigger = ? COLLATE NOCASE AND name = ?"
        )
        found = self._store.row(query, (workflow, trigger, name))
        return None if found is None else json.loads(found["data"])

    def purge(self, before: str) -> None:
        """Delete the runs that ended, and the trigger histories that began, before a time stamp."""
        names = "SELECT name FROM workflow_runs WHERE NOT live AND started < ?"
        with self._store.transaction():
            self._store.execute(f"DELETE FROM workflow_records WHERE run IN ({names})", (before,))  # noqa: S608
            self._store.execute("DELETE FROM workflow_runs WHERE NOT live AND started < ?", (before,))
            self._store.execute("DELETE FROM workflow_trigger_histories WHERE started < ?", (before,))

    def forget(self, workflow: str) -> None:
        """Delete all runs and histories of a workflow."""
        names = "SELECT name FROM workflow_runs WHERE workflow = ?"
        with self._store.transaction():
            self._store.execute(f"DELETE FROM workflow_records WHERE run IN ({names})", (workflow,))  # noqa: S608
            self._store.execute("DELETE FROM workflow_runs WHERE workflow = ?", (workflow,))
            self._store.execute("DELETE FROM workflow_trigger_histories WHERE workflow = ?", (workflow,))


def encode(value: Any) -> str:
    """JSON for the store; the language's own writer where Python's does not know a kind of number."""
    try:
        return json.dumps(value, separators=(",", ":"))
    except TypeError:
        return dumps(value)


def _run(row: Any) -> RunData:
    return {**json.loads(row["origin"]), **json.loads(row["data"])}


def _record(row: Any) -> Record:
    record: Record = json.loads(row["data"])
    record.update((key, json.loads(row[key])) for key in _APART if row[key] is not None)
    return record
