"""Definitions that people have published: what the engine accepts deploys, and many run to their end.

They lie beside the checkout (`../shared/definitions`), not in it; where they are absent, the examples that were written
for this project take their place, and the runs of the others are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from published_cases import ALERT, CASES, OWN_CASES, Answers, Case
from workflow_world import WORKFLOW, Finished, World

from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.workflows.errors import WorkflowError
from localazure.workflows.firing import Occasion
from localazure.workflows.http_carrier import HttpAnswer, HttpRequest

ROOT = Path(__file__).resolve().parents[3]
OWN, SHARED = ROOT / "tests" / "definitions", ROOT.parent / "shared" / "definitions"
FOLDER = SHARED if (SHARED / "index.json").exists() else OWN
NOT_RUN_HERE = ("Xslt", "RosettaNetEncode", "ServiceProvider", "Agent")
INDEX: list[dict[str, str]] = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))


def load(folder: Path, file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / file).read_text(encoding="utf-8"))
    return found


def connections(definition: dict[str, Any]) -> dict[str, Any]:
    """A value of `$connections` for every connection that the text of a definition names."""
    text = json.dumps(definition)
    names = {part.split("'")[0] for part in text.split("parameters('$connections')['")[1:]}
    names |= {"servicebus_1", "servicebus_2"} if "concat('servicebus_'" in text else set()
    each = {name: {"connectionId": f"/{name}", "connection": {"id": f"/{name}"}} for name in names}
    return {"$connections": {"value": each}} if "$connections" in definition.get("parameters", {}) else {}


@pytest.mark.parametrize("case", INDEX, ids=lambda case: str(case["file"]).removesuffix(".json"))
def test_what_the_engine_accepts_deploys_and_the_rest_is_refused(world: World, case: dict[str, str]) -> None:
    """A type that does not run here is refused by its name: never skipped, never deployed."""
    definition = load(FOLDER, case["file"])
    try:
        world.put(definition, connections(definition))
    except WorkflowError as error:
        refused = error
    else:
        assert case["verdict"] == "OK"
        return
    if refused.code == "NotSupportedByLocalAzure":
        assert any(f"has the type '{kind}'" in refused.message for kind in NOT_RUN_HERE)
    else:
        assert (refused.code, case["verdict"] == "OK") == ("InvalidTemplate", False)


class Others:
    """Everything outside of the workflow; keeps the calls as `POST office365 /v2/Mail` or `GET https://…`."""

    def __init__(self, world: World, answers: Answers) -> None:
        self.calls: list[str] = []
        self._answers = {part: list(given) if isinstance(given, list) else [given] for part, given in answers.items()}
        world.connectors.answers = self.connector
        world.runtime.http.send = self.http
        world.runtime.http.tokens.managed_identity = lambda audience: f"token for {audience}"

    def connector(self, connection: str, request: ConnectorRequest) -> ConnectorResponse:
        body = self._answer(f"{request.method} {connection.strip('/')} {request.path}")
        return body if isinstance(body, ConnectorResponse) else ConnectorResponse(200, {}, body)

    async def http(self, request: HttpRequest) -> HttpAnswer:
        body = self._answer(f"{request.method} {request.url}")
        if isinstance(body, HttpAnswer):
            return body
        return HttpAnswer(200, {"Content-Type": "application/json"}, json.dumps(body).encode())

    def _answer(self, call: str) -> Any:
        self.calls.append(call)
        given: list[Any] = next((given for part, given in self._answers.items() if part in call), [{}])
        return given.pop(0) if len(given) > 1 else given[0]


def trigger_of(definition: dict[str, Any]) -> tuple[str, str]:
    """Name and type, in the language's own spelling."""
    ((name, raw),) = definition["triggers"].items()
    return name, str(raw["type"]).capitalize() if raw["type"].islower() else str(raw["type"])


def run(world: World, definition: dict[str, Any], case: Case) -> list[Finished]:
    """Deploy, let the trigger fire, let time pass until everything has ended."""
    world.put(definition, connections(definition))
    name, kind = trigger_of(definition)
    if kind != "Recurrence":
        world.advance(seconds=1)
        outputs = {"headers": dict(case.headers), "body": case.payload}
        occasion = Occasion(outputs=outputs, extras={"awaited": True, "respondBy": "2026-01-01T00:02:00.0000000Z"})

        async def fire() -> None:
            world.runtime.fire(WORKFLOW, name, occasion)

        world.go(fire())
    world.advance(hours=22, minutes=59)
    return [world.finished(data) for data in world.runtime.runs(WORKFLOW)]


def with_arm(definition: dict[str, Any], arm: Mapping[str, str]) -> dict[str, Any]:
    """The expressions of the ARM template around it, evaluated."""
    text = json.dumps(definition)
    for expression, value in arm.items():
        text = text.replace(expression, value)
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.file).removesuffix(".json"))
def test_a_published_workflow_runs_to_its_end(world: World, case: Case) -> None:
    if not (SHARED / case.file).exists():
        pytest.skip("the published definitions are not beside this checkout")
    others = Others(world, case.answers)
    finished = run(world, with_arm(load(SHARED, case.file), case.arm), case)
    statuses = {name: status for one in finished for name, status in one.statuses().items()}
    assert [one.status for one in finished] == [case.status] * case.runs, statuses
    assert statuses.items() >= case.ended.items()
    told = [next((call for call in others.calls if part in call), "nobody called") for part in case.called]
    assert all(part in call for part, call in zip(case.called, told, strict=True)), others.calls


def test_a_published_approval_waits_for_its_answer(world: World) -> None:
    """An alert, a mail that asks, and what the answer decides: a blob is deleted, the alert dismissed."""
    if not (SHARED / "23bcb90fc9eb.json").exists():
        pytest.skip("the published definitions are not beside this checkout")
    others = Others(world, {})
    (waiting,) = run(world, load(SHARED, "23bcb90fc9eb.json"), Case("23bcb90fc9eb.json", {}, [], ALERT))
    assert (waiting.status, waiting["Send_approval_email"]["status"]) == ("Running", "Waiting")

    async def answer() -> None:
        world.runtime.answer_webhook(
            WORKFLOW, waiting.data["name"], "Send_approval_email", {"SelectedOption": "Delete"}
        )

    world.go(answer())
    world.advance(seconds=1)
    (data,) = world.runtime.runs(WORKFLOW)
    assert data["status"] == "Succeeded"
    assert others.calls[2:] == [
        "DELETE https://store1.blob.core.windows.net/c1/b1",
        "POST office365 /v2/Mail",
        "POST https://management.azure.com/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Security/"
        "locations/centralus/alerts/al1/dismiss?api-version=2019-01-01",
    ]


@pytest.mark.parametrize("case", OWN_CASES, ids=lambda case: str(case.file).removesuffix(".json"))
def test_an_example_of_this_project_runs_to_its_end(world: World, case: Case) -> None:
    others = Others(world, case.answers)
    finished = run(world, load(OWN, case.file), case)
    statuses = finished[-1].statuses()
    assert [one.status for one in finished] == [case.status] * case.runs, statuses
    assert statuses.items() >= case.ended.items()
    assert others.calls[: len(case.called)] == case.called
