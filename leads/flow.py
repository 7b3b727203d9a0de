"""The Logic App that mails leads, through ARM: start it, list its runs, read what an action got and gave."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from leads.arm_errors import Explained, FlowError
from leads.environment import Deployed

if TYPE_CHECKING:
    from azure.mgmt.logic import LogicManagementClient

_UNFINISHED = {"Running", "Waiting", "Paused", "NotSpecified", "Suspended"}
_CONTENT_SECONDS = 60


@dataclass(frozen=True)
class Action:
    """One action of a run, or one repetition of it in a loop; times in UTC.

    `inputs` and `outputs` are None where there are none or where they are `secured`: that names which are.
    `looped`: a loop ran it, so that only its repetitions have contents; `retries`: how often its call was tried again.
    """

    name: str
    status: str
    code: str
    inputs: Any = None
    outputs: Any = None
    message: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    looped: bool = False
    retries: int = 0
    secured: tuple[str, ...] = ()

    @property
    def seconds(self) -> float | None:
        """How long it took, None where it has not begun or not ended."""
        return _seconds(self.started, self.ended)


@dataclass(frozen=True)
class Run:
    """One run: `status`, `code` and `message` in Azure's words; times in UTC, `planned` that of the recurrence."""

    name: str
    status: str
    started: datetime
    trigger: str = ""
    ended: datetime | None = None
    planned: datetime | None = None
    code: str = ""
    message: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took, None while it goes on."""
        return _seconds(self.started, self.ended)

    @property
    def is_finished(self) -> bool:
        return self.status not in _UNFINISHED


def _seconds(started: datetime | None, ended: datetime | None) -> float | None:
    return (ended - started).total_seconds() if started and ended else None


class Flow:
    """The runs of one Logic App."""

    def __init__(self, client: LogicManagementClient, deployed: Deployed) -> None:
        self._client = client
        self._place = (deployed.resource_group, deployed.logic_app)

    def start(self) -> str | None:
        """Fire the recurrence now. Returns the name of the run, if the service tells it."""
        with Explained(f"Logic App {self._place[1]}"):
            trigger = self._trigger()
            answer: str | None = self._client.workflow_triggers.run(*self._place, trigger, cls=run_name)
            return answer

    def runs_since(self, moment: datetime) -> Iterator[Run]:
        """Runs that started at `moment` or later, newest first."""
        with Explained(f"Logic App {self._place[1]}"):
            runs: Iterable[Any] = self._client.workflow_runs.list(*self._place)  # its annotation says pages of runs
            for run in runs:
                if run.start_time is not None and run.start_time < moment:
                    return
                yield run_of(run)

    def actions(self, run: str) -> list[Action]:
        """All actions of a run with their inputs and outputs."""
        with Explained(f"Logic App {self._place[1]}"):
            return [action_of(found) for found in self._client.workflow_run_actions.list(*self._place, run)]

    def _trigger(self) -> str:
        triggers: Iterable[Any] = self._client.workflow_triggers.list(*self._place)
        names = [str(trigger.name) for trigger in triggers]
        if not names:
            raise FlowError(f"Logic App {self._place[1]} has no trigger; run `pulumi up`")
        return names[0]


def run_name(response: Any, *_: Any) -> str | None:
    """For the client's `cls`: the run that a call started, if the service tells it."""
    name: str | None = response.http_response.headers.get("x-ms-workflow-run-id")
    return name


def run_of(found: Any) -> Run:
    """A run out of the client's model."""
    return Run(
        name=str(found.name),
        status=str(found.status),
        started=found.start_time or found.wait_end_time or datetime.now(UTC),
        trigger=str(found.trigger.name or "") if found.trigger else "",
        ended=found.end_time,
        planned=found.trigger.scheduled_time if found.trigger else None,
        code=str(found.code or ""),
        message=_message(found.error),
    )


def action_of(found: Any, contents: bool = True) -> Action:
    """An action, or a repetition of one, out of the client's model; inputs and outputs are fetched with `contents`."""
    links = {"inputs": found.inputs_link, "outputs": found.outputs_link}
    return Action(
        name=str(found.name),
        status=str(found.status),
        code=str(found.code or ""),
        inputs=_content(links["inputs"]) if contents else None,
        outputs=_content(links["outputs"]) if contents else None,
        message=_message(found.error),
        started=found.start_time,
        ended=found.end_time,
        looped=str(found.code) == "NotSpecified" and not any(links.values()),
        retries=len(found.retry_history or ()),
        secured=tuple(name for name, link in links.items() if _is_hidden(link)),
    )


def _message(error: Any) -> str:
    """The message of an error, which the models hold as a mapping (`{"code", "message"}`, perhaps inside `error`)."""
    found = error.get("error", error) if isinstance(error, dict) else None
    return str(found.get("message") or "") if isinstance(found, dict) else ""


def _is_hidden(link: Any) -> bool:
    """Secured contents have a link without address; so has a loop's, which tells the number of items instead."""
    return link is not None and not link.uri and not link.metadata


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
