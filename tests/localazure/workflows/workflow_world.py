"""A workflow runtime on a virtual clock, with connectors given as small functions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from localazure.clock import VirtualClock
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.store import Store
from localazure.workflows.runtime import WorkflowRuntime
from localazure.workflows.state import Record, RunData

T = TypeVar("T")
WORKFLOW = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/flow"
SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
Answer = ConnectorResponse | Exception


class Connectors:
    """Answers every operation with what `answers` gives for it, in turn; keeps what was called and when."""

    def __init__(self, clock: VirtualClock) -> None:
        self.calls: list[tuple[str, ConnectorRequest]] = []
        self.times: list[datetime] = []
        self.answers: list[Answer] | Callable[[str, ConnectorRequest], Answer] = lambda *_: ConnectorResponse(200)
        self._clock = clock

    async def call(self, connection_id: str, request: ConnectorRequest) -> ConnectorResponse:
        self.calls.append((connection_id, request))
        self.times.append(self._clock.now())
        given = self.answers
        answer = given.pop(0) if isinstance(given, list) else given(connection_id, request)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Metrics:
    """Counts in memory."""

    def __init__(self) -> None:
        self.totals: dict[str, float] = {}

    def record(self, resource_id: str, name: str, at: datetime, value: float = 1) -> None:
        self.totals[name] = self.totals.get(name, 0) + value


class World:
    """One runtime; `go` runs a coroutine on the test's own event loop."""

    def __init__(self, path: Path | None = None, start: datetime | None = None, seed: int = 7) -> None:
        self.loop = asyncio.new_event_loop()
        self.clock = VirtualClock(start) if start else VirtualClock()
        self.store = Store(path)
        self.connectors, self.metrics = Connectors(self.clock), Metrics()
        self.runtime = WorkflowRuntime(self.store, self.connectors, self.clock, self.metrics, seed=seed)
        self.go(self.runtime.start())

    def go(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        self.go(self.runtime.stop())
        self.loop.close()
        self.store.close()

    def advance(self, **by: float) -> None:
        self.go(self.clock.advance(timedelta(**by)))

    def put(self, definition: dict[str, Any], parameters: dict[str, Any] | None = None, **more: Any) -> None:
        async def put() -> None:
            self.runtime.put(WORKFLOW, definition, parameters, **more)

        self.go(put())

    def fire(self, trigger: str = "manual", body: Any = None) -> str:
        async def fire() -> str:
            return self.runtime.run_trigger(WORKFLOW, trigger, body)

        return self.go(fire())

    def run(self, actions: dict[str, Any] | None = None, body: Any = None, **definition: Any) -> Finished:
        """Deploy a workflow with a Request trigger and these actions, run it to its end."""
        if actions is not None:
            self.put(workflow(actions, **definition))
        name = self.fire(body=body)
        data = self.go(self.clock.drive(self.runtime.wait(name)))
        return self.finished(data)

    def finished(self, data: RunData) -> Finished:
        records = self.runtime.history.records(data["name"])
        return Finished(data, {(name, at): record for name, at, record in records})


class Finished:
    """A run that has ended: `run["Compose"]` is the record of an action, `run["Compose", "000001"]` of a repetition."""

    def __init__(self, data: RunData, records: dict[tuple[str, str], Record]) -> None:
        self.data, self.records = data, records

    @property
    def status(self) -> str:
        return str(self.data["status"])

    def __getitem__(self, key: str | tuple[str, str]) -> Record:
        return self.records[(key, "") if isinstance(key, str) else key]

    def statuses(self) -> dict[str, str]:
        """Status of every action outside loops."""
        return {name: record["status"] for (name, at), record in self.records.items() if not at}

    def out(self, name: str, at: str = "") -> Any:
        return self.records[name, at].get("outputs")


def workflow(actions: dict[str, Any], triggers: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A definition; actions without `runAfter` follow none."""
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "triggers": triggers if triggers is not None else {"manual": {"type": "Request", "kind": "Http", "inputs": {}}},
        "actions": {name: {"runAfter": {}, **action} for name, action in actions.items()},
        "outputs": {},
        **more,
    }


def compose(value: Any, **after: str | list[str]) -> dict[str, Any]:
    """A Compose; `compose(1, A="Succeeded")` runs after A."""
    return {"type": "Compose", "inputs": value, "runAfter": run_after(**after)}


def run_after(**after: str | list[str]) -> dict[str, list[str]]:
    return {name: [one] if isinstance(one, str) else one for name, one in after.items()}


def call(path: str = "/x", method: str = "get", connection: str = "/connections/c", **inputs: Any) -> dict[str, Any]:
    """An ApiConnection."""
    host = {"connection": {"name": connection}}
    return {"type": "ApiConnection", "inputs": {"host": host, "method": method, "path": path, **inputs}, "runAfter": {}}


def failing(**after: str | list[str]) -> dict[str, Any]:
    """A Compose whose expression fails."""
    return compose("@int('no number')", **after)
