"""Each fault on a lead's way is found, and told with its cure."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from leads.alerts import Alert
from leads.checks import Account, Facts, Level, account_of, checks
from leads.connections import ApiConnection
from leads.flow import Run
from leads.lead import parse_lead
from leads.operations import Deployment, Trigger

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TABLES = ApiConnection("/c/azuretables", "azuretables", "azuretables", "Connected", "", True)
MAIL = ApiConnection("/c/office365", "office365", "office365", "Connected", "", True)
ALERT = Alert("runs-failed", "A run has failed.", True, False, None, ("ops@contoso.com",))


def ago(**lengths: float) -> datetime:
    return NOW - timedelta(**lengths)


GOOD = Facts(
    now=NOW,
    stack="dev",
    deployment=Deployment("Enabled", ago(days=9), "v", {}, {}),
    trigger=Trigger("Recurrence", "every hour", ago(minutes=10), NOW, timedelta(hours=1)),
    last_run=Run("r1", "Succeeded", ago(minutes=10)),
    newest_lead=parse_lead({"PartitionKey": "p", "RowKey": "r", "Timestamp": "2026-11-24T11:00:00Z"}),
    oldest_waiting=None,
    waiting=0,
    table_problem="",
    account=Account("leads", True, True),
    alerts=[ALERT],
    connections=[TABLES, MAIL],
)


def found(**changes: Any) -> list[tuple[str, str, str]]:
    facts = dataclasses.replace(GOOD, **changes)
    return [(one.level.value, one.what, one.cure) for one in checks(facts) if one.level is not Level.OK]


def test_a_stack_in_order_has_nothing_to_mend() -> None:
    assert found() == []
    assert len(checks(GOOD)) == 7


@pytest.mark.parametrize(
    ("changes", "level", "what", "cure"),
    [
        ({"account": Account("leads", False, True)}, "error", "refuses shared keys", "pulumi up --refresh --stack dev"),
        (
            {"account": Account("leads", False, True, "/s/old")},
            "error",
            "refuses shared keys",
            "az storage account update --ids /s/old --allow-shared-key-access true",
        ),
        ({"account": Account("leads", True, False)}, "error", "closed to the internet", "open its networking"),
        ({"table_problem": "cannot read"}, "error", "cannot read", ""),
        ({"newest_lead": None}, "warning", "no lead has ever arrived", "nextSteps --stack dev"),
        ({"last_run": None}, "warning", "has never run", "manage_flow.py run"),
        (
            {"last_run": Run("r9", "Failed", ago(minutes=1))},
            "error",
            "11:59:00Z) Failed",
            "manage_flow.py show r9 --stack dev",
        ),
        ({"last_run": Run("r9", "Succeeded", ago(hours=3))}, "error", "has not run for 3 h", "trigger history"),
        (
            {"oldest_waiting": ago(hours=3), "waiting": 2},
            "error",
            "2 leads have not been mailed, the oldest for 3 h",
            "export_leads.py --since 2026-11-24T09:00:00Z",
        ),
        (
            {"connections": [dataclasses.replace(MAIL, status="Error", problem="Consent lapsed.")]},
            "error",
            "connection office365: Error: Consent lapsed: no lead is mailed until",
            "scripts/renew_consent.py --stack dev",
        ),
        (
            {"connections": [dataclasses.replace(TABLES, status="Error")]},
            "error",
            "azuretables: Error: no reason given",
            "rotate_keys.py key1",
        ),
        ({"alerts": []}, "warning", "no alert tells anybody", "pulumi up --refresh"),
        ({"alerts": [dataclasses.replace(ALERT, fired=True)]}, "error", "A run has failed.", "show failed"),
    ],
)
def test_a_fault_is_told_with_its_cure(changes: dict[str, Any], level: str, what: str, cure: str) -> None:
    (one,) = found(**changes)
    assert one[0] == level
    assert what in one[1]
    assert cure in one[2]


def test_a_stopped_flow_is_an_error_and_no_standstill() -> None:
    stopped = dataclasses.replace(GOOD.deployment, state="Disabled")
    (one,) = found(deployment=stopped, last_run=Run("r", "Succeeded", ago(days=2)))
    assert one == ("error", "the flow is disabled: no lead is mailed", "scripts/manage_flow.py start --stack dev")
    (one,) = found(deployment=stopped, stops=True)
    assert one[2] == "pulumi config set flowState Enabled --stack dev && pulumi up --stack dev"


def test_a_flow_that_was_just_changed_is_given_its_time() -> None:
    changed = dataclasses.replace(GOOD.deployment, changed=ago(minutes=1))
    assert found(deployment=changed, last_run=Run("r", "Succeeded", ago(days=2))) == []


def test_leads_that_arrived_since_the_last_run_are_no_fault() -> None:
    assert found(oldest_waiting=ago(minutes=59), waiting=1) == []


def test_a_disabled_alert_tells_nobody() -> None:
    levels = [one[1] for one in found(alerts=[dataclasses.replace(ALERT, enabled=False)])]
    assert levels == ["no alert tells anybody when the flow fails", "alert runs-failed is disabled"]


@pytest.mark.parametrize(
    ("model", "allows"),
    [
        ({}, (True, True)),
        ({"allow_shared_key_access": False}, (False, True)),
        ({"public_network_access": "Disabled"}, (True, False)),
        ({"network_rule_set": SimpleNamespace(default_action="Deny")}, (True, False)),
        ({"network_rule_set": SimpleNamespace(default_action=SimpleNamespace(value="Allow"))}, (True, True)),
    ],
)
def test_an_account_lets_microsoft_in_unless_it_says_otherwise(
    model: dict[str, Any], allows: tuple[bool, bool]
) -> None:
    silent = {"name": "a", "allow_shared_key_access": None, "public_network_access": None, "network_rule_set": None}
    account = account_of(SimpleNamespace(**{**silent, **model}))
    assert (account.allows_shared_key, account.allows_every_network) == allows
