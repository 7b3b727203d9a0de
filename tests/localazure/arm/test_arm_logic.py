"""Microsoft.Logic through Microsoft's own client."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.logic.models import Workflow

sys.path.insert(0, str(Path(__file__).parent))

from logic_server import SUBSCRIPTION, LogicServer

from localazure.connectors.request import ConnectorResponse

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
REQUEST = {"manual": {"type": "Request", "kind": "Http", "inputs": {}}}


@pytest.fixture(scope="module")
def server() -> Iterator[LogicServer]:
    made = LogicServer()
    yield made
    made.close()


@pytest.fixture
def name() -> str:
    return f"flow-{uuid.uuid4().hex[:8]}"


def definition(actions: dict[str, Any], triggers: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "triggers": triggers or REQUEST, "actions": actions, **more}


def compose(value: Any = 1, **after: list[str]) -> dict[str, Any]:
    return {"type": "Compose", "inputs": value, "runAfter": after}


def put(server: LogicServer, name: str, content: dict[str, Any], group: str = "group", **more: Any) -> Workflow:
    return server.client.workflows.create_or_update(
        group, name, Workflow(location="westeurope", definition=content, **more)
    )


def run(server: LogicServer, name: str, trigger: str = "manual") -> str:
    """Run a workflow to its end; the name of the run."""
    server.client.workflow_triggers.run("group", name, trigger)
    newest = next(iter(server.client.workflow_runs.list("group", name)))
    server.finish(newest.name)
    return str(newest.name)


def refused(work: Any) -> tuple[int, str, str]:
    with pytest.raises(HttpResponseError) as caught:
        work()
    return caught.value.status_code, caught.value.error.code, caught.value.error.message


def test_a_workflow_is_created_read_updated_listed_and_deleted(server: LogicServer, name: str) -> None:
    made = put(server, name, definition({"A": compose()}), tags={"a": "b"})
    assert made.id == f"/subscriptions/{SUBSCRIPTION}/resourceGroups/group/providers/Microsoft.Logic/workflows/{name}"
    assert (made.type, made.location, made.tags, made.state) == (
        "Microsoft.Logic/workflows",
        "westeurope",
        {"a": "b"},
        "Enabled",
    )
    assert made.provisioning_state == "Succeeded" and len(made.version) == 20
    assert made.access_endpoint == f"{server.url}/workflows/{made.access_endpoint.rsplit('/', 1)[-1]}"
    assert server.client.workflows.get("GROUP", name.upper()).version == made.version
    again = put(server, name, definition({"A": compose(2)}))
    assert again.version < made.version and again.access_endpoint == made.access_endpoint
    assert again.created_time == made.created_time
    assert name in [one.name for one in server.client.workflows.list_by_resource_group("group")]
    assert name in [one.name for one in server.client.workflows.list_by_subscription()]
    assert name not in [one.name for one in server.client.workflows.list_by_resource_group("other")]
    server.client.workflows.delete("group", name)
    server.client.workflows.delete("group", name)
    with pytest.raises(ResourceNotFoundError) as caught:
        server.client.workflows.get("group", name)
    assert caught.value.error.code == "ResourceNotFound"


def test_a_put_answers_201_then_200_and_a_delete_200_then_204(server: LogicServer, name: str) -> None:
    url = f"{server.url}/subscriptions/{SUBSCRIPTION}/resourceGroups/group/providers/Microsoft.Logic/workflows/{name}"
    body = {"location": "westeurope", "properties": {"definition": definition({})}}
    query = {"api-version": "2019-05-01"}
    statuses = [httpx.put(url, params=query, json=body).status_code for _ in range(2)]
    statuses += [httpx.delete(url, params=query).status_code for _ in range(2)]
    assert statuses == [201, 200, 200, 204]


def test_what_azure_adds_to_a_definition_is_added(server: LogicServer, name: str) -> None:
    recurrence = {"frequency": "Hour", "interval": "@parameters('every')", "startTime": "2099-01-01T00:00:00Z"}
    content = definition(
        {},
        {"Recurrence": {"type": "Recurrence", "recurrence": recurrence}},
        parameters={
            "every": {"type": "int", "defaultValue": 2},
            "$connections": {"type": "object", "defaultValue": {}},
        },
    )
    made = put(server, name, content)
    assert made.definition["triggers"]["Recurrence"]["recurrence"] == recurrence
    assert made.definition["parameters"]["every"]["type"] == "Int"


def test_a_secure_parameter_is_never_returned(server: LogicServer, name: str) -> None:
    content = definition({"A": compose("@length(parameters('key'))")}, parameters={"key": {"type": "SecureString"}})
    made = put(server, name, content, parameters={"key": {"value": "hush"}})
    assert "hush" not in str(made.as_dict())
    assert "hush" not in str(server.client.workflows.get("group", name).as_dict())


def test_what_the_engine_refuses_is_refused_with_its_message(server: LogicServer, name: str) -> None:
    status, code, message = refused(lambda: put(server, name, definition({"A": compose(1, Zzz=["Succeeded"])})))
    assert (status, code) == (400, "InvalidTemplate")
    assert message.startswith("The template validation failed: 'The 'runAfter' property of template action 'A'")
    with pytest.raises(ResourceNotFoundError):
        server.client.workflows.get("group", name)


def test_a_type_that_does_not_run_here_is_refused_by_name(server: LogicServer, name: str) -> None:
    script = {"type": "JavaScriptCode", "inputs": {"code": "return 1"}, "runAfter": {}}
    status, code, message = refused(lambda: put(server, name, definition({"Script": script})))
    assert (status, code) == (400, "NotSupportedByLocalAzure")
    assert "'Script'" in message and "'JavaScriptCode'" in message


def test_a_workflow_without_a_definition_is_refused(server: LogicServer, name: str) -> None:
    assert refused(lambda: server.client.workflows.create_or_update("group", name, Workflow(location="westeurope")))[
        :2
    ] == (
        400,
        "InvalidWorkflow",
    )


def test_validate_says_what_a_put_would_say(server: LogicServer, name: str) -> None:
    good, bad = definition({"A": compose()}), definition({"A": compose(1, A=["Succeeded"])})
    workflow = Workflow(location="westeurope", definition=good)
    server.client.workflows.validate_by_location("group", "westeurope", name, workflow)
    put(server, name, good)
    server.client.workflows.validate_by_resource_group("group", name, workflow)
    for content, code in ((bad, "InvalidTemplate"), ({}, "InvalidRequestContent")):
        wrong = Workflow(location="westeurope", definition=content)
        assert (
            refused(lambda wrong=wrong: server.client.workflows.validate_by_resource_group("group", name, wrong))[1]
            == code
        )


def test_a_disabled_workflow_runs_nothing_until_it_is_enabled(server: LogicServer, name: str) -> None:
    put(server, name, definition({"A": compose()}))
    server.client.workflows.disable("group", name)
    assert server.client.workflows.get("group", name).state == "Disabled"
    status, code, message = refused(lambda: server.client.workflow_triggers.run("group", name, "manual"))
    assert (status, code) == (400, "WorkflowTriggerIsNotEnabled")
    assert message.endswith("trigger 'manual' with state 'Disabled': trigger is not enabled.")
    server.client.workflows.enable("group", name)
    run(server, name)


def test_a_run_its_actions_and_their_contents(server: LogicServer, name: str) -> None:
    put(server, name, definition({"A": compose({"ü": [1.0, None]}), "B": compose("x", A=["Failed"])}))
    run_name = run(server, name)
    found = server.client.workflow_runs.get("group", name, run_name)
    assert (found.status, found.trigger.name, found.trigger.status) == ("Succeeded", "manual", "Succeeded")
    assert found.correlation.client_tracking_id == run_name and found.workflow.type.endswith("workflows/versions")
    first, second = server.client.workflow_run_actions.list("group", name, run_name)
    assert (first.name, first.status, first.code) == ("A", "Succeeded", "OK")
    assert (second.status, second.code) == ("Skipped", "ActionSkipped")
    assert second.inputs_link is None and second.error["code"] == "ActionConditionFailed"
    text = httpx.get(first.outputs_link.uri)
    assert text.text == '{"ü":[1.0,null]}' and first.outputs_link.content_size == len(text.content)
    assert httpx.get(first.inputs_link.uri).status_code == 200
    assert httpx.get(first.inputs_link.uri.replace("ActionInputs", "ActionOutputs", 1)).status_code == 401
    one = server.client.workflow_run_actions.get("group", name, run_name, "a")
    assert one.tracking_id is None or one.correlation.action_tracking_id


def test_runs_are_listed_newest_first_filtered_and_in_pages(server: LogicServer, name: str) -> None:
    put(server, name, definition({"A": compose("@int(triggerBody()?['n'])")}))
    names = [run(server, name) for _ in range(3)]
    listed = [one.name for one in server.client.workflow_runs.list("group", name)]
    assert listed == names[::-1]
    pages = server.client.workflow_runs.list("group", name, top=2).by_page()
    assert [len(list(page)) for page in pages] == [2, 1]
    by_status = {
        status: list(server.client.workflow_runs.list("group", name, filter=f"status eq '{status}'"))
        for status in ("Failed", "Succeeded")
    }
    assert sum(map(len, by_status.values())) == 3
    since = "startTime ge 2099-01-01T00:00:00Z"
    assert not list(server.client.workflow_runs.list("group", name, filter=since))
    assert refused(lambda: list(server.client.workflow_runs.list("group", name, filter="colour eq 'red'")))[0] == 400


def test_what_does_not_exist_is_named(server: LogicServer, name: str) -> None:
    client = server.client
    assert refused(lambda: client.workflow_runs.get("group", name, "1"))[1] == "ResourceNotFound"
    put(server, name, definition({"A": compose()}))
    assert refused(lambda: client.workflow_runs.get("group", name, "1"))[:2] == (404, "WorkflowRunNotFound")
    assert refused(lambda: client.workflow_triggers.run("group", name, "x"))[:2] == (404, "WorkflowTriggerNotFound")
    run_name = run(server, name)
    assert refused(lambda: client.workflow_run_actions.get("group", name, run_name, "x"))[0] == 404
    _, code, message = refused(lambda: client.workflow_runs.cancel("group", name, run_name))
    assert code == "WorkflowRunCanNotBeCancelled" and "with state 'Succeeded' could not be canceled" in message


def test_a_waiting_run_is_cancelled(server: LogicServer, name: str) -> None:
    wait = {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Hour"}}, "runAfter": {}}
    put(server, name, definition({"Wait": wait}))
    server.client.workflow_triggers.run("group", name, "manual")
    going = next(iter(server.client.workflow_runs.list("group", name, filter="status eq 'Running'")))
    server.client.workflow_runs.cancel("group", name, going.name)
    assert server.client.workflow_runs.get("group", name, going.name).status == "Cancelled"


def test_triggers_their_history_and_resubmission(server: LogicServer, name: str) -> None:
    recurrence = {"frequency": "Hour", "interval": 3, "startTime": "2099-01-01T00:00:00Z"}
    put(server, name, definition({"A": compose()}, {"Recurrence": {"type": "Recurrence", "recurrence": recurrence}}))
    trigger = server.client.workflow_triggers.get("group", name, "Recurrence")
    assert (trigger.state, trigger.recurrence.interval) == ("Enabled", 3)
    assert trigger.next_execution_time.year == 2099
    run_name = run(server, name, "Recurrence")
    (history,) = server.client.workflow_trigger_histories.list("group", name, "Recurrence")
    assert (history.name, history.status, history.fired, history.run.name) == (run_name, "Succeeded", True, run_name)
    server.client.workflow_trigger_histories.resubmit("group", name, "Recurrence", run_name)
    runs = list(server.client.workflow_runs.list("group", name))
    assert len(runs) == 2 and len(list(server.client.workflow_triggers.list("group", name))) == 1
    assert server.client.workflow_trigger_histories.get("group", name, "Recurrence", run_name).fired


def test_a_recurrence_that_has_ended_has_no_next_execution(server: LogicServer, name: str) -> None:
    recurrence = {"frequency": "Hour", "interval": 3, "endTime": "2001-01-01T00:00:00Z"}
    put(server, name, definition({}, {"Recurrence": {"type": "Recurrence", "recurrence": recurrence}}))
    assert server.client.workflow_triggers.get("group", name, "Recurrence").next_execution_time is None


@pytest.mark.parametrize("wrong", ["a b", "a/b", "ä", "x" * 81])
def test_what_cannot_name_a_workflow_is_refused(server: LogicServer, wrong: str) -> None:
    status, code, message = refused(lambda: put(server, wrong, definition({})))
    assert (status, code) == (400, "InvalidResourceName") and f"'{wrong}'" in message


def test_versions_keep_what_was_deployed(server: LogicServer, name: str) -> None:
    first = put(server, name, definition({"A": compose(1)}))
    put(server, name, definition({"A": compose(2)}))
    newest, oldest = server.client.workflow_versions.list("group", name)
    assert oldest.name == first.version and newest.name < oldest.name
    kept = server.client.workflow_versions.get("group", name, first.version)
    assert kept.definition["actions"]["A"]["inputs"] == 1


def test_tags_alone_make_no_new_version(server: LogicServer, name: str) -> None:
    made = put(server, name, definition({}))
    url = f"{server.url}{made.id}"
    answer = httpx.patch(url, params={"api-version": "2019-05-01"}, json={"tags": {"x": "y"}}).json()
    assert answer["tags"] == {"x": "y"} and answer["properties"]["version"] == made.version
    state = httpx.patch(url, params={"api-version": "2019-05-01"}, json={"properties": {"state": "Disabled"}}).json()
    assert state["properties"]["state"] == "Disabled" and state["properties"]["definition"]


def test_the_calls_of_an_action_are_listed_with_their_answers(server: LogicServer, name: str) -> None:
    answers = [ConnectorResponse(500, {}, {"first": 1}), ConnectorResponse(200, {"H": "v"}, {"second": 2})]
    server.connectors.answer = lambda *_: answers.pop(0)
    policy = {"type": "fixed", "interval": "PT5S", "count": 1}
    call = {
        "type": "ApiConnection",
        "inputs": {
            "host": {"connection": {"name": "/c"}},
            "method": "get",
            "path": "/p",
            "retryPolicy": {**policy, "type": "none"},
        },
        "runAfter": {},
    }
    put(server, name, definition({"Call": call}))
    run_name = run(server, name)
    (entry,) = server.client.workflow_run_action_request_histories.list("group", name, run_name, "Call")
    assert entry.properties.response.status_code == 500 and entry.properties.request.method == "GET"
    assert httpx.get(entry.properties.response.body_link.uri).json() == {"first": 1}


def test_secured_contents_have_no_address_and_are_not_served(server: LogicServer, name: str) -> None:
    hidden = {**compose("hush"), "runtimeConfiguration": {"secureData": {"properties": ["inputs"]}}}
    put(server, name, definition({"A": hidden, "B": compose("open")}))
    run_name = run(server, name)
    action, other = server.client.workflow_run_actions.list("group", name, run_name)
    assert action.inputs_link.uri is None and action.outputs_link.uri is None
    assert httpx.get(other.inputs_link.uri.replace("actions/B", "actions/A")).status_code == 401
