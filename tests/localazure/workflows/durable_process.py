"""A process with a runtime in it, made to be killed: `python durable_process.py DATABASE LOG MODE`.

Every connector call appends its path to LOG. In MODE `hang` calls never return; in MODE `slow:N` the N-th call of this
process hangs, and each call before it returns; in MODE `go` all return and the process ends when no run goes on.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from workflow_world import WORKFLOW, call, compose, run_after, workflow

from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.store import Store
from localazure.workflows.runtime import WorkflowRuntime

LOOP = {
    "type": "Foreach",
    "foreach": "@range(0, 8)",
    "actions": {
        "Inner": call("/inner/@{item()}", queries={"try": "@{outputs('Before')}"}),
        "Twice": compose("@mul(body('Inner'), 2)", Inner="Succeeded"),
        "Add": {
            "type": "AppendToArrayVariable",
            "inputs": {"name": "seen", "value": "@outputs('Twice')"},
            "runAfter": run_after(Twice="Succeeded"),
        },
    },
    "runAfter": run_after(Before="Succeeded", Init="Succeeded"),
    "operationOptions": "Sequential",
}
ACTIONS = {
    "Before": compose("once"),
    "Init": {"type": "InitializeVariable", "inputs": {"variables": [{"name": "seen", "type": "array", "value": []}]}},
    "Loop": LOOP,
    "Wait": {
        "type": "Wait",
        "inputs": {"interval": {"count": 1, "unit": "Second"}},
        "runAfter": run_after(Loop="Succeeded"),
    },
    "After": {**call("/after", "post", body="@variables('seen')"), "runAfter": run_after(Wait="Succeeded")},
}


class Connectors:
    def __init__(self, log: Path, mode: str) -> None:
        self._log, self._calls = log, 0
        self._hang_at = 1 if mode == "hang" else int(mode.partition(":")[2] or 10**9)

    async def call(self, connection_id: str, request: ConnectorRequest) -> ConnectorResponse:
        self._calls += 1
        with self._log.open("a") as file:
            file.write(f"{request.path} {request.body or ''}\n")
        if self._calls >= self._hang_at:
            await asyncio.Event().wait()
        return ConnectorResponse(200, {}, int(request.path.rsplit("/", 1)[-1]) if "inner" in request.path else None)


async def main(database: Path, log: Path, mode: str) -> None:
    store = Store(database)
    runtime = WorkflowRuntime(store, Connectors(log, mode))
    await runtime.start()
    if runtime.catalog.get(WORKFLOW) is None:
        runtime.put(WORKFLOW, workflow(ACTIONS))
        runtime.run_trigger(WORKFLOW, "manual")
    while runtime.history.live():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await runtime.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
