"""A workflow that a test has deployed, and its runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from localazure.clock import VirtualClock
from localazure.workflows.errors import WorkflowError

if TYPE_CHECKING:
    from localazure.testing.azure import MockAzure

VERSION = "2019-05-01"
_ENDED = {"Succeeded", "Failed", "Cancelled", "Skipped", "Aborted", "TimedOut", "Ignored"}
_NAP_SECONDS = 0.02


@dataclass(frozen=True, repr=False)
class WorkflowRun:
    """A run that has ended: its status (`Succeeded`, `Failed`, …) and its actions' documents by name."""

    name: str
    status: str
    actions: Mapping[str, dict[str, Any]]
    error: Mapping[str, Any] | None = None
    _azure: Any = None
    _id: str = ""

    def __repr__(self) -> str:
        """Short, for the report of a failed assertion."""
        error = f" error={dict(self.error)}" if self.error else ""
        return f"<WorkflowRun {self.name} {self.status} {self.statuses()}{error}>"

    def statuses(self) -> dict[str, str]:
        """Each action's status."""
        return {name: str(action["status"]) for name, action in self.actions.items()}

    def inputs(self, action: str) -> Any:
        """What an action was given; None where it has none."""
        return self._content(action, "inputsLink")

    def outputs(self, action: str) -> Any:
        """What an action returned; None where it has none."""
        return self._content(action, "outputsLink")

    def repetitions(self, action: str) -> list[dict[str, Any]]:
        """What an action inside a loop did, each time: its document, with `inputs` and `outputs` in it."""
        self._action(action)
        found = self._azure.arm_list(f"{self._id}/actions/{quote(action)}/repetitions", VERSION)
        return [self._whole(one["properties"]) for one in found]

    def _whole(self, properties: dict[str, Any]) -> dict[str, Any]:
        contents = {name: self._linked(properties, f"{name}Link") for name in ("inputs", "outputs")}
        return {**properties, **contents}

    def _content(self, action: str, link: str) -> Any:
        return self._linked(self._action(action), link)

    def _action(self, name: str) -> dict[str, Any]:
        if name not in self.actions:
            raise AssertionError(f"run {self.name} has no action '{name}', only {', '.join(self.actions) or 'none'}")
        return self.actions[name]

    def _linked(self, properties: Mapping[str, Any], link: str) -> Any:
        found = properties.get(link) or {}
        return self._azure.http.get(found["uri"]).json() if "uri" in found else None


class DeployedWorkflow:
    """`id` is the ARM id. Made by `MockAzure.deploy_workflow`."""

    def __init__(self, azure: MockAzure, id: str, triggers: list[str]) -> None:  # noqa: A002
        self._azure = azure
        self._triggers = triggers
        self.id = id

    def run(self, trigger: str | None = None, body: Any = None, seconds: float = 60) -> WorkflowRun:
        """Start a trigger (the only one unless named), wait for the run's end and return it.

        Raises AssertionError if it has not ended after `seconds`, or, saying why, if the trigger started none.
        """
        return self.wait(self.start(trigger, body), seconds)

    def start(self, trigger: str | None = None, body: Any = None) -> str:
        """Start a trigger (the only one unless named) and return the name of the run, which goes on.

        `body` is what the trigger brings. Raises AssertionError, saying why, if the trigger started no run.
        """
        path = self._trigger(trigger)
        answer = self._azure.arm("POST", f"{path}/run", body, VERSION)
        name = answer.headers.get("x-ms-workflow-run-id")
        if name is None:
            raise AssertionError(f"trigger {path.rsplit('/', 1)[-1]} started no run: {self._why_none(path)}")
        return str(name)

    def _why_none(self, trigger: str) -> str:
        """What the newest entry of the trigger's history says."""
        latest = self._azure.arm("GET", f"{trigger}/histories?$top=1", None, VERSION).json()["value"][0]["properties"]
        error = latest.get("error")
        if error:
            return f"{latest['status']}, {error['code']}: {error['message']}"
        return f"{latest['status']}, because its conditions do not hold or splitOn has nothing to split"

    def answer(self, run: str | WorkflowRun, action: str, body: Any = None, seconds: float = 60) -> None:
        """Call back a webhook action that waits: what the person says who was asked for approval.

        An action that is still subscribing on the machine's clock is given `seconds`. Raises WorkflowError if the
        action does not wait.
        """
        name = _run_name(run)

        async def answer() -> None:
            self._azure.runtime.answer_webhook(self.id, name, action, body)

        end = time.monotonic() + seconds
        while True:
            try:
                return self._azure.cloud.call(answer)
            except WorkflowError:
                if not self._may_come_to_wait(name, action) or time.monotonic() > end:
                    raise
                time.sleep(_NAP_SECONDS)

    def _may_come_to_wait(self, run: str, action: str) -> bool:
        if isinstance(self._azure.clock, VirtualClock) or self._read(run)["status"] in _ENDED:
            return False
        status = self._actions(run).get(action, {}).get("status")
        return status not in _ENDED

    def callback_url(self, trigger: str | None = None) -> str:
        """The address that fires a Request or webhook trigger (the only one unless named)."""
        path = f"{self._trigger(trigger)}/listCallbackUrl"
        return str(self._azure.arm("POST", path, version=VERSION).json()["value"])

    def _trigger(self, name: str | None) -> str:
        """The id of a trigger."""
        if name is None and len(self._triggers) != 1:
            raise AssertionError(f"name the trigger: the workflow has {', '.join(self._triggers) or 'none'}")
        return f"{self.id}/triggers/{quote(name or self._triggers[0])}"

    def wait(self, run: str | WorkflowRun, seconds: float = 60) -> WorkflowRun:
        """Wait for the end of a run; on a virtual clock, let as much time pass as it needs."""
        name = _run_name(run)
        self._read(name)  # a run that does not exist is told by its name
        if isinstance(self._azure.clock, VirtualClock):
            self._drive(self._azure.clock, name, seconds)
        end = time.monotonic() + seconds
        while (found := self._read(name))["status"] not in _ENDED:
            if time.monotonic() > end:
                raise AssertionError(f"run {name} is still {found['status']} after {seconds} s")
            time.sleep(_NAP_SECONDS)
        path = f"{self.id}/runs/{name}"
        return WorkflowRun(name, found["status"], self._actions(name), found.get("error"), self._azure, path)

    def runs(self) -> list[str]:
        """The names of all runs, newest first."""
        return [str(run["name"]) for run in self._azure.arm_list(f"{self.id}/runs", VERSION)]

    def _drive(self, clock: VirtualClock, run: str, seconds: float) -> None:
        async def drive() -> None:
            try:
                await asyncio.wait_for(clock.drive(self._azure.runtime.wait(run)), seconds)
            except (TimeoutError, RuntimeError):
                raise AssertionError(
                    f"run {run} does not end by itself: it waits for something else than time"
                ) from None

        self._azure.cloud.call(drive)

    def _read(self, run: str) -> dict[str, Any]:
        properties: dict[str, Any] = self._azure.arm("GET", f"{self.id}/runs/{run}", None, VERSION).json()["properties"]
        return properties

    def _actions(self, run: str) -> dict[str, dict[str, Any]]:
        found = self._azure.arm_list(f"{self.id}/runs/{run}/actions", VERSION)
        return {action["name"]: action["properties"] for action in found}


def _run_name(run: object) -> str:
    if isinstance(run, WorkflowRun):
        return run.name
    if not isinstance(run, str):
        raise TypeError(f"a run is named by a text, as start() and runs() return it, not by {type(run).__name__}")
    return run
