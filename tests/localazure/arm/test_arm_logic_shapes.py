"""The members of Microsoft.Logic's answers, held against those of the official examples (azure-rest-api-specs).

An example's members that depend on its content (an integration account, a server's own headers) are left out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from logic_server import SUBSCRIPTION, LogicServer

from localazure.workflows.http_carrier import HttpAnswer, HttpRequest

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
RESOURCE = {"properties", "id", "name", "type"}
LINK = {"uri", "contentVersion", "contentSize", "contentHash"}
WORKFLOW = {
    *("provisioningState", "createdTime", "changedTime", "state", "version", "accessEndpoint", "definition"),
    *("parameters", "endpointsConfiguration"),
}
SENT = {
    *("Accept-Language", "User-Agent", "x-ms-execution-location", "x-ms-workflow-id", "x-ms-workflow-version"),
    *("x-ms-workflow-name", "x-ms-workflow-system-id", "x-ms-workflow-run-id", "x-ms-workflow-run-tracking-id"),
    *("x-ms-workflow-operation-name", "x-ms-workflow-subscription-id", "x-ms-workflow-resourcegroup-name"),
    *("x-ms-tracking-id", "x-ms-correlation-id", "x-ms-client-request-id", "x-ms-client-tracking-id"),
    "x-ms-action-tracking-id",
}
RUN = {"waitEndTime", "startTime", "endTime", "status", "correlation", "workflow", "trigger", "outputs"}
HISTORY = {"startTime", "endTime", "scheduledTime", "status", "code", "correlation", "fired", "run"}
TRIGGER = {"name", "startTime", "endTime", "scheduledTime", "correlation", "code", "status"}
ACTION = {"inputsLink", "outputsLink", "startTime", "endTime", "correlation", "status", "code"}

Expected = dict[str, set[str]]


@pytest.fixture(scope="module")
def server() -> Iterator[LogicServer]:
    made = LogicServer()
    call = {"type": "Http", "inputs": {"method": "GET", "uri": "http://h/"}, "runAfter": {}}
    loop = {"type": "Foreach", "foreach": [1], "actions": {"Inner": call}, "runAfter": {}}
    recurrence = {"Recurrence": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 1}}}
    definition: dict[str, Any] = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "triggers": recurrence}
    made.runtime.http.send = _answer
    definition["actions"] = {"HTTP": call, "Loop": loop}
    body = {"location": "brazilsouth", "properties": {"definition": definition}}
    assert httpx.put(address(made), params=VERSION, json=body).status_code == 201
    made.finish(newest_run(made))
    yield made
    made.close()


async def _answer(_: HttpRequest) -> HttpAnswer:
    return HttpAnswer(200, {"Content-Type": "application/json"}, b"{}")


VERSION = {"api-version": "2019-05-01"}


def address(server: LogicServer) -> str:
    return f"{server.url}/subscriptions/{SUBSCRIPTION}/resourceGroups/group/providers/Microsoft.Logic/workflows/flow"


def newest_run(server: LogicServer) -> str:
    while not (found := get(server, "/runs")["value"]):
        pass
    return str(found[0]["name"])


def get(server: LogicServer, path: str) -> Any:
    if "{run}" in path:
        path = path.replace("{run}", newest_run(server))
    answer = httpx.get(address(server) + path, params=VERSION)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ("", "", {"": RESOURCE | {"location", "tags"}, "properties": WORKFLOW}),
        ("/versions", "/versions", {"": RESOURCE | {"location", "tags"}, "properties": WORKFLOW}),
        (
            "/triggers",
            "/triggers",
            {
                "": RESOURCE,
                "properties": {"provisioningState", "createdTime", "changedTime", "state", "workflow"},
                "properties.workflow": {"id", "name", "type"},
            },
        ),
        (
            "/triggers/Recurrence/histories",
            "/triggers/histories",
            {
                "": RESOURCE,
                "properties": HISTORY,
                "properties.run": {"name", "id", "type"},
            },
        ),
        (
            "/runs",
            "/runs",
            {
                "": RESOURCE,
                "properties": RUN,
                "properties.workflow": {"id", "name", "type"},
                "properties.trigger": TRIGGER,
            },
        ),
        ("/runs/{run}", "/runs", {"": RESOURCE, "properties": RUN}),
        (
            "/runs/{run}/actions",
            "/runs/actions",
            {
                "": RESOURCE,
                "properties": ACTION,
                "properties.inputsLink": LINK,
                "properties.inputsLink.contentHash": {"algorithm", "value"},
                "properties.correlation": {"actionTrackingId", "clientTrackingId"},
            },
        ),
        ("/runs/{run}/actions/HTTP", "/runs/actions", {"": RESOURCE, "properties": ACTION}),
        (
            "/runs/{run}/actions/Inner/repetitions",
            "/runs/actions/repetitions",
            {"": RESOURCE, "properties": ACTION | {"repetitionIndexes", "trackingId"}, "properties.inputsLink": LINK},
        ),
        (
            "/runs/{run}/actions/Loop/scopeRepetitions",
            "/runs/actions/scopeRepetitions",
            {
                "": RESOURCE,
                "properties": {"repetitionIndexes", "startTime", "endTime", "correlation", "status", "code"},
            },
        ),
        (
            "/runs/{run}/actions/HTTP/requestHistories",
            "/runs/actions/requestHistories",
            {
                "": RESOURCE,
                "properties": {"startTime", "endTime", "request", "response"},
                "properties.request": {"headers", "uri", "method"},
                "properties.request.headers": SENT,
                "properties.response": {"headers", "statusCode", "bodyLink"},
                "properties.response.bodyLink": LINK,
            },
        ),
        (
            "/runs/{run}/actions/Inner/repetitions/000000/requestHistories",
            "/runs/actions/repetitions/requestHistories",
            {"": RESOURCE, "properties": {"startTime", "endTime", "request", "response"}},
        ),
    ],
)
def test_an_answer_has_the_members_of_the_official_example(
    server: LogicServer, path: str, kind: str, expected: Expected
) -> None:
    answer = get(server, path)
    one = answer["value"][0] if "value" in answer else answer
    assert one["type"] == f"Microsoft.Logic/workflows{kind}"
    for place, members in expected.items():
        found = one
        for name in place.split(".") if place else ():
            found = found[name]
        assert members <= set(found), f"{place} lacks {members - set(found)}"


def test_a_link_to_a_body_of_a_call_is_served(server: LogicServer) -> None:
    (entry,) = get(server, "/runs/{run}/actions/Inner/repetitions/000000/requestHistories")["value"]
    assert httpx.get(entry["properties"]["response"]["bodyLink"]["uri"]).json() == {}
    (one,) = get(server, "/runs/{run}/actions/Inner/repetitions")["value"]
    assert one["properties"]["repetitionIndexes"] == [{"scopeName": "Loop", "itemIndex": 0}]
    assert httpx.get(one["properties"]["outputsLink"]["uri"]).json()["statusCode"] == 200


EXAMPLES = Path(__file__).resolve().parents[4] / "shared/azure-api/examples/Microsoft.Logic/2019-05-01"
_REPETITION = "/runs/{run}/actions/Inner/repetitions/000000"
READS = {
    "Workflows_Get": "",
    "Workflows_ListByResourceGroup": "/../",
    "WorkflowVersions_Get": "/versions/{version}",
    "WorkflowVersions_List": "/versions",
    "WorkflowTriggers_Get": "/triggers/Recurrence",
    "WorkflowTriggers_List": "/triggers",
    "WorkflowTriggerHistories_Get": "/triggers/Recurrence/histories/{run}",
    "WorkflowTriggerHistories_List": "/triggers/Recurrence/histories",
    "WorkflowRuns_Get": "/runs/{run}",
    "WorkflowRuns_List": "/runs",
    "WorkflowRunActions_Get": "/runs/{run}/actions/HTTP",
    "WorkflowRunActions_List": "/runs/{run}/actions",
    "WorkflowRunActionRepetitions_Get": _REPETITION,
    "WorkflowRunActionRepetitions_List": "/runs/{run}/actions/Inner/repetitions",
    "WorkflowRunActionScopeRepetitions_Get": "/runs/{run}/actions/Loop/scopeRepetitions/000000",
    "WorkflowRunActionScopeRepetitions_List": "/runs/{run}/actions/Loop/scopeRepetitions",
    "WorkflowRunActionRequestHistories_List": "/runs/{run}/actions/HTTP/requestHistories",
    "WorkflowRunActionRepetitionsRequestHistories_List": f"{_REPETITION}/requestHistories",
}
FREE = {
    *("definition", "parameters", "tags", "headers", "outputs", "error"),
    *("integrationAccount", "integrationServiceEnvironment", "accessControl", "sku"),
}
"""What an example holds there depends on its own content."""


def lacking(example: Any, ours: Any, place: str = "") -> list[str]:
    """The members of an example that an answer lacks; of lists, the first items are compared."""
    if isinstance(example, list):
        return lacking(example[0], ours[0], f"{place}[0]") if example and isinstance(ours, list) and ours else []
    if not isinstance(example, dict):
        return []
    if not isinstance(ours, dict):
        return [place]
    missing = [f"{place}.{name}" for name in example if name not in ours and name not in FREE]
    both = [name for name in example if name in ours and name not in FREE]
    return missing + [found for name in both for found in lacking(example[name], ours[name], f"{place}.{name}")]


@pytest.mark.parametrize("operation", READS)
def test_an_answer_lacks_nothing_that_the_official_example_has(server: LogicServer, operation: str) -> None:
    file = EXAMPLES / f"{operation}.json"
    if not file.exists():
        pytest.skip("the official examples are not beside this checkout")
    path = READS[operation].replace("{version}", str(get(server, "")["properties"]["version"]))
    example = json.loads(file.read_text(encoding="utf-8"))["responses"]["200"]["body"]
    assert lacking(example, get(server, path)) == []
