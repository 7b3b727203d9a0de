"""The driver: carries out what the engine asks for, reports back, and stores every step before its effects begin.

A call that was given out when the process died is given out again after the restart: at least once, as on Azure.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from localazure.clock import Clock, hold
from localazure.store import Store
from localazure.workflows.carriers import failure
from localazure.workflows.engine import Event, step
from localazure.workflows.history import History
from localazure.workflows.outcome import FAILED, FINAL
from localazure.workflows.program import Program
from localazure.workflows.stamps import stamp, unstamp
from localazure.workflows.state import Instruction, Record, RunData

_STORE_AGAIN = timedelta(seconds=5)
_LOG = logging.getLogger(__name__)

Carrier = Callable[[RunData, Instruction], Awaitable[dict[str, Any]]]


class Counter(Protocol):
    """Where metrics go."""

    def record(self, resource_id: str, name: str, at: datetime, value: float = 1) -> None:
        """Count one event of a resource."""
        ...


@dataclass
class Live:
    """A run that goes on: data, program, the tasks that work on its instructions, and what is not stored yet."""

    data: RunData
    program: Program
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    changed: dict[tuple[str, str, str], Record] = field(default_factory=dict)
    counted: list[tuple[str, float]] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)


class Driver:
    """Runs many runs at once on one event loop. `carriers`: kind of instruction → what carries it out."""

    def __init__(
        self,
        store: Store,
        history: History,
        clock: Clock,
        metrics: Counter | None,
        callback_url: Callable[[RunData, str, str], str],
    ) -> None:
        self.carriers: dict[str, Carrier] = {}
        self.on_change: list[Callable[[RunData], None]] = []
        self._store, self._history, self._clock, self._metrics = store, history, clock, metrics
        self._callback_url = callback_url
        self._live: dict[str, Live] = {}
        self._background: set[asyncio.Task[None]] = set()

    def launch(self, data: RunData, program: Program) -> None:
        """Start a run."""
        self._live[data["name"]] = Live(data, program)
        self.deliver(data["name"], {"type": "start"})

    def resume(self, data: RunData, program: Program) -> None:
        """Take up a stored run: give out again what was pending, go on with what was ready."""
        live = self._live[data["name"]] = Live(data, program)
        for identifier, instruction in list(data["pending"].items()):
            self._give_out(live, {**instruction, "id": identifier})
        if data["ready"] or data["steps"] == 0:
            self._soon(data["name"], {"type": "continue" if data["steps"] else "start"})

    def adopt(self, data: RunData, program: Program) -> None:
        """Take a run that has not started into hand, so that an event can reach it."""
        self._live[data["name"]] = Live(data, program)

    def is_live(self, run: str) -> bool:
        return run in self._live

    def data(self, run: str) -> RunData | None:
        """The data of a run that goes on."""
        live = self._live.get(run)
        return live.data if live else None

    def deliver(self, run: str, event: Event) -> None:
        """Let the engine take one event in, store what changed, carry out what it asks for."""
        live = self._live.get(run)
        if live is None:
            return
        try:
            self._step(live, event)
        except Exception as error:
            self._break_off(live, error)
        if live.data["status"] in FINAL:
            self._retire(live)
        for listener in self.on_change:
            listener(live.data)

    async def stop(self) -> None:
        """Leave everything as it is stored: the next start takes it up."""
        tasks = [*self._background, *(task for live in self._live.values() for task in live.tasks.values())]
        self._live.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _step(self, live: Live, event: Event) -> None:
        data, now = live.data, self._clock.now()
        taken = step(data, live.program, event, now, lambda action, at: self._callback_url(data, action, at))
        live.changed.update(taken.changed)
        live.counted += taken.counted
        live.instructions += taken.instructions
        self._store_and_give_out(live, now)
        if taken.more:
            self._soon(data["name"], {"type": "continue"})

    def _store_and_give_out(self, live: Live, now: datetime) -> None:
        """First to disk, then the effects. What cannot be stored (a full disk, for one) is tried again later."""
        try:
            with self._store.transaction():
                self._history.save(live.data, live.changed)
                self._count(live.data, live.counted, now)
        except sqlite3.Error as error:
            _LOG.error("run %s could not be stored: %s", live.data["name"], type(error).__name__)
            self._background_task(self._store_later(live))
            return
        instructions = live.instructions
        live.changed, live.counted, live.instructions = {}, [], []
        for instruction in instructions:
            self._give_out(live, instruction)

    async def _store_later(self, live: Live) -> None:
        await self._clock.sleep_until(self._clock.now() + _STORE_AGAIN)
        self._store_and_give_out(live, self._clock.now())

    def _count(self, data: RunData, counted: list[tuple[str, float]], now: datetime) -> None:
        if self._metrics is not None:
            for name, value in counted:
                self._metrics.record(data["id"], name, now, value)

    def _give_out(self, live: Live, instruction: Instruction) -> None:
        if instruction.get("detached"):
            self._background_task(self._carry_out_unheard(live.data, instruction))
            return
        identifier = instruction["id"]
        if instruction["kind"] == "withdraw":
            if (task := live.tasks.pop(identifier, None)) is not None:
                task.cancel()
            return
        work = self._sleep if instruction["kind"] == "timer" else self._carry_out
        live.tasks[identifier] = asyncio.create_task(work(live, instruction))

    async def _sleep(self, live: Live, instruction: Instruction) -> None:
        await self._clock.sleep_until(unstamp(instruction["due"]))
        self._answer(live, instruction, None)

    async def _carry_out(self, live: Live, instruction: Instruction) -> None:
        # What waits for time to pass elsewhere must not hold the clock.
        with nullcontext() if instruction.get("waits") else hold(self._clock):
            self._answer(live, instruction, await self._result(live.data, instruction))

    async def _result(self, data: RunData, instruction: Instruction) -> dict[str, Any]:
        try:
            return await self.carriers[instruction["kind"]](data, instruction)
        except Exception as error:
            name = type(error).__name__
            _LOG.error("a call of action %s broke off: %s", instruction["action"], name, exc_info=_frames(error))
            return failure("InternalServerError", f"The call could not be carried out ({name}).", retry=False)

    async def _carry_out_unheard(self, data: RunData, instruction: Instruction) -> None:
        with hold(self._clock):
            await self._result(data, instruction)

    def _answer(self, live: Live, instruction: Instruction, result: Mapping[str, Any] | None) -> None:
        live.tasks.pop(instruction["id"], None)
        self.deliver(live.data["name"], {"type": "answer", "id": instruction["id"], "result": result})

    def _soon(self, run: str, event: Event) -> None:
        self._background_task(self._deliver_soon(run, event))

    def _background_task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _deliver_soon(self, run: str, event: Event) -> None:
        with hold(self._clock):
            await asyncio.sleep(0)
            self.deliver(run, event)

    def _break_off(self, live: Live, error: Exception) -> None:
        """The engine itself failed: the run ends with an honest status. No message in the log: it may hold data."""
        data = live.data
        _LOG.error(
            "run %s of %s broke off: %s", data["name"], data["id"], type(error).__name__, exc_info=_frames(error)
        )
        message = "The local cloud failed on this run: `localazure logs` shows where. Please report it."
        data.update(status=FAILED, code="InternalServerError", endTime=stamp(self._clock.now()), ready=[], pending={})
        data["error"] = {"code": "InternalServerError", "message": message}
        with self._store.transaction():
            self._history.save(data, _aborted(data))
            self._count(data, [("RunsCompleted", 1), ("RunsFailed", 1)], self._clock.now())

    def _retire(self, live: Live) -> None:
        self._live.pop(live.data["name"], None)
        current = asyncio.current_task()
        for task in live.tasks.values():
            if task is not current:
                task.cancel()


def _aborted(data: RunData) -> dict[tuple[str, str, str], Record]:
    """Every record that had not ended, ended."""
    changed = {}
    for kind, place in (("action", "actions"), ("iteration", "iterations")):
        for name, repetitions in data[place].items():
            for repetition, record in repetitions.items():
                if record["status"] not in FINAL:
                    record.update(status="Aborted", code="InternalServerError", endTime=data["endTime"])
                    changed[kind, name, repetition] = record
    return changed


def _frames(error: Exception) -> Any:
    """The place of an error without its text."""
    return (RuntimeError, RuntimeError(type(error).__name__), error.__traceback__)
