"""Webhooks: triggers subscribe and unsubscribe with their workflow's life, actions take back what nobody awaits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from workflow_world import WORKFLOW, World, workflow

from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.workflows.http_carrier import HttpAnswer, HttpRequest

HOST = {"connection": {"name": "/connections/c"}}
LOCATION = {"Location": "/hooks/17?tenant=a"}


class Network:
    """Every HTTP call: method, address, body. `statuses` are the next answers, 200 after them."""

    def __init__(self, world: World) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self.statuses: list[int] = []
        world.runtime.http.send = self

    async def __call__(self, request: HttpRequest) -> HttpAnswer:
        body = json.loads(request.content) if request.content else None
        self.calls.append((request.method, request.url, body))
        return HttpAnswer(self.statuses.pop(0) if self.statuses else 200)

    def take(self) -> list[tuple[str, str]]:
        """Method and address of what was called since the last time."""
        taken = [(method, url) for method, url, _ in self.calls]
        self.calls.clear()
        return taken


def http_trigger(topic: str = "a") -> dict[str, Any]:
    subscribe = {
        "method": "POST",
        "uri": "https://hooks.example/subscribe",
        "body": {"topic": topic, "to": "@{listCallbackUrl()}"},
    }
    unsubscribe = {"method": "DELETE", "uri": f"https://hooks.example/{topic}"}
    return {"hook": {"type": "HttpWebhook", "inputs": {"subscribe": subscribe, "unsubscribe": unsubscribe}}}


def connector_trigger() -> dict[str, Any]:
    inputs = {"host": HOST, "path": "/topics/$subscriptions", "body": {"to": "@{listCallbackUrl()}"}}
    return {"hook": {"type": "ApiConnectionWebhook", "inputs": inputs}}


def act(world: World, what: str) -> None:
    async def call() -> None:
        getattr(world.runtime, what)(WORKFLOW)

    world.go(call())
    world.advance(seconds=1)


def put(world: World, triggers: dict[str, Any], **more: Any) -> None:
    world.put(workflow({}, triggers), **more)
    world.advance(seconds=1)


SUBSCRIBED, UNSUBSCRIBED = ("POST", "https://hooks.example/subscribe"), ("DELETE", "https://hooks.example/a")


def test_a_trigger_subscribes_with_its_callback_address_when_it_is_saved(world: World) -> None:
    network = Network(world)
    put(world, http_trigger())
    ((_, _, body),) = network.calls
    address = world.runtime.callback_url(WORKFLOW, "hook")["value"]
    assert body == {"topic": "a", "to": address}
    assert "/triggers/hook/paths/invoke" in address


def test_disabling_and_deleting_unsubscribe_and_enabling_subscribes(world: World) -> None:
    network = Network(world)
    put(world, http_trigger())
    assert network.take() == [SUBSCRIBED]
    act(world, "disable")
    assert network.take() == [UNSUBSCRIBED]
    act(world, "enable")
    assert network.take() == [SUBSCRIBED]
    act(world, "delete")
    assert network.take() == [UNSUBSCRIBED]


def test_a_save_changes_only_what_is_not_the_same(world: World) -> None:
    network = Network(world)
    put(world, http_trigger())
    network.take()
    put(world, http_trigger())
    assert network.take() == []
    put(world, http_trigger("b"))
    assert network.take() == [UNSUBSCRIBED, SUBSCRIBED]
    put(world, {})
    assert network.take() == [("DELETE", "https://hooks.example/b")]


def test_a_workflow_saved_as_disabled_subscribes_nothing(world: World) -> None:
    network = Network(world)
    put(world, http_trigger(), state="Disabled")
    assert network.take() == []


def test_a_restart_subscribes_nothing_twice_and_makes_up_for_what_is_missing(tmp_path: Path) -> None:
    subscribed: list[int] = []
    for status in (400, 201, 201):
        world = World(tmp_path / "store.db")
        world.connectors.answers = lambda *_, status=status: ConnectorResponse(status, LOCATION)
        if not subscribed:
            world.put(workflow({}, connector_trigger()))
        world.advance(seconds=1)
        subscribed.append(len(world.connectors.calls))
        world.close()
    assert subscribed == [1, 1, 0]


def test_a_refused_subscription_is_tried_again_and_then_told_in_the_history(world: World) -> None:
    network = Network(world)
    network.statuses = [503] * 5
    put(world, http_trigger())
    world.advance(minutes=5)
    assert len(network.calls) == 5
    ((_, entry),) = world.runtime.trigger_histories(WORKFLOW, "hook")
    assert (entry["status"], entry["fired"], entry["error"]["code"]) == ("Failed", False, "ServiceUnavailable")
    assert world.fire("hook", {"x": 1}), "it can still be fired by hand"
    put(world, http_trigger())
    assert len(network.calls) == 6, "the next save tries again"


@pytest.mark.parametrize(
    "inputs", [{}, {"subscribe": {"method": "POST"}}, {"subscribe": {"uri": "@{int('x')}"}}, {"subscribe": "text"}]
)
def test_a_subscription_that_cannot_be_made_is_told_in_the_history(world: World, inputs: dict[str, Any]) -> None:
    put(world, {"hook": {"type": "HttpWebhook", "inputs": inputs}})
    ((_, entry),) = world.runtime.trigger_histories(WORKFLOW, "hook")
    assert (entry["status"], entry["code"] in ("BadRequest", "InvalidTemplate")) == ("Failed", True)


def connectors(world: World) -> list[tuple[str, str, Any]]:
    """Method, path and queries of every call; the answers have a Location."""
    calls: list[tuple[str, str, Any]] = []

    def answer(_: str, request: ConnectorRequest) -> ConnectorResponse:
        calls.append((request.method, request.path, request.queries))
        return ConnectorResponse(201, LOCATION)

    world.connectors.answers = answer
    return calls


def test_a_connectors_trigger_deletes_what_its_subscription_named(world: World) -> None:
    calls = connectors(world)
    put(world, connector_trigger())
    act(world, "disable")
    assert calls == [("POST", "/topics/$subscriptions", {}), ("DELETE", "/hooks/17", {"tenant": "a"})]


def approval(**more: Any) -> dict[str, Any]:
    inputs = {"host": HOST, "path": "/approvalmail/$subscriptions", "body": {"NotificationUrl": "@{listCallbackUrl()}"}}
    return {"Ask": {"type": "ApiConnectionWebhook", "inputs": inputs, **more}}


def test_a_connectors_action_takes_its_subscription_back_when_it_times_out(world: World) -> None:
    calls = connectors(world)
    run = world.run(approval(limit={"timeout": "PT1H"}))
    world.advance(seconds=1)
    assert (run["Ask"]["status"], run.status) == ("TimedOut", "Failed")
    assert calls[1:] == [("DELETE", "/hooks/17", {"tenant": "a"})]


def test_a_connectors_action_takes_its_subscription_back_when_the_run_is_cancelled(world: World) -> None:
    calls = connectors(world)
    world.put(workflow(approval()))
    name = world.fire()
    world.advance(seconds=1)

    async def cancel() -> None:
        world.runtime.cancel(WORKFLOW, name)

    world.go(cancel())
    world.advance(seconds=1)
    assert [method for method, _, _ in calls] == ["POST", "DELETE"]


def test_what_was_answered_is_not_taken_back(world: World) -> None:
    calls = connectors(world)
    world.put(workflow(approval()))
    name = world.fire()
    world.advance(seconds=1)

    async def answer() -> None:
        world.runtime.answer_webhook(WORKFLOW, name, "Ask", {"SelectedOption": "Approve"})

    world.go(answer())
    world.advance(seconds=1)
    assert world.runtime.run(WORKFLOW, name)["status"] == "Succeeded"
    assert len(calls) == 1
