"""The mail that an action group sends to its e-mail receivers when an alert is fired or resolved.

Subject and fields as published samples of Azure's mails show them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from html import escape

from localazure.connectors.mail import OutgoingMail
from localazure.monitor.rules import Criterion, Rule, resource_type

SENDER = Address("Microsoft Azure", addr_spec="azure-noreply@microsoft.com")

FIRED, RESOLVED = "Fired", "Resolved"


@dataclass(frozen=True)
class Notice:
    """One change of an alert: what happened to which resource, and the values that made it so."""

    rule: Rule
    resource: str
    condition: str
    alert_id: str
    fired_at: datetime
    at: datetime
    values: tuple[float | None, ...]


def subject(notice: Notice) -> str:
    """`Fired:Sev2 Azure Monitor Alert NAME on RESOURCE ( TYPE ) at 11/24/2026 3:19:40 AM`."""
    name = notice.resource.rsplit("/", 1)[-1]
    kind = resource_type(notice.resource).lower()
    head = f"{notice.condition}:Sev{notice.rule.severity} Azure Monitor Alert {notice.rule.name}"
    return f"{head} on {name} ( {kind} ) at {_american(notice.at)}"


def compose(notice: Notice, receiver: str, group: str) -> OutgoingMail:
    """The mail for one receiver of the action group `group` (its name); raises ValueError for no address."""
    pairs = fields(notice)
    text = "\n".join([_headline(notice), "", *(f"{name}: {value}" for name, value in pairs), "", _reason(group)])
    return OutgoingMail(SENDER, [Address(addr_spec=receiver)], subject(notice), text, _html(notice, pairs, group))


def compose_test(group: str, receiver: str) -> OutgoingMail:
    """The test mail that an action group sends on demand."""
    text = f"This is a test notification of the action group {group}.\n\n{_reason(group)}"
    return OutgoingMail(
        SENDER, [Address(addr_spec=receiver)], f"Test notification of the Azure Monitor action group {group}", text
    )


def fields(notice: Notice) -> list[tuple[str, str]]:
    """What the mail tells, in its order."""
    rule, parts = notice.rule, notice.resource.strip("/").split("/")
    pairs = [
        ("Alert name", rule.name),
        ("Severity", f"Sev{rule.severity}"),
        ("Monitor condition", notice.condition),
        ("Affected resource", parts[-1]),
        ("Resource type", resource_type(notice.resource).lower()),
        ("Resource group", parts[3] if len(parts) > 3 else ""),
        ("Description", rule.description),
        ("Monitoring service", "Platform"),
        ("Signal type", "Metric"),
        ("Fired time", _american(notice.fired_at)),
        ("Alert ID", notice.alert_id),
        ("Alert rule ID", rule.id),
    ]
    if notice.condition == RESOLVED:
        pairs.insert(10, ("Resolved time", _american(notice.at)))
    for criterion, value in zip(rule.criteria, notice.values, strict=True):
        pairs += _criterion(rule, criterion, value)
    return [(name, value) for name, value in pairs if value]


def _criterion(rule: Rule, criterion: Criterion, value: float | None) -> list[tuple[str, str]]:
    return [
        ("Metric name", criterion.metric),
        ("Metric namespace", criterion.namespace),
        ("Time aggregation", criterion.aggregation),
        ("Window size", f"{rule.window.total_seconds() / 60:g} min"),
        ("Metric value", "" if value is None else f"{value:g}"),
        ("Operator", criterion.operator),
        ("Threshold", f"{criterion.threshold:g}"),
    ]


def _headline(notice: Notice) -> str:
    state = "was activated" if notice.condition == FIRED else "was resolved"
    return f"Your Azure Monitor alert {notice.rule.name} {state}."


def _reason(group: str) -> str:
    return (
        f"You are receiving this mail because you are a member of the action group {group} (localazure, local cloud)."
    )


def _html(notice: Notice, pairs: list[tuple[str, str]], group: str) -> str:
    color = "#b3261e" if notice.condition == FIRED else "#2e7d32"
    name_style = "padding:5px 24px 5px 0;color:#5d6b80;vertical-align:top;white-space:nowrap"
    rows = "".join(
        f'<tr><td style="{name_style}">{escape(name)}</td>'
        f'<td style="padding:5px 0;word-break:break-word">{escape(value)}</td></tr>'
        for name, value in pairs
    )
    return (
        "<div style=\"font:15px/1.45 'Segoe UI',system-ui,sans-serif;color:#17202e;max-width:720px;margin:24px\">"
        f'<div style="border-left:5px solid {color};padding:2px 0 2px 16px;margin-bottom:18px">'
        f'<div style="color:{color};font-weight:600">{notice.condition} · Sev{notice.rule.severity}</div>'
        f'<div style="font-size:20px">{escape(_headline(notice))}</div></div>'
        f'<table style="border-collapse:collapse">{rows}</table>'
        f'<p style="color:#5d6b80;font-size:13px;margin-top:22px">{escape(_reason(group))}</p></div>'
    )


def _american(at: datetime) -> str:
    hour = at.hour % 12 or 12
    half = "AM" if at.hour < 12 else "PM"
    return f"{at.month}/{at.day}/{at.year} {hour}:{at.minute:02d}:{at.second:02d} {half}"
