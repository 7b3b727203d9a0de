"""manage_flow.py on a deployed stack: every command, through the official clients."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flow_commands import Answer, Commands

from leads.alerts import Alert
from leads.checks import Check
from leads.checks import _alert as judged
from leads.operations import Operations
from leads.redaction import with_key
from leads.samples import Kind
from scripts import _program

if TYPE_CHECKING:
    from conftest import Deployed

pytestmark = [pytest.mark.engine, pytest.mark.cloud]


@pytest.fixture
def run(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Commands:
    return Commands(deployed, monkeypatch)


def flow(run: Commands, *arguments: str, ok: bool = True, **more: bool) -> Answer:
    return run("manage_flow", *arguments, ok=ok, **more)


def started(run: Commands) -> str:
    """A run that has ended."""
    name: str = flow(run, "run", "--json").json["run"]["name"]
    return name


def now() -> str:
    return datetime.now(UTC).isoformat()


@pytest.fixture
def broken(run: Commands) -> Iterator[Commands]:
    """The flow has a key that does not open the table."""
    run.give_key("d3Jvbmc=")
    yield run
    run.give_key(run.keys()["key1"])


@pytest.fixture
def slow(run: Commands) -> Iterator[Commands]:
    """Somebody has changed the flow by hand: it waits for a minute first."""
    workflows, place = run.clients.logic.workflows, (run.stack.resource_group, run.stack.logic_app)
    found: Any = workflows.get(*place)
    before = json.loads(json.dumps(found.definition))
    found.definition["actions"]["Pause"] = {
        "type": "Wait",
        "inputs": {"interval": {"count": 1, "unit": "Minute"}},
        "runAfter": {},
    }
    found.definition["actions"]["Get_past_time"]["runAfter"] = {"Pause": ["Succeeded"]}
    workflows.create_or_update(*place, found)
    yield run
    found.definition = before
    workflows.create_or_update(*place, found)


def test_as_a_person_types_it(deployed: Deployed, run: Commands) -> None:
    run.insert(kind=Kind.TEST)
    told = deployed.run(sys.executable, "scripts/manage_flow.py", "status").stdout
    for line in ("Logic App    lead-notifier: Enabled", "Recurrence   every hour", "Connection   office365: Connected"):
        assert line in told
    assert "test lead, Contoso Lead Demo" in told
    assert re.search(r"lead-alerts-runs-failed: .*; tells operations@contoso\.com", told)


def test_status_tells_state_runs_lead_alerts_and_connections(run: Commands) -> None:
    name, began = started(run), datetime.now(UTC)
    found = flow(run, "status", "--json").json
    assert (found["stack"], found["logicApp"], found["state"]) == ("local", "lead-notifier", "Enabled")
    assert (found["lastRun"]["name"], found["lastRun"]["status"]) == (name, "Succeeded")
    assert datetime.fromisoformat(found["nextRun"]) > began
    assert set(found["lastLead"]) == {"received", "action", "offer", "isTest"}, "nothing of a person"
    assert [(alert["name"], alert["tells"]) for alert in found["alerts"]] == [
        ("lead-alerts-runs-failed", ["operations@contoso.com"])
    ]
    assert {one["name"]: one["status"] for one in found["connections"]} == dict.fromkeys(
        ("azuretables", "office365"), "Connected"
    )
    assert [one for one in found["warnings"] if "has fired" not in one] == []


def test_a_stopped_flow_says_so_until_it_is_started(run: Commands) -> None:
    started(run)
    try:
        told = flow(run, "stop").out
        assert "✓ Logic App lead-notifier is disabled" in told
        assert "pulumi config set flowState Disabled --stack local" in told
        assert "! the flow is stopped" in flow(run, "status").out
        assert "it is disabled; `scripts/manage_flow.py start` enables it" in flow(run, "run", ok=False).error
        assert flow(run, "stop", "--json").json["before"] == "Disabled"
        stopped = [
            one["what"] for one in flow(run, "check", "--json", ok=False).json["checks"] if one["level"] == "error"
        ]
        assert stopped == ["the flow is disabled: no lead is mailed"]
        assert flow(run, "diff", "--json", ok=False).json["differences"] == [
            {"path": "$.state", "deployed": '"Disabled"', "program": '"Enabled"'}
        ]
        run.insert(2)
    finally:
        told = flow(run, "start").out
    assert "! 2 leads have arrived since the last successful run began." in told
    assert flow(run, "start", "--json").json["leadsSinceLastSuccess"] == 2
    started(run)
    assert flow(run, "start", "--json").json["leadsSinceLastSuccess"] == 0


def test_a_stop_that_is_set_is_told_apart_from_one_by_hand(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _program.settings_of("local").model_copy(update={"flow_state": "Disabled"})
    monkeypatch.setattr(_program, "settings_of", lambda _stack: settings)
    try:
        told = flow(run, "stop").out
        assert "The setting flowState says so too: no deployment enables it again." in told
        cures = {one["what"]: one["cure"] for one in flow(run, "check", "--json", ok=False).json["checks"]}
        enable = "pulumi config set flowState Enabled --stack local && pulumi up --stack local"
        assert cures["the flow is disabled: no lead is mailed"] == enable
    finally:
        told = flow(run, "start").out
    assert "The next deployment that writes the flow, or that refreshes, stops it again. To keep it running:" in told
    assert enable in told


def test_what_cannot_be_read_does_not_hide_the_rest(run: Commands) -> None:
    good = run.stack
    run.stack = type(good)(**{**vars(good), "connection_string": with_key(good.connection_string, "d3Jvbmc=")})
    told = flow(run, "status").out
    assert "Last lead    unknown" in told
    assert "! cannot read the rows in table MarketplaceLeads" in told
    assert "Connection   office365: Connected" in told
    assert "whether leads have arrived meanwhile is not known" in flow(run, "start").out
    checks = flow(run, "check", "--json", ok=False).json["checks"]
    assert any(one["level"] == "error" and "cannot read the rows" in one["what"] for one in checks)


def test_a_run_is_followed_action_by_action(run: Commands) -> None:
    lines = flow(run, "run").out.splitlines()
    assert lines[0].startswith("✓ Started run ")
    assert {line.split(":")[0] for line in lines[1:4]} == {"✓ Get_past_time", "✓ Get_entities", "✓ Condition"}
    assert "Succeeded in" in lines[-1]
    name = flow(run, "run", "--no-follow", "--json").json["run"]["name"]
    assert flow(run, "show", name, "--json").json["name"] == name


def test_runs_are_listed_by_status_and_time(run: Commands) -> None:
    since = now()
    first, second = started(run), started(run)
    assert [one["name"] for one in flow(run, "runs", "--since", since, "--json").json["runs"]] == [second, first]
    assert [one["name"] for one in flow(run, "runs", "--limit", "1", "--json").json["runs"]] == [second]
    assert flow(run, "runs", "--since", since, "--status", "failed", "--json").json["runs"] == []
    assert "No such run." in flow(run, "runs", "--until", "2020-01-01").out
    table = flow(run, "runs", "--since", since, "--status", "succeeded").out.splitlines()
    assert table[0].split() == ["Started", "(UTC)", "Status", "Took", "Code", "Run"]
    assert [line.split()[-1] for line in table[1:]] == [second, first]


def test_a_run_is_shown_with_inputs_and_outputs(run: Commands) -> None:
    run.insert()
    name = started(run)
    shown = flow(run, "show", "--json").json
    actions = {action["name"]: action for action in shown["actions"]}
    assert (shown["name"], shown["status"]) == (name, "Succeeded")
    assert list(actions) == ["Get_past_time", "Get_entities", "Condition", "Send_an_email"]
    assert "Timestamp gt datetime'" in actions["Get_entities"]["inputs"]["queries"]["$filter"]
    assert actions["Get_entities"]["outputs"]["body"]["value"]
    assert actions["Send_an_email"]["inputs"]["body"]["Subject"] == "New leads!"
    text = flow(run, "show", "last").out
    assert f"Run      {name}" in text
    assert "characters; --full shows all)" in text
    assert "--full" not in flow(run, "show", "last", "--full").out


def test_a_failed_run_tells_first_what_failed_and_why(broken: Commands) -> None:
    since = now()
    error = flow(broken, "run", ok=False).error
    assert "Failed: Get_entities Failed (Forbidden); `scripts/manage_flow.py show " in error
    assert "! the last run failed" in flow(broken, "status").out
    lines = flow(broken, "show", "failed").out.splitlines()
    assert lines[1] == "Status   Failed"
    assert lines[5] == "! Get_entities Failed (Forbidden)"
    assert lines[6].startswith("  HTTP 403 Server failed to authenticate the request.")
    assert lines[7] == ""
    (name,) = [
        one["name"] for one in flow(broken, "runs", "--status", "Failed", "--since", since, "--json").json["runs"]
    ]
    checks = flow(broken, "check", "--json", ok=False).json["checks"]
    assert any(one["cure"] == f"scripts/manage_flow.py show {name} --stack local" for one in checks)
    broken.give_key(broken.keys()["key1"])
    again = flow(broken, "resubmit", "failed", "--json").json["run"]
    assert again["status"] == "Succeeded"
    assert again["name"] != name


def test_a_run_is_cancelled_and_a_change_by_hand_is_found(slow: Commands) -> None:
    found = flow(slow, "diff", "--json", ok=False).json["differences"]
    assert [one["path"] for one in found] == [
        "$.definition.actions.Get_past_time.runAfter",
        "$.definition.actions.Pause",
    ]
    assert (found[1]["program"], json.loads(found[1]["deployed"])["type"]) == ("-", "Wait")
    assert "deployed  {" in flow(slow, "diff", ok=False).out
    name = flow(slow, "run", "--no-follow", "--json").json["run"]["name"]
    assert "is still Running after 1 seconds; it goes on" in flow(slow, "run", "--timeout", "1", ok=False).error
    for one in (name, "last"):
        assert flow(slow, "cancel", one, "--json").json["cancelled"]
    deadline = time.monotonic() + 120
    while flow(slow, "show", name, "--json").json["status"] != "Cancelled":
        assert time.monotonic() < deadline
    assert "the run is not active, so that there is nothing to cancel" in flow(slow, "cancel", name, ok=False).error


def test_nothing_differs_from_the_program(run: Commands) -> None:
    assert flow(run, "diff", "--json").json["differences"] == []
    assert "Logic App lead-notifier is what the program would deploy" in flow(run, "diff").out


def test_a_stack_in_order_passes_every_check(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    run.insert()
    started(run)
    monkeypatch.setattr("leads.checks._alert", _not_fired)  # the failures of other tests have fired it
    found = flow(run, "check", "--json").json
    assert found["ok"] is True
    assert {one["level"] for one in found["checks"]} == {"ok"}
    assert "nothing that keeps leads from being mailed" in flow(run, "check").out


def _not_fired(alert: Alert) -> Check:
    return judged(dataclasses.replace(alert, fired=False))


def test_statistics_as_numbers_as_a_table_and_as_a_picture(run: Commands, tmp_path: Path) -> None:
    started(run)
    found = flow(run, "stats", "--since", "1h", "--json").json
    assert found["runs"]["Succeeded"] >= 1
    assert 0 < found["successRate"] <= 1
    assert sum(sum(period["runs"].values()) for period in found["periods"]) == sum(found["runs"].values())
    assert found["seconds"]["runTook"]["count"] >= 1
    assert found["metrics"]["TriggersFired"] >= 1
    told = flow(run, "stats", "--picture", str(tmp_path / "p.png")).out
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert told.splitlines()[0].split()[-7:] == ["Runs", "Succeeded", "Failed", "Success", "Leads", "Longest", "wait"]
    assert "Success rate" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "nope"], "it has no such run; `scripts/manage_flow.py runs` lists them"),
        (["resubmit", "nope"], "it has no such run"),
        (["stats", "--since", "100d"], "Azure keeps runs for 90 days"),
        (["stats", "--since", "1d", "--until", "2d"], "the period ends before it begins"),
        (["stats", "--since", "2100-01-01"], "the period ends before it begins"),
        (["runs", "--since", "1d", "--until", "2d"], "the period ends before it begins"),
        (["runs", "--since", "soon"], "--since: 'soon' is no moment"),
        (["runs", "--until", ""], "--until: '' is no moment"),
        (["status", "--stack", "dev"], "Stack 'dev' is meant for Azure, but this shell points to the local cloud"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(run: Commands, arguments: list[str], message: str) -> None:
    answer = flow(run, *arguments, ok=False)
    assert message in answer.error
    assert answer.out == ""


def test_a_cloud_that_is_gone_is_told_in_one_line(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALAZURE_ARM_ENDPOINT", "https://127.0.0.1:9")
    assert (
        "the local cloud does not run (https://127.0.0.1:9 does not answer); start it"
        in flow(run, "runs", ok=False).error
    )


def test_who_wins_when_somebody_stops_the_flow(run: Commands, deployed: Deployed, tmp_path: Path) -> None:
    """The setting flowState, whenever a deployment writes the flow or looks at it; a plain `up` may do neither."""
    config = tmp_path / "Pulumi.local.yaml"
    shutil.copy(Path(__file__).resolve().parents[2] / config.name, config)

    def pulumi(*arguments: str) -> None:
        options = ["--stack", "local", "--non-interactive", "--config-file", str(config)]
        deployed.run("pulumi", *arguments, *options)

    def up(*arguments: str) -> str:
        pulumi("up", "--yes", "--skip-preview", *arguments)
        return Operations(run.clients).deployment().state

    operations = Operations(run.clients)
    try:
        operations.stop()
        assert up() == "Disabled", "nothing changed: the flow is not written"
        assert up("--refresh") == "Enabled", "a deployment that looks finds the difference"
        pulumi("config", "set", "flowState", "Disabled")
        assert up() == "Disabled"
        operations.start()
        pulumi("config", "set", "subject", "Leads!")
        assert up() == "Disabled", "a deployment that writes the flow writes the setting"
    finally:
        deployed.run("pulumi", "up", "--yes", "--skip-preview", "--refresh", "--stack", "local", "--non-interactive")
    assert operations.deployment().state == "Enabled"
