"""Seeding keeps account of every row, whatever fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leads.delivery import Wait
from leads.flow import Action, FlowError, Run
from leads.inbox import Inbox
from leads.seeding import Seeding
from leads.table import Inserted, Key, LeadTableError

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROWS = [{"PartitionKey": "p", "RowKey": f"r{number}", "CustomerInfo": "{}"} for number in range(3)]


class Table:
    """A table that stops taking rows, or rows off, at a given one."""

    def __init__(self, fails_at: str = "", refused: bool = True, keeps: str = "") -> None:
        self.rows: set[Key] = set()
        self._fails_at = fails_at
        self._refused = refused
        self._keeps = keeps

    def insert(self, row: Mapping[str, Any]) -> Inserted:
        if row["RowKey"] == self._fails_at:
            raise LeadTableError("the table is full", self._refused)
        self.rows.add((row["PartitionKey"], row["RowKey"]))
        return Inserted(row["PartitionKey"], row["RowKey"], NOW)

    def delete(self, key: Key) -> None:
        if key[1] == self._keeps:
            raise LeadTableError("the table does not answer", refused=False)
        self.rows.discard(key)


class Flow:
    """A flow whose only run mails what it is told."""

    def __init__(self, mailed: str) -> None:
        rows = Action("Get_entities", "Succeeded", "OK", {}, {"body": {"value": ROWS}})
        message = {"To": "sales@contoso.com", "Subject": "New leads!", "Body": mailed}
        self._actions = [rows, Action("Send_an_email", "Succeeded", "OK", {"body": message}, {})]

    def start(self) -> str | None:
        return "run1"

    def runs_since(self, moment: datetime) -> Iterator[Run]:
        yield Run("run1", "Succeeded", NOW + timedelta(seconds=1))

    def actions(self, run: str) -> list[Action]:
        return self._actions


class Ticking:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def wait(self) -> Wait:
        return Wait(5, now=lambda: self.time, sleep=self.sleep, pause=1)


class FakeInbox(Inbox):
    """An inbox that gets its mail after some looks."""

    def __init__(self, looks_before_mail: int, mail: dict[str, Any]) -> None:
        super().__init__("http://127.0.0.1:1/")
        self._left = looks_before_mail
        self._mail = mail

    def _mails(self) -> list[dict[str, Any]]:
        self._left -= 1
        return [] if self._left >= 0 else [self._mail]


def mail(text: str, received: datetime = NOW, subject: str = "New leads!") -> dict[str, Any]:
    return {"id": "7", "subject": subject, "text": None, "html": text, "received": received.isoformat()}


def delivered() -> Seeding:
    seeding = Seeding(ROWS)
    seeding.insert(Table(), lambda text: None)
    seeding.deliver(Flow("r0 r1 r2"), Ticking().wait(), lambda text: None)
    return seeding


def test_every_step_is_told() -> None:
    told: list[str] = []
    seeding = Seeding(ROWS)
    table = Table()
    seeding.insert(table, told.append)
    seeding.deliver(Flow("r0 r1 r2"), Ticking().wait(), told.append)
    seeding.find_mails(FakeInbox(2, mail("r0 r1 r2")), Ticking().wait(), told.append)
    seeding.remove(table, told.append)
    assert told == [
        "Inserted 3 leads: p / r0, p / r1, p / r2",
        "Started the flow: run run1",
        "Run run1: Get_entities returned all 3 leads",
        "Run run1: Send_an_email mailed all 3 leads to sales@contoso.com",
        "In the inbox: 1 mail with all 3 leads, see http://127.0.0.1:1",
        "Removed 3 leads",
    ]
    assert set(seeding.mails.values()) == {"7"}
    assert table.rows == set()


def test_rows_before_a_refused_one_are_accounted_for() -> None:
    seeding, table = Seeding(ROWS), Table(fails_at="r2")
    with pytest.raises(LeadTableError):
        seeding.insert(table, lambda text: None)
    assert set(seeding.remaining) == table.rows == {("p", "r0"), ("p", "r1")}
    assert seeding.uncertain is None


def test_a_row_whose_insertion_was_not_answered_is_uncertain_and_removed_too() -> None:
    seeding, table = Seeding(ROWS), Table(fails_at="r1", refused=False)
    with pytest.raises(LeadTableError):
        seeding.insert(table, lambda text: None)
    assert seeding.uncertain == ("p", "r1")
    table.rows.add(("p", "r1"))
    seeding.remove(table, lambda text: None)
    assert table.rows == set()
    assert seeding.remaining == []
    assert seeding.uncertain is None


def test_an_interruption_leaves_the_row_uncertain() -> None:
    class Interrupted(Table):
        def insert(self, row: Mapping[str, Any]) -> Inserted:
            raise KeyboardInterrupt

    seeding = Seeding(ROWS)
    with pytest.raises(KeyboardInterrupt):
        seeding.insert(Interrupted(), lambda text: None)
    assert seeding.uncertain == ("p", "r0")


def test_rows_that_cannot_be_removed_remain_accounted_for() -> None:
    seeding, table = Seeding(ROWS), Table(keeps="r1")
    seeding.insert(table, lambda text: None)
    with pytest.raises(LeadTableError):
        seeding.remove(table, lambda text: None)
    assert set(seeding.remaining) == table.rows == {("p", "r1"), ("p", "r2")}


def test_a_flow_that_mails_two_of_three_has_not_delivered() -> None:
    seeding = Seeding(ROWS)
    seeding.insert(Table(), lambda text: None)
    with pytest.raises(Exception, match="no action mailed it"):
        seeding.deliver(Flow("r0 r1"), Ticking().wait(), lambda text: None)


@pytest.mark.parametrize(
    "other",
    [mail("r0 r1"), mail("r0 r1 r2", subject="Something else"), mail("r0 r1 r2", received=NOW - timedelta(seconds=1))],
    ids=["without one lead", "another subject", "an older mail"],
)
def test_another_mail_in_the_inbox_is_no_proof(other: dict[str, Any]) -> None:
    clock = Ticking()
    with pytest.raises(Exception, match=r"no mail with it is in the inbox at http://127\.0\.0\.1:1"):
        delivered().find_mails(FakeInbox(0, other), clock.wait(), lambda text: None)
    assert clock.time == 60


def test_a_flow_that_cannot_be_started_is_an_error() -> None:
    class Disabled(Flow):
        def start(self) -> str | None:
            raise FlowError("it is disabled")

    seeding = Seeding(ROWS)
    seeding.insert(Table(), lambda text: None)
    with pytest.raises(FlowError):
        seeding.deliver(Disabled(""), Ticking().wait(), lambda text: None)
    assert len(seeding.remaining) == 3
