"""A run's plain data, and one step's view on it.

The data is one JSON-serialisable dict (values of the language inside):

- `workflow` id, `guid`, `version`, `name`, `about` (what `workflow()` returns), `status`, `code`?, `error`?,
  `startTime`, `waitEndTime`, `endTime`?, `clientTrackingId`, `trackingId`
- `trigger`: the trigger's record; `parameters` are not here but with the version of the definition
- `variables`: name → `{"type", "value"}`
- `actions`: name → repetition → record. A repetition is `""` outside loops, else the loops' indexes, outermost first:
  `000002-000000`. A record has `status`, `code`, `startTime`, `endTime`, `tracking`, `error`?, `inputs`?, `outputs`?,
  `requests`? and, while it goes on, `state` (its handler's notes) and `left` (a block's children that have not ended)
- `iterations`: loop name → repetition → record of one iteration; `items`: what each Foreach goes through
- `pending`: instruction id → instruction that was given out and not answered yet
- `ready`: what the engine does next; empty when the run waits for an answer or a time
- `response`: what a Response action answered; `awaited`: whether anybody waits for it
- `steps`: how many steps were taken. Together with the name it seeds everything drawn by chance, so that a step
  depends on nothing but the data, the definition and the event.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from localazure.workflows.outcome import FINAL, RUNNING, SUCCEEDED, Outcome
from localazure.workflows.program import Node, Program
from localazure.workflows.stamps import guid, stamp

RunData = dict[str, Any]
Record = dict[str, Any]
Instruction = dict[str, Any]


class RunState:
    """One step's working view: reads and changes the data, collects what to store, to count and to carry out."""

    def __init__(
        self, data: RunData, program: Program, now: datetime, callback_url: Callable[[str, str], str] | None = None
    ) -> None:
        self.data = data
        self.program = program
        self.now = now
        self.callback_url = callback_url or _no_callback
        self.changed: dict[tuple[str, str, str], Record] = {}
        self.instructions: list[Instruction] = []
        self.counted: list[tuple[str, float]] = []
        self.termination: Outcome | None = None

    @cached_property
    def chance(self) -> random.Random:
        return random.Random(f"{self.data['name']}/{self.data['steps']}")  # noqa: S311 - repeatable, not a secret

    @cached_property
    def stamp(self) -> str:
        return stamp(self.now)

    @property
    def finished(self) -> bool:
        return self.data["status"] in FINAL

    def record(self, name: str, repetition: str) -> Record | None:
        found: Record | None = self.data["actions"].get(name, {}).get(repetition)
        return found

    def touch(self, name: str, repetition: str) -> Record:
        """The record, marked as changed."""
        record: Record = self.data["actions"][name][repetition]
        self.changed["action", name, repetition] = record
        return record

    def open(self, name: str, repetition: str) -> Record:
        """A new record of an action that starts now."""
        record = {"status": RUNNING, "startTime": self.stamp, "tracking": guid(self.chance)}
        self.data["actions"].setdefault(name, {})[repetition] = record
        self.changed["action", name, repetition] = record
        return record

    def iteration(self, loop: str, repetition: str) -> Record:
        """The record of one iteration, marked as changed."""
        record: Record = self.data["iterations"][loop][repetition]
        self.changed["iteration", loop, repetition] = record
        return record

    def open_iteration(self, loop: str, repetition: str) -> Record:
        record = {"status": RUNNING, "startTime": self.stamp, "tracking": guid(self.chance)}
        self.data["iterations"].setdefault(loop, {})[repetition] = record
        self.changed["iteration", loop, repetition] = record
        return record

    def keep_items(self, loop: str, repetition: str, items: list[Any]) -> None:
        """Keep what a Foreach goes through: beside its record, which changes with every iteration."""
        kept = {"status": SUCCEEDED, "items": items}
        self.data["items"].setdefault(loop, {})[repetition] = kept
        self.changed["items", loop, repetition] = kept

    def frame(self, owner: str | None, repetition: str) -> Record:
        """What counts the children of a block (`left`): the run, the block's record, or a loop's iteration."""
        if owner is None:
            return self.data
        if self.program.nodes[owner].type in {"Foreach", "Until"}:
            return self.iteration(owner, repetition)
        return self.touch(owner, repetition)

    def issue(self, instruction: Instruction) -> str:
        """Give an instruction out; it stays pending until its answer comes."""
        self.data["issued"] = number = self.data.get("issued", 0) + 1
        identifier = str(number)
        self.data["pending"][identifier] = instruction
        self.instructions.append({**instruction, "id": identifier})
        return identifier

    def withdraw(self, name: str, repetition: str) -> None:
        """Forget what is pending for an action: its answer will not be heard."""
        pending = self.data["pending"]
        for identifier in [
            key for key, one in pending.items() if (one["action"], one["repetition"]) == (name, repetition)
        ]:
            del pending[identifier]
            self.instructions.append({"kind": "withdraw", "id": identifier})

    def count(self, metric: str, value: float = 1) -> None:
        self.counted.append((metric, value))

    def under(self, name: str, repetition: str) -> list[tuple[str, Record]]:
        """The records of an action in a repetition and in those inside it."""
        found: dict[str, Record] = self.data["actions"].get(name, {})
        if len(self.program.nodes[name].loops) == len(indexes(repetition)):
            return [(repetition, found[repetition])] if repetition in found else []
        return [(at, record) for at, record in found.items() if is_under(at, repetition)]

    def running(self) -> Iterator[tuple[Node, str, Record]]:
        """Every action that has started and not ended."""
        for name, repetitions in self.data["actions"].items():
            for repetition, record in repetitions.items():
                if record["status"] not in FINAL:
                    yield self.program.nodes[name], repetition, record

    def running_iterations(self) -> Iterator[Record]:
        """Every iteration that has started and not ended, marked as changed."""
        for loop, repetitions in self.data["iterations"].items():
            for repetition, record in repetitions.items():
                if record["status"] not in FINAL:
                    yield self.iteration(loop, repetition)


def _no_callback(action: str, repetition: str) -> str:
    return f"urn:callback:{action}:{repetition}"


def repetition_of(parent: str, index: int) -> str:
    """The repetition of the `index`-th iteration of a loop that itself stands in `parent`."""
    return f"{parent}-{index:06d}" if parent else f"{index:06d}"


def is_under(inner: str, outer: str) -> bool:
    """Whether a repetition is another one or lies inside it."""
    return inner == outer or not outer or inner.startswith(f"{outer}-")


def indexes(repetition: str) -> list[int]:
    """The loops' indexes, outermost first."""
    return [int(part) for part in repetition.split("-")] if repetition else []


def shortened(repetition: str, depth: int) -> str:
    """The repetition cut to its outermost `depth` loops."""
    return "-".join(repetition.split("-")[:depth]) if depth else ""


def new_run(name: str, workflow: Mapping[str, Any], trigger: Record, now: datetime, **more: Any) -> RunData:
    """The data of a run that has not started. `workflow`: id, guid, version, about."""
    return {
        "name": name,
        **workflow,
        "status": RUNNING,
        "startTime": stamp(now),
        "waitEndTime": stamp(now),
        "clientTrackingId": name,
        "trigger": trigger,
        "variables": {},
        "actions": {},
        "iterations": {},
        "items": {},
        "pending": {},
        "ready": [],
        "steps": 0,
        **more,
    }
