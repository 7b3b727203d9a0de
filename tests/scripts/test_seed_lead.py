"""seed_lead.py against a deployed stack: exit code 0 means delivered, and no row goes unaccounted for."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from azure.data.tables import TableClient
from azure.identity import EnvironmentCredential
from azure.mgmt.logic import LogicManagementClient
from azure.mgmt.storage import StorageManagementClient

if TYPE_CHECKING:
    from conftest import Deployed

pytestmark = [pytest.mark.engine, pytest.mark.cloud]


def report(deployed: Deployed, *arguments: str, ok: bool = True, **changes: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(deployed.seed("--json", *arguments, ok=ok, **changes).stdout)
    return found


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("error: ")
    return lines[0]


def logic(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> LogicManagementClient:
    client: LogicManagementClient = signed_in(deployed, monkeypatch, LogicManagementClient)
    return client


def signed_in(deployed: Deployed, monkeypatch: pytest.MonkeyPatch, client: type[Any]) -> Any:
    """An official management client on the local cloud."""
    for name, value in deployed.environment.items():
        monkeypatch.setenv(name, value)
    return client(
        EnvironmentCredential(disable_instance_discovery=True),
        deployed.environment["LOCALAZURE_SUBSCRIPTION_ID"],
        base_url=deployed.environment["LOCALAZURE_ARM_ENDPOINT"],
    )


def test_it_tells_step_by_step_how_the_lead_was_delivered(deployed: Deployed) -> None:
    told = deployed.seed("--stack", "local").stdout
    steps = ["✓ Stack local: table MarketplaceLeads of account leadslocal", "✓ Inserted 1 lead: ", "✓ Started the flow"]
    steps += [": Get_entities returned the lead", ": Send_an_email mailed the lead to sales@contoso.com"]
    steps += ["✓ In the inbox: 1 mail with the lead", "Delivered in "]
    places = [told.find(step) for step in steps]
    assert -1 not in places, told
    assert places == sorted(places)


def test_a_locale_of_another_encoding_is_no_reason_to_stop(deployed: Deployed) -> None:
    told = deployed.seed("--clean", PYTHONIOENCODING="latin-1", PYTHONUTF8="0").stdout
    assert "✓ Inserted 1 lead: " in told
    assert "Delivered in " in told


def test_the_report_names_lead_run_actions_and_mail(deployed: Deployed) -> None:
    found = report(deployed, "--kind", "test", "--number", "3")
    mails = {mail["id"]: mail for mail in deployed.inbox()}
    assert found["delivered"] is True
    assert found["error"] is None
    assert len(found["leads"]) == 3
    rows = deployed.table()
    for lead in found["leads"]:
        assert (lead["readBy"], lead["mailedBy"], lead["run"]) == ("Get_entities", "Send_an_email", found["run"])
        assert lead["rowKey"] in mails[lead["mail"]]["html"]
        assert lead["inTable"]
        assert re.search(r"MSFT_TEST_\d{18}", rows[lead["rowKey"]]["CustomerInfo"])


def test_clean_removes_what_was_inserted_and_nothing_else(deployed: Deployed) -> None:
    before = set(deployed.table())
    found = report(deployed, "--clean", "--number", "2")
    assert found["delivered"] is True
    assert [lead["inTable"] for lead in found["leads"]] == [False, False]
    assert set(deployed.table()) == before


def test_own_leads_are_delivered_as_they_are(deployed: Deployed, tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    contact = {"FirstName": "Zoë", "Email": "zoe@example.com", "Company": "A & B"}
    leads = [{"RowKey": "own-1 @{x}'\"", "CustomerInfo": contact, "Score": 2**40}, {"RowKey": "own-2", "Paid": True}]
    file.write_text(json.dumps(leads))
    found = report(deployed, "--file", str(file))
    assert [lead["rowKey"] for lead in found["leads"]] == ["own-1 @{x}'\"", "own-2"]
    row = deployed.table()["own-1 @{x}'\""]
    assert json.loads(row["CustomerInfo"]) == contact
    assert row["Score"].value == 2**40
    assert deployed.table()["own-2"]["Paid"] is True
    again = one_line(deployed.seed("--file", str(file), ok=False).stderr)
    assert "a row with these keys is there already; 0 of 2 leads left in the table" in again


def test_without_a_run_nothing_is_started_and_nothing_claimed(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = logic(deployed, monkeypatch)
    place = ("marketplace-leads-local", "lead-notifier")
    before = len(list(client.workflow_runs.list(*place)))
    found = report(deployed, "--no-run")
    assert found["delivered"] is False
    assert found["error"] is None
    assert found["leads"][0]["rowKey"] in deployed.table()
    assert len(list(client.workflow_runs.list(*place))) == before


def test_a_disabled_flow_is_told_and_the_row_accounted_for(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    client = logic(deployed, monkeypatch)
    client.workflows.disable("marketplace-leads-local", "lead-notifier")
    try:
        done = deployed.seed(ok=False)
        cleaned = deployed.seed("--clean", ok=False)
    finally:
        up(deployed, "--refresh")
    assert done.returncode == 1
    message = one_line(done.stderr)
    assert "Logic App lead-notifier: it is disabled" in message
    left = re.search(r"1 of 1 lead left in the table: \S+ / (\S+)$", message)
    assert left is not None
    assert left[1] in deployed.table()
    assert one_line(cleaned.stderr).endswith("0 of 1 lead left in the table")
    deployed.seed()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--file", "x.json", "--number", "2"], "--file brings its own leads; leave out --number and --kind"),
        (["--file", "x.json", "--kind", "test"], "--file brings its own leads"),
        (["--clean", "--no-run"], "leave one of them out"),
    ],
)
def test_options_that_contradict_each_other_are_refused(deployed: Deployed, arguments: list[str], message: str) -> None:
    done = deployed.seed(*arguments, ok=False)
    assert done.returncode == 2
    assert message in one_line(done.stderr)


@pytest.mark.parametrize("arguments", [["--number", "0"], ["--number", "x"], ["--kind", "nice"], ["--unknown"]])
def test_options_that_are_wrong_are_refused(deployed: Deployed, arguments: list[str]) -> None:
    done = deployed.seed(*arguments, ok=False)
    assert done.returncode == 2
    assert "Error: " in done.stderr.splitlines()[-1]


def test_a_malformed_file_inserts_nothing(deployed: Deployed, tmp_path: Path) -> None:
    before = deployed.table()
    file = tmp_path / "bad.json"
    file.write_text('[{"RowKey": "fine"}, {"RowKey": 5}]')
    done = deployed.seed("--file", str(file), ok=False)
    assert done.returncode == 1
    assert "lead 2, column RowKey" in one_line(done.stderr)
    assert deployed.table() == before


def test_an_azure_stack_is_refused_in_the_local_clouds_environment(deployed: Deployed) -> None:
    done = deployed.seed("--stack", "prod", ok=False)
    assert done.returncode == 1
    assert "Stack 'prod' is meant for Azure" in one_line(done.stderr)


def test_the_local_stack_needs_the_local_clouds_environment(deployed: Deployed) -> None:
    done = deployed.seed("--stack", "local", ok=False, LOCALAZURE_ARM_ENDPOINT="")
    assert one_line(done.stderr).endswith('Run: localazure start && eval "$(localazure env)"')


def test_without_a_stack_and_without_the_local_cloud_it_asks(deployed: Deployed) -> None:
    done = deployed.seed(ok=False, LOCALAZURE_ARM_ENDPOINT="")
    assert done.returncode == 2
    assert "Say --stack NAME" in one_line(done.stderr)


def test_a_stack_that_is_not_there_or_not_deployed_is_told(deployed: Deployed, tmp_path: Path) -> None:
    empty = f"file://{tmp_path}"
    missing = deployed.seed(ok=False, PULUMI_BACKEND_URL=empty)
    assert "there is no stack 'local' here" in one_line(missing.stderr)
    deployed.run("pulumi", "stack", "init", "local", "--non-interactive", PULUMI_BACKEND_URL=empty)
    bare = deployed.seed(ok=False, PULUMI_BACKEND_URL=empty)
    assert "stack 'local' is not deployed" in one_line(bare.stderr)


def up(deployed: Deployed, *options: str) -> None:
    """The cure that an error names."""
    deployed.run("pulumi", "up", "--yes", "--skip-preview", "--stack", "local", "--non-interactive", *options)


def test_a_key_that_is_not_valid_any_more_is_told_with_its_cure(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = deployed.outputs()
    signed_in(deployed, monkeypatch, StorageManagementClient).storage_accounts.regenerate_key(
        outputs["resourceGroupName"], outputs["storageAccountName"], {"keyName": "key2"}
    )
    assert "the account key is not valid any more (`pulumi up` fetches" in one_line(deployed.seed(ok=False).stderr)
    up(deployed)
    deployed.seed()


def test_a_table_that_is_gone_is_told_with_its_cure(deployed: Deployed) -> None:
    outputs = deployed.outputs()
    with TableClient.from_connection_string(outputs["connectionString"], outputs["leadTableName"]) as client:
        client.delete_table()
    message = one_line(deployed.seed(ok=False).stderr)
    assert "there is no such table; `pulumi up --refresh` makes it again; 0 of 1 lead left" in message
    up(deployed, "--refresh")
    deployed.seed()


def test_a_flow_that_is_gone_is_told_with_its_cure(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    logic(deployed, monkeypatch).workflows.delete("marketplace-leads-local", "lead-notifier")
    message = one_line(deployed.seed("--clean", ok=False).stderr)
    assert "Logic App lead-notifier: it does not exist any more; `pulumi up --refresh` makes it again" in message
    up(deployed, "--refresh")
    deployed.seed()


def test_no_proof_without_the_inbox(deployed: Deployed) -> None:
    done = deployed.seed(ok=False, LOCALAZURE_INBOX="")
    assert done.returncode == 1
    assert "LOCALAZURE_INBOX is not set" in one_line(done.stderr)


def test_an_unreachable_table_is_told_in_one_line_without_its_key(deployed: Deployed) -> None:
    key = re.search("AccountKey=([^;]+)", deployed.outputs()["connectionString"])
    assert key is not None
    deployed.run("localazure", "stop")
    try:
        without_cloud = deployed.seed(ok=False)
        with socket.create_server(("127.0.0.1", 0)) as somebody:
            address = f"https://127.0.0.1:{somebody.getsockname()[1]}"
            done = deployed.seed(ok=False, LOCALAZURE_ARM_ENDPOINT=address)
    finally:
        deployed.run("localazure", "start")
    assert one_line(without_cloud.stderr).endswith("start it with `localazure start`")
    assert done.returncode == 1
    message = one_line(done.stderr)
    assert "does not answer" in message
    assert message.endswith("0 of 1 lead left in the table")
    assert key[1] not in done.stdout + done.stderr + deployed.seed().stdout
