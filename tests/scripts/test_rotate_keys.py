"""rotate_keys.py while leads arrive and the flow runs: no lead, no run, no mail is lost."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import HttpResponseError
from azure.data.tables import TableClient
from flow_commands import Answer, Commands

from leads.flow import Flow
from leads.redaction import with_key
from leads.runs import Query, RunHistory
from leads.samples import Kind, sample_rows
from leads.table import LeadTable

if TYPE_CHECKING:
    from conftest import Deployed

pytestmark = [pytest.mark.engine, pytest.mark.cloud]


@pytest.fixture
def run(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Commands:
    return Commands(deployed, monkeypatch)


def rotate(run: Commands, *arguments: str, ok: bool = True, secrets: bool = False) -> Answer:
    return run("rotate_keys", *arguments, ok=ok, secrets=secrets)


def opens(run: Commands, key: str) -> bool:
    string = with_key(run.stack.connection_string, key)
    with TableClient.from_connection_string(string, run.stack.table, retry_total=0) as client:
        try:
            next(client.query_entities("RowKey eq 'nobody'"), None)
        except HttpResponseError:
            return False
        return True


class Traffic:
    """Leads that arrive with Partner Center's string, and runs of the flow, as fast as they come."""

    def __init__(self, run: Commands) -> None:
        self.arrived: list[str] = []
        self.problems: list[Exception] = []
        self._run, self._end = run, threading.Event()
        self._flow = Flow(run.clients.logic, run.stack)
        self._threads = [threading.Thread(target=work) for work in (self._arrive, self._start)]

    def _arrive(self) -> None:
        with LeadTable(self._run.stack.connection_string, self._run.stack.table) as table:
            while not self._end.is_set():
                self._attempt(lambda: self._insert(table))

    def _insert(self, table: LeadTable) -> None:
        (row,) = sample_rows(Kind.CONTACT, 1, datetime.now(UTC), random.Random())
        self.arrived.append(table.insert(row).row_key)

    def _start(self) -> None:
        while not self._end.is_set():
            self._attempt(self._flow.start)

    def _attempt(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:
            self.problems.append(error)
        self._end.wait(0.1)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._end.set()
            for thread in self._threads:
                thread.join()


def test_key1_is_rotated_and_nothing_is_lost(run: Commands, deployed: Deployed) -> None:
    before, began = run.keys(), datetime.now(UTC)
    traffic = Traffic(run)
    with traffic.flowing():
        told = rotate(run, "key1", "--json").json
    assert told["connections"] == ["azuretables"]
    assert traffic.problems == []
    assert run("manage_flow", "run", "--json").json["run"]["status"] == "Succeeded"
    after = run.keys()
    assert after["key1"] != before["key1"]
    assert after["key2"] == before["key2"], "Partner Center's key is not touched"
    assert not opens(run, before["key1"])

    runs = list(RunHistory(run.clients).runs(Query(since=began - timedelta(seconds=1))))
    assert len(runs) > 1, "no run met the rotation"
    assert {one.status for one in runs} == {"Succeeded"}
    assert len(traffic.arrived) > 1, "no lead met the rotation"
    mails = "\n".join(mail["html"] for mail in deployed.inbox())
    assert [key for key in traffic.arrived if key not in mails] == []


def test_key2_is_rotated_only_for_who_publishes_again(run: Commands) -> None:
    before = run.keys()
    error = rotate(run, "key2", ok=False).error
    assert "if they will be, add --offer-will-be-published-again" in error
    assert run.keys() == before


def test_an_account_that_was_there_before_the_stack_is_not_rotated_unasked(run: Commands) -> None:
    before = run.keys()
    own = run.stack
    other = f"/subscriptions/{own.subscription}/resourceGroups/somebodys/providers/Microsoft.Storage/storageAccounts/a"
    run.stack = type(own)(**{**vars(own), "account_id": other})
    assert "if none does, or they have been told, add --shared-account" in rotate(run, "key1", ok=False).error
    run.stack = own
    assert run.keys() == before


def test_a_new_key2_is_told_to_who_asks_for_it_with_the_steps(run: Commands, deployed: Deployed) -> None:
    before, old = run.keys(), run.stack.connection_string
    try:
        told = rotate(run, "key2", "--offer-will-be-published-again").out
        assert "✓ key2 of account " in told
        assert "The outputs of the stack still have the old string: pulumi up --stack local" in told
        assert "Not for Partner Center: stack 'local' is not on Azure" in told
        second = run.keys()
        assert second["key1"] == before["key1"]
        assert second["key2"] not in told
        assert not opens(run, before["key2"])
        shown = rotate(run, "key2", "--offer-will-be-published-again", "--show-secrets", "--json", secrets=True).json
        assert shown["connectionString"] == with_key(old, run.keys()["key2"])
    finally:
        deployed.run("pulumi", "up", "--yes", "--skip-preview", "--stack", "local", "--non-interactive")
        run.read_again()
    assert run.stack.connection_string == shown["connectionString"], "`pulumi up` brings the new string"
    assert run("manage_flow", "run", "--json").json["run"]["status"] == "Succeeded"
