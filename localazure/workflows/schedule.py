"""The alarm clock of recurring triggers: one task for each, its next occurrence kept on disk.

Occurrences that were missed, because the workflow was disabled or the process not there, are dropped: the trigger goes
on at its next scheduled interval. Source: Azure page "Schedules for recurring triggers".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from localazure.clock import Clock
from localazure.store import Store
from localazure.workflows.catalog import Catalog, Workflow
from localazure.workflows.deployment import recurrence_of
from localazure.workflows.errors import WorkflowError
from localazure.workflows.program import Program
from localazure.workflows.recurrence import Recurrence
from localazure.workflows.stamps import stamp, unstamp
from wdl.definition import Trigger

_LOG = logging.getLogger(__name__)

Fire = Callable[[Workflow, Program, Trigger, datetime], None]


class Schedule:
    """Fires Recurrence triggers of enabled workflows while it is started."""

    def __init__(self, store: Store, catalog: Catalog, clock: Clock, fire: Fire) -> None:
        self._store, self._catalog, self._clock, self._fire = store, catalog, clock, fire
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
        """A workflow was deployed: its recurrences begin anew."""
        self.disarm(workflow["guid"])
        now = self._clock.now()
        for trigger in _recurring(program):
            first = recurrence_of(program, trigger).first(now)
            self._catalog.put_trigger(workflow["guid"], trigger.name, {"anchor": stamp(first), "next": stamp(first)})
        self.arm(workflow, program, missed=True)

    def arm(self, workflow: Workflow, program: Program, missed: bool = False) -> None:
        """Begin to wait for the next occurrences; one in the past counts only if `missed` ones do."""
        if workflow["state"] != "Enabled":
            return
        for trigger in _recurring(program):
            self._arm(workflow, program, trigger, missed)

    def disarm(self, guid: str) -> None:
        """Stop waiting: the workflow was disabled or deleted."""
        for key in [key for key in self._tasks if key[0] == guid]:
            self._tasks.pop(key).cancel()

    def _arm(self, workflow: Workflow, program: Program, trigger: Trigger, missed: bool) -> None:
        recurrence = recurrence_of(program, trigger)
        kept = self._catalog.trigger(workflow["guid"], trigger.name)
        due, now = unstamp(kept["next"]), self._clock.now()
        if due < now and not missed:
            due = recurrence.after(now, unstamp(kept["anchor"]))
            self._keep(workflow, trigger, kept["anchor"], due)
        if self._started:
            work = self._wait(workflow, program, trigger, recurrence, due)
            self._tasks[workflow["guid"], trigger.name] = asyncio.create_task(work)

    async def _wait(
        self, workflow: Workflow, program: Program, trigger: Trigger, recurrence: Recurrence, due: datetime
    ) -> None:
        anchor = self._catalog.trigger(workflow["guid"], trigger.name)["anchor"]
        while True:
            await self._clock.sleep_until(due)
            coming = recurrence.after(max(due, self._clock.now()), unstamp(anchor))
            with self._store.transaction():
                self._keep(workflow, trigger, anchor, coming)
                self._fire_one(workflow, program, trigger, due)
            due = coming

    def _fire_one(self, workflow: Workflow, program: Program, trigger: Trigger, due: datetime) -> None:
        try:
            self._fire(workflow, program, trigger, due)
        except WorkflowError as error:
            _LOG.info("trigger %s of %s did not fire: %s", trigger.name, workflow["id"], error.code)

    def _keep(self, workflow: Workflow, trigger: Trigger, anchor: str, due: datetime) -> None:
        self._catalog.put_trigger(workflow["guid"], trigger.name, {"anchor": anchor, "next": stamp(due)})


def _recurring(program: Program) -> list[Trigger]:
    return [trigger for trigger in program.definition.triggers.values() if trigger.type == "Recurrence"]
