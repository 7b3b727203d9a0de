"""Moving time and giving connectors in tests: `virtual_azure`, `MockAzure.give`, `MockAzure.faults`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.data.tables import TableServiceClient

from localazure.testing import DeployedWorkflow, Fault, FunctionConnector, MockAzure

pytestmark = pytest.mark.cloud

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
GET: dict[str, Any] = {
    "type": "ApiConnection",
    "inputs": {
        "host": {"connection": {"name": "@parameters('$connections')['sql']['connectionId']"}},
        "method": "get",
        "path": "/rows",
    },
    "runAfter": {},
}


def hourly(actions: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"$connections": {"type": "Object", "defaultValue": {}}},
        "triggers": {"Hourly": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 1}}},
        "actions": actions,
    }


def deployed(azure: MockAzure, actions: dict[str, Any]) -> DeployedWorkflow:
    return azure.deploy_workflow(hourly(actions), connections={"sql": azure.create_connection(None, "sql")})


def test_time_passes_when_it_is_told_to_and_as_far_as_a_run_needs(virtual_azure: MockAzure) -> None:
    assert virtual_azure.clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    sql = FunctionConnector("sql", lambda _: {"value": [1]})
    virtual_azure.give(sql)
    wait = {"type": "Wait", "inputs": {"interval": {"count": 10, "unit": "Minute"}}, "runAfter": {"Get": ["Succeeded"]}}
    workflow = deployed(virtual_azure, {"Get": GET, "Wait": wait})
    virtual_azure.advance(days=2, minutes=5)
    # The access token of the first call is long over; nobody who writes a test has to care.
    assert len(workflow.runs()) == len(sql.calls) == 49
    before = virtual_azure.clock.now()
    run = workflow.run()
    assert virtual_azure.clock.now() - before == timedelta(minutes=10)
    assert run.outputs("Get")["body"] == {"value": [1]}


def test_retries_wait_on_the_virtual_clock(virtual_azure: MockAzure) -> None:
    virtual_azure.give(FunctionConnector("sql", lambda _: {}))
    virtual_azure.faults.add(Fault(api="sql", status=503, times=2))
    workflow = deployed(virtual_azure, {"Get": GET})
    before = virtual_azure.clock.now()
    assert workflow.wait(workflow.runs()[0]).status == "Succeeded"
    assert timedelta(seconds=10) < virtual_azure.clock.now() - before < timedelta(minutes=2)


def test_a_run_that_waits_for_a_person_is_named(virtual_azure: MockAzure) -> None:
    virtual_azure.give(FunctionConnector("sql", lambda _: None))
    ask = {"type": "ApiConnectionWebhook", "inputs": {**GET["inputs"], "body": {"url": "@listCallbackUrl()"}}}
    workflow = deployed(virtual_azure, {"Ask": ask})
    with pytest.raises(AssertionError, match="waits for something else than time"):
        workflow.wait(workflow.runs()[0], seconds=0.5)


def test_storage_accounts_work_on_a_virtual_clock(virtual_azure: MockAzure) -> None:
    with TableServiceClient.from_connection_string(virtual_azure.create_account()) as service:
        service.create_table("Rows").create_entity({"PartitionKey": "p", "RowKey": "r"})


def test_time_cannot_be_moved_on_the_machines_clock(mock_azure: MockAzure) -> None:
    with pytest.raises(AssertionError, match="virtual_azure"):
        mock_azure.advance(hours=1)


def test_what_a_test_gives_is_taken_back_after_it(mock_azure: MockAzure) -> None:
    before = mock_azure.connectors.connector("office365")
    with MockAzure(mock_azure.cloud) as azure:
        azure.give(FunctionConnector("office365", lambda _: None))
        azure.give(FunctionConnector("tasks", lambda _: None))
        azure.faults.add(Fault(api="tasks", status=500))
        assert "tasks" in azure.connectors.apis
    assert mock_azure.connectors.connector("office365") is before
    assert "tasks" not in mock_azure.connectors.apis
    assert mock_azure.faults.hits == 0
