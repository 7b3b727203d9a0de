"""Request triggers, Response, callback addresses, calling another workflow, webhook actions."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from workflow_world import WORKFLOW, World, call, compose, run_after, workflow

from localazure.connectors.request import ConnectorResponse
from localazure.workflows.endpoints import routes
from localazure.workflows.errors import WorkflowError

CHILD = WORKFLOW.replace("/flow", "/child")


def respond(body: Any = None, status: Any = 200, **more: Any) -> dict[str, Any]:
    inputs = {"statusCode": status, **({} if body is None else {"body": body})}
    return {"type": "Response", "kind": "Http", "inputs": inputs | more.pop("inputs", {}), "runAfter": {}, **more}


def trigger(**inputs: Any) -> dict[str, Any]:
    options = inputs.pop("options", None)
    made = {"manual": {"type": "Request", "kind": "Http", "inputs": inputs}}
    if options:
        made["manual"]["operationOptions"] = options
    return made


def web(world: World, method: str, url: str, **more: Any) -> httpx.Response:
    """One HTTP call of the runtime's endpoints; as much virtual time passes as the answer needs."""

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=routes(world.runtime)))
        async with httpx.AsyncClient(transport=transport) as client:
            return await world.clock.drive(client.request(method, url, **more))

    return world.go(exchange())


def url_of(world: World, **more: Any) -> str:
    return str(world.runtime.callback_url(WORKFLOW, "manual", **more)["value"])


