"""manage_flow.py status, stop, start."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from leads.alerts import Alert, alerts
from leads.arrivals import arrivals, newest_lead
from leads.clients import Clients
from leads.connections import ApiConnection, connections
from leads.environment import Deployed
from leads.errors import LeadsError
from leads.flow import Run
from leads.lead import Lead
from leads.operations import DISABLED, ENABLED, Deployment, Operations, Trigger
from leads.periods import duration, moment_text
from leads.runs import Query, RunHistory
from leads.selection import received
from leads.table import LeadTable
from scripts._console import Console

T = TypeVar("T")

_STOPPED = "Runs that were going on end as usual. Leads are still written into the table, and nobody is told."
_UNDOES = {DISABLED: "enables it again", ENABLED: "stops it again"}
_KEPT_AS = {DISABLED: "stopped", ENABLED: "running"}
_KEPT = timedelta(days=90)  # as long as Azure keeps runs


@dataclass(frozen=True)
class Status:
    """What `status` tells; `unknown` says what could not be read, and why."""

    deployment: Deployment
    trigger: Trigger
    last_run: Run | None
    last_lead: Lead | None
    alerts: Sequence[Alert]
    connections: Sequence[ApiConnection]
    unknown: Sequence[str] = ()


def status(deployed: Deployed, as_json: bool, console: Console) -> None:
    """Tell how the flow is."""
    with console.waiting("Asking Azure"):
        found = _read(deployed)
    if as_json:
        print(json.dumps(_as_json(deployed, found), indent=2, ensure_ascii=False))
        return
    for line in _lines(deployed, found):
        console.note(f"{line[0]:<12} {line[1]}")
    for warning in _warnings(found):
        console.warn(warning)


def _read(deployed: Deployed) -> Status:
    clients = Clients(deployed, os.environ)
    operations = Operations(clients)
    deployment = operations.deployment()
    unknown: list[str] = []
    return Status(
        deployment=deployment,
        trigger=operations.trigger(),
        last_run=next(RunHistory(clients).runs(limit=1), None),
        last_lead=_known(lambda: _newest(deployed), None, unknown),
        alerts=_known(lambda: alerts(clients), [], unknown),
        connections=_known(lambda: connections(clients, deployment.connections), [], unknown),
        unknown=unknown,
    )


def _known(read: Callable[[], T], otherwise: T, unknown: list[str]) -> T:
    """What is read; where that is refused (a key that was renewed, a role that is missing) the rest is told still."""
    try:
        return read()
    except LeadsError as error:
        unknown.append(str(error))
        return otherwise


def _newest(deployed: Deployed) -> Lead | None:
    with LeadTable(deployed.connection_string, deployed.table) as table:
        return newest_lead(table, datetime.now(UTC))


def _lines(deployed: Deployed, found: Status) -> list[tuple[str, str]]:
    lines = [
        ("Stack", deployed.stack),
        ("Logic App", f"{deployed.logic_app}: {found.deployment.state}"),
        ("Recurrence", found.trigger.every or "none"),
        ("Last run", _run_text(found.last_run)),
        ("Next run", moment_text(found.trigger.next)),
        ("Last lead", _lead_text(found)),
    ]
    lines += [("Alert", _alert_text(alert)) for alert in found.alerts]
    return lines + [("Connection", f"{one.name}: {one.status}") for one in found.connections]


def _run_text(run: Run | None) -> str:
    if run is None:
        return "none"
    took = f", took {duration(run.seconds)}" if run.ended else ""
    return f"{moment_text(run.started)} {run.status}{took} ({run.name})"


def _lead_text(found: Status) -> str:
    """Without what it says of a person."""
    lead = found.last_lead
    if lead is None:
        return "unknown" if found.unknown else "none: the table is empty"
    kind = "test lead" if lead.is_test else lead.action or "lead"
    return f"{moment_text(received(lead))} {kind}{f', {lead.offer}' if lead.offer else ''}"


def _alert_text(alert: Alert) -> str:
    states = {True: f"FIRED since {moment_text(alert.since)}", False: "not fired", None: "no state yet"}
    state = states[alert.fired] if alert.enabled else "disabled"
    return f"{alert.name}: {state}; tells {', '.join(alert.told) or 'nobody'}"


def _warnings(found: Status) -> list[str]:
    broken = [one for one in found.connections if not one.is_connected]
    warnings = [*found.unknown, *(f"connection {one.name}: {one.problem or one.status}" for one in broken)]
    warnings += [f"alert {one.name} has fired: {one.description}" for one in found.alerts if one.fired]
    if not found.deployment.is_enabled:
        warnings.append("the flow is stopped: no lead is mailed until `scripts/manage_flow.py start`")
    if found.last_run and found.last_run.status == "Failed":
        warnings.append("the last run failed; `scripts/manage_flow.py show` tells why")
    return warnings


def _as_json(deployed: Deployed, found: Status) -> dict[str, Any]:
    run, lead, trigger = found.last_run, found.last_lead, found.trigger
    return {
        "stack": deployed.stack,
        "logicApp": deployed.logic_app,
        "state": found.deployment.state,
        "recurrence": trigger.every,
        "lastRun": run and run_json(run),
        "nextRun": _iso(trigger.next),
        "lastLead": lead
        and {"received": _iso(received(lead)), "action": lead.action, "offer": lead.offer, "isTest": lead.is_test},
        "alerts": [
            {"name": one.name, "enabled": one.enabled, "fired": one.fired, "since": _iso(one.since), "tells": one.told}
            for one in found.alerts
        ],
        "connections": [
            {"name": one.name, "api": one.api, "status": one.status, "problem": one.problem or None}
            for one in found.connections
        ],
        "warnings": _warnings(found),
    }


def run_json(run: Run) -> dict[str, Any]:
    """A run as the commands print it with --json."""
    times = {"started": _iso(run.started), "ended": _iso(run.ended), "seconds": run.seconds}
    return {"name": run.name, "status": run.status, **times, "code": run.code or None, "message": run.message or None}


def switch(deployed: Deployed, enabled: bool, as_json: bool, console: Console) -> None:
    """Enable or disable the Logic App and tell what comes of it."""
    clients = Clients(deployed, os.environ)
    operations = Operations(clients)
    wanted = ENABLED if enabled else DISABLED
    with console.waiting("Asking Azure"):
        before = operations.deployment().state
        operations.start() if enabled else operations.stop()
    was = f" (it was {before.lower()} already)" if before == wanted else ""
    console.step(f"Logic App {deployed.logic_app} is {wanted.lower()}{was}")
    report: dict[str, Any] = {
        "stack": deployed.stack,
        "logicApp": deployed.logic_app,
        "state": wanted,
        "before": before,
    }
    kept = _state_by_settings(deployed.stack)
    if enabled:
        report["leadsSinceLastSuccess"] = _tell_unseen(clients, console)
    else:
        console.note(_STOPPED)
    for line in _how_long(wanted, kept, deployed.stack):
        console.note(line)
    if as_json:
        print(json.dumps(report))


def _state_by_settings(stack: str) -> str:
    """What a deployment makes of the flow; what nobody can tell from here is taken to be the setting's default."""
    from scripts import _program

    try:
        return _program.settings_of(stack).flow_state
    except LeadsError:
        return ENABLED


