"""Insert leads, run the flow, prove the delivery: each step is told, and what was inserted is never lost sight of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from leads.delivery import Delivery, DeliveryError, Runs, Wait, lead_marks, wait_for_delivery
from leads.inbox import Inbox
from leads.table import Inserted, Key, LeadTableError

Tell = Callable[[str], None]

# How long a mail that was accepted may take to be listed.
_INBOX_SECONDS = 60.0


class Table(Protocol):
    """What seeding needs of `leads.table.LeadTable`."""

    def insert(self, row: Mapping[str, Any]) -> Inserted: ...

    def delete(self, key: Key) -> None: ...


class StartableRuns(Runs, Protocol):
    """What seeding needs of `leads.flow.Flow`."""

    def start(self) -> str | None: ...


@dataclass
class Seeding:
    """What has happened so far: rows that are in the table, deliveries, ids of the mails in the inbox.

    `uncertain` is the row whose insertion was begun and not answered: it may be in the table.
    """

    rows: Sequence[Mapping[str, Any]]
    inserted: list[Inserted] = field(default_factory=list)
    uncertain: Key | None = None
    removed: list[Key] = field(default_factory=list)
    run: str | None = None
    delivered: dict[Key, Delivery] = field(default_factory=dict)
    mails: dict[Key, str] = field(default_factory=dict)

    @property
    def remaining(self) -> list[Key]:
        """Keys of the inserted rows that are still in the table."""
        return [row.key for row in self.inserted if row.key not in self.removed]

    def insert(self, table: Table, tell: Tell) -> None:
        """Insert every row, one by one: `inserted` is right whenever it stops."""
        for row in self.rows:
            self._insert(table, row)
        tell(f"Inserted {count(self.inserted, 'lead')}: {_keys(self.inserted)}")

    def deliver(self, flow: StartableRuns, wait: Wait, tell: Tell) -> None:
        """Start the flow and wait until runs have read and mailed every row; raises `DeliveryError`."""
        self.run = flow.start()
        tell(f"Started the flow{f': run {self.run}' if self.run else ''}")
        self.delivered = wait_for_delivery(flow, self.inserted, wait)
        for delivery in {found.run: found for found in self.delivered.values()}.values():
            tell(f"Run {delivery.run}: {delivery.read_by} returned {_them(self.inserted)}")
            tell(f"Run {delivery.run}: {delivery.mailed_by} mailed {_them(self.inserted)} to {delivery.to}")

    def find_mails(self, inbox: Inbox, wait: Wait, tell: Tell) -> None:
        """Find each lead's mail in the local cloud's inbox; raises `DeliveryError` where there is none."""
        marks = {(str(row["PartitionKey"]), str(row["RowKey"])): lead_marks(row) for row in self.rows}
        for key, delivery in self.delivered.items():
            self.mails[key] = self._mail(inbox, wait, delivery, marks[key])
        number = count(sorted(set(self.mails.values())), "mail")
        tell(f"In the inbox: {number} with {_them(self.inserted)}, see {inbox.address}")

    def remove(self, table: Table, tell: Tell) -> None:
        """Delete the rows that this seeding inserted, and the one that it may have inserted."""
        if self.uncertain is not None:
            table.delete(self.uncertain)
            self.uncertain = None
        for key in self.remaining:
            table.delete(key)
            self.removed.append(key)
        tell(f"Removed {count(self.removed, 'lead')}")

    def _insert(self, table: Table, row: Mapping[str, Any]) -> None:
        self.uncertain = (str(row["PartitionKey"]), str(row["RowKey"]))
        try:
            self.inserted.append(table.insert(row))
        except LeadTableError as error:
            if error.refused:
                self.uncertain = None
            raise
        self.uncertain = None

    def _mail(self, inbox: Inbox, wait: Wait, delivery: Delivery, marks: set[str]) -> str:
        deadline = wait.now() + _INBOX_SECONDS
        while True:
            mail = inbox.find(marks, delivery.subject, min(row.written for row in self.inserted))
            if mail is not None:
                return str(mail["id"])
            if wait.now() >= deadline:
                told = f"run {delivery.run} mailed the lead, but no mail with it is in the inbox at {inbox.address}"
                raise DeliveryError(told, delivery.run)
            wait.sleep(wait.pause)


def count(items: Sequence[object], noun: str) -> str:
    """`1 lead`, `3 leads`."""
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"


def _keys(rows: Sequence[Inserted]) -> str:
    shown = ", ".join(" / ".join(row.key) for row in rows[:3])
    return shown if len(rows) <= 3 else f"{shown}, …"


def _them(rows: Sequence[Inserted]) -> str:
    return "the lead" if len(rows) == 1 else f"all {len(rows)} leads"
