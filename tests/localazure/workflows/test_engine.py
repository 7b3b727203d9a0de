"""The engine by itself: a run can be stored between any two steps, replayed, and depends on nothing else."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from workflow_world import World, call, compose, run_after, workflow

from localazure.connectors.request import ConnectorResponse
from localazure.workflows.actions import HANDLERS
from localazure.workflows.deployment import deploy
from localazure.workflows.engine import step
from localazure.workflows.errors import WorkflowError
from localazure.workflows.history import encode
from localazure.workflows.outcome import FINAL
from localazure.workflows.program import Program
from localazure.workflows.state import RunData, new_run
from wdl.values import loads

START = datetime(2026, 1, 1, tzinfo=UTC)
LOOP = {
    "type": "Foreach",
    "foreach": "@range(0, 5)",
    "actions": {
        "Call": call("/@{item()}"),
        "Keep": {
            "type": "AppendToArrayVariable",
            "inputs": {"name": "v", "value": "@body('Call')"},
            "runAfter": run_after(Call="Succeeded"),
        },
    },
    "runAfter": run_after(Init="Succeeded"),
}
ACTIONS = {
    "Init": {"type": "InitializeVariable", "inputs": {"variables": [{"name": "v", "type": "array", "value": []}]}},
    "Id": compose("@concat(guid(), rand(0, 1000000))"),
    "Loop": LOOP,
    "Wait": {
        "type": "Wait",
        "inputs": {"interval": {"count": 1, "unit": "Hour"}},
        "runAfter": run_after(Loop="Succeeded"),
    },
    "End": compose("@concat(string(variables('v')), utcNow())", Wait="Succeeded"),
}


def fresh() -> tuple[RunData, Program]:
    own = {"id": "/w", "guid": "0" * 32, "version": "1", "about": {"name": "w"}}
    trigger = {"name": "manual", "status": "Succeeded", "startTime": "x", "clientTrackingId": "c"}
    return new_run("run", own, trigger, START, trackingId="t"), deploy(workflow(ACTIONS), None)


def play(data: RunData, program: Program, store: bool) -> list[tuple[dict[str, Any], datetime]]:
    """Run to the end with answers that follow from the questions; the events that it took."""
    now, events = START, list[tuple[dict[str, Any], datetime]]()
    queue: list[tuple[dict[str, Any], datetime]] = [({"type": "start"}, now)]
    while queue:
        queue.sort(key=lambda one: one[1])
        event, now = queue.pop(0)
        events.append((event, now))
        taken = step(data, program, event, now)
        if store:
            again = loads(encode(data))
            assert isinstance(again, dict)
            data.clear()
            data.update(again)
        for instruction in taken.instructions:
            if instruction["kind"] == "withdraw" or instruction.get("purpose") == "expiry":
                continue
            at = (
                datetime.fromisoformat(instruction["due"])
                if instruction["kind"] == "timer"
                else now + timedelta(seconds=1)
            )
            answer = {"status": 200, "headers": {}, "body": instruction.get("request", {}).get("path")}
            queue.append(({"type": "answer", "id": instruction["id"], "result": answer}, at))
        if taken.more:
            queue.insert(0, ({"type": "continue"}, now))
    assert data["status"] in FINAL
    return events


def test_a_run_can_be_stored_between_any_two_steps() -> None:
    kept, program = fresh()
    play(kept, program, store=False)
    stored, program = fresh()
    play(stored, program, store=True)
    assert stored == kept and kept["status"] == "Succeeded"
    assert kept["actions"]["End"][""]["outputs"].startswith('["/0","/1","/2","/3","/4"]2026-01-01T01:00:01')


def test_the_same_events_give_the_same_run() -> None:
    first, program = fresh()
    events = play(first, program, store=False)
    second, _ = fresh()
    for event, now in events:
        step(second, program, event, now)
    assert second == first


def test_an_answer_that_comes_twice_or_too_late_changes_nothing() -> None:
    data, program = fresh()
    events = play(data, program, store=False)
    before = copy.deepcopy(data)
    for event, now in events:
        step(data, program, event, now)
    assert {**data, "steps": 0} == {**before, "steps": 0}


def test_an_action_that_breaks_the_engine_ends_the_run_honestly(world: World) -> None:
    world.put(workflow({"Call": call()}))
    world.connectors.answers = lambda *_: ConnectorResponse("not a status")  # type: ignore[arg-type]
    run = world.run()
    assert run.status == "Failed" and run.data["code"] == "InternalServerError"
    assert run["Call"]["status"] == "Aborted" and not world.runtime.history.live()


ODD: list[Any] = [
    *("text", 5, True, None, [1], {}, {"from": 5}, {"interval": 5}, {"until": 5}, {"variables": 5}, {"variables": [5]}),
    *("@json('5')", "@json('[1]')", "@json('{}')", {"subscribe": {}}, {"subscribe": 5}, {"content": 5, "schema": 5}),
    *({"host": 5}, {"host": {"connection": 5}}, {"uri": {}, "method": {}}, {"function": 5}, {"headers": 5, "body": 5}),
    *({"runStatus": {}}, {"statusCode": {}}, {"from": [1], "where": {}}, {"name": {}, "value": {}}),
]


@pytest.mark.parametrize("kind", sorted(set(HANDLERS) - {"Foreach", "If", "Scope", "Switch", "Until"}))
def test_no_inputs_break_the_engine(world: World, kind: str) -> None:
    trigger = {"type": "Request", "kind": "Http"}
    for inputs in ODD:
        action = {"type": kind, "inputs": inputs, **({"kind": "CurrentTime"} if kind == "Expression" else {})}
        try:
            run = world.run({"X": action}, triggers={"manual": trigger})
        except WorkflowError:
            continue  # refused on deployment
        assert run.status in ("Succeeded", "Failed", "Cancelled"), inputs
        assert (run.data.get("error") or {}).get("code") != "InternalServerError", inputs
