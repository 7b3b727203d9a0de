"""The alarm clock of recurring triggers: one task for each, its next occurrence kept on disk.

Recurrence: occurrences that were missed, because the workflow was disabled or the process not there, are dropped; the
trigger goes on at its next scheduled interval. SlidingWindow: missed ones are made up for, one after the other.
Source: Azure pages "Schedules for recurring triggers" and "Sliding Window trigger".
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from localazure.clock import Clock
from localazure.store import Store
from localazure.workflows.catalog import Catalog, Workflow
from localazure.workflows.deployment import SCHEDULED, evaluated_recurrence, recurrence_of, window_delay
from localazure.workflows.errors import WorkflowError
from localazure.workflows.firing import Firing, Occasion
from localazure.workflows.outcome import ABSENT
from localazure.workflows.program import Program
from localazure.workflows.recurrence import Recurrence
from localazure.workflows.stamps import stamp, unstamp
from wdl.definition import Trigger

_LOG = logging.getLogger(__name__)

_STORE_AGAIN = timedelta(seconds=30)


class Schedule:
    """Fires recurring triggers of enabled workflows while it is started."""

    def __init__(self, store: Store, catalog: Catalog, clock: Clock, firing: Firing) -> None:
        self._store, self._catalog, self._clock, self._firing = store, catalog, clock, firing
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._started = False

    def start(self) -> None:
        self._started = True

    async def stop(self) -> None:
        self._started = False
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def save(self, workflow: Workflow, program: Program) -> None:
        """A workflow was deployed: its recurrences begin anew. Unchanged sliding windows go on where they are."""
        self.disarm(workflow["guid"])
        for trigger in _recurring(program):
            kept = self._catalog.trigger(workflow["guid"], trigger.name)
            if trigger.type == "SlidingWindow" and kept.get("recurrence") == evaluated_recurrence(trigger):
                continue
            self._begin(workflow, trigger)
        self.arm(workflow, program, missed=True)

    def reset(self, workflow: Workflow, program: Program, trigger: Trigger) -> None:
        """Forget what a trigger remembers: it begins as if it were deployed now."""
        self.disarm(workflow["guid"])
        if trigger.type in SCHEDULED:
            self._begin(workflow, trigger)
        self.arm(workflow, program, missed=True)

    def arm(self, workflow: Workflow, program: Program, missed: bool = False) -> None:
        """Begin to wait for the next occurrences; one in the past counts only if `missed` ones do."""
        if workflow["state"] == "Enabled" and self._started:
            for trigger in _recurring(program):
                self._arm(workflow, program, trigger, missed)

    def disarm(self, guid: str) -> None:
        """Stop waiting: the workflow was disabled or deleted."""
        for key in [key for key in self._tasks if key[0] == guid]:
            self._tasks.pop(key).cancel()

    def _begin(self, workflow: Workflow, trigger: Trigger) -> None:
        now = self._clock.now()
        first = _first(recurrence_of(trigger), trigger, now)
        kept = {"anchor": stamp(first), "recurrence": evaluated_recurrence(trigger)}
        self._keep(workflow, trigger, kept, first)

    def _arm(self, workflow: Workflow, program: Program, trigger: Trigger, missed: bool) -> None:
        recurrence = recurrence_of(trigger)
        kept = self._catalog.trigger(workflow["guid"], trigger.name)
        if not kept:
            self._begin(workflow, trigger)
            kept = self._catalog.trigger(workflow["guid"], trigger.name)
        due = unstamp(kept["next"])
        if due < self._clock.now() and not missed and trigger.type == "Recurrence":
            due = recurrence.after(self._clock.now(), unstamp(kept["anchor"]))
            self._keep(workflow, trigger, kept, due)
        work = self._wait(workflow, program, trigger, recurrence, due)
        self._tasks[workflow["guid"], trigger.name] = asyncio.create_task(work)

    async def _wait(
        self, workflow: Workflow, program: Program, trigger: Trigger, recurrence: Recurrence, due: datetime
    ) -> None:
        kept = self._catalog.trigger(workflow["guid"], trigger.name)
        delay = window_delay(trigger, program) if trigger.type == "SlidingWindow" else timedelta()
        while recurrence.end is None or due <= recurrence.end:
            await self._clock.sleep_until(due + delay)
            passed = due if trigger.type == "SlidingWindow" else max(due, self._clock.now())
            coming = recurrence.after(passed, unstamp(kept["anchor"]))
            occasion = _occasion(trigger, recurrence, due)
            try:
                remember = partial(self._keep, workflow, trigger, kept, coming)
                self._fire_one(workflow, program, trigger, occasion, remember)
            except sqlite3.Error as error:
                # A full disk, for one: the occurrence is not lost, it is tried again.
                _LOG.error(
                    "trigger %s of %s could not be stored: %s", trigger.name, workflow["id"], type(error).__name__
                )
                await self._clock.sleep_until(self._clock.now() + _STORE_AGAIN)
                continue
            due = coming
            await asyncio.sleep(0)

    def _fire_one(
        self, workflow: Workflow, program: Program, trigger: Trigger, occasion: Occasion, remember: Callable[[], None]
    ) -> None:
        """History, runs and the next occurrence are written together: none is fired twice or lost by a crash."""
        with self._store.transaction():
            remember()
            written = self._firing.write(workflow, program, trigger, occasion)
        if isinstance(written, WorkflowError):
            _LOG.info("trigger %s of %s did not fire: %s", trigger.name, workflow["id"], written.code)
        else:
            self._firing.launch(written, program)

    def _keep(self, workflow: Workflow, trigger: Trigger, kept: dict[str, Any], due: datetime) -> None:
        self._catalog.put_trigger(workflow["guid"], trigger.name, {**kept, "next": stamp(due)})


def _recurring(program: Program) -> list[Trigger]:
    return [trigger for trigger in program.definition.triggers.values() if trigger.type in SCHEDULED]


def _first(recurrence: Recurrence, trigger: Trigger, now: datetime) -> datetime:
    """A sliding window whose start lies in the past makes up for all since then."""
    if trigger.type == "SlidingWindow" and recurrence.start is not None:
        return recurrence.start
    return recurrence.first(now)


def _occasion(trigger: Trigger, recurrence: Recurrence, due: datetime) -> Occasion:
    if trigger.type == "Recurrence":
        return Occasion(outputs=ABSENT, scheduled=due)
    window = {"windowStartTime": stamp(recurrence.before(due)), "windowEndTime": stamp(due)}
    return Occasion(outputs=window, scheduled=due)
