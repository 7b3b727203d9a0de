"""Loops, calls, responses and the rarer operations of Microsoft.Logic, through Microsoft's client."""

from __future__ import annotations

import inspect
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.logic import LogicManagementClient
from azure.mgmt.logic.models import (
    GenerateUpgradedDefinitionParameters,
    GetCallbackUrlParameters,
    RegenerateActionParameter,
    SetTriggerStateActionDefinition,
    Workflow,
    WorkflowReference,
    WorkflowTriggerReference,
)

sys.path.insert(0, str(Path(__file__).parent))

from logic_server import SUBSCRIPTION, LogicServer

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
LOOP = {
    "type": "Foreach",
    "foreach": "@createArray('a', 'b', 'c')",
    "actions": {
        "Inner": {"type": "Compose", "inputs": "@concat(item(), '!')", "runAfter": {}},
        "Nested": {
            "type": "Foreach",
            "foreach": "@createArray(1, 0)",
            "actions": {"Div": {"type": "Compose", "inputs": "@div(1, item())", "runAfter": {}}},
            "runAfter": {"Inner": ["Succeeded"]},
        },
    },
    "runAfter": {},
}


@pytest.fixture(scope="module")
def server() -> Iterator[LogicServer]:
    made = LogicServer()
    yield made
    made.close()


@pytest.fixture
def name() -> str:
    return f"flow-{uuid.uuid4().hex[:8]}"


def put(server: LogicServer, name: str, actions: dict[str, Any], **trigger: Any) -> Workflow:
    triggers = {"manual": {"type": "Request", "kind": "Http", "inputs": trigger}}
    content = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "triggers": triggers, "actions": actions}
    return server.client.workflows.create_or_update("group", name, Workflow(location="westeurope", definition=content))


def run(server: LogicServer, name: str) -> str:
    server.client.workflow_triggers.run("group", name, "manual")
    newest = next(iter(server.client.workflow_runs.list("group", name)))
    server.finish(newest.name)
    return str(newest.name)


def test_an_action_in_a_loop_is_one_entry_and_its_repetitions_have_the_rest(server: LogicServer, name: str) -> None:
    put(server, name, {"Loop": LOOP})
    run_name = run(server, name)
    client = server.client
    listed = {one.name: one for one in client.workflow_run_actions.list("group", name, run_name)}
    assert list(listed) == ["Loop", "Inner", "Nested", "Div"]
    assert (listed["Inner"].status, listed["Inner"].code, listed["Div"].status) == (
        "Succeeded",
        "NotSpecified",
        "Failed",
    )
    assert listed["Div"].error is None and listed["Inner"].outputs_link is None
    repetitions = list(client.workflow_run_action_repetitions.list("group", name, run_name, "Inner"))
    assert [one.name for one in repetitions] == ["000000", "000001", "000002"]
    assert (
        repetitions[1].repetition_indexes[0].scope_name == "Loop"
        and repetitions[1].repetition_indexes[0].item_index == 1
    )
    assert httpx.get(repetitions[1].outputs_link.uri).json() == "b!"
    deep = client.workflow_run_action_repetitions.get("group", name, run_name, "Div", "000002-000001")
    assert deep.status == "Failed" and [one.item_index for one in deep.repetition_indexes] == [2, 1]
    assert not list(client.workflow_run_action_repetitions.list("group", name, run_name, "Loop"))


def test_the_iterations_of_a_loop_are_its_scope_repetitions(server: LogicServer, name: str) -> None:
    put(server, name, {"Loop": LOOP})
    run_name = run(server, name)
    operations = server.client.workflow_run_action_scope_repetitions
    found = list(operations.list("group", name, run_name, "Loop"))
    assert [(one.name, one.status, one.code) for one in found] == [
        (f"00000{n}", "Failed", "ActionFailed") for n in range(3)
    ]
    one = operations.get("group", name, run_name, "Loop", "000001")
    assert one.repetition_indexes[0].scope_name == "Loop" and one.inputs_link is None


def test_the_calls_of_an_action_in_a_loop_are_with_its_repetitions(server: LogicServer, name: str) -> None:
    get = {"type": "Http", "inputs": {"method": "GET", "uri": "http://127.0.0.1:1", "retryPolicy": {"type": "none"}}}
    loop = {"type": "Foreach", "foreach": [1, 2], "actions": {"Get": {**get, "runAfter": {}}}, "runAfter": {}}
    put(server, name, {"Loop": loop})
    run_name = run(server, name)
    assert list(server.client.workflow_run_action_request_histories.list("group", name, run_name, "Get")) == []
    inside = server.client.workflow_run_action_repetitions_request_histories
    assert len(list(inside.list("group", name, run_name, "Get", "000001"))) == 1


