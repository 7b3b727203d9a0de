"""Was a lead delivered? Proved by the run that read it from the table and handed it to the mail service."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from leads.flow import Action, Run
from leads.table import Inserted, Key

# How much earlier than the row a run may have begun and still have read it.
_OVERLAP = timedelta(minutes=2)


class Runs(Protocol):
    """What `leads.flow.Flow` offers: the runs of a Logic App and their actions."""

    def runs_since(self, moment: datetime) -> Iterator[Run]: ...

    def actions(self, run: str) -> list[Action]: ...


class DeliveryError(Exception):
    """A lead was not delivered; the message says by which run and why. `run` is its name, if there was one."""

    def __init__(self, message: str, run: str | None = None) -> None:
        super().__init__(message)
        self.run = run


@dataclass(frozen=True)
class Delivery:
    """A lead and its way: the run, the action that read it, the action that mailed it, to whom."""

    key: Key
    run: str
    read_by: str
    mailed_by: str
    to: str
    subject: str


@dataclass
class Wait:
    """How long to look and how often; `now` and `sleep` are given from outside, so that tests need no time."""

    seconds: float
    now: Callable[[], float]
    sleep: Callable[[float], None]
    pause: float = 0.25
    tell: Callable[[Run], None] = field(default=lambda _run: None)


def wait_for_delivery(runs: Runs, inserted: Sequence[Inserted], wait: Wait) -> dict[Key, Delivery]:
    """Wait until a run has read and mailed each of the rows; raises `DeliveryError`.

    A finished run that began after the last row was written must have read them all: if it did not mail them, no later
    run is waited for.
    """
    deadline = wait.now() + wait.seconds
    watch = _Watch(runs, inserted)
    while True:
        for run in watch.news():
            wait.tell(run)
            watch.examine(run)
        if not watch.pending:
            return watch.delivered
        if wait.now() >= deadline:
            raise DeliveryError(f"no run has mailed the lead within {wait.seconds:g} seconds; {watch.last_words()}")
        wait.sleep(wait.pause)


class _Watch:
    """The rows that are still waited for, and the runs that were looked at."""

    def __init__(self, runs: Runs, inserted: Sequence[Inserted]) -> None:
        self._runs = runs
        self._first = min(row.written for row in inserted) - _OVERLAP
        self._last = max(row.written for row in inserted)
        self._examined: set[str] = set()
        self._seen: dict[str, str] = {}
        self.pending: set[Key] = {row.key for row in inserted}
        self.delivered: dict[Key, Delivery] = {}

    def news(self) -> list[Run]:
        """Finished runs that were not examined, oldest first."""
        found = list(self._runs.runs_since(self._first))
        self._seen = {run.name: run.status for run in found}
        return [run for run in reversed(found) if run.is_finished and run.name not in self._examined]

    def examine(self, run: Run) -> None:
        """Take the rows that `run` delivered; raise if it should have delivered more."""
        self._examined.add(run.name)
        actions = self._runs.actions(run.name)
        for delivery in find_deliveries(run.name, actions, self.pending):
            self.delivered[delivery.key] = delivery
        self.pending -= set(self.delivered)
        if self.pending and run.started >= self._last:
            raise DeliveryError(explain(run, actions, self.pending), run.name)

    def last_words(self) -> str:
        """What is known of the runs, for the error."""
        if not self._seen:
            return "the Logic App has not run since"
        return "its runs: " + ", ".join(f"{name} {status}" for name, status in self._seen.items())


def find_deliveries(run: str, actions: Sequence[Action], keys: Iterable[Key]) -> list[Delivery]:
    """The deliveries of these rows by a run: one of its actions returned the row, another mailed it and succeeded."""
    found = []
    for key in keys:
        reader = next((action for action in actions if _row(action, key) is not None), None)
        if reader is None:
            continue
        marks = lead_marks(_row(reader, key) or {})
        mailer = next((action for action in actions if _mails(action, marks)), None)
        if mailer is not None:
            body = mailer.inputs["body"]
            to, subject = str(body["To"]), str(body.get("Subject", ""))
            found.append(Delivery(key, run, reader.name, mailer.name, to, subject))
    return found


def lead_marks(row: Mapping[str, Any]) -> set[str]:
    """Texts by which the row is recognised in a mail, however that is laid out: its RowKey and its e-mail address."""
    contact = str(row.get("CustomerInfo", ""))
    try:
        email = json.loads(contact).get("Email", "")
    except (ValueError, AttributeError, RecursionError):
        email = ""
    texts = [text for text in (str(row.get("RowKey", "")), str(email)) if text]
    return {form for text in texts for form in (text, json.dumps(text, ensure_ascii=False)[1:-1])}


def explain(run: Run, actions: Sequence[Action], keys: Iterable[Key]) -> str:
    """Why a finished run did not deliver these rows, in one line; of an error only its code, as messages quote data."""
    failed = [action for action in actions if action.status in ("Failed", "TimedOut", "Aborted", "Cancelled")]
    if failed:
        told = ", ".join(f"{action.name} {action.status} ({action.code or 'no code'})" for action in failed)
        return f"run {run.name} {run.status}: {told}{_hint(failed)}"
    if not any(_row(action, key) is not None for action in actions for key in keys):
        return f"run {run.name} {run.status}, but none of its actions returned the lead"
    return f"run {run.name} {run.status}: it read the lead, but no action mailed it"


def _hint(failed: Sequence[Action]) -> str:
    if any(_is_mail(action) and action.code in ("Unauthorized", "Forbidden") for action in failed):
        return "; is the mail connection authorized? `pulumi stack output mailAuthorization` tells how"
    return ""


def _row(action: Action, key: Key) -> Mapping[str, Any] | None:
    body = action.outputs.get("body") if isinstance(action.outputs, dict) else None
    rows = body.get("value") if isinstance(body, dict) else body
    if not isinstance(rows, list):
        return None
    items = [row for row in rows if isinstance(row, dict)]
    return next((row for row in items if (row.get("PartitionKey"), row.get("RowKey")) == key), None)


def _is_mail(action: Action) -> bool:
    body = action.inputs.get("body") if isinstance(action.inputs, dict) else None
    return isinstance(body, dict) and "To" in body and "Body" in body


def _mails(action: Action, marks: set[str]) -> bool:
    if action.status != "Succeeded" or not _is_mail(action):
        return False
    text = str(action.inputs["body"]["Body"])
    return any(mark in text for mark in marks)
