"""The alerts of a stack: which there are, whether they have fired, whom they tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leads.arm_errors import Explained
from leads.clients import Clients


@dataclass(frozen=True)
class Alert:
    """One metric alert. `fired` is None where the service knows no state yet; `since`: since when, in UTC.

    `told` are the addresses of the action groups that it tells, as far as those are enabled.
    """

    name: str
    description: str
    enabled: bool
    fired: bool | None
    since: datetime | None
    told: tuple[str, ...]


def alerts(clients: Clients) -> list[Alert]:
    """The metric alerts in the stack's resource group, by name; raises `FlowError`."""
    group = clients.deployed.resource_group
    with Explained(f"the alerts of resource group {group}"):
        addresses = _addresses(clients)
        listed: Iterable[Any] = clients.monitor.metric_alerts.list_by_resource_group(group)
        return sorted((_alert(clients, rule, addresses) for rule in listed), key=lambda alert: alert.name)


def _alert(clients: Clients, rule: Any, addresses: dict[str, tuple[str, ...]]) -> Alert:
    states = clients.monitor.metric_alerts_status.list(clients.deployed.resource_group, rule.name).value or []
    groups = [str(action.action_group_id).lower() for action in rule.actions or []]
    unhealthy = [state.properties for state in states if state.properties and state.properties.status == "Unhealthy"]
    known = unhealthy or [state.properties for state in states if state.properties]
    return Alert(
        name=str(rule.name),
        description=str(rule.description or ""),
        enabled=bool(rule.enabled),
        fired=bool(unhealthy) if states else None,
        since=known[0].timestamp if known else None,
        told=tuple(address for group in groups for address in addresses.get(group, ())),
    )


def _addresses(clients: Clients) -> dict[str, tuple[str, ...]]:
    """The e-mail addresses of each enabled action group, by the group's id in lower case."""
    listed: Iterable[Any] = clients.monitor.action_groups.list_by_resource_group(clients.deployed.resource_group)
    return {
        str(group.id).lower(): tuple(str(receiver.email_address) for receiver in group.email_receivers or [])
        for group in listed
        if group.enabled
    }
