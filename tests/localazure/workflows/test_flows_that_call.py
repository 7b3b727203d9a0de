"""Whole workflows that call others, run to their end with what they call given as small functions."""

from __future__ import annotations

import base64

from flow_parts import answer, http, inner
from workflow_world import WORKFLOW, World, call, compose, run_after, workflow

from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.workflows.http_carrier import HttpAnswer, HttpRequest

CHILD = WORKFLOW.replace("/flow", "/child")
IDENTITY = {"type": "ManagedServiceIdentity", "audience": "https://management.azure.com/"}


def test_idle_machines_are_stopped_and_what_went_wrong_is_told(world: World) -> None:
    """Try, catch, finally: a scope, another that runs when it failed, and one that runs in any case."""

    async def network(request: HttpRequest) -> HttpAnswer:
        assert request.headers["Authorization"] == "Bearer token"
        if request.method == "GET":
            machines = [{"name": name, "tags": {"idle": name != "b"}} for name in ("a", "b", "c")]
            return answer({"value": machines})
        return answer({"error": "locked"}, 409) if request.url.endswith("/c/stop") else answer({}, 202)

    world.runtime.http.send = network
    world.runtime.http.tokens.managed_identity = lambda _: "token"
    stop = {
        "type": "Foreach",
        "foreach": "@body('Idle')",
        "actions": inner(Stop=http("POST", "http://arm/@{item()?['name']}/stop", authentication=IDENTITY)),
        "runAfter": run_after(Idle="Succeeded"),
    }
    try_scope = {
        "type": "Scope",
        "actions": {
            "List": http("GET", "http://arm/machines", authentication=IDENTITY),
            "Idle": {
                "type": "Query",
                "inputs": {"from": "@body('List')?['value']", "where": "@equals(item()?['tags']?['idle'], true)"},
                "runAfter": run_after(List="Succeeded"),
            },
            "Each": stop,
        },
        "runAfter": {},
    }
    failed = {
        "type": "Query",
        "inputs": {"from": "@result('Try')", "where": "@equals(item()?['status'], 'Failed')"},
        "runAfter": {},
    }
    catch = {
        "type": "Scope",
        "actions": {
            "Failed": failed,
            "Names": {
                "type": "Select",
                "inputs": {"from": "@body('Failed')", "select": "@item()?['name']"},
                "runAfter": run_after(Failed="Succeeded"),
            },
            "Tell": {**call("/tell", "post", body="@body('Names')"), "runAfter": run_after(Names="Succeeded")},
        },
        "runAfter": run_after(Try=["Failed", "TimedOut"]),
    }
    last = {**call("/audit", "post"), "runAfter": run_after(Catch=["Succeeded", "Failed", "Skipped"])}
    run = world.run({"Try": try_scope, "Catch": catch, "Finally": last})
    assert run.status == "Succeeded"
    assert [(request.path, request.body) for _, request in world.connectors.calls] == [
        ("/tell", ["Each"]),
        ("/audit", None),
    ]
    assert run["Stop", "000001"]["code"] == "Conflict" and run["Stop", "000000"]["code"] == "Accepted"


def test_orders_are_handed_to_another_workflow_one_by_one(world: World) -> None:
    async def put() -> None:
        respond = {
            "type": "Response",
            "inputs": {"statusCode": 200, "body": {"total": "@mul(triggerBody()?['price'], 2)"}},
            "runAfter": {},
        }
        world.runtime.put(CHILD, workflow({"R": respond}))

    world.go(put())
    host = {"triggerName": "manual", "workflow": {"id": CHILD}}
    loop = {
        "type": "Foreach",
        "foreach": "@triggerBody()",
        "actions": inner(Price={"type": "Workflow", "inputs": {"host": host, "body": "@item()"}}),
        "runAfter": {},
    }
    totals = compose("@outputs('Price')", Each="Succeeded")
    run = world.run({"Each": loop, "Totals": totals}, body=[{"price": 1}, {"price": 5}])
    assert [one["body"]["total"] for one in run.out("Totals")] == [2, 10]
    assert len(world.runtime.runs(CHILD)) == 2


