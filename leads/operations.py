"""The Logic App as a whole: its state, its recurrence, stop and start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from leads.arm_errors import Explained, FlowError
from leads.clients import Clients

_LENGTHS = {
    "Second": timedelta(seconds=1),
    "Minute": timedelta(minutes=1),
    "Hour": timedelta(hours=1),
    "Day": timedelta(days=1),
    "Week": timedelta(weeks=1),
    "Month": timedelta(days=31),
}
ENABLED, DISABLED = "Enabled", "Disabled"


@dataclass(frozen=True)
class Trigger:
    """When the flow runs: `every` is the recurrence in words, `period` about how long that is; times in UTC.

    None where the service tells none.
    """

    name: str
    every: str
    last: datetime | None
    next: datetime | None
    period: timedelta | None = None


@dataclass(frozen=True)
class Deployment:
    """The Logic App as it is deployed: `state` in Azure's words, `connections` the value of `$connections`."""

    state: str
    changed: datetime | None
    version: str
    definition: dict[str, Any]
    connections: dict[str, dict[str, Any]]

    @property
    def is_enabled(self) -> bool:
        return self.state == ENABLED


class Operations:
    """What a person does with a deployed Logic App."""

    def __init__(self, clients: Clients) -> None:
        deployed = clients.deployed
        self._clients = clients
        self._place = (deployed.resource_group, deployed.logic_app)
        self._subject = f"Logic App {deployed.logic_app}"

    def deployment(self) -> Deployment:
        """Read the Logic App."""
        with Explained(self._subject):
            found = self._clients.logic.workflows.get(*self._place)
        parameter = (found.parameters or {}).get("$connections")
        value = getattr(parameter, "value", None)
        return Deployment(
            state=str(found.state),
            changed=found.changed_time,
            version=str(found.version or ""),
            definition=found.definition or {},
            connections=value if isinstance(value, dict) else {},
        )

    def trigger(self) -> Trigger:
        """The first trigger, which in a notifying flow is the only one."""
        with Explained(self._subject):
            listed: Iterable[Any] = self._clients.logic.workflow_triggers.list(*self._place)
            for found in listed:
                return _trigger(found)
        raise FlowError(f"{self._subject} has no trigger; run `pulumi up`")

    def stop(self) -> None:
        """Disable it: what runs goes on to its end, nothing new begins."""
        with Explained(self._subject):
            self._clients.logic.workflows.disable(*self._place)

    def start(self) -> None:
        """Enable it again."""
        with Explained(self._subject):
            self._clients.logic.workflows.enable(*self._place)


def _trigger(found: Any) -> Trigger:
    return Trigger(
        name=str(found.name),
        every=_in_words(found.recurrence),
        last=found.last_execution_time,
        next=found.next_execution_time,
        period=_period(found.recurrence),
    )


def _period(recurrence: Any) -> timedelta | None:
    unit = _LENGTHS.get(str(getattr(recurrence, "frequency", "")))
    return None if unit is None else unit * (recurrence.interval or 1)


def _in_words(recurrence: Any) -> str:
    """`every hour`, `every 15 minutes`; empty for a trigger without recurrence."""
    if recurrence is None or not recurrence.frequency:
        return ""
    unit, number = str(recurrence.frequency).lower(), recurrence.interval or 1
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"
