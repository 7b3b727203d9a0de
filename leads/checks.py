"""Is the way from the table to the mail in order? Pure: judges what was read, each fault with its cure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from leads.alerts import Alert
from leads.connections import ApiConnection
from leads.consent import needs_consent, renewal
from leads.flow import Run
from leads.lead import Lead
from leads.operations import Deployment, Trigger
from leads.periods import duration, moment_text

_LATE = timedelta(minutes=5)  # how much later than planned a recurrence may be


class Level(StrEnum):
    """`error`: leads are lost or not mailed; `warning`: somebody should look; `ok`: nothing to do."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Check:
    """What was looked at, what was found, and what to do about it (empty if nothing)."""

    level: Level
    what: str
    cure: str = ""


@dataclass(frozen=True)
class Account:
    """How the storage account lets Microsoft in: by shared key, from any network.

    `adopted`: the id of one that is no resource of the stack, so that no deployment changes it; else empty.
    """

    name: str
    allows_shared_key: bool
    allows_every_network: bool
    adopted: str = ""


@dataclass(frozen=True)
class Facts:
    """What was read of a stack. `waiting`: leads that no successful run came after; `table_problem`: why not read;
    `stops`: the stack's settings say that the flow is to stand still.
    """

    now: datetime
    stack: str
    deployment: Deployment
    trigger: Trigger
    last_run: Run | None
    newest_lead: Lead | None
    oldest_waiting: datetime | None
    waiting: int
    table_problem: str
    account: Account
    alerts: Sequence[Alert]
    connections: Sequence[ApiConnection]
    stops: bool = False


def checks(facts: Facts) -> list[Check]:
    """Everything that is judged, in the order of a lead's way. A cure that is a command names the stack."""
    return [replace(one, cure=for_stack(one.cure, facts.stack)) for one in _judged(facts)]


def for_stack(cure: str, stack: str) -> str:
    """A cure as a person types it: commands of the project and of Pulumi are told which stack is meant."""
    is_command = cure.startswith(("scripts/", "pulumi ")) and "--stack" not in cure
    return f"{cure} --stack {stack}" if is_command else cure


def _judged(facts: Facts) -> list[Check]:
    return [
        *_account(facts.account),
        *_table(facts),
        *_state(facts),
        *_runs(facts),
        *_waiting(facts),
        *(_connection(one, facts.stack) for one in facts.connections),
        *_alerts(facts.alerts),
    ]


def _account(account: Account) -> Iterator[Check]:
    if not account.allows_shared_key:
        yield Check(
            Level.ERROR,
            f"account {account.name} refuses shared keys: Microsoft cannot write leads",
            f"az storage account update --ids {account.adopted} --allow-shared-key-access true"
            if account.adopted
            else "pulumi up --refresh",
        )
    if not account.allows_every_network:
        yield Check(
            Level.ERROR,
            f"account {account.name} is closed to the internet: Microsoft cannot write leads",
            "open its networking (all networks); where Microsoft writes from is not published",
        )
    if account.allows_shared_key and account.allows_every_network:
        yield Check(Level.OK, f"account {account.name} lets Microsoft in: shared keys, all networks")


def _table(facts: Facts) -> Iterator[Check]:
    if facts.table_problem:
        yield Check(Level.ERROR, facts.table_problem)
    elif facts.newest_lead is None:
        yield Check(
            Level.WARNING,
            "no lead has ever arrived, not even a test lead",
            f"enter the connection string in Partner Center: pulumi stack output nextSteps --stack {facts.stack}",
        )
    else:
        kind = "test lead" if facts.newest_lead.is_test else "lead"
        yield Check(Level.OK, f"the table can be read; its newest {kind} is of {facts.newest_lead.timestamp}")


def _state(facts: Facts) -> Iterator[Check]:
    if facts.deployment.is_enabled:
        yield Check(Level.OK, f"the flow is enabled and runs {facts.trigger.every or 'when it is triggered'}")
    else:
        yield Check(
            Level.ERROR,
            f"the flow is {facts.deployment.state.lower()}: no lead is mailed",
            f"pulumi config set flowState Enabled --stack {facts.stack} && pulumi up --stack {facts.stack}"
            if facts.stops
            else "scripts/manage_flow.py start",
        )


