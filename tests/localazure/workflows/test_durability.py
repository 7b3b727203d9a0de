"""A run survives the death of its process: `kill -9` at any moment, and the next start takes it up."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from workflow_world import WORKFLOW, Connectors, World, call, compose, workflow

from localazure.connectors.request import ConnectorResponse
from localazure.store import Store
from localazure.workflows.catalog import Catalog
from localazure.workflows.history import Filter, History
from localazure.workflows.runtime import WorkflowRuntime

PROGRAM = Path(__file__).with_name("durable_process.py")


class Process:
    """One life of the program; `lines` are what its connectors were asked, over all lives."""

    def __init__(self, folder: Path, mode: str) -> None:
        self.log = folder / "log"
        self.process = subprocess.Popen([sys.executable, PROGRAM, folder / "db", self.log, mode])

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def kill_after(self, lines: int) -> None:
        """Wait until that many calls were made in all, then kill -9."""
        ends = time.monotonic() + 120
        while len(self.lines()) < lines:
            assert time.monotonic() < ends and self.process.poll() is None, self.lines()
            time.sleep(0.005)
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(120)

    def end(self) -> None:
        assert self.process.wait(120) == 0


def read(folder: Path) -> tuple[History, dict[str, object]]:
    store = Store(folder / "db")
    history, (saved,) = History(store), Catalog(store).all()
    (run,) = history.runs(saved["guid"], Filter())
    return history, run


def test_a_run_killed_in_its_calls_is_taken_up_and_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    Process(tmp_path, "hang").kill_after(1)
    Process(tmp_path, "slow:4").kill_after(5)
    Process(tmp_path, "slow:3").kill_after(8)
    last = Process(tmp_path, "go")
    last.end()
    history, run = read(tmp_path)
    assert run["status"] == "Succeeded"
    paths = [line.split()[0] for line in last.lines()]
    # Each life repeats the one call that the death before it left without an answer: at least once, as on Azure.
    expected = [0, 0, 1, 2, 3, 3, 4, 5, 5, 6, 7]
    assert paths == [f"/inner/{number}" for number in expected] + ["/after"]
    assert last.lines()[-1].endswith("[0, 2, 4, 6, 8, 10, 12, 14]")
    records = history.records(str(run["name"]))
    assert all(record["status"] == "Succeeded" and "endTime" in record for _, _, record in records)
    assert len(records) == len({(name, at) for name, at, _ in records}) == 5 + 8 * 3


def test_a_wait_that_the_process_does_not_live_through_ends_at_its_time(tmp_path: Path) -> None:
    first = Process(tmp_path, "go")
    ends = time.monotonic() + 120
    while "/inner/7" not in [line.split()[0] for line in first.lines()]:
        assert time.monotonic() < ends
        time.sleep(0.005)
    time.sleep(0.05)
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(120)
    Process(tmp_path, "go").end()
    history, run = read(tmp_path)
    assert run["status"] == "Succeeded"
    (wait,) = [record for name, _, record in history.records(str(run["name"])) if name == "Wait"]
    assert wait["endTime"] > wait["startTime"]


@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_at_any_moment_it_still_ends(tmp_path: Path, seed: int) -> None:
    for life in range(6):
        process = Process(tmp_path, "go")
        time.sleep(0.25 + ((seed * 7 + life * 13) % 10) / 20)
        if process.process.poll() is None:
            os.kill(process.process.pid, signal.SIGKILL)
        process.process.wait(120)
    Process(tmp_path, "go").end()
    history, run = read(tmp_path)
    assert run["status"] == "Succeeded"
    assert {record["status"] for _, _, record in history.records(str(run["name"]))} == {"Succeeded"}


def test_a_stopped_runtime_is_taken_up_by_another_on_the_same_store(world: World) -> None:
    """Not killed but stopped, in the middle of its retries."""
    world.connectors.answers = lambda *_: ConnectorResponse(503)
    world.put(workflow({"Call": call(retryPolicy={"type": "fixed", "interval": "PT1H", "count": 3})}))
    name = world.fire()
    world.advance(minutes=90)
    assert len(world.connectors.calls) == 2
    world.go(world.runtime.stop())
    connectors = Connectors(world.clock)
    runtime = WorkflowRuntime(world.store, connectors, world.clock, seed=1)
    world.go(runtime.start())
    data = world.go(world.clock.drive(runtime.wait(name)))
    assert data["status"] == "Succeeded" and world.clock.now().hour == 2
    record = runtime.actions(WORKFLOW, name)["Call"]
    assert len(record["requests"]) == 3 and len(record["retryHistory"]) == 2
    world.go(runtime.stop())


def test_missed_occurrences_are_not_made_up_for_after_a_restart(world: World) -> None:
    recurrence = {"T": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 1}}}
    world.put(workflow({}, recurrence))
    world.advance(minutes=30)
    world.go(world.runtime.stop())
    world.advance(hours=3)
    world.go(world.runtime.start())
    world.advance(minutes=31)
    assert [data["startTime"][11:16] for data in world.runtime.runs(WORKFLOW)] == ["04:00", "00:00"]


def test_a_run_that_waits_for_its_turn_gets_it_after_a_restart(world: World) -> None:
    wait = {"type": "Wait", "inputs": {"interval": {"count": 90, "unit": "Minute"}}}
    single = {"recurrence": {"frequency": "Hour", "interval": 1}, "operationOptions": "SingleInstance"}
    world.put(workflow({"W": wait}, {"T": {"type": "Recurrence", **single}}))
    world.advance(hours=1, minutes=1)
    world.go(world.runtime.stop())
    world.runtime.disable(WORKFLOW)
    world.go(world.runtime.start())
    world.advance(hours=3)
    assert [data["status"] for data in world.runtime.runs(WORKFLOW)] == ["Succeeded", "Succeeded"]


def test_history_is_kept_for_ninety_days(world: World) -> None:
    daily = {"T": {"type": "Recurrence", "recurrence": {"frequency": "Day", "interval": 1}}}
    world.put(workflow({"C": compose(1)}, daily))
    world.advance(days=100)
    kept = world.runtime.runs(WORKFLOW)
    assert len(kept) == len(world.runtime.trigger_histories(WORKFLOW, "T")) == 91
    records = world.store.row("SELECT count(*) AS number FROM workflow_records")
    assert records is not None and records["number"] == 91


def test_what_was_kept_for_too_long_goes_at_the_next_start(world: World) -> None:
    world.put(workflow({}, {"T": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 1}}}))
    world.advance(minutes=1)
    world.go(world.runtime.stop())
    world.advance(days=91)
    assert len(world.runtime.runs(WORKFLOW)) == 1
    world.runtime.disable(WORKFLOW)
    world.go(world.runtime.start())
    assert world.runtime.runs(WORKFLOW) == []


class FullDisk:
    """Lets no transaction of a store through while it is full."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        transaction = world.store.transaction

        def guarded() -> AbstractContextManager[None]:
            if self.full:
                raise sqlite3.OperationalError("database or disk is full")
            return transaction()

        monkeypatch.setattr(world.store, "transaction", guarded)


def test_a_full_disk_delays_a_run_but_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FullDisk(world, monkeypatch)
    policy = {"type": "fixed", "interval": "PT1H", "count": 1}
    world.connectors.answers = [ConnectorResponse(503), ConnectorResponse(200, {}, 1)]
    world.put(workflow({"Call": call(retryPolicy=policy), "After": compose("@body('Call')", Call="Succeeded")}))
    name = world.fire()
    world.advance(minutes=1)
    disk.full = True
    world.advance(hours=2)
    assert len(world.connectors.calls) == 1, "no effect before the step that asks for it is on disk"
    disk.full = False
    data = world.go(world.clock.drive(world.runtime.wait(name)))
    assert data["status"] == "Succeeded" and world.finished(data).out("After") == 1
    assert world.metrics.totals["ActionsSucceeded"] == 2


def test_a_full_disk_delays_an_occurrence_but_does_not_end_the_recurrence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(world, monkeypatch)
    world.put(workflow({}, {"T": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 1}}}))
    world.advance(minutes=30)
    disk.full = True
    world.advance(hours=1)
    disk.full = False
    world.advance(hours=1)
    assert [data["startTime"][11:16] for data in world.runtime.runs(WORKFLOW)] == ["02:00", "01:30", "00:00"]