def test_an_api_checks_its_input_and_answers_in_html(world: World) -> None:
    from test_requests import url_of, web

    identity = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a/functions/Price"

    async def price(request: ConnectorRequest) -> ConnectorResponse:
        return ConnectorResponse(200, {}, {"price": len(request.body["name"])})

    world.runtime.functions[identity.lower()] = price
    schema = {"type": "object", "properties": {"names": {"type": "array"}}, "required": ["names"]}
    actions = {
        "Check": {"type": "ParseJson", "inputs": {"content": "@triggerBody()", "schema": schema}, "runAfter": {}},
        "Bad": {
            "type": "Response",
            "inputs": {"statusCode": 400, "body": "@{outputs('Check')?['errors'][0]?['message']}"},
            "runAfter": run_after(Check="Failed"),
        },
        "Each": {
            "type": "Foreach",
            "foreach": "@body('Check')?['names']",
            "actions": inner(
                Price={"type": "Function", "inputs": {"function": {"id": identity}, "body": {"name": "@item()"}}}
            ),
            "runAfter": run_after(Check="Succeeded"),
        },
        "Rows": {
            "type": "Select",
            "inputs": {
                "from": "@range(0, length(outputs('Price')))",
                "select": {"Price": "@outputs('Price')[item()]['body']['price']"},
            },
            "runAfter": run_after(Each="Succeeded"),
        },
        "Html": {
            "type": "Table",
            "inputs": {"from": "@body('Rows')", "format": "HTML"},
            "runAfter": run_after(Rows="Succeeded"),
        },
        "Good": {
            "type": "Response",
            "inputs": {"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": "@body('Html')"},
            "runAfter": run_after(Html="Succeeded"),
        },
    }
    world.put(workflow(actions))
    good = web(world, "POST", url_of(world), json={"names": ["a", "bb"]})
    assert good.headers["content-type"] == "text/html"
    assert (
        good.text
        == "<table><thead><tr><th>Price</th></tr></thead><tbody><tr><td>1</td></tr><tr><td>2</td></tr></tbody></table>"
    )
    bad = web(world, "POST", url_of(world), json={})
    assert (bad.status_code, bad.text) == (400, "Required properties are missing from object: names.")


def test_a_long_deployment_is_waited_for(world: World) -> None:
    """The service answers 202 with a Location for half an hour."""
    began = world.clock.now()

    async def network(request: HttpRequest) -> HttpAnswer:
        if request.method == "GET" and (world.clock.now() - began).total_seconds() >= 1800:
            return answer({"state": "Succeeded"})
        return HttpAnswer(202, {"Location": "http://arm/operations/1", "Retry-After": "600"})

    world.runtime.http.send = network
    run = world.run({"Deploy": http("PUT", "http://arm/deployments/d", body={"template": 1})})
    assert run.out("Deploy")["body"] == {"state": "Succeeded"}
    assert (world.clock.now() - began).total_seconds() == 1800 and len(run["Deploy"]["requests"]) == 4


def test_a_reminder_is_sent_at_its_time_and_runs_do_not_overlap(world: World) -> None:
    sent: list[str] = []

    def connectors(_: str, request: ConnectorRequest) -> ConnectorResponse:
        sent.append(world.clock.now().strftime("%H:%M"))
        return ConnectorResponse(200)

    world.connectors.answers = connectors
    wait = {
        "type": "Wait",
        "inputs": {"until": {"timestamp": "@addMinutes(startOfHour(utcNow()), 90)"}},
        "runAfter": {},
    }
    trigger = {
        "T": {
            "type": "Recurrence",
            "recurrence": {"frequency": "Hour", "interval": 1},
            "operationOptions": "SingleInstance",
        }
    }
    world.put(
        workflow({"Wait": wait, "Send": {**call("/send", "post"), "runAfter": run_after(Wait="Succeeded")}}, trigger)
    )
    world.advance(hours=5)
    assert sent == ["01:30", "02:30", "03:30", "04:30"]


def test_a_message_that_cannot_be_stored_goes_to_the_dead_letters(world: World) -> None:
    def connectors(_: str, request: ConnectorRequest) -> ConnectorResponse:
        return ConnectorResponse(503 if request.path == "/sql" else 201, {}, {})

    world.connectors.answers = connectors
    policy = {
        "type": "exponential",
        "interval": "PT10S",
        "count": 3,
        "minimumInterval": "PT5S",
        "maximumInterval": "PT1M",
    }
    store = call(
        "/sql",
        "post",
        body={"text": "@{xpath(xml(base64ToString(triggerBody()?['ContentData'])), 'string(/order/id)')}"},
        retryPolicy=policy,
    )
    complete = {**call("/complete", "delete"), "runAfter": run_after(Store="Succeeded")}
    dead = {
        **call("/dead", "post", body="@actions('Store')?['code']"),
        "runAfter": run_after(Store=["Failed", "TimedOut"]),
    }
    run = world.run(
        {"Store": store, "Complete": complete, "Dead": dead},
        body={"ContentData": base64.b64encode(b"<order><id>7</id></order>").decode()},
    )
    paths = [request.path for _, request in world.connectors.calls]
    assert paths == ["/sql"] * 4 + ["/dead"]
    assert (
        world.connectors.calls[0][1].body == {"text": "7"}
        and world.connectors.calls[-1][1].body == "ServiceUnavailable"
    )
    assert run.statuses() == {"Store": "Failed", "Complete": "Skipped", "Dead": "Succeeded"}


def test_two_branches_run_at_the_same_time_and_join(world: World) -> None:
    slow = {"type": "Wait", "inputs": {"interval": {"count": 10, "unit": "Minute"}}, "runAfter": {}}
    quick = {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Minute"}}, "runAfter": {}}
    joined = compose("@concat(actions('Slow').status, actions('Quick').status)", Slow="Succeeded", Quick="Succeeded")
    run = world.run({"Slow": slow, "Quick": quick, "Join": joined})
    assert run.out("Join") == "SucceededSucceeded" and world.clock.now().minute == 10
    assert run["Quick"]["endTime"] < run["Slow"]["endTime"]