def test_callback_addresses_of_a_trigger_and_of_the_workflow(server: LogicServer, name: str) -> None:
    reply = {
        "type": "Response",
        "kind": "Http",
        "inputs": {"statusCode": 200, "body": "@triggerBody()"},
        "runAfter": {},
    }
    put(server, name, {"R": reply}, schema={"type": "object"})
    for found in (
        server.client.workflow_triggers.list_callback_url("group", name, "manual"),
        server.client.workflows.list_callback_url("group", name, GetCallbackUrlParameters(key_type="Secondary")),
    ):
        assert found.method == "POST" and len(found.queries.sig) == 43 and found.queries.sp == "/triggers/manual/run"
        assert httpx.post(found.value, json={"a": 1}).json() == {"a": 1}
    url = server.client.workflow_triggers.list_callback_url("group", name, "manual").value
    server.client.workflows.regenerate_access_key("group", name, RegenerateActionParameter(key_type="Primary"))
    assert httpx.post(url, json={}).status_code == 401
    data = next(iter(server.client.workflow_runs.list("group", name)))
    assert data.response.status == "Succeeded"
    operation = server.do(_tracking(server, data.id))
    assert server.client.workflow_run_operations.get("group", name, data.name, operation).name == data.name
    schema = server.client.workflow_triggers.get_schema_json("group", name, "manual")
    assert (schema.title, schema.content) == ("manual", '{"type":"object"}')
    swagger = server.client.workflows.list_swagger("group", name)
    assert list(swagger["paths"]) == ["/manual/paths/invoke"]


async def _tracking(server: LogicServer, run_id: str) -> str:
    workflow, _, run_name = run_id.rpartition("/runs/")
    return str(server.runtime.run(workflow, run_name)["trackingId"])


def test_a_workflow_moves_with_its_history(server: LogicServer, name: str) -> None:
    put(server, name, {})
    run_name = run(server, name)
    other = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.Logic/workflows/{name}-2"
    server.client.workflows.begin_move("group", name, WorkflowReference(id=other)).result()
    assert server.client.workflow_runs.get("other", f"{name}-2", run_name).id.startswith(other)
    with pytest.raises(HttpResponseError):
        server.client.workflows.get("group", name)
    absent = WorkflowReference(id=other.replace("other", "absent"))
    with pytest.raises(HttpResponseError) as caught:
        server.client.workflows.begin_move("other", f"{name}-2", absent).result()
    assert caught.value.error.code == "ResourceGroupNotFound"


def test_an_upgraded_definition_and_a_reset_trigger(server: LogicServer, name: str) -> None:
    put(server, name, {})
    version = GenerateUpgradedDefinitionParameters(target_schema_version="2015-08-01-preview")
    upgraded = server.client.workflows.generate_upgraded_definition("group", name, version)
    assert "2015-08-01-preview" in upgraded["$schema"]
    server.client.workflow_triggers.reset("group", name, "manual")


def test_what_is_not_served_says_so(server: LogicServer, name: str) -> None:
    version = put(server, name, {"A": {"type": "Compose", "inputs": 1, "runAfter": {}}}).version
    run_name = run(server, name)
    client = server.client
    state = SetTriggerStateActionDefinition(source=WorkflowTriggerReference(id="/x"))
    for work in (
        lambda: list(client.workflow_run_actions.list_expression_traces("group", name, run_name, "A")),
        lambda: client.workflow_version_triggers.list_callback_url("group", name, version, "manual"),
        lambda: client.workflow_triggers.set_state("group", name, "manual", state),
    ):
        with pytest.raises(HttpResponseError) as caught:
            work()
        assert caught.value.error.code == "NotSupportedByLocalAzure"


def workflow_operations(client: LogicManagementClient) -> Iterator[tuple[str, Any]]:
    """Every operation that Microsoft's client has for workflows and what is below them."""
    for group in (name for name in vars(client) if name.startswith("workflow")):
        found = inspect.getmembers(getattr(client, group), inspect.ismethod)
        yield from ((f"{group}.{name}", method) for name, method in found if not name.startswith("_"))


def test_every_operation_of_the_official_client_is_served_or_refused_by_name(server: LogicServer, name: str) -> None:
    """Asked of a workflow that is not there, each says so (or has nothing to say): none is unknown here."""
    texts = {
        "resource_group_name": "group",
        "workflow_name": name,
        "location": "westeurope",
        "move": WorkflowReference(),
    }
    answered: dict[str, str | None] = {}
    for shown, method in workflow_operations(server.client):
        needed = [one for one in inspect.signature(method).parameters.values() if one.default is one.empty]
        given = {one.name: texts.get(one.name, "x") for one in needed if one.kind is not one.VAR_KEYWORD}
        bodies = {"workflow", "set_state", "parameters", "validate", "list_callback_url", "key_type"} & set(given)
        try:
            result = method(**given | {body: {} for body in bodies})
            if hasattr(result, "__next__"):
                list(result)
            answered[shown] = "done"
        except HttpResponseError as error:
            answered[shown] = error.error.code if error.error else error.reason
    said = {"done", "ResourceNotFound", "NotSupportedByLocalAzure", "LocationRequired"}
    assert len(answered) == 44
    assert {shown: code for shown, code in answered.items() if code not in said} == {}
