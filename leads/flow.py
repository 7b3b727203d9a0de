"""The Logic App that mails leads, through ARM: start it, list its runs, read what an action got and gave."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ServiceRequestError

from leads.environment import Deployed

if TYPE_CHECKING:
    from azure.mgmt.logic import LogicManagementClient

_UNFINISHED = {"Running", "Waiting", "Paused", "NotSpecified", "Suspended"}
_CONTENT_SECONDS = 30


class FlowError(Exception):
    """The Logic App could not be asked; the message is one line and says what to do."""


@dataclass(frozen=True)
class Action:
    """One action of a run. `inputs` and `outputs` are None where there are none or where they are secured."""

    name: str
    status: str
    code: str
    inputs: Any = None
    outputs: Any = None


@dataclass(frozen=True)
class Run:
    """One run: `status` in Azure's words, `started` in UTC."""

    name: str
    status: str
    started: datetime
    trigger: str = ""

    @property
    def is_finished(self) -> bool:
        return self.status not in _UNFINISHED


class Flow:
    """The runs of one Logic App."""

    def __init__(self, client: LogicManagementClient, deployed: Deployed) -> None:
        self._client = client
        self._place = (deployed.resource_group, deployed.logic_app)

    def start(self) -> str | None:
        """Fire the recurrence now. Returns the name of the run, if the service tells it."""
        with _Explained(self._place[1]):
            trigger = self._trigger()
            answer: str | None = self._client.workflow_triggers.run(*self._place, trigger, cls=_run_name)
            return answer

    def runs_since(self, moment: datetime) -> Iterator[Run]:
        """Runs that started at `moment` or later, newest first."""
        with _Explained(self._place[1]):
            runs: Iterable[Any] = self._client.workflow_runs.list(*self._place)  # its annotation says pages of runs
            for run in runs:
                if run.start_time is not None and run.start_time < moment:
                    return
                trigger = run.trigger.name if run.trigger else ""
                yield Run(run.name, str(run.status), run.start_time or moment, trigger or "")

    def actions(self, run: str) -> list[Action]:
        """All actions of a run with their inputs and outputs."""
        with _Explained(self._place[1]):
            return [_action(found) for found in self._client.workflow_run_actions.list(*self._place, run)]

    def _trigger(self) -> str:
        triggers: Iterable[Any] = self._client.workflow_triggers.list(*self._place)
        names = [str(trigger.name) for trigger in triggers]
        if not names:
            raise FlowError(f"Logic App {self._place[1]} has no trigger; run `pulumi up`")
        return names[0]


class _Explained:
    """Turns the client's exceptions into a `FlowError` of one line, without what the service's body may quote."""

    def __init__(self, logic_app: str) -> None:
        self._logic_app = logic_app

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, AzureError):
            raise FlowError(_explain(error, self._logic_app)) from None


def _explain(error: AzureError, logic_app: str) -> str:
    if isinstance(error, ClientAuthenticationError):
        return 'sign-in failed; run `az login` (on the local cloud: eval "$(localazure env)")'
    if isinstance(error, ServiceRequestError):
        return "Azure Resource Manager does not answer; look at the network (on the local cloud: `localazure start`)"
    if isinstance(error, HttpResponseError):
        code = error.error.code if error.error is not None else error.reason
        return f"Logic App {logic_app}: {_CAUSES.get(str(code), str(code))}"
    return f"Logic App {logic_app}: {type(error).__name__}"


_CAUSES = {
    "ResourceNotFound": "it does not exist any more; `pulumi up --refresh` makes it again",
    "ResourceGroupNotFound": "its resource group does not exist any more; `pulumi up --refresh` makes it again",
    "AuthorizationFailed": "you may not start or read it; the role Logic App Operator is enough",
    "WorkflowTriggerIsNotEnabled": "it is disabled; `pulumi up --refresh` enables it",
}


def _run_name(response: Any, *_: Any) -> str | None:
    name: str | None = response.http_response.headers.get("x-ms-workflow-run-id")
    return name


def _action(found: Any) -> Action:
    return Action(
        name=str(found.name),
        status=str(found.status),
        code=str(found.code or ""),
        inputs=_content(found.inputs_link),
        outputs=_content(found.outputs_link),
    )


def _content(link: Any) -> Any:
    """What a link leads to; its address is signed, so that no token may be sent with it."""
    if link is None or not link.uri:
        return None
    try:
        with urllib.request.urlopen(link.uri, timeout=_CONTENT_SECONDS) as answer:  # noqa: S310 - ARM's own address
            return json.loads(answer.read())
    except (OSError, ValueError):
        raise FlowError(
            "the contents of a run cannot be read; does the Logic App's access control refuse this address?"
        ) from None
