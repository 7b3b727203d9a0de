"""Long-running operations: 202 with a Location that answers 202 until the work is done, then its result.

An operation is kept on disk until it ends, so that a client that polls, and the work itself, go on after a restart.
Source: azure-resource-manager-rpc, "Asynchronous operations".
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse
from localazure.arm.failures import as_arm_error
from localazure.store import Store

_LOG = logging.getLogger(__name__)
_TABLE = """CREATE TABLE IF NOT EXISTS operations (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, resource TEXT NOT NULL, state TEXT NOT NULL, error TEXT,
    began TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)"""

# Azure's clients take `Retry-After` in whole seconds, and 0 as absent; the same header in milliseconds lets a local
# deployment go on at once.
POLL_AGAIN = {"retry-after-ms": "50"}


class Operations:
    """Runs work in the background of the event loop and remembers how it ended."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()
        store.ensure(_TABLE)

    def begin(self, kind: str, resource: str) -> str:
        """Write down that an operation on a resource (its id) has begun; returns the operation's id."""
        operation = str(uuid.uuid4())
        with self._store.transaction():
            self._store.execute("DELETE FROM operations WHERE state != 'running' AND began < datetime('now', '-1 day')")
            self._store.execute(
                "INSERT INTO operations (id, kind, resource, state) VALUES (?, ?, ?, 'running')",
                (operation, kind, resource),
            )
        return operation

    def run(self, operation: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work in the background; an exception from it becomes the operation's error."""
        task = asyncio.get_running_loop().create_task(self._work(operation, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def unfinished(self, kind: str) -> list[tuple[str, str]]:
        """`(operation, resource)` of what was cut off by the end of the process: to be run again."""
        query = "SELECT id, resource FROM operations WHERE kind = ? AND state = 'running' ORDER BY began"
        return [(row["id"], row["resource"]) for row in self._store.rows(query, (kind,))]

    def is_running(self, kind: str, resource: str) -> bool:
        """Whether an operation of this kind on this resource has not ended yet."""
        return any(found.lower() == resource.lower() for _, found in self.unfinished(kind))

    def answer(
        self, operation: str, done: Callable[[str], ArmResponse], again: Callable[[], ArmResponse]
    ) -> ArmResponse:
        """What its Location says: `again()` while it runs, then `done(resource)`; raises the error it ended with."""
        row = self._store.row("SELECT resource, state, error FROM operations WHERE id = ?", (operation,))
        if row is None:
            raise ArmError(404, "NotFound", f"The operation '{operation}' could not be found.")
        if row["state"] == "running":
            return again()
        if row["state"] == "failed":
            raise _error(json.loads(row["error"]))
        return done(str(row["resource"]))

    async def settle(self) -> None:
        """Wait for everything that runs."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Cut off what runs; the next start takes it up again."""
        for task in self._tasks:
            task.cancel()
        await self.settle()

    async def _work(self, operation: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:  # whatever failed, the client must learn that it did
            failure = as_arm_error(error)
            self._end(operation, "failed", json.dumps({"status": failure.status, **failure.body()["error"]}))
        else:
            self._end(operation, "done", None)

    def _end(self, operation: str, state: str, error: str | None) -> None:
        self._store.execute("UPDATE operations SET state = ?, error = ? WHERE id = ?", (state, error, operation))


def accepted(request: ArmRequest, path: str) -> ArmResponse:
    """202 with the absolute address that tells how the operation goes. `path` has no query."""
    mark = "&" if "?" in path else "?"
    location = f"{request.base_url}{path}{mark}api-version={request.api_version}"
    return ArmResponse(None, 202, {"Location": location, **POLL_AGAIN})


def _error(saved: dict[str, Any]) -> ArmError:
    return ArmError(saved["status"], saved["code"], saved["message"], details=saved.get("details"))
