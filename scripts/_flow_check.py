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
from leads.checks import Account, Check, Facts, Level, account_of, checks, for_stack
from leads.clients import Clients
from leads.connections import connections
from leads.environment import Deployed
from leads.errors import LeadsError
from leads.json_diff import Difference, differences
from leads.lead import Lead
from leads.operations import DISABLED, Deployment, Operations
from leads.redaction import Redactor
from leads.runs import Query, RunHistory
from leads.table import LeadTable, LeadTableError
from scripts._console import Console
from wdl.checker import check as check_definition

Json = dict[str, Any]

_LOOK_BACK = timedelta(days=30)


def check(deployed: Deployed, as_json: bool, console: Console) -> None:
    """Judge the stack; ends with 1 if there is an error."""
    with console.waiting("Looking at everything on a lead's way"):
        clients = Clients(deployed, os.environ)
        program = _program_of(deployed)
        facts = _facts(clients, program)
        found = [*checks(facts), *_definition(facts.deployment), *_compared(program, facts)]
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


def _facts(clients: Clients, program: Json | LeadsError) -> Facts:
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
        stops=isinstance(program, dict) and program["state"] == DISABLED,
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
        found = clients.storage.storage_accounts.get_properties(deployed.account_group, deployed.account)
    return account_of(found, deployed.is_adopted)


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


def _program_of(deployed: Deployed) -> Json | LeadsError:
    """The Logic App that the program would deploy; or why that is not known."""
    from scripts import _program

    try:
        return _program.logic_app(_program.settings_of(deployed.stack), deployed)
    except LeadsError as error:
        return error


def _compared(program: Json | LeadsError, facts: Facts) -> list[Check]:
    if isinstance(program, LeadsError):
        return [Check(Level.WARNING, f"what the program would deploy is not known: {program}")]
    found = _differences(program, facts.deployment)
    if not found:
        return [Check(Level.OK, "what is deployed is what the program would deploy")]
    places = ", ".join(one.path for one in found[:3]) + (", …" if len(found) > 3 else "")
    cure = for_stack("scripts/manage_flow.py diff", facts.stack)
    return [Check(Level.WARNING, f"what is deployed differs from the program at {places}", cure)]


def diff(deployed: Deployed, as_json: bool, console: Console) -> None:
    """Compare deployed and program; ends with 1 if they differ."""
    with console.waiting("Comparing"):
        program = _program_of(deployed)
        if isinstance(program, LeadsError):
            raise program
        found = _differences(program, Operations(Clients(deployed, os.environ)).deployment())
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


def _differences(program: Json, deployment: Deployment) -> list[Difference]:
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
