"""ApiConnection: what goes out, retries, Retry-After, asynchronous answers, pages, timeouts, secured data."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from workflow_world import Finished, World, call, compose

from localazure.connectors.request import ConnectorRequest, ConnectorResponse

FIXED = {"type": "fixed", "interval": "PT10S", "count": 2}


def waits(world: World) -> list[float]:
    """Seconds between the calls."""
    times = world.connectors.times
    return [(later - earlier).total_seconds() for earlier, later in pairwise(times)]


def run_one(world: World, answers: list[Any], **inputs: Any) -> Finished:
    world.connectors.answers = answers
    return world.run({"Call": call(**inputs)})


def test_an_operation_is_sent_as_evaluated_and_its_answer_is_the_output(world: World) -> None:
    world.connectors.answers = lambda *_: ConnectorResponse(200, {"ETag": "e"}, {"a": 1})
    action = call(
        "/tables/@{concat('a', '%2520b')}",
        "patch",
        queries={"$top": 5, "no": None},
        headers={"n": True},
        body={"x": "@add(1, 1)"},
    )
    run = world.run({"Call": action})
    assert world.connectors.calls == [
        ("/connections/c", ConnectorRequest("PATCH", "/tables/a%2520b", {"$top": "5"}, {"n": "True"}, {"x": 2}))
    ]
    assert run.out("Call") == {"statusCode": 200, "headers": {"ETag": "e"}, "body": {"a": 1}}
    assert run["Call"]["code"] == "OK" and run["Call"]["inputs"]["body"] == {"x": 2}


def test_an_answer_without_a_body_has_no_body_key(world: World) -> None:
    run = run_one(world, [ConnectorResponse(202)])
    assert run.out("Call") == {"statusCode": 202, "headers": {}} and run["Call"]["code"] == "Accepted"


@pytest.mark.parametrize(("status", "code"), [(404, "NotFound"), (422, "422"), (400, "BadRequest")])
def test_a_refusal_is_not_tried_again_and_fails_with_its_status_name(world: World, status: int, code: str) -> None:
    run = run_one(world, [ConnectorResponse(status, {}, {"why": 1})])
    assert (run["Call"]["status"], run["Call"]["code"]) == ("Failed", code)
    assert "error" not in run["Call"] and run.out("Call")["body"] == {"why": 1}
    assert "retryHistory" not in run["Call"]


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_pass_is_tried_again_four_times_by_default(world: World, status: int) -> None:
    run = run_one(world, [ConnectorResponse(status)] * 5)
    assert run["Call"]["status"] == "Failed" and len(world.connectors.calls) == 5
    for wait, (low, high) in zip(waits(world), [(5, 7.5), (7.5, 15), (15, 30), (30, 45)], strict=True):
        assert low <= wait <= high
    assert len(run["Call"]["retryHistory"]) == 4 and len(run["Call"]["requests"]) == 5


def test_a_success_after_retries_keeps_their_history(world: World) -> None:
    run = run_one(world, [ConnectorResponse(503, {"x-ms-request-id": "r"}), ConnectorResponse(200)], retryPolicy=FIXED)
    assert run["Call"]["status"] == "Succeeded" and waits(world) == [10]
    (entry,) = run["Call"]["retryHistory"]
    assert entry["code"] == "ServiceUnavailable" and entry["serviceRequestId"] == "r"
    assert entry["error"]["error"]["code"] == "ServiceUnavailable"


def test_none_means_one_try(world: World) -> None:
    run_one(world, [ConnectorResponse(500)], retryPolicy={"type": "none"})
    assert len(world.connectors.calls) == 1


@pytest.mark.parametrize(("header", "expected"), [("42", 42), ("Thu, 01 Jan 2026 00:01:00 GMT", 60)])
def test_retry_after_sets_the_wait(world: World, header: str, expected: float) -> None:
    run_one(world, [ConnectorResponse(429, {"Retry-After": header}), ConnectorResponse(200)])
    assert waits(world) == [expected]


def test_a_connector_that_breaks_is_tried_again_and_its_message_is_not_shown(world: World) -> None:
    run = run_one(world, [RuntimeError("secret"), ConnectorResponse(200)], retryPolicy=FIXED)
    assert run["Call"]["status"] == "Succeeded"
    assert "secret" not in str(run["Call"])


def test_exponential_doubles_between_its_bounds(world: World) -> None:
    policy = {"type": "exponential", "interval": "PT10S", "count": 4, "maximumInterval": "PT25S"}
    run_one(world, [ConnectorResponse(500)] * 5, retryPolicy=policy)
    for wait, (low, high) in zip(waits(world), [(5, 10), (10, 20), (20, 25), (25, 25)], strict=True):
        assert low <= wait <= high


@pytest.mark.parametrize(
    "policy",
    [
        {"type": "often"},
        {"type": "fixed", "count": 2},
        {"type": "fixed", "interval": "PT1S", "count": 2},
        {"type": "fixed", "interval": "PT5S", "count": 91},
    ],
)
def test_a_wrong_policy_fails_the_action_before_any_call(world: World, policy: dict[str, Any]) -> None:
    run = run_one(world, [], retryPolicy=policy)
    assert run["Call"]["code"] == "BadRequest" and not world.connectors.calls


def test_an_accepted_operation_is_asked_for_its_result(world: World) -> None:
    location = "https://host/apim/api/key/operations/1?a=b"
    accepted = ConnectorResponse(202, {"Location": location, "Retry-After": "3"})
    run = run_one(world, [accepted, accepted, ConnectorResponse(200, {}, "done")], method="post", body=1)
    assert run.out("Call")["body"] == "done" and waits(world) == [3, 3]
    assert world.connectors.calls[1][1] == ConnectorRequest("GET", "/operations/1", {"a": "b"}, {}, None)


def pages(*contents: list[int]) -> list[ConnectorResponse]:
    links = [f"?$skiptoken={number}" for number in range(1, len(contents))] + [None]
    return [
        ConnectorResponse(200, {}, {"value": items, "nextLink": link})
        for items, link in zip(contents, links, strict=True)
    ]


def paged(minimum: int) -> dict[str, Any]:
    return {
        **call("/entities", queries={"$filter": "f"}),
        "runtimeConfiguration": {"paginationPolicy": {"minimumItemCount": minimum}},
    }


def test_without_a_policy_only_the_first_page_is_seen(world: World) -> None:
    run = run_one(world, pages([1], [2]))
    assert run.out("Call")["body"] == {"value": [1], "nextLink": "?$skiptoken=1"}


def test_pages_are_followed_also_through_an_empty_one(world: World) -> None:
    world.connectors.answers = pages([], [1, 2], [], [3])
    run = world.run({"Call": paged(1000)})
    assert run.out("Call")["body"] == {"value": [1, 2, 3]}
    assert world.connectors.calls[1][1].queries["$skiptoken"] == "1"
    assert world.connectors.calls[1][1].path == "/entities"


def test_whole_pages_are_collected_until_there_are_enough(world: World) -> None:
    world.connectors.answers = pages([1, 2], [3, 4], [5])
    run = world.run({"Call": paged(3)})
    assert run.out("Call")["body"]["value"] == [1, 2, 3, 4] and len(world.connectors.calls) == 2


def test_odata_links_are_followed_too(world: World) -> None:
    link = "https://x.azure-apim.net/apim/sql/abc/items?$skiptoken=2"
    first = ConnectorResponse(200, {}, {"value": [1], "@odata.nextLink": link})
    world.connectors.answers = [first, ConnectorResponse(200, {}, {"value": [2]})]
    assert world.run({"Call": paged(10)}).out("Call")["body"] == {"value": [1, 2]}
    assert world.connectors.calls[1][1] == ConnectorRequest("GET", "/items", {"$skiptoken": "2"})


def test_a_page_that_fails_is_tried_again_and_nothing_is_lost(world: World) -> None:
    first, second = pages([1], [2])
    world.connectors.answers = [first, ConnectorResponse(500), second]
    assert world.run({"Call": paged(10)}).out("Call")["body"]["value"] == [1, 2]


def test_a_timeout_ends_the_action_and_lets_its_handler_run(world: World) -> None:
    world.connectors.answers = lambda *_: ConnectorResponse(503)
    timed = {**call(retryPolicy={"type": "fixed", "interval": "PT1H", "count": 5}), "limit": {"timeout": "PT90M"}}
    run = world.run({"Call": timed, "Handler": compose(1, Call="TimedOut")})
    assert (run["Call"]["status"], run["Call"]["code"]) == ("TimedOut", "ActionTimedOut")
    assert run["Handler"]["status"] == "Succeeded" and run.status == "Succeeded"
    assert world.clock.now().hour == 1 and world.clock.now().minute == 30
    world.advance(hours=9)
    assert len(world.connectors.calls) == 2


def test_what_lasts_longer_than_the_calendar_does_not_break_the_run(world: World) -> None:
    world.connectors.answers = [ConnectorResponse(503, {"Retry-After": "9" * 30})]
    assert world.run({"Call": call()}).data["code"] == "WorkflowRunTimedOut"
    scope = {"type": "Scope", "actions": {"C": compose(1)}}
    assert world.run({"S": {**scope, "limit": {"timeout": "P9999999D"}}}).status == "Succeeded"
    run = world.run({"S": {**scope, "limit": {"timeout": "P9999999Y"}}})
    assert run["S"]["error"]["message"] == (
        "The 'limit.timeout' of action 'S' is not valid: 'P9999999Y' is too long a duration."
    )


def test_secured_outputs_hide_the_inputs_of_what_uses_them(world: World) -> None:
    secured = {**call(), "runtimeConfiguration": {"secureData": {"properties": ["outputs"]}}}
    world.put({**_definition({"Call": secured, "Use": compose("@body('Call')", Call="Succeeded"), "Free": compose(1)})})
    nodes = world.runtime.program(*_version(world)).nodes
    assert nodes["Call"].hidden == {"outputs"}
    assert nodes["Use"].hidden == {"inputs", "outputs"}
    assert not nodes["Free"].hidden


def _definition(actions: dict[str, Any]) -> dict[str, Any]:
    from workflow_world import workflow

    return workflow(actions)


def _version(world: World) -> tuple[str, str]:
    from workflow_world import WORKFLOW

    saved = world.runtime.workflow(WORKFLOW)
    return saved["guid"], saved["version"]


def test_time_stands_still_while_a_connector_answers(world: World) -> None:
    began = world.clock.now()
    run_one(world, [ConnectorResponse(200)])
    assert world.clock.now() - began == timedelta()
