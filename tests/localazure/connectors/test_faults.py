"""Faults by rule, throttling, and connectors given by a user."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from connector_world import World, world

from localazure.connectors.connection import Connection
from localazure.connectors.errors import ConnectorError
from localazure.connectors.faults import Fault, Faults
from localazure.connectors.given import FunctionConnector, RecordedAnswer, RecordedConnector
from localazure.connectors.paging import PageLinks, next_request
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.connectors.table_service import TableAccount
from localazure.connectors.throttling import Throttle

MAIL = {"To": "a@b.c", "Subject": "S", "Body": "B"}


async def send(around: World) -> int:
    return (await around.call("mail", "post", "/v2/Mail", MAIL)).status


def test_a_status_is_answered_as_often_as_asked_and_nothing_is_done() -> None:
    async def scenario() -> None:
        async with world() as around:
            around.connect("mail", "office365")
            around.host.faults.add(Fault(api="OFFICE365", status=429, retry_after=7, after=1, times=2))
            answers = [await around.call("mail", "post", "/v2/Mail", MAIL) for _ in range(5)]
            assert [answer.status for answer in answers] == [200, 429, 429, 200, 200]
            assert answers[1].headers["Retry-After"] == "7" and answers[1].body["status"] == 429
            assert len(around.mailbox.messages()) == 3 and around.host.faults.hits == 2

    asyncio.run(scenario())


def test_a_lost_answer_comes_after_the_effect() -> None:
    async def scenario() -> None:
        async with world() as around:
            around.connect("mail", "office365")
            around.host.faults.add(Fault(lost_answer=True, times=1))
            assert [await send(around), await send(around)] == [504, 200]
            assert len(around.mailbox.messages()) == 2

    asyncio.run(scenario())


def test_an_empty_page_leads_to_the_real_one_and_loses_no_row(account: TableAccount, table: str) -> None:
    async def scenario() -> None:
        async with world([account]) as around:
            around.connect("tables", "azuretables", storageaccount="leads", sharedkey=account.key)
            await around.call("tables", "post", "/Tables", table)
            path = f"/v2/storageAccounts/leads/tables/{table}/entities"
            for number in range(3):
                await around.call("tables", "post", path, {"PartitionKey": "p", "RowKey": str(number)})
            around.host.page_size = 2
            around.host.faults.add(Fault(path="/ENTITIES", method="get", empty_page=True))
            request, sizes = ConnectorRequest("GET", path, {"$filter": "PartitionKey eq 'p'"}), []
            while True:
                page = (await around.host.call(around.find(_id("tables")).id, request)).body  # type: ignore[union-attr]
                sizes.append(len(page["value"]))
                if "nextLink" not in page:
                    break
                request = next_request(request, page["nextLink"])
            assert sizes == [0, 2, 0, 1]

    asyncio.run(scenario())


def _id(name: str) -> str:
    return f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/connections/{name}"


def test_rules_are_filtered_by_connection_method_and_path() -> None:
    connection = Connection(_id("mail"), "office365")
    request = ConnectorRequest("POST", "/v2/storageAccounts/a%252Fb/tables")
    for matching in (
        Fault(status=500),
        Fault(status=500, connection="MAIL"),
        Fault(status=500, connection=_id("mail").upper()),
        Fault(status=500, method="post", path="a/b"),
    ):
        assert matching.matches(connection, request)
    for other in (
        Fault(status=500, api="smtp"),
        Fault(status=500, connection="mai"),
        Fault(status=500, method="get"),
        Fault(status=500, path="/entities"),
    ):
        assert not other.matches(connection, request)


class VirtualClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    async def sleep_until(self, when: datetime) -> None:
        self.at = max(self.at, when)


def faults(seed: int = 0) -> Faults:
    return Faults(VirtualClock(), PageLinks(lambda: "http://127.0.0.1"), seed)


async def hit(around: Faults, calls: int) -> list[bool]:
    async def good(_request: ConnectorRequest) -> ConnectorResponse:
        return ConnectorResponse(200)

    connection, request = Connection(_id("mail"), "office365"), ConnectorRequest("GET", "/")
    return [(await around.around(connection, request, good)).status != 200 for _ in range(calls)]


def test_a_share_of_calls_is_hit_and_the_seed_alone_decides_which() -> None:
    async def scenario() -> None:
        outcomes = []
        for seed in (1, 1, 2):
            rules = faults(seed)
            rules.add(Fault(status=503, share=0.25))
            outcomes.append(await hit(rules, 2000))
        assert outcomes[0] == outcomes[1] != outcomes[2]
        assert 0.2 < sum(outcomes[0]) / 2000 < 0.3

    asyncio.run(scenario())


def test_the_first_rule_with_something_to_do_decides_and_rules_can_be_cleared() -> None:
    async def scenario() -> None:
        rules = faults()
        rules.add(Fault(status=500, times=1))
        rules.add(Fault(status=503, times=1))
        assert await hit(rules, 3) == [True, True, False]
        rules.add(Fault(status=500))
        rules.clear()
        assert await hit(rules, 1) == [False]

    asyncio.run(scenario())


def test_a_delay_passes_on_the_clouds_clock() -> None:
    async def scenario() -> None:
        rules = faults()
        rules.add(Fault(delay=timedelta(minutes=2)))
        started = rules.clock.now()
        assert await hit(rules, 1) == [False]
        assert rules.clock.now() - started == timedelta(minutes=2)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "wrong",
    [{}, {"status": 200}, {"status": 500, "lost_answer": True}, {"status": 500, "share": 1.5}, {"share": 0.5}],
)
def test_a_rule_that_says_nothing_or_too_much_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"fault has one|share must"):
        Fault(**wrong)


def test_calls_of_a_connection_are_limited_by_the_minute() -> None:
    throttle, now = Throttle({"smtp": 2}), datetime(2026, 1, 1, tzinfo=UTC)
    one, other = Connection(_id("one"), "smtp"), Connection(_id("other"), "smtp")
    assert throttle.refuse(one, now) is None
    assert throttle.refuse(one, now + timedelta(seconds=20)) is None
    refused = throttle.refuse(one, now + timedelta(seconds=30))
    assert refused is not None and refused.status == 429
    assert refused.headers["Retry-After"] == "30"
    assert refused.body == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 30 seconds."}
    assert throttle.refuse(other, now + timedelta(seconds=30)) is None
    assert throttle.refuse(one, now + timedelta(seconds=60)) is None
    assert throttle.refuse(one, now + timedelta(seconds=61)) is not None
    assert all(throttle.refuse(Connection(_id("x"), "sql"), now) is None for _ in range(10))


def test_the_host_throttles() -> None:
    async def scenario() -> None:
        async with world() as around:
            around.connect("mail", "office365")
            around.host.throttle.limits["office365"] = 1
            assert [await send(around), await send(around)] == [200, 429]

    asyncio.run(scenario())


def test_a_function_is_a_connector() -> None:
    async def scenario() -> None:
        async def later(request: ConnectorRequest) -> Any:
            return {"path": request.path}

        def refuse(request: ConnectorRequest) -> Any:
            raise ConnectorError(418, "no tea")

        def crash(request: ConnectorRequest) -> Any:
            raise RuntimeError("secret lead")

        given = {
            "sql": lambda request: [{"id": 1}],
            "later": later,
            "silent": lambda request: None,
            "own": lambda request: ConnectorResponse(201, {"X": "y"}, "made"),
            "refuse": refuse,
            "crash": crash,
        }
        async with world(connectors=[FunctionConnector(api, function) for api, function in given.items()]) as around:
            for api in given:
                around.connect(api, api)
            answers = {api: await around.call(api, "get", "/a?b=c") for api in given}
            assert (answers["sql"].status, answers["sql"].body) == (200, [{"id": 1}])
            assert answers["later"].body == {"path": "/a"}
            assert (answers["silent"].status, answers["silent"].body) == (200, None)
            assert answers["own"] == ConnectorResponse(201, {"X": "y"}, "made")
            assert answers["refuse"].status == 418 and answers["refuse"].body["error"]["message"] == "no tea"
            assert answers["crash"].status == 500 and "secret" not in str(answers["crash"].body)

    asyncio.run(scenario())


def test_a_users_connector_sees_its_calls_and_may_need_consent() -> None:
    async def scenario() -> None:
        connector = FunctionConnector("Teams", lambda request: None, needs_consent=True)
        async with world(connectors=[connector]) as around:
            around.connect("open", "teams", consented=False)
            assert (await around.call("open", "post", "/x")).status == 401
            around.connect("open", "teams")
            assert (await around.call("open", "post", "/x?y=1", {"a": 1})).status == 200
            assert [(call.path, call.queries, call.body) for call in connector.calls] == [("/x", {"y": "1"}, {"a": 1})]
            assert around.host.needs_consent("TEAMS") and "teams" in around.host.apis

    asyncio.run(scenario())


def test_recorded_answers_are_given_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "teams.json"
    answers = [
        {"method": "post", "path": "/v3/*/messages", "status": 201, "body": {"id": 1}},
        {"method": "post", "path": "/v3/*/messages", "body": {"id": 2}},
        {"method": "get", "path": "/a b", "queries": {"page": "2"}, "body": "second", "headers": {"X": "y"}},
        {"method": "get", "path": "/a b", "body": "first"},
    ]
    file.write_text(json.dumps({"api": "teams", "answers": answers}))

    async def scenario() -> None:
        connector = RecordedConnector.load(file)
        async with world(connectors=[connector]) as around:
            around.connect("teams", "teams")

            async def ask(method: str, path: str) -> tuple[int, Any]:
                answer = await around.call("teams", method, path)
                return answer.status, answer.body

            assert await ask("post", "/v3/groups/a%252Fb/messages") == (201, {"id": 1})
            assert await ask("post", "/v3/x/messages") == (200, {"id": 2})
            assert await ask("post", "/v3/x/messages") == (200, {"id": 2})
            assert await ask("get", "/A%20b?page=2") == (200, "second")
            assert await ask("get", "/a%20b") == (200, "first")
            status, body = await ask("delete", "/a%20b")
            assert status == 404 and "no recorded answer of 'teams' fits DELETE" in body["error"]["message"]
            assert len(connector.calls) == 6

    asyncio.run(scenario())


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"api": "x", "answers": [{"verb": "get"}]}', '{"answers": []}'])
def test_a_file_that_is_none_of_recorded_answers_says_how_one_looks(tmp_path: Path, content: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"bad\.json is no file of recorded answers"):
        RecordedConnector.load(file)


def test_no_run_changes_what_the_next_is_answered() -> None:
    async def scenario() -> None:
        connector = RecordedConnector("x", [RecordedAnswer("get", "/", body={"list": []})])
        async with world(connectors=[connector]) as around:
            around.connect("x", "x")
            (await around.call("x", "get", "/")).body["list"].append(1)
            assert (await around.call("x", "get", "/")).body == {"list": []}

    asyncio.run(scenario())
