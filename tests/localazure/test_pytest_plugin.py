"""The fixtures and `mock_azure`, as other people's tests use them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.data.tables import TableClient
from azure.identity import EnvironmentCredential

from localazure.testing import ArmCallError, Inbox, MockAzure, mock_azure, unique_name

pytestmark = pytest.mark.cloud

REQUEST = {"manual": {"type": "Request", "kind": "Http", "inputs": {"schema": {}}}}
RECURRENCE = {"Recurrence": {"type": "Recurrence", "recurrence": {"frequency": "Month", "interval": 1}}}
SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"


def definition(actions: dict[str, Any], connections: bool = False) -> dict[str, Any]:
    parameters = {"$connections": {"type": "Object", "defaultValue": {}}} if connections else {}
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "triggers": RECURRENCE,
        "actions": actions,
        "outputs": {},
    }


def test_a_table_is_empty_and_of_this_test_alone(azure_table: TableClient) -> None:
    assert list(azure_table.list_entities()) == []
    azure_table.create_entity({"PartitionKey": "p", "RowKey": "r"})


def test_the_next_table_is_empty_too(azure_table: TableClient) -> None:
    assert list(azure_table.list_entities()) == []


def test_a_dict_becomes_a_workflow_that_runs(deploy_workflow: Callable[..., Any]) -> None:
    workflow = deploy_workflow(definition({"Say": {"type": "Compose", "inputs": "@concat('a', 'b')", "runAfter": {}}}))
    run = workflow.run()
    assert (run.status, run.statuses(), run.outputs("Say")) == ("Succeeded", {"Say": "Succeeded"}, "ab")
    # As on Azure, a Recurrence without a start time also fires by itself as soon as it is deployed.
    assert run.name in workflow.runs()


def test_a_workflow_reads_a_table_and_mails(
    mock_azure: MockAzure,
    azure_group: str,
    azure_account: str,
    azure_table: TableClient,
    azure_inbox: Inbox,
    deploy_workflow: Callable[..., Any],
) -> None:
    azure_table.create_entity({"PartitionKey": "p", "RowKey": "one", "Name": "Ann"})
    parts = dict(part.split("=", 1) for part in azure_account.split(";"))
    tables = mock_azure.create_connection(
        azure_group, "azuretables", {"storageaccount": parts["AccountName"], "sharedkey": parts["AccountKey"]}
    )
    mail = mock_azure.create_connection(azure_group, "office365")
    subject = unique_name("subject")
    send = _call("office365", "post", "/v2/Mail")
    send["runAfter"] = {"Get_entities": ["Succeeded"]}
    send["inputs"]["body"] = {
        "To": "ann@example.com",
        "Subject": subject,
        "Body": "@{body('Get_entities')?['value']?[0]?['Name']}",
    }
    get = _call("azuretables", "get", f"/Tables/{azure_table.table_name}/entities")
    workflow = deploy_workflow(
        definition({"Get_entities": get, "Send": send}, connections=True),
        connections={"azuretables": tables, "office365": mail},
    )
    run = workflow.run()
    assert run.status == "Succeeded", (run.statuses(), run.error)
    got = azure_inbox.wait_for(subject=subject, to="ann@example.com")
    assert "Ann" in (got.text or "") + (got.html or "")


def _call(connection: str, method: str, path: str) -> dict[str, Any]:
    host = {"connection": {"name": f"@parameters('$connections')['{connection}']['connectionId']"}}
    return {"type": "ApiConnection", "inputs": {"host": host, "method": method, "path": path}, "runAfter": {}}


def test_the_inbox_shows_this_tests_mails_only(azure_inbox: Inbox) -> None:
    assert azure_inbox.messages() == []
    with pytest.raises(AssertionError, match="no mail with subject 'x'"):
        azure_inbox.wait_for(subject="x", seconds=0)


def test_the_environment_leads_to_the_local_cloud_and_back(mock_azure: MockAzure) -> None:
    assert os.environ["LOCALAZURE_ARM_ENDPOINT"] == mock_azure.environment["LOCALAZURE_ARM_ENDPOINT"]
    credential = EnvironmentCredential(disable_instance_discovery=True)
    assert credential.get_token("https://management.azure.com/.default").token


def test_errors_of_arm_are_told(mock_azure: MockAzure) -> None:
    with pytest.raises(ArmCallError, match=r"404 .*ResourceGroupNotFound"):
        mock_azure.arm("GET", "/resourceGroups/nowhere")


def test_one_can_make_clouds_of_ones_own(make_localazure: Callable[..., Any], tmp_path: Path) -> None:
    one, other = make_localazure(tmp_path / "a"), make_localazure(tmp_path / "b")
    with MockAzure(one) as azure:
        group = azure.create_group()
    with MockAzure(other) as azure:
        assert not azure.has_group(group)


def test_mock_azure_decorates_and_restores_the_environment() -> None:
    before = dict(os.environ)

    @mock_azure
    def inside(value: int) -> tuple[int, str]:
        return value, os.environ["LOCALAZURE_ARM_ENDPOINT"]

    value, endpoint = inside(3)
    assert value == 3
    assert endpoint.startswith("https://127.0.0.1:")
    assert dict(os.environ) == before
    with mock_azure() as azure:
        assert azure.create_group()
    assert dict(os.environ) == before


def test_under_the_guard_nobody_reaches_azure(azure_guard: None) -> None:
    with pytest.raises(ClientAuthenticationError, match=r"127\.0\.0\.1"):
        EnvironmentCredential(disable_instance_discovery=True).get_token("https://management.azure.com/.default")


def test_the_guard_is_on_for_every_test_where_the_configuration_says_so(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nlocalazure_guard = true\n")
    (tmp_path / "test_it.py").write_text(
        textwrap.dedent("""
            import os

            def test_it():
                assert os.environ["AZURE_CLIENT_SECRET"] == "fake"
        """)
    )
    own = {**os.environ, "AZURE_CLIENT_SECRET": "real"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_run_that_uses_no_fixture_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        textwrap.dedent("""
            import sys

            def test_it():
                assert "localazure.pytest_plugin" in sys.modules
                assert not {"starlette", "uvicorn", "httpx", "azure.data.tables"} & set(sys.modules)
        """)
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