def test_a_workflow_without_a_response_answers_202_at_once(world: World) -> None:
    world.put(workflow({"W": {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Hour"}}}}))
    answer = web(world, "POST", url_of(world), json={"a": 1})
    assert answer.status_code == 202 and not answer.content
    run = world.runtime.run(WORKFLOW, answer.headers["x-ms-workflow-run-id"])
    assert run["status"] == "Running"
    assert answer.headers["x-ms-workflow-name"] == "flow"
    assert answer.headers["x-ms-workflow-version"] == run["version"]


def test_a_response_answers_the_caller_and_the_run_goes_on(world: World) -> None:
    after = compose("@int('x')", R="Succeeded")
    reply = respond({"sum": "@add(triggerBody()?['a'], 1)"}, 201, inputs={"headers": {"X-Own": "1", "Expires": "0"}})
    world.put(workflow({"R": reply, "After": after}))
    answer = web(world, "POST", url_of(world), json={"a": 1})
    assert (answer.status_code, answer.json()) == (201, {"sum": 2})
    assert answer.headers["x-own"] == "1" and answer.headers["expires"] == "-1"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    (data,) = world.runtime.runs(WORKFLOW)
    assert data["status"] == "Failed" and data["response"]["statusCode"] == 201


def test_what_the_trigger_brings(world: World) -> None:
    world.put(workflow({"R": respond("@triggerOutputs()")}, trigger(method="PUT", relativePath="customer/{id}/x")))
    url = url_of(world).replace("{id}", "a%2Fb") + "&q=1"
    answer = web(world, "PUT", url, content="text", headers={"Content-Type": "text/plain"})
    outputs = answer.json()
    assert outputs["relativePathParameters"] == {"id": "a/b"} and outputs["queries"] == {"q": "1"}
    assert outputs["body"] == "text" and outputs["headers"]["Content-Type"] == "text/plain"


def test_a_form_and_a_binary_body_are_taken_in(world: World) -> None:
    world.put(workflow({"R": respond("@triggerBody()")}))
    web(world, "POST", url_of(world), data={"a": "1 2"})
    form = world.runtime.runs(WORKFLOW)[0]["trigger"]["outputs"]["body"]
    assert form["$formdata"] == [{"key": "a", "value": "1 2"}]
    png = web(world, "POST", url_of(world), content=b"\x89P", headers={"Content-Type": "image/png"})
    assert png.content == b"\x89P" and png.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (lambda url: url.split("?")[0], 401, "DirectApiAuthorizationRequired"),
        (lambda url: url.replace("sig=", "sig=x"), 401, "AuthorizationFailed"),
        (lambda url: url.replace("manual%2Frun", "other%2Frun"), 401, "AuthorizationFailed"),
        (lambda url: url.replace("/workflows/", "/workflows/0"), 404, "WorkflowNotFound"),
        (lambda url: url.replace("invoke", "invoke/more"), 404, "NotFound"),
    ],
)
def test_an_address_that_is_not_right_is_refused(world: World, change: Any, status: int, code: str) -> None:
    world.put(workflow({}))
    answer = web(world, "POST", change(url_of(world)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert not world.runtime.runs(WORKFLOW)


def test_an_authorization_header_another_method_and_bad_json_are_refused(world: World) -> None:
    world.put(workflow({}))
    assert web(world, "POST", url_of(world), headers={"Authorization": "Bearer x"}).status_code == 401
    method = web(world, "GET", url_of(world)).json()["error"]
    assert method["code"] == "TriggerRequestMethodNotValid" and "expected 'POST' and actual 'GET'" in method["message"]
    bad = web(world, "POST", url_of(world), content="{]", headers={"Content-Type": "application/json"})
    assert bad.status_code == 400


def test_an_address_ends_when_it_says_so_and_with_its_key(world: World) -> None:
    world.put(workflow({}))
    url = url_of(world, not_after="2026-01-01T01:00:00Z")
    assert web(world, "POST", url).status_code == 202
    world.advance(hours=2)
    assert web(world, "POST", url).status_code == 401
    secondary, primary = url_of(world, key="Secondary"), url_of(world)
    world.runtime.regenerate_key(WORKFLOW, "Primary")
    assert web(world, "POST", primary).status_code == 401
    assert web(world, "POST", secondary).status_code == 202


def test_a_schema_is_checked_only_when_the_trigger_says_so(world: World) -> None:
    schema = {"type": "object", "required": ["item"]}
    world.put(workflow({}, trigger(schema=schema)))
    assert web(world, "POST", url_of(world), json={}).status_code == 202
    world.put(workflow({}, trigger(schema=schema, options="EnableSchemaValidation")))
    answer = web(world, "POST", url_of(world), json={})
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": "TriggerInputSchemaMismatch",
        "message": "The input body for trigger 'manual' of type 'Request' did not match its schema definition. "
        "Error details: 'Required properties are missing from object: item.'.",
    }


def test_a_disabled_workflow_refuses(world: World) -> None:
    world.put(workflow({}), state="Disabled")
    answer = web(world, "POST", url_of(world))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "WorkflowTriggerIsNotEnabled")


def test_a_response_that_never_ran_is_502_and_one_too_late_504(world: World) -> None:
    skipped = {**respond(), "runAfter": run_after(A="Failed")}
    world.put(workflow({"A": compose(1), "R": skipped}))
    answer = web(world, "POST", url_of(world))
    assert answer.status_code == 502 and answer.json()["error"]["code"] == "NoResponse"
    wait = {"type": "Wait", "inputs": {"interval": {"count": 3, "unit": "Minute"}}}
    world.put(workflow({"W": wait, "R": {**respond(), "runAfter": run_after(W="Succeeded")}}))
    late = web(world, "POST", url_of(world))
    assert late.status_code == 504 and world.clock.now().minute == 2
    world.advance(minutes=5)
    newest = world.finished(world.runtime.runs(WORKFLOW)[0])
    assert newest["R"]["code"] == "ActionResponseTimedOut" and newest.status == "Failed"


def test_a_response_is_skipped_where_nobody_waits_and_a_second_one_fails(world: World) -> None:
    run = world.run({"R": respond("x")})
    assert run["R"]["status"] == "Skipped" and run["R"]["code"] == "ActionResponseSkipped"
    world.put(workflow({"R": respond("x"), "S": {**respond("y"), "runAfter": run_after(R="Succeeded")}}))
    assert web(world, "POST", url_of(world)).text == "x"
    assert world.runtime.runs(WORKFLOW)[0]["status"] == "Failed"


def test_an_asynchronous_response_is_asked_for(world: World) -> None:
    wait = {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Hour"}}}
    reply = respond("done", operationOptions="Asynchronous")
    world.put(workflow({"W": wait, "R": {**reply, "runAfter": run_after(W="Succeeded")}}))
    first = web(world, "POST", url_of(world))
    assert first.status_code == 202
    assert web(world, "GET", first.headers["location"]).status_code == 202
    world.advance(hours=2)
    assert web(world, "GET", first.headers["location"]).text == "done"
    assert web(world, "GET", first.headers["location"] + "x").status_code == 401


def test_a_response_with_a_wrong_status_fails(world: World) -> None:
    world.put(workflow({"R": respond(1, 302)}))
    assert web(world, "POST", url_of(world)).status_code == 502


# --- calling another workflow ------------------------------------------------------------------------------------


def nested(**more: Any) -> dict[str, Any]:
    host = {"triggerName": "manual", "workflow": {"id": CHILD}}
    return {"type": "Workflow", "inputs": {"host": host, **more}, "runAfter": {}}


def put_child(world: World, actions: dict[str, Any]) -> None:
    async def put() -> None:
        world.runtime.put(CHILD, workflow(actions))

    world.go(put())


def test_a_workflow_waits_for_the_response_of_another_however_long(world: World) -> None:
    wait = {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Day"}}}
    put_child(
        world, {"W": wait, "R": {**respond({"got": "@triggerBody()"}, 201), "runAfter": run_after(W="Succeeded")}}
    )
    run = world.run({"Call": nested(body={"a": 1})})
    assert run["Call"]["code"] == "Created" and run.out("Call")["body"] == {"got": {"a": 1}}
    (child,) = world.runtime.runs(CHILD)
    assert child["clientTrackingId"] == run.data["clientTrackingId"]


def test_a_child_that_fails_after_its_response_does_not_fail_the_parent(world: World) -> None:
    put_child(world, {"R": respond(1), "Bad": compose("@int('x')", R="Succeeded")})
    assert world.run({"Call": nested()}).status == "Succeeded"


def test_a_child_without_a_response_action_is_not_waited_for(world: World) -> None:
    put_child(world, {"W": {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Day"}}}})
    run = world.run({"Call": nested()})
    assert run["Call"]["code"] == "Accepted" and "body" not in run.out("Call")
    assert world.clock.now().day == 1


def test_a_child_whose_response_did_not_run_is_tried_again_as_a_new_run(world: World) -> None:
    put_child(world, {"A": compose("@int('x')"), "R": {**respond(), "runAfter": run_after(A="Succeeded")}})
    run = world.run({"Call": nested(retryPolicy={"type": "fixed", "interval": "PT5S", "count": 2})})
    assert run["Call"]["code"] == "BadGateway" and run.out("Call")["body"]["error"]["code"] == "NoResponse"
    assert len(world.runtime.runs(CHILD)) == 3


def test_a_child_that_answers_an_error_or_does_not_exist_fails_the_action(world: World) -> None:
    run = world.run({"Call": nested()})
    assert run["Call"]["error"]["code"] == "WorkflowNotFound"
    put_child(world, {"R": respond({"e": 1}, 404)})
    assert world.run({"Call": nested()})["Call"]["code"] == "NotFound"


# --- webhook actions ---------------------------------------------------------------------------------------------


def test_a_connector_webhook_waits_for_its_callback(world: World) -> None:
    world.connectors.answers = lambda *_: ConnectorResponse(201)
    hook = {
        **call("/approvalmail/$subscriptions", body={"NotificationUrl": "@{listCallbackUrl()}"}),
        "type": "ApiConnectionWebhook",
    }
    world.put(workflow({"Ask": hook, "Then": compose("@body('Ask')", Ask="Succeeded")}))
    name = world.fire()
    world.advance(days=2)
    records = world.runtime.actions(WORKFLOW, name)
    assert records["Ask"]["status"] == "Waiting" and world.runtime.run(WORKFLOW, name)["status"] == "Running"
    url = world.connectors.calls[0][1].body["NotificationUrl"]
    assert web(world, "POST", url.replace("sig=", "sig=0")).status_code == 401
    assert web(world, "POST", url, json={"SelectedOption": "Approve"}).status_code == 200
    run = world.finished(world.go(world.runtime.wait(name)))
    assert run.status == "Succeeded" and run.out("Then") == {"SelectedOption": "Approve"}
    assert web(world, "POST", url, json={}).status_code == 404


def test_a_webhook_is_answered_by_a_test(world: World) -> None:
    world.put(workflow({"Ask": {**call(), "type": "ApiConnectionWebhook"}}))
    name = world.fire()
    world.advance(minutes=1)

    async def answer(action: str) -> None:
        world.runtime.answer_webhook(WORKFLOW, name, action, {"x": 1})

    with pytest.raises(WorkflowError, match="does not wait"):
        world.go(answer("Nope"))
    world.go(answer("ask"))
    assert world.finished(world.go(world.runtime.wait(name))).out("Ask") == {"headers": {}, "body": {"x": 1}}


def test_a_subscription_that_is_refused_fails_the_action(world: World) -> None:
    world.connectors.answers = lambda *_: ConnectorResponse(403)
    assert world.run({"Ask": {**call(), "type": "ApiConnectionWebhook"}})["Ask"]["code"] == "Forbidden"
