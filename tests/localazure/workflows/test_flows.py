"""Whole workflows of the kinds that people build, run to their end with connectors given as small functions."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest
from flow_parts import answer, http, inner, variable
from workflow_world import WORKFLOW, World, call, compose, run_after, workflow

from localazure.connectors.connection import Connection
from localazure.connectors.memory_tables import MemoryTables
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.workflows.carriers import ConnectorCarrier
from localazure.workflows.http_carrier import HttpAnswer, HttpRequest


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
