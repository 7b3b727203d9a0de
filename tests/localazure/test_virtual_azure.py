"""Moving time and giving connectors in tests: `virtual_azure`, `MockAzure.give`, `MockAzure.faults`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables import TableServiceClient

from localazure.connectors.request import ConnectorResponse
from localazure.testing import (
    ArmCallError,
    DeployedWorkflow,
    Fault,
    FunctionConnector,
    MockAzure,
    RecordedAnswer,
    RecordedConnector,
)
from localazure.workflows.errors import WorkflowError
from localazure.workflows.http_carrier import HttpAnswer, HttpRequest

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


COMPOSE: dict[str, Any] = {"One": {"type": "Compose", "inputs": "@coalesce(parameters('p'), triggerBody())"}}


def asked(**more: Any) -> dict[str, Any]:
    parameters = {"p": {"type": "Int", "defaultValue": 1}}
    trigger = {"type": "Request", "kind": "Http", **more}
    return {**hourly(COMPOSE), "parameters": parameters, "triggers": {"Asked": trigger}}


@pytest.mark.parametrize("around", [lambda it: it, lambda it: {"name": "flow", "properties": it}])
def test_what_the_portal_shows_is_deployed_with_its_parameters(virtual_azure: MockAzure, around: Any) -> None:
    code_view = {"definition": asked(), "parameters": {"p": {"value": 2}, "$connections": {"value": {"sql": {}}}}}
    assert virtual_azure.deploy_workflow(around(code_view)).run().outputs("One") == 2
    assert virtual_azure.deploy_workflow(around(code_view), parameters={"p": 3}).run().outputs("One") == 3


def test_what_holds_no_single_definition_is_refused(virtual_azure: MockAzure) -> None:
    with pytest.raises(TypeError, match="is an object, not str"):
        virtual_azure.deploy_workflow("workflow.json")  # type: ignore[arg-type]
    two = {"resources": [{"properties": {"definition": asked()}}] * 2}
    with pytest.raises(ValueError, match=r"\$\.resources\.0\.properties\.definition, \$\.resources\.1"):
        virtual_azure.deploy_workflow(two)
    with pytest.raises(ArmCallError, match="Required property"):
        virtual_azure.deploy_workflow({})
    with pytest.raises(ValueError, match="'x' is not the id of an API connection"):
        virtual_azure.deploy_workflow(asked(), connections={"sql": "x"})


def test_a_trigger_that_starts_no_run_says_why(virtual_azure: MockAzure) -> None:
    workflow = virtual_azure.deploy_workflow(asked(splitOn="@triggerBody()"))
    with pytest.raises(AssertionError, match=r"Asked started no run: Failed, InvalidTemplate: .*is of type 'String'"):
        workflow.run(body="text")
    with pytest.raises(AssertionError, match="Asked started no run: Skipped, because"):
        workflow.run(body=[])


def test_a_wrong_name_of_an_action_a_run_or_a_trigger_is_told(virtual_azure: MockAzure) -> None:
    workflow = virtual_azure.deploy_workflow(asked())
    run = workflow.run()
    assert repr(run) == f"<WorkflowRun {run.name} Succeeded {{'One': 'Succeeded'}}>"
    assert workflow.wait(run).outputs("One") == 1
    for look in (run.outputs, run.inputs, run.repetitions):
        with pytest.raises(AssertionError, match="has no action 'Two', only One"):
            look("Two")
    with pytest.raises(ArmCallError, match="run 'none' could not be found"):
        workflow.wait("none")
    with pytest.raises(TypeError, match="named by a text"):
        workflow.answer(5, "One")  # type: ignore[arg-type]
    two = virtual_azure.deploy_workflow({**asked(), "triggers": {**asked()["triggers"], **hourly({})["triggers"]}})
    with pytest.raises(AssertionError, match="the workflow has Asked, Hourly"):
        two.run()


def test_time_does_not_go_back(virtual_azure: MockAzure) -> None:
    with pytest.raises(ValueError, match="time does not go back"):
        virtual_azure.advance(hours=-1)


def test_a_path_of_arm_may_have_a_query(virtual_azure: MockAzure) -> None:
    workflow = virtual_azure.deploy_workflow(asked())
    workflow.run()
    path = f"{workflow.id}/runs?$filter=status eq 'Failed'"
    assert virtual_azure.arm("GET", path, version="2019-05-01").json()["value"] == []
    assert len(virtual_azure.arm_list(f"{workflow.id}/runs?$top=1", "2019-05-01")) == 1


def broken(_: object) -> object:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda _: object(), r"answered with what is no JSON value \(Object of type object"),
        (lambda _: ConnectorResponse(200, {}, {1, 2}), "answered with what is no JSON value"),
        (lambda _: ConnectorResponse("200"), "a status that is no whole number"),  # type: ignore[arg-type]
        (broken, r"failed with ZeroDivisionError at line \d+ of test_virtual_azure.py"),
    ],
)
def test_a_function_that_answers_wrongly_is_told(virtual_azure: MockAzure, answer: Any, message: str) -> None:
    virtual_azure.give(FunctionConnector("sql", answer))
    workflow = deployed(virtual_azure, {"Get": GET})
    run = workflow.wait(workflow.runs()[0])
    assert run.status == "Failed" and run.error is not None and run.error["code"] == "ActionFailed"
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(run.outputs("Get")["body"]["error"]["message"])


def test_a_function_may_answer_with_tuples_and_keep_what_it_gave(virtual_azure: MockAzure) -> None:
    rows = [{"tags": ("a", "b")}]
    virtual_azure.give(FunctionConnector("sql", lambda _: rows))
    workflow = deployed(virtual_azure, {"Get": GET})
    assert workflow.wait(workflow.runs()[0]).outputs("Get")["body"] == [{"tags": ["a", "b"]}]
    assert rows == [{"tags": ("a", "b")}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "JSONDecodeError"),
        ('{"api": "sql"}', "KeyError: 'answers'"),
        ('{"api": "sql", "answers": [{"method": "FETCH", "path": "/"}]}', "the method 'FETCH'"),
        ('{"api": "sql", "answers": [{"method": "get", "path": 5}]}', "the path '5'"),
        ('{"api": "sql", "answers": [{"method": "get", "path": "/", "status": 7}]}', "the status '7'"),
        ('{"api": "sql", "answers": [{"verb": "get", "path": "/"}]}', "unexpected keyword argument 'verb'"),
    ],
)
def test_a_file_of_recorded_answers_that_cannot_be_used_is_told(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "answers.json"
    file.write_text(content)
    with pytest.raises(ValueError, match="is no file of recorded answers") as told:
        RecordedConnector.load(str(file))
    assert message in str(told.value)
    with pytest.raises(ValueError, match="FileNotFoundError"):
        RecordedConnector.load(tmp_path / "none.json")


def test_recorded_answers_are_given_in_turn(virtual_azure: MockAzure) -> None:
    answers = [RecordedAnswer("get", "/rows", body=[1]), RecordedAnswer("GET", "*", body=[2])]
    virtual_azure.give(RecordedConnector("sql", answers))
    workflow = deployed(virtual_azure, {"Get": GET})
    virtual_azure.advance(hours=2)
    runs = [workflow.wait(name).outputs("Get")["body"] for name in reversed(workflow.runs())]
    assert runs == [[1], [2], [2]]


SUBSCRIBE = {"method": "POST", "uri": "http://h/", "body": "@listCallbackUrl()"}
WAITING: dict[str, Any] = {"Ask": {"type": "HttpWebhook", "inputs": {"subscribe": SUBSCRIBE}}}


@pytest.mark.parametrize("azure", ["virtual_azure", "mock_azure"])
def test_a_run_that_has_been_started_can_be_answered(
    azure: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slowly(_: object) -> HttpAnswer:
        await asyncio.sleep(0.1)
        return HttpAnswer(200)

    cloud: MockAzure = request.getfixturevalue(azure)
    monkeypatch.setattr(cloud.runtime.http, "send", slowly)
    workflow = cloud.deploy_workflow({**asked(), "actions": WAITING})
    run = workflow.start()
    workflow.answer(run, "Ask", {"yes": True})
    assert workflow.wait(run).outputs("Ask")["body"] == {"yes": True}
    for action in ("Ask", "Nobody"):
        with pytest.raises(WorkflowError, match=f"'{action}' does not wait"):
            workflow.answer(run, action)


def test_a_webhook_is_subscribed_and_left_when_its_workflow_is_deployed_and_deleted(
    virtual_azure: MockAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed: list[str] = []

    async def slowly(request: HttpRequest) -> HttpAnswer:
        await asyncio.sleep(0.1)
        subscribed.append(request.url)
        return HttpAnswer(200)

    monkeypatch.setattr(virtual_azure.runtime.http, "send", slowly)
    leave = {**SUBSCRIBE, "uri": "http://h/leave"}
    called = {"type": "HttpWebhook", "inputs": {"subscribe": SUBSCRIBE, "unsubscribe": leave}}
    workflow = virtual_azure.deploy_workflow({**asked(), "triggers": {"Called": called}})
    assert subscribed == ["http://h/"]
    virtual_azure.arm("DELETE", workflow.id, version="2019-05-01")
    assert subscribed == ["http://h/", "http://h/leave"]
