"""manage_flow.py check, diff."""

from __future__ import annotations

import copy
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from leads.alerts import alerts
from leads.arm_errors import Explained
from leads.arrivals import arrivals, newest_lead
from leads.checks import Account, Check, Facts, Level, account_of, checks
from leads.clients import Clients
from leads.connections import connections
from leads.environment import Deployed
from leads.errors import LeadsError
from leads.json_diff import Difference, differences
from leads.lead import Lead
from leads.operations import Deployment, Operations
from leads.redaction import Redactor
from leads.runs import Query, RunHistory
from leads.table import LeadTable, LeadTableError
from scripts._console import Console
from wdl.checker import check as check_definition

_LOOK_BACK = timedelta(days=30)


def check(deployed: Deployed, as_json: bool, console: Console) -> None:
    """Judge the stack; ends with 1 if there is an error."""
    with console.waiting("Looking at everything on a lead's way"):
        clients = Clients(deployed, os.environ)
        facts = _facts(clients)
        found = [*checks(facts), *_definition(facts.deployment), *_program(deployed, facts.deployment)]
    errors = [one for one in found if one.level is Level.ERROR]
    if as_json:
        listed = [{"level": one.level.value, "what": one.what, "cure": one.cure or None} for one in found]
        print(json.dumps({"stack": deployed.stack, "ok": not errors, "checks": listed}, indent=2, ensure_ascii=False))
    for one in found:
        _tell(one, console)
    if errors:
        console.fail(f"{len(errors)} of {len(found)} checks failed")
    console.note(f"\n{len(found)} checks, nothing that keeps leads from being mailed.")


def _tell(one: Check, console: Console) -> None:
    text = one.what + (f"\n    → {one.cure}" if one.cure else "")
    {Level.OK: console.step, Level.WARNING: console.warn, Level.ERROR: console.fault}[one.level](text)


def _facts(clients: Clients) -> Facts:
    deployed, operations, history = clients.deployed, Operations(clients), RunHistory(clients)
    deployment, now = operations.deployment(), datetime.now(UTC)
    success = next(history.runs(Query("Succeeded", now - _LOOK_BACK), limit=1), None)
    newest, waiting, problem = _table(deployed, now, success.started if success else now - _LOOK_BACK)
    return Facts(
        now=now,
        stack=deployed.stack,
        deployment=deployment,
        trigger=operations.trigger(),
        last_run=next(history.runs(limit=1), None),
        newest_lead=newest,
        oldest_waiting=min(waiting, default=None),
        waiting=len(waiting),
        table_problem=problem,
        account=_account(clients),
        alerts=alerts(clients),
        connections=connections(clients, deployment.connections),
    )


def _table(deployed: Deployed, now: datetime, since: datetime) -> tuple[Lead | None, list[datetime], str]:
    """The newest lead and the times of those since a moment; or why the table cannot be read."""
    try:
        with LeadTable(deployed.connection_string, deployed.table) as table:
            return newest_lead(table, now), list(arrivals(table, since)), ""
    except LeadTableError as error:
        return None, [], str(error)


def _account(clients: Clients) -> Account:
    deployed = clients.deployed
    with Explained(f"storage account {deployed.account}"):
        return account_of(clients.storage.storage_accounts.get_properties(deployed.account_group, deployed.account))


def _definition(deployment: Deployment) -> list[Check]:
    """What the flow checker says of the definition that is deployed."""
    from notifier import acknowledged

    found = check_definition(_comparable(deployment.definition), connections=list(deployment.connections))
    open_ones = [finding for finding in found if acknowledged.reason(finding) is None]
    if not open_ones:
        return [Check(Level.OK, "the flow checker finds nothing in the deployed definition")]
    levels = {"error": Level.ERROR, "warning": Level.WARNING}
    return [
        Check(levels[one.severity], f"{one.rule} at {one.json_path}: {one.what} {one.why}", one.cure)
        for one in open_ones
    ]


def _program(deployed: Deployed, deployment: Deployment) -> list[Check]:
    try:
        found = _differences(deployed, deployment)
    except LeadsError as error:
        return [Check(Level.WARNING, f"what the program would deploy is not known: {error}")]
    if not found:
        return [Check(Level.OK, "what is deployed is what the program would deploy")]
    places = ", ".join(one.path for one in found[:3]) + (", …" if len(found) > 3 else "")
    return [
        Check(Level.WARNING, f"what is deployed differs from the program at {places}", "scripts/manage_flow.py diff")
    ]


def diff(deployed: Deployed, as_json: bool, console: Console) -> None:
    """Compare deployed and program; ends with 1 if they differ."""
    with console.waiting("Comparing"):
        deployment = Operations(Clients(deployed, os.environ)).deployment()
        found = _differences(deployed, deployment)
    hidden = Redactor().text
    if as_json:
        listed = [
            {"path": one.path, "deployed": hidden(one.text("left")), "program": hidden(one.text("right"))}
            for one in found
        ]
        print(json.dumps({"stack": deployed.stack, "differences": listed}, indent=2, ensure_ascii=False))
    if not found:
        console.step(f"Logic App {deployed.logic_app} is what the program would deploy")
        return
    for one in found:
        console.note(one.path)
        console.note(f"    deployed  {hidden(one.text('left'))}")
        console.note(f"    program   {hidden(one.text('right'))}")
    number = f"{len(found)} difference{'' if len(found) == 1 else 's'}"
    console.note(f"\n{number}; `pulumi up --refresh --stack {deployed.stack}` makes it what the program says")
    sys.exit(1)


def _differences(deployed: Deployed, deployment: Deployment) -> list[Difference]:
    from scripts import _program

    program = _program.logic_app(_program.settings_of(deployed.stack), deployed)
    there = {
        "state": deployment.state,
        "definition": _comparable(deployment.definition),
        "connections": {name: str(one.get("connectionId", "")) for name, one in deployment.connections.items()},
    }
    return [one for one in differences(there, program) if not _is_same_id(one)]


def _is_same_id(one: Difference) -> bool:
    """Azure compares resource ids without case, and returns them in changing case."""
    ids = one.path.startswith("$.connections.") and isinstance(one.left, str) and isinstance(one.right, str)
    return ids and one.left.lower() == one.right.lower()


def _comparable(definition: dict[str, Any]) -> dict[str, Any]:
    """Without what Azure adds to a definition: the recurrence as it was evaluated."""
    found = copy.deepcopy(definition)
    for trigger in (found.get("triggers") or {}).values():
        if isinstance(trigger, dict):
            trigger.pop("evaluatedRecurrence", None)
    return found
