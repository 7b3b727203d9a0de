"""Whole workflows of the kinds that people build, run to their end with connectors given as small functions."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest
from workflow_world import WORKFLOW, World, call, compose, run_after, workflow

from localazure.connectors.connection import Connection
from localazure.connectors.memory_tables import MemoryTables
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.workflows.carriers import ConnectorCarrier
from localazure.workflows.http_carrier import HttpAnswer, HttpRequest

CHILD = WORKFLOW.replace("/flow", "/child")
IDENTITY = {"type": "ManagedServiceIdentity", "audience": "https://management.azure.com/"}


def inner(**actions: Any) -> dict[str, Any]:
    return {name: {"runAfter": {}, **action} for name, action in actions.items()}


def variable(name: str, kind: str, value: Any) -> dict[str, Any]:
    return {"type": "InitializeVariable", "inputs": {"variables": [{"name": name, "type": kind, "value": value}]}}


def http(method: str, uri: str, **more: Any) -> dict[str, Any]:
    after = more.pop("after", {})
    return {"type": "Http", "inputs": {"method": method, "uri": uri, **more}, "runAfter": run_after(**after)}


def answer(body: Any, status: int = 200, **headers: str) -> HttpAnswer:
    return HttpAnswer(status, {"Content-Type": "application/json", **headers}, json.dumps(body).encode())


@pytest.mark.parametrize("empty_first_page", [False, True])
def test_new_rows_are_mailed_every_hour(world: World, empty_first_page: bool) -> None:
    """A table is looked through for what is younger than an hour; what is found is mailed, else nothing."""
    mails: list[str] = []
    tables = MemoryTables(world.clock)
    tables.empty_first_page = empty_first_page
    connector, settings = tables.connector(), {"storageaccount": "leads", "sharedkey": "a2V5"}

    async def call_connection(connection: str, request: ConnectorRequest) -> ConnectorResponse:
        if connection.endswith("office365"):
            mails.append(request.body["Body"])
            return ConnectorResponse(200)
        return await connector.call(Connection(connection, "azuretables", settings), request)

    world.runtime.driver.carriers["connector"] = ConnectorCarrier(SimpleNamespace(call=call_connection))
    tables.insert("leads", "leads", {"PartitionKey": "p", "RowKey": "before", "Name": "Old"})
    world.advance(hours=2)
    look_back = {"type": "Expression", "kind": "GetPastTime", "inputs": {"interval": 1, "timeUnit": "Hour"}}
    condition = {
        "type": "If",
        "expression": {"and": [{"greater": ["@length(body('Get_entities')?['value'])", 0]}]},
        "actions": inner(
            Mail=call(
                "/v2/Mail",
                "post",
                "/c/office365",
                body={"Body": "@{body('Get_entities')?['value']}"},
            )
        ),
        "else": {"actions": {}},
        "runAfter": run_after(Get_entities="Succeeded"),
    }
    path = "/v2/storageAccounts/AccountNameFromSettings/tables/leads/entities"
    entities = call(path, "get", "/c/tables", queries={"$filter": "Timestamp gt datetime'@{body('Get_past_time')}'"})
    actions = {
        "Get_past_time": look_back,
        "Get_entities": {
            **entities,
            "runAfter": run_after(Get_past_time="Succeeded"),
            "runtimeConfiguration": {"paginationPolicy": {"minimumItemCount": 1000}},
        },
        "Condition": condition,
    }
    recurrence = {"Recurrence": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 1}}}
    world.put(workflow(actions, recurrence))
    for minutes, names in ((30, ["Ann"]), (40, ["Bob", "Cy"]), (170, [])):
        world.advance(minutes=minutes)
        for name in names:
            tables.insert("leads", "leads", {"PartitionKey": "p", "RowKey": name, "Name": name})
    assert [[row["Name"] for row in json.loads(mail)] for mail in mails] == [["Ann"], ["Bob", "Cy"]]
    assert {data["status"] for data in world.runtime.runs(WORKFLOW)} == {"Succeeded"}


def test_an_incident_is_enriched_and_announced(world: World) -> None:
    """A security incident arrives by webhook, its entities are looked up one by one, a message sums them up."""
    posted: list[Any] = []

    def connectors(connection: str, request: ConnectorRequest) -> ConnectorResponse:
        if "lookup" in request.path:
            return ConnectorResponse(200, {}, {"country": request.path.rsplit("/", 1)[-1].upper()})
        posted.append((request.path, request.body))
        return ConnectorResponse(201, {}, {})

    world.connectors.answers = connectors
    trigger = {
        "Incident": {
            "type": "ApiConnectionWebhook",
            "inputs": {"host": {"connection": {"name": "/c/s"}}, "path": "/i", "body": {}},
        }
    }
    lookup = {
        "type": "Foreach",
        "foreach": "@triggerBody()?['object']?['entities']",
        "actions": inner(
            Look=call("/lookup/@{encodeURIComponent(items('Each')?['host'])}"),
            Note={
                "type": "AppendToArrayVariable",
                "inputs": {
                    "name": "seen",
                    "value": "@concat(items('Each')?['host'], ' from ', body('Look')?['country'])",
                },
                "runAfter": run_after(Look="Succeeded"),
            },
        ),
        "runAfter": run_after(Init="Succeeded"),
        "operationOptions": "Sequential",
    }
    actions = {
        "Init": variable("seen", "array", []),
        "Each": lookup,
        "Text": {
            "type": "Join",
            "inputs": {"from": "@variables('seen')", "joinWith": "; "},
            "runAfter": run_after(Each="Succeeded"),
        },
        "Severe": {
            "type": "If",
            "expression": "@equals(triggerBody()?['object']?['severity'], 'High')",
            "actions": inner(Post=call("/teams", "post", body={"text": "@{body('Text')}"})),
            "else": {"actions": inner(Close=call("/close", "post", body={}))},
            "runAfter": run_after(Text="Succeeded"),
        },
    }
    world.put(workflow(actions, trigger))
    world.fire("Incident", {"object": {"severity": "High", "entities": [{"host": "de"}, {"host": "fr"}]}})
    world.advance(seconds=1)
    assert posted == [("/i", {}), ("/teams", {"text": "de from DE; fr from FR"})]  # the first is the subscription


def test_a_mail_asks_for_approval_and_the_answer_decides(world: World) -> None:
    posted: list[str] = []

    def connectors(_: str, request: ConnectorRequest) -> ConnectorResponse:
        posted.append(request.path)
        return ConnectorResponse(200, {}, {})

    world.connectors.answers = connectors
    ask = {
        **call("/approvalmail/$subscriptions", "post", body={"NotificationUrl": "@{listCallbackUrl()}"}),
        "type": "ApiConnectionWebhook",
    }
    decide = {
        "type": "Switch",
        "expression": "@body('Ask')?['SelectedOption']",
        "cases": {
            "Yes": {"case": "Approve", "actions": inner(Do=call("/do", "post"))},
            "No": {"case": "Reject", "actions": inner(Tell=call("/tell", "post"))},
        },
        "default": {
            "actions": inner(Odd={"type": "Terminate", "inputs": {"runStatus": "Failed", "runError": {"code": "Odd"}}})
        },
        "runAfter": run_after(Ask="Succeeded"),
    }
    world.put(workflow({"Ask": ask, "Decide": decide}))
    ends = []
    for option in ("Approve", "Reject", "Later"):
        name = world.fire()
        world.advance(days=3)

        async def reply(run: str = name, choice: str = option) -> None:
            world.runtime.answer_webhook(WORKFLOW, run, "Ask", {"SelectedOption": choice})

        world.go(reply())
        ends.append(world.go(world.clock.drive(world.runtime.wait(name)))["status"])
    assert ends == ["Succeeded", "Succeeded", "Failed"]
    assert [path for path in posted if not path.startswith("/approval")] == ["/do", "/tell"]


def test_pages_of_an_api_are_read_to_the_end_and_sent_as_csv(world: World) -> None:
    pages = {
        "http://api/items": ([1, 2], "http://api/items?p=2"),
        "http://api/items?p=2": ([], "http://api/items?p=3"),
        "http://api/items?p=3": ([3], None),
    }

    async def network(request: HttpRequest) -> HttpAnswer:
        items, link = pages[request.url]
        return answer({"value": [{"id": item, "name": f"n,{item}"} for item in items], "@odata.nextLink": link})

    world.runtime.http.send = network
    loop = {
        "type": "Until",
        "expression": "@empty(variables('next'))",
        "actions": inner(
            Page=http("GET", "@{variables('next')}"),
            Keep={
                "type": "SetVariable",
                "inputs": {"name": "all", "value": "@union(outputs('Copy'), body('Page')?['value'])"},
                "runAfter": run_after(Page="Succeeded", Copy="Succeeded"),
            },
            Copy=compose("@variables('all')"),
            Next={
                "type": "SetVariable",
                "inputs": {"name": "next", "value": "@{coalesce(body('Page')?['@odata.nextLink'], '')}"},
                "runAfter": run_after(Keep="Succeeded"),
            },
        ),
        "limit": {"count": 10, "timeout": "PT1H"},
        "runAfter": run_after(All="Succeeded", First="Succeeded"),
    }
    actions = {
        "All": variable("all", "array", []),
        "First": variable("next", "string", "http://api/items"),
        "Loop": loop,
        "Csv": {
            "type": "Table",
            "inputs": {"from": "@variables('all')", "format": "CSV"},
            "runAfter": run_after(Loop="Succeeded"),
        },
        "Mail": {
            **call("/mail", "post", body={"Attachment": "@base64(body('Csv'))"}),
            "runAfter": run_after(Csv="Succeeded"),
        },
    }
    run = world.run(actions)
    assert run.status == "Succeeded" and run["Loop"]["iterationCount"] == 3
    sent = base64.b64decode(world.connectors.calls[0][1].body["Attachment"]).decode()
    assert sent == 'id,name\r\n1,"n,1"\r\n2,"n,2"\r\n3,"n,3"\r\n'


def test_every_attachment_of_every_mail_becomes_a_blob(world: World) -> None:
    blobs: dict[str, bytes] = {}

    def connectors(_: str, request: ConnectorRequest) -> ConnectorResponse:
        blobs[request.queries["name"]] = base64.b64decode(request.body["$content"])
        return ConnectorResponse(200, {}, {})

    world.connectors.answers = connectors
    mail = {
        "type": "ApiConnection",
        "recurrence": {"frequency": "Minute", "interval": 1},
        "splitOn": "@triggerBody()?['value']",
    }
    trigger = {"Mail": {**mail, "inputs": {"host": {"connection": {"name": "/c/o"}}, "method": "get", "path": "/m"}}}
    store = call(
        "/blobs",
        "post",
        queries={"name": "@items('Each')?['Name']"},
        body="@base64ToBinary(items('Each')?['ContentBytes'])",
    )
    loop = {
        "type": "Foreach",
        "foreach": "@triggerBody()?['Attachments']",
        "actions": inner(Store=store),
        "runAfter": {},
    }
    world.put(workflow({"Each": loop}, trigger))
    files = [{"Name": f"f{n}", "ContentBytes": base64.b64encode(bytes([n])).decode()} for n in range(3)]
    world.fire("Mail", {"value": [{"Attachments": files[:2]}, {"Attachments": files[2:]}, {"Attachments": []}]})
    world.advance(seconds=1)
    assert blobs == {"f0": b"\x00", "f1": b"\x01", "f2": b"\x02"}
    assert [data["status"] for data in world.runtime.runs(WORKFLOW)] == ["Succeeded"] * 3


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
