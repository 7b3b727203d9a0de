"""Calling a workflow from outside: the headers that say which run it became, and waiting for its response."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from localazure.workflows.carriers import failure
from localazure.workflows.catalog import Workflow
from localazure.workflows.errors import WorkflowError
from localazure.workflows.firing import Occasion
from localazure.workflows.outcome import FINAL
from localazure.workflows.state import Instruction, RunData

if TYPE_CHECKING:
    from localazure.workflows.runtime import WorkflowRuntime


def run_headers(workflow: Workflow, run: str, tracking: str | None = None) -> dict[str, str]:
    """Headers of an answer that started a run. Source: published answers of Request triggers."""
    location = str(workflow.get("location") or "local").lower().replace(" ", "")
    return {
        "x-ms-workflow-run-id": run,
        "x-ms-client-tracking-id": tracking or run,
        "x-ms-trigger-history-name": run,
        "x-ms-execution-location": location,
        "x-ms-workflow-system-id": f"/locations/{location}/scaleunits/prod-00/workflows/{workflow['guid']}",
        "x-ms-workflow-id": workflow["guid"],
        "x-ms-workflow-version": workflow["version"],
        "x-ms-workflow-name": str(workflow["id"]).rsplit("/", 1)[-1],
    }


def no_response(run: str) -> dict[str, Any]:
    """The answer of a workflow that has a Response of which none ran."""
    message = f"The server did not receive a response from an upstream server. Request tracking id '{run}'."
    return {"statusCode": 502, "headers": {}, "body": {"error": {"code": "NoResponse", "message": message}}}


class Responses:
    """Who waits for the response of which run."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Future[dict[str, Any]]]] = {}

    def tell(self, data: RunData) -> None:
        """A run has changed: pass its response on, or that there will be none."""
        found = settled(data)
        if found is not None:
            for waiter in self._waiting.pop(data["name"], []):
                if not waiter.done():
                    waiter.set_result(found)

    async def wait(self, data: RunData) -> dict[str, Any]:
        """The response of a run: `{"statusCode", "headers", "body"?}`."""
        found = settled(data)
        if found is not None:
            return found
        waiter: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(data["name"], []).append(waiter)
        return await waiter


def settled(data: RunData) -> dict[str, Any] | None:
    """The response of a run, as far as it is known now."""
    if "response" in data:
        return {key: value for key, value in data["response"].items() if key in ("statusCode", "headers", "body")}
    return no_response(data["name"]) if data["status"] in FINAL else None


class NestedCarrier:
    """Carries out `workflow` instructions: starts the child, or finds it after a restart, and awaits its response."""

    def __init__(self, runtime: WorkflowRuntime) -> None:
        self._runtime = runtime

    async def __call__(self, data: RunData, instruction: Instruction) -> dict[str, Any]:
        request = instruction["request"]
        try:
            child = self._runtime.history.find(request["run"]) or self._start(data, request)
        except WorkflowError as error:
            return failure(error.code, error.message, retry=False)
        if child is None:
            return {"status": 202, "headers": {}}
        workflow = self._runtime.workflow(child["id"])
        headers = run_headers(workflow, child["name"], child["clientTrackingId"])
        if not self._runtime.program(child["guid"], child["version"]).has_response:
            return {"status": 202, "headers": headers}
        response = await self._runtime.responses.wait(self._runtime.driver.data(child["name"]) or child)
        answer = {"status": response["statusCode"], "headers": {**headers, **response["headers"]}}
        return {**answer, "body": response["body"]} if "body" in response else answer

    def _start(self, data: RunData, request: dict[str, Any]) -> RunData | None:
        outputs = {"headers": request["headers"], "body": request["body"], "queries": request["queries"]}
        outputs = {key: value for key, value in outputs.items() if value not in (None, {}) or key == "headers"}
        occasion = Occasion(
            outputs=outputs, tracking=data["clientTrackingId"], name=request["run"], extras={"awaited": True}
        )
        runs = self._runtime.fire(request["workflow"], request["trigger"], occasion)
        return runs[0] if runs else None
