"""The azuretables connector on a real Table service, in process and through the generated client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import pytest
from azure.connectors import ConnectorException
from azure.connectors.azuretables import (
    AzuretablesClient,
    CreateEntityInput,
    InsertMergeEntityInput,
    InsertReplaceEntityInput,
    MergeEntityInput,
    ReplaceEntityInput,
)
from connector_world import ONE_TRY, OneToken, World, world

from localazure.azurite import new_key
from localazure.connectors.connection import MANAGED_IDENTITY, Connection
from localazure.connectors.paging import next_request
from localazure.connectors.request import ConnectorRequest
from localazure.connectors.table_service import TableAccount

V1, V2 = "", "/v2/storageAccounts/leads"
SETTINGS = "/v2/storageAccounts/AccountNameFromSettings"


@asynccontextmanager
async def tables(account: TableAccount, name: str = "") -> AsyncIterator[World]:
    """A world with a connection `tables` to the account and, if named, an empty table."""
    async with world([account]) as around:
        around.connect("tables", "azuretables", storageaccount="leads", sharedkey=account.key)
        if name:
            created = await around.call("tables", "post", f"{V2}/tables", name)
            assert created.status == 201, created
        yield around


def client_of(around: World) -> AzuretablesClient:
    return AzuretablesClient(around.url("tables"), OneToken(), ONE_TRY)


async def insert(around: World, table: str, rows: int) -> None:
    for number in range(rows):
        entity = {"PartitionKey": "p", "RowKey": f"{number:04}", "Number": number}
        answer = await around.call("tables", "post", f"{V2}/tables/{table}/entities", entity)
        assert answer.status == 201


@pytest.mark.parametrize("prefix", [V1, V2, SETTINGS])
def test_every_operation_of_both_versions(account: TableAccount, table: str, prefix: str) -> None:
    async def scenario() -> None:
        async with tables(account, table) as around:

            async def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
                return await around.call("tables", method, prefix + path, body, headers=headers)

            one = f"/Tables/{table}/entities(PartitionKey='p',RowKey='r')"
            tagged = f"/Tables/{table}/entities/etag(PartitionKey='p',RowKey='r')"
            created = await call(
                "post", f"/Tables/{table}/entities", {"PartitionKey": "p", "RowKey": "r", "A": 1, "B": "x"}
            )
            assert (created.status, created.body["A"], created.body["PartitionKey"]) == (201, 1, "p")
            assert created.body["odata.metadata"].endswith(f"$metadata#{table}/@Element")

            assert (await call("patch", tagged, {"A": 2}, **{"If-Match": "*"})).status == 204
            merged = (await call("get", one)).body
            assert (merged["A"], merged["B"]) == (2, "x")

            assert (await call("put", tagged, {"C": 3})).status == 204
            replaced = (await call("get", one)).body
            assert replaced["C"] == 3 and "A" not in replaced

            assert (await call("patch", one.replace("'r'", "'new'"), {"D": 4})).status == 204
            assert (await call("put", one.replace("'r'", "'new'"), {"E": 5})).status == 204
            new = (await call("get", one.replace("'r'", "'new'"))).body
            assert new["E"] == 5 and "D" not in new

            names = [row["RowKey"] for row in (await call("get", f"/Tables/{table}/entities")).body["value"]]
            assert names == ["new", "r"]
            assert (await call("delete", tagged, **{"If-Match": "*"})).status == 204
            assert (await call("get", one)).status == 404

            listed = (await call("get", "/Tables")).body["value"]
            assert {"TableName": table} in [{"TableName": item["TableName"]} for item in listed]
            assert (await call("get", f"/Tables/{table}")).body["TableName"] == table
            assert (await call("delete", f"/Tables/{table}")).status == 204
            assert (await call("get", f"/Tables/{table}")).status == 404

    asyncio.run(scenario())


def test_a_stale_etag_is_refused_and_the_right_one_taken(account: TableAccount, table: str) -> None:
    async def scenario() -> None:
        async with tables(account, table) as around:
            await insert(around, table, 1)
            path = f"{V2}/tables/{table}/entities/etag(PartitionKey='p',RowKey='0000')"
            found = await around.call("tables", "get", path.replace("/etag", ""))
            fresh = found.body["odata.etag"]
            assert (await around.call("tables", "put", path, {"A": 1}, headers={"If-Match": fresh})).status == 204
            stale = await around.call("tables", "put", path, {"A": 2}, headers={"If-Match": fresh})
            assert stale.status == 412
            gone = await around.call("tables", "delete", path, headers={"if-match": fresh})
            assert gone.status == 412

    asyncio.run(scenario())


def test_get_entities_filters_selects_and_hands_on_what_the_service_wrote(account: TableAccount, table: str) -> None:
    async def scenario() -> None:
        async with tables(account, table) as around:
            entity = {
                "PartitionKey": "p",
                "RowKey": "ä'b",
                "Big": "12345678901234",
                "Big@odata.type": "Edm.Int64",
                "When": "2026-01-02T03:04:05.0000000Z",
                "When@odata.type": "Edm.DateTime",
                "Price": 1.5,
            }
            path = f"{V2}/tables/@/entities".replace("@", table)
            assert (await around.call("tables", "post", path, entity)).status == 201
            await insert(around, table, 2)
            query = {"$filter": "Price gt 1.0 and Timestamp gt datetime'2020-01-01T00:00:00.0000000Z'"}
            page = (await around.call("tables", "get", path, queries=query)).body
            row = page["value"][0]
            assert len(page["value"]) == 1 and "nextLink" not in page
            assert {name: row[name] for name in entity} == entity
            assert row["Timestamp"].endswith("Z") and row["odata.etag"].startswith("W/")
            slim = (await around.call("tables", "get", path, queries={**query, "$select": "Price"})).body["value"][0]
            assert slim["Price"] == 1.5 and "Big" not in slim

    asyncio.run(scenario())


def test_pages_are_linked_and_the_links_lead_through_all_rows(account: TableAccount, table: str) -> None:
    async def scenario() -> None:
        async with tables(account, table) as around:
            await insert(around, table, 7)
            around.host.page_size = 3
            request = ConnectorRequest("get", f"{V2}/tables/{table}/entities", {"$filter": "Number ge 0"})
            seen, pages = [], 0
            while True:
                page = (
                    await around.host.call(
                        around.connect("tables", "azuretables", storageaccount="leads", sharedkey=account.key), request
                    )
                ).body
                seen += [row["Number"] for row in page["value"]]
                pages += 1
                if "nextLink" not in page:
                    break
                assert page["nextLink"].startswith(around.base_url + "/apim/azuretables/")
                request = next_request(request, page["nextLink"])
            assert (seen, pages) == (list(range(7)), 3)

    asyncio.run(scenario())


def test_a_next_link_works_over_http_as_it_is(account: TableAccount, table: str) -> None:
    async def scenario() -> None:
        async with tables(account, table) as around:
            await insert(around, table, 3)
            around.host.page_size = 2
            async with client_of(around) as client:
                first = await client.get_entities_async("leads", table)
                assert first is not None
                answer = await client.http_client.send_async("GET", first["nextLink"])
                assert '"RowKey":"0002"' in answer.text and "nextLink" not in answer.text

    asyncio.run(scenario())


def test_the_generated_client_drives_every_operation(account: TableAccount, table: str) -> None:
    async def scenario() -> None:
        async with tables(account) as around, client_of(around) as client:
            made = await client.create_table_async(table, "leads")
            assert made is not None and made["TableName"] == table
            row = CreateEntityInput({"PartitionKey": "p q", "RowKey": "r/'+%", "A": 1})
            with pytest.raises(ConnectorException) as refused:
                await client.create_entity_async(row, "leads", table)
            assert refused.value.status_code == 400  # a slash is no key for the Table service
            row.additional_properties["RowKey"] = "r'+%"
            await client.create_entity_async(row, "leads", table)
            key = ("leads", table, "p q", "r'+%")
            assert (await client.get_entity_async(*key))["A"] == 1
            await client.merge_entity_async(MergeEntityInput({"B": 2}), *key)
            await client.insert_merge_entity_async(InsertMergeEntityInput({"C": 3}), *key)
            found = await client.get_entity_async(*key)
            assert (found["A"], found["B"], found["C"]) == (1, 2, 3)
            await client.replace_entity_async(ReplaceEntityInput({"D": 4}), *key)
            await client.insert_replace_entity_async(InsertReplaceEntityInput({"E": 5}), *key)
            found = await client.get_entities_async("leads", table, filter="E eq 5", select="E")
            assert [item["E"] for item in found["value"]] == [5]
            await client.delete_entity_async(*key)
            assert (await client.get_entities_async("leads", table))["value"] == []
            assert table in [item["TableName"] for item in (await client.get_tables_async("leads"))["value"]]
            assert (await client.get_table_async("leads", table))["TableName"] == table
            accounts = await client.get_storage_accounts_async()
            assert accounts["value"][0]["Name"] == "AccountNameFromSettings"
            await client.delete_table_async("leads", table)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "written", ["leads", "https://leads.table.core.windows.net", "http://127.0.0.1:10002/leads", SETTINGS[-23:]]
)
def test_the_account_may_be_a_name_an_endpoint_or_the_connections_own(
    account: TableAccount, table: str, written: str
) -> None:
    async def scenario() -> None:
        async with tables(account, table) as around:
            encoded = quote(quote(written, safe=""), safe="")
            path = f"/v2/storageAccounts/{encoded}/tables/{table}/entities"
            assert (await around.call("tables", "get", path)).body["value"] == []
            async with client_of(around) as client:
                assert (await client.get_entities_async(written, table))["value"] == []

    asyncio.run(scenario())


def test_a_wrong_key_is_the_table_services_refusal(account: TableAccount, table: str) -> None:
    async def scenario() -> None:
        async with tables(account, table) as around:
            around.connect("tables", "azuretables", storageaccount="leads", sharedkey=new_key())
            answer = await around.call("tables", "get", f"{V2}/tables/{table}/entities")
            assert answer.status == 403
            assert answer.body["status"] == 403 and answer.body["source"].startswith("azuretables-")
            assert "failed to authenticate the request" in answer.body["error"]["message"].lower()
            assert "clientRequestId: " in answer.body["message"]

    asyncio.run(scenario())


def test_a_connection_to_one_account_does_not_open_another(account: TableAccount, table: str) -> None:
    async def scenario() -> None:
        async with tables(account, table) as around:
            around.accounts["other"] = TableAccount("other", account.endpoint.replace("/leads", "/other"), account.key)
            answer = await around.call("tables", "get", f"/v2/storageAccounts/other/tables/{table}/entities")
            assert answer.status in (403, 404)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("parameters", "status", "words"),
    [
        ({"storageaccount": "leads", "sharedkey": "no base64!"}, 400, "not valid base64"),
        ({"storageaccount": "leads"}, 401, "sharedkey"),
        ({"sharedkey": "aGk="}, 400, "storageaccount"),
        ({"storageaccount": "elsewhere", "sharedkey": "aGk="}, 404, "'elsewhere' does not exist"),
    ],
)
def test_an_unusable_connection_says_what_it_lacks(
    account: TableAccount, parameters: dict[str, str], status: int, words: str
) -> None:
    async def scenario() -> None:
        async with tables(account) as around:
            around.connect("tables", "azuretables", **parameters)
            answer = await around.call("tables", "get", f"{SETTINGS}/tables/T/entities")
            assert answer.status == status and words in answer.body["error"]["message"]
            assert parameters.get("sharedkey", "\0") not in str(answer.body)

    asyncio.run(scenario())


def test_parameter_names_match_in_any_case(account: TableAccount, table: str) -> None:
    async def scenario() -> None:
        async with tables(account, table) as around:
            around.connect("tables", "azuretables", storageAccount="leads", sharedKey=account.key)
            assert (await around.call("tables", "get", f"{V1}/Tables/{table}/entities")).status == 200

    asyncio.run(scenario())


def test_a_managed_identity_reaches_the_account_that_the_path_names(account: TableAccount, table: str) -> None:
    async def scenario() -> None:
        async with tables(account, table) as around:
            identity = around.connect("tables", "azuretables")
            around.connections[identity.lower()] = Connection(identity, "azuretables", value_set=MANAGED_IDENTITY)
            assert (await around.call("tables", "get", f"{V2}/tables/{table}/entities")).status == 200
            nameless = await around.call("tables", "get", f"{SETTINGS}/tables/{table}/entities")
            assert nameless.status == 400

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("get", "/v2/nothing", None, 404),
        ("post", f"{V2}/tables", {"TableName": "T"}, 400),
        ("post", f"{V2}/tables/T/entities", "text", 400),
        ("post", f"{V2}/tables/T/entities", None, 400),
        ("get", f"{V2}/tables/NoSuchTable/entities", None, 404),
        ("delete", f"{V2}/tables/NoSuchTable/entities(PartitionKey='p',RowKey='r')", None, 404),
        ("get", f"{V2}/tables/NoSuchTable/entities(PartitionKey='p')", None, 404),
    ],
)
def test_a_bad_call_is_an_answer_of_the_connectors_shape(
    account: TableAccount, method: str, path: str, body: Any, status: int
) -> None:
    async def scenario() -> None:
        async with tables(account) as around:
            answer = await around.call("tables", method, path, body)
            assert answer.status == status
            assert set(answer.body) == {"status", "message", "error", "source"}

    asyncio.run(scenario())


def test_an_unreachable_service_is_502(account: TableAccount) -> None:
    async def scenario() -> None:
        async with tables(account) as around:
            around.accounts["leads"] = TableAccount("leads", "http://127.0.0.1:9/leads", account.key)
            answer = await around.call("tables", "get", f"{V2}/tables/T/entities")
            assert answer.status == 502 and "ConnectError" in answer.body["error"]["message"]

    asyncio.run(scenario())


def test_http_needs_the_token_a_local_host_and_a_known_connection(account: TableAccount) -> None:
    async def scenario() -> None:
        async with tables(account) as around, client_of(around) as client:
            http = client.http_client
            session = await http._ensure_session()
            good = {"Authorization": "Bearer test"}
            for headers, url, status in [
                ({}, around.url("tables") + "/Tables", 401),
                ({**good, "Host": "evil.example"}, around.url("tables") + "/Tables", 421),
                (good, around.base_url + "/apim/azuretables/bm9uZQ/Tables", 404),
                (good, around.url("tables").replace("azuretables", "smtp") + "/Tables", 404),
                (good, around.url("tables") + "/Tables", 200),
            ]:
                async with session.get(url, headers=headers) as answer:
                    assert answer.status == status, url

    asyncio.run(scenario())
