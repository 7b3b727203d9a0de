"""A trigger fires: conditions, splitOn, concurrency; its history and the runs it starts.

Source: Azure page "Schema reference for trigger and action types" (trigger conditions, splitOn, concurrency).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localazure.clock import Clock
from localazure.store import Store
from localazure.workflows.catalog import Workflow
from localazure.workflows.driver import Counter, Driver
from localazure.workflows.errors import WorkflowError
from localazure.workflows.history import History
from localazure.workflows.outcome import ABSENT, RUNNING, WAITING
from localazure.workflows.program import Program
from localazure.workflows.stamps import guid, run_name, stamp
from localazure.workflows.state import RunData, new_run
from wdl.conditions import compile_condition
from wdl.context import Context
from wdl.definition import Trigger
from wdl.errors import ExpressionError
from wdl.template import compile_template
from wdl.values import type_name

_DEFAULT_RUNS = 25
_MOST_WAITING = 100
_MOST_SPLIT, _MOST_SPLIT_LIMITED = 100_000, 100


@dataclass(frozen=True)
class Occasion:
    """Why a trigger fires: what it brings, when it was due, and what the run has to know beside."""

    outputs: Any = ABSENT
    inputs: Any = ABSENT
    scheduled: datetime | None = None
    tracking: str | None = None
    name: str | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)


class Firing:
    """Turns occasions into trigger histories and runs."""

    def __init__(
        self,
        store: Store,
        history: History,
        driver: Driver,
        clock: Clock,
        metrics: Counter | None,
        chance: random.Random,
        program_of: Callable[[str, str], Program],
    ) -> None:
        self._store, self._history, self._driver, self._clock = store, history, driver, clock
        self._metrics, self._chance, self._program_of = metrics, chance, program_of
        self._last_name = ""
        driver.on_change.append(self._start_waiting)

    def fire(
        self, workflow: Workflow, program: Program, trigger: Trigger, occasion: Occasion, split: bool = True
    ) -> list[RunData]:
        """Write the trigger's history and start what it starts; [] if its conditions do not hold.

        WorkflowError 429 if the queue of waiting runs is full.
        """
        with self._store.transaction():
            written = self.write(workflow, program, trigger, occasion, split)
        if isinstance(written, WorkflowError):
            raise written
        self.launch(written, program)
        return written

    def launch(self, runs: list[RunData], program: Program) -> None:
        """Start written runs, once they are safely on disk; those that wait for their turn do not start."""
        for data in runs:
            if data["status"] == RUNNING:
                self._driver.launch(data, program)

    def write(
        self, workflow: Workflow, program: Program, trigger: Trigger, occasion: Occasion, split: bool = True
    ) -> list[RunData] | WorkflowError:
        """Write the trigger's history and the runs that it starts; the refusal if no more may wait.

        `split` False: a resubmitted occasion, whose conditions held and whose array was split before. It does not
        wait for its turn.
        """
        entry = self._entry(trigger, occasion)
        self._count(workflow, "TriggersStarted", "BillableTriggerExecutions", "TotalBillableExecutions")
        try:
            items = self._items(program, trigger, entry) if split else [entry]
        except ExpressionError as error:
            self._fail(workflow, trigger, entry, "BadRequest", {"code": "InvalidTemplate", "message": error.message})
            return []
        if items is None:
            self._skip(workflow, trigger, entry)
            return []
        if split and self._is_full(workflow, trigger, len(items)):
            self._skip(workflow, trigger, entry)
            return too_many_waiting(workflow, trigger)
        limit = run_limit(trigger) if split else None
        runs = [self._run(workflow, trigger, item, occasion, limit) for item in items]
        self._count(workflow, "TriggersCompleted", "TriggersSucceeded", "TriggersFired")
        self._count(workflow, "TriggerLatency", "TriggerSuccessLatency", "TriggerFireLatency", value=0)
        return runs

    def _entry(self, trigger: Trigger, occasion: Occasion) -> dict[str, Any]:
        """The trigger's record as `trigger()` shows it and the history keeps it."""
        now = self._clock.now()
        name = occasion.name or self._next_name(now)
        entry = {"name": trigger.name, "historyName": name}
        entry |= {key: value for key in ("inputs", "outputs") if (value := getattr(occasion, key)) is not ABSENT}
        entry |= {"startTime": stamp(now), "endTime": stamp(now)}
        if occasion.scheduled is not None:
            entry["scheduledTime"] = stamp(occasion.scheduled)
        return entry | {
            "trackingId": guid(self._chance),
            "clientTrackingId": occasion.tracking or name,
            "originHistoryName": name,
            "code": "OK",
            "status": "Succeeded",
        }

    def _next_name(self, now: datetime) -> str:
        self._last_name = run_name(now, self._chance, self._last_name)
        return self._last_name

    def _items(self, program: Program, trigger: Trigger, entry: dict[str, Any]) -> list[dict[str, Any]] | None:
        """The trigger records of the runs to start: one, or one for each item of splitOn; None if a condition fails."""
        context = Context(trigger=entry, parameters=program.parameters, utc_now=self._clock.now)
        if not trigger.split_on:
            return [entry] if self._hold(trigger, context) else None
        array = compile_template(trigger.split_on).evaluate(context)
        if not isinstance(array, list):
            raise _not_an_array(trigger, array)
        _check_number(trigger, len(array))
        split = [self._split(entry, item) for item in array]
        return [one for one in split if self._hold(trigger, _with_trigger(context, one))] or None

    def _split(self, entry: dict[str, Any], item: Any) -> dict[str, Any]:
        outputs = entry.get("outputs")
        outputs = {**outputs, "body": item} if isinstance(outputs, Mapping) else {"body": item}
        name = self._next_name(self._clock.now())
        return {**entry, "outputs": outputs, "historyName": name, "originHistoryName": name, "clientTrackingId": name}

    def _hold(self, trigger: Trigger, context: Context) -> bool:
        return all(compile_condition(text).evaluate(context) for text in trigger.conditions)

    def _is_full(self, workflow: Workflow, trigger: Trigger, number: int) -> bool:
        """Whether more runs would wait than may. Recurring triggers skip the occurrence then, callers get 429."""
        limit = run_limit(trigger)
        if limit is None:
            return False
        running, waiting = self._history.going_on(workflow["guid"])
        return waiting + max(0, running + number - limit) > waiting_limit(trigger, limit)

    def _run(
        self, workflow: Workflow, trigger: Trigger, entry: dict[str, Any], occasion: Occasion, limit: int | None
    ) -> RunData:
        name = entry["historyName"]
        record = {key: value for key, value in entry.items() if key != "historyName"}
        shown = {**about(workflow), "run": _about_run(workflow, name)}
        own = {"id": workflow["id"], "guid": workflow["guid"], "version": workflow["version"], "about": shown}
        data = new_run(name, own, record, self._clock.now(), trackingId=guid(self._chance), **occasion.extras)
        data["clientTrackingId"] = record["clientTrackingId"]
        if limit is not None and self._history.going_on(workflow["guid"])[0] >= limit:
            data["status"] = WAITING
        self._history.save(data, {})
        self._history.add_trigger(workflow["guid"], trigger.name, name, {**record, "fired": True, "run": name})
        return data

    def _skip(self, workflow: Workflow, trigger: Trigger, entry: dict[str, Any]) -> None:
        self._write(workflow, trigger, {**entry, "status": "Skipped", "fired": False})
        self._count(workflow, "TriggersCompleted", "TriggersSkipped")

    def fail(self, workflow: Workflow, trigger: Trigger, code: str, message: str) -> None:
        """A trigger failed before it could fire: its subscription was refused, say."""
        with self._store.transaction():
            self._count(workflow, "TriggersStarted")
            self._fail(workflow, trigger, self._entry(trigger, Occasion()), code, {"code": code, "message": message})

    def _fail(
        self, workflow: Workflow, trigger: Trigger, entry: dict[str, Any], code: str, error: dict[str, str]
    ) -> None:
        self._write(workflow, trigger, {**entry, "status": "Failed", "code": code, "error": error, "fired": False})
        self._count(workflow, "TriggersCompleted", "TriggersFailed")

    def _write(self, workflow: Workflow, trigger: Trigger, entry: dict[str, Any]) -> None:
        name = entry.pop("historyName")
        self._history.add_trigger(workflow["guid"], trigger.name, name, entry)

    def _count(self, workflow: Workflow, *names: str, value: float = 1) -> None:
        if self._metrics is not None:
            for name in names:
                self._metrics.record(workflow["id"], name, self._clock.now(), value)

    def _start_waiting(self, ended: RunData) -> None:
        """A run has changed: where concurrency is limited, a waiting one may start."""
        if ended["status"] in (RUNNING, WAITING):
            return
        self.release(ended["guid"], ended["version"], ended["trigger"]["name"])

    def release(self, guid: str, version: str, trigger_name: str) -> None:
        """Start the waiting runs of a workflow whose turn has come."""
        trigger = self._program_of(guid, version).trigger(trigger_name)
        limit = run_limit(trigger) if trigger else None
        if limit is None:
            return
        for data in self._history.waiting(guid, limit):
            data.update(status=RUNNING, waitEndTime=stamp(self._clock.now()), actions={}, iterations={}, items={})
            self._driver.launch(data, self._program_of(data["guid"], data["version"]))


