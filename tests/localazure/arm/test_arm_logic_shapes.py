"""The members of Microsoft.Logic's answers, held against those of the official examples (azure-rest-api-specs).

An example's members that depend on its content (an integration account, a server's own headers) are left out.
"""

from __future__ import annotations

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