def _runs(facts: Facts) -> Iterator[Check]:
    run = facts.last_run
    if run is None:
        yield Check(Level.WARNING, "the flow has never run", "scripts/manage_flow.py run")
        return
    text = f"the last run ({moment_text(run.started)}) {run.status}"
    if run.status in ("Failed", "TimedOut", "Aborted", "Faulted"):
        yield Check(Level.ERROR, text, f"scripts/manage_flow.py show {run.name}")
    else:
        yield Check(Level.OK, text)
    yield from _standstill(facts, run)


def _standstill(facts: Facts, run: Run) -> Iterator[Check]:
    """A flow that is enabled and does not run."""
    period, changed = facts.trigger.period, facts.deployment.changed
    if period is None or not facts.deployment.is_enabled:
        return
    since = max(run.started, changed) if changed else run.started
    if facts.now - since > 2 * period + _LATE:
        yield Check(
            Level.ERROR,
            f"the flow runs {facts.trigger.every}, but has not run for {_age(facts.now - run.started)}",
            "look at its trigger history in the portal (Overview, Trigger history)",
        )


def _waiting(facts: Facts) -> Iterator[Check]:
    """Leads after which no successful run began, for longer than a run may take to come."""
    if facts.oldest_waiting is None or facts.trigger.period is None:
        return
    age = facts.now - facts.oldest_waiting
    if age > 2 * facts.trigger.period + _LATE:
        yield Check(
            Level.ERROR,
            f"{facts.waiting} lead{' has' if facts.waiting == 1 else 's have'} not been mailed,"
            f" the oldest for {_age(age)}",
            f"scripts/export_leads.py --since {facts.oldest_waiting.strftime('%Y-%m-%dT%H:%M:%SZ')}",
        )


def _connection(connection: ApiConnection, stack: str) -> Check:
    if connection.is_connected:
        return Check(Level.OK, f"connection {connection.name} is connected")
    problem = connection.problem.rstrip(". ") or "no reason given"
    what = f"connection {connection.name}: {connection.status}: {problem}"
    if needs_consent(connection):
        return Check(Level.ERROR, f"{what}: no lead is mailed until a person consents again", renewal(stack))
    cure = f"pulumi stack output mailAuthorization --stack {stack}"
    return Check(Level.ERROR, what, cure if connection.api != "azuretables" else "scripts/rotate_keys.py key1")


def _alerts(alerts: Iterable[Alert]) -> Iterator[Check]:
    found = list(alerts)
    if not any(alert.enabled and alert.told for alert in found):
        yield Check(Level.WARNING, "no alert tells anybody when the flow fails", "pulumi up --refresh")
    for alert in found:
        yield _alert(alert)


def _alert(alert: Alert) -> Check:
    if alert.fired:
        return Check(
            Level.ERROR, f"alert {alert.name} has fired: {alert.description}", "scripts/manage_flow.py show failed"
        )
    if not alert.enabled:
        return Check(Level.WARNING, f"alert {alert.name} is disabled", "pulumi up --refresh")
    return Check(Level.OK, f"alert {alert.name} has not fired; it tells {', '.join(alert.told) or 'nobody'}")


def _age(length: timedelta) -> str:
    return duration(length.total_seconds())


def account_of(found: Any, is_adopted: bool = False) -> Account:
    """What matters of a storage account, out of the client's model; what it does not say is Azure's default."""
    rules = found.network_rule_set
    is_open = _word(found.public_network_access) in ("", "enabled")
    return Account(
        name=str(found.name),
        allows_shared_key=found.allow_shared_key_access is not False,
        allows_every_network=is_open and (rules is None or _word(rules.default_action) in ("", "allow")),
        adopted=str(found.id) if is_adopted else "",
    )


def _word(value: Any) -> str:
    """A word of Azure's, which the client gives as text or as a member of an enumeration."""
    return str(getattr(value, "value", value) or "").lower()