def _how_long(state: str, kept: str, stack: str) -> list[str]:
    """How long a switch by hand lasts: until a deployment does what the setting flowState says."""
    if state == kept:
        return [f"The setting flowState says so too: no deployment {_UNDOES[state]}."] if state == DISABLED else []
    return [
        f"The next deployment that writes the flow, or that refreshes, {_UNDOES[state]}. To keep it {_KEPT_AS[state]}:",
        f"  pulumi config set flowState {state} --stack {stack} && pulumi up --stack {stack}",
    ]


def _tell_unseen(clients: Clients, console: Console) -> int | None:
    try:
        unseen, since = _unseen(clients)
    except LeadsError as error:
        console.warn(f"whether leads have arrived meanwhile is not known: {error}")
        return None
    if unseen:
        leads = "1 lead has" if unseen == 1 else f"{unseen} leads have"
        console.warn(f"{leads} arrived since the last successful run began. A run mails what its look back reaches;")
        console.warn(f"to see them all: scripts/export_leads.py --since {since.strftime('%Y-%m-%dT%H:%M:%SZ')}")
    return unseen


def _unseen(clients: Clients) -> tuple[int, datetime]:
    """How many leads were written since the last successful run began, and when that was."""
    deployed, oldest = clients.deployed, datetime.now(UTC) - _KEPT
    last = next(RunHistory(clients).runs(Query("Succeeded", oldest), limit=1), None)
    since = last.started if last else oldest
    with LeadTable(deployed.connection_string, deployed.table) as table:
        return sum(1 for _ in arrivals(table, since)), since


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