def run_limit(trigger: Trigger) -> int | None:
    """How many runs may go on at once, or None where concurrency is not limited."""
    if "SingleInstance" in trigger.operation_options:
        return 1
    if "concurrency" not in trigger.runtime_configuration:
        return None
    runs = trigger.concurrency.get("runs", _DEFAULT_RUNS)
    return int(runs) if isinstance(runs, int) else _DEFAULT_RUNS


def waiting_limit(trigger: Trigger, limit: int) -> int:
    """How many runs may wait: as configured, else 10 and the concurrency, at most 100."""
    configured = trigger.concurrency.get("maximumWaitingRuns")
    return configured if isinstance(configured, int) else min(10 + limit, _MOST_WAITING)


def too_many_waiting(workflow: Workflow, trigger: Trigger) -> WorkflowError:
    message = (
        f"The number of waiting runs of workflow '{_name(workflow)}' trigger '{trigger.name}' has reached its limit. "
        "Try again later, or raise 'maximumWaitingRuns' of its concurrency."
    )
    return WorkflowError(429, "TooManyWaitingRuns", message)


def _check_number(trigger: Trigger, number: int) -> None:
    most = _MOST_SPLIT if run_limit(trigger) is None else _MOST_SPLIT_LIMITED
    if number > most:
        raise ExpressionError(
            f"The template language expression evaluation failed: 'The execution of template trigger '{trigger.name}' "
            f"failed: the result of the evaluation of 'splitOn' expression '{trigger.split_on}' has '{number}' items, "
            f"which exceeds the maximum limit of '{most}'.'"
        )


def _not_an_array(trigger: Trigger, value: Any) -> ExpressionError:
    return ExpressionError(
        f"The template language expression evaluation failed: 'The execution of template trigger '{trigger.name}' "
        f"failed: the result of the evaluation of 'splitOn' expression '{trigger.split_on}' is of type "
        f"'{type_name(value)}'. The result must be a valid array.'"
    )


def _with_trigger(context: Context, entry: dict[str, Any]) -> Context:
    return Context(trigger=entry, parameters=context.parameters, utc_now=context.utc_now)


def about(workflow: Workflow) -> dict[str, Any]:
    """What `workflow()` returns, outside of a run."""
    shown = {"id": workflow["id"], "name": _name(workflow), "type": "Microsoft.Logic/workflows"}
    shown["location"] = workflow.get("location", "")
    return {**shown, "tags": workflow["tags"]} if workflow.get("tags") else shown


def _about_run(workflow: Workflow, name: str) -> dict[str, Any]:
    return {"id": f"{workflow['id']}/runs/{name}", "name": name, "type": "Microsoft.Logic/workflows/runs"}


def _name(workflow: Workflow) -> str:
    return str(workflow["id"]).rsplit("/", 1)[-1]
