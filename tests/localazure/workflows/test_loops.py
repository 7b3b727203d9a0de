"""Foreach and Until: order, concurrency, failures, limits, what loops show of themselves."""

from __future__ import annotations

import math
from typing import Any

import pytest
from workflow_world import Finished, World, call, compose, failing, run_after, workflow

from localazure.connectors.request import ConnectorResponse


def foreach(items: Any, actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    inner = {name: {"runAfter": {}, **action} for name, action in actions.items()}
    return {"type": "Foreach", "foreach": items, "actions": inner, "runAfter": {}, **more}


def until(expression: str, actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    inner = {name: {"runAfter": {}, **action} for name, action in actions.items()}
    return {"type": "Until", "expression": expression, "actions": inner, "runAfter": {}, **more}


def repeated(run: Finished, name: str) -> list[Any]:
    return [record.get("outputs") for (action, at), record in sorted(run.records.items()) if action == name and at]


def test_every_item_is_seen_by_its_own_iteration(world: World) -> None:
    run = world.run({"Loop": foreach("@createArray(1, 2, 3)", {"C": compose("@mul(item(), items('Loop'))")})})
    assert repeated(run, "C") == [1, 4, 9]
    assert run["Loop"]["status"] == "Succeeded" and run["Loop"]["itemsCount"] == 3
    assert run.status == "Succeeded"


def test_actions_of_an_iteration_see_each_other_and_those_before_the_loop(world: World) -> None:
    inner = {"A": compose("@add(item(), outputs('Before'))"), "B": compose("@add(outputs('A'), 1)", A="Succeeded")}
    loop = {**foreach("@range(0, 3)", inner), "runAfter": run_after(Before="Succeeded")}
    assert repeated(world.run({"Before": compose(10), "Loop": loop}), "B") == [11, 12, 13]


def test_loops_inside_loops(world: World) -> None:
    inner = foreach("@createArray('a', 'b')", {"C": compose("@concat(items('Outer'), items('Inner'))")})
    run = world.run({"Outer": foreach("@createArray('x', 'y')", {"Inner": inner})})
    assert repeated(run, "C") == ["xa", "xb", "ya", "yb"]
    assert ("C", "000001-000000") in run.records and ("Inner", "000001") in run.records


def test_a_failed_iteration_does_not_stop_the_others_and_fails_the_loop(world: World) -> None:
    run = world.run({"Loop": foreach("@createArray(1, 0, 2)", {"C": compose("@div(2, item())")})})
    assert [run["C", f"00000{n}"]["status"] for n in range(3)] == ["Succeeded", "Failed", "Succeeded"]
    assert run["Loop"]["code"] == "ActionFailed" and run.status == "Failed"


def test_what_is_no_array_fails_the_loop_and_skips_what_is_inside(world: World) -> None:
    run = world.run({"Loop": foreach("@json('null')", {"C": compose(1)})})
    assert run["Loop"]["code"] == run["Loop"]["error"]["code"] == "ExpressionEvaluationFailed"
    assert run["Loop"]["error"]["message"] == (
        "The execution of template action 'Loop' failed: the result of the evaluation of 'foreach' expression "
        "'@json('null')' is of type 'Null'. The result must be a valid array."
    )
    assert run["C"]["error"]["code"] == "ActionDependencyFailed"


def test_an_empty_array_succeeds(world: World) -> None:
    run = world.run({"Loop": foreach([], {"C": compose(1)}), "After": compose(1, Loop="Succeeded")})
    assert run.status == "Succeeded" and run["After"]["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, 20),
        ({"operationOptions": "Sequential"}, 1),
        ({"runtimeConfiguration": {"concurrency": {"repetitions": 3}}}, 3),
        ({"runtimeConfiguration": {"concurrency": {"repetitions": 50}}}, 50),
    ],
)
def test_iterations_go_on_at_once_as_far_as_concurrency_allows(
    world: World, more: dict[str, Any], expected: int
) -> None:
    wait = {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Minute"}}}
    began = world.clock.now()
    world.run({"Loop": foreach("@range(0, 60)", {"W": wait}, **more)})
    assert (world.clock.now() - began).total_seconds() == 60 * math.ceil(60 / expected)


def test_outside_the_loop_its_actions_show_the_outputs_of_all_iterations(world: World) -> None:
    loop = foreach("@range(1, 3)", {"C": compose("@item()")})
    run = world.run({"Loop": loop, "After": compose("@outputs('C')", Loop="Succeeded")})
    assert run.out("After") == [1, 2, 3]


def test_result_of_a_foreach_has_one_entry_for_each_child(world: World) -> None:
    loop = foreach("@createArray(1, 0)", {"Div": compose("@div(1, item())")})
    run = world.run({"Loop": loop, "R": compose("@result('Loop')", Loop="Failed")})
    assert list(run.records)[-1] == ("R", "") and run["Loop"]["status"] == "Failed"
    (entry,) = run.out("R")
    assert (entry["name"], entry["status"], entry["code"], entry["repetitionCount"]) == (
        "Div",
        "Failed",
        "NotSpecified",
        2,
    )
    assert [one["status"] for one in entry["outputs"]] == ["Succeeded", "Failed"]


def test_result_of_a_scope_has_its_direct_children_only(world: World) -> None:
    deep = {"type": "Scope", "actions": {"Deep": compose(1)}, "runAfter": {}}
    scope = {"type": "Scope", "actions": {"A": compose(1), "In": deep, "B": failing()}, "runAfter": {}}
    run = world.run({"S": scope, "R": compose("@result('S')", S=["Failed"])})
    assert {one["name"]: one["status"] for one in run.out("R")} == {"A": "Succeeded", "In": "Succeeded", "B": "Failed"}
    assert list(run.out("R")[0]) == [
        "name",
        "inputs",
        "outputs",
        "startTime",
        "endTime",
        "trackingId",
        "clientTrackingId",
        "code",
        "status",
    ]


def test_a_long_loop_of_quick_actions_gives_others_their_turn_and_ends(world: World) -> None:
    run = world.run({"Loop": foreach("@range(0, 3000)", {"C": compose("@item()")})})
    assert len(repeated(run, "C")) == 3000 and run.status == "Succeeded"


def counter(name: str = "n", start: int = 0) -> dict[str, Any]:
    return {"type": "InitializeVariable", "inputs": {"variables": [{"name": name, "type": "integer", "value": start}]}}


def add_one(**after: str | list[str]) -> dict[str, Any]:
    return {"type": "IncrementVariable", "inputs": {"name": "n"}, "runAfter": run_after(**after)}


def test_until_runs_its_actions_before_it_looks_at_the_condition(world: World) -> None:
    loop = {**until("@greaterOrEquals(variables('n'), 3)", {"Add": add_one()}), "runAfter": run_after(Init="Succeeded")}
    run = world.run({"Init": counter(start=5), "Loop": loop})
    assert run["Loop"]["iterationCount"] == 1


def test_until_iterates_until_its_condition_holds(world: World) -> None:
    inner = {"Add": add_one(), "Seen": compose("@iterationIndexes('Loop')", Add="Succeeded")}
    loop = {**until("@equals(variables('n'), 3)", inner), "runAfter": run_after(Init="Succeeded")}
    run = world.run({"Init": counter(), "Loop": loop, "After": compose("@outputs('Seen')", Loop="Succeeded")})
    assert run["Loop"]["iterationCount"] == 3 and repeated(run, "Seen") == [0, 1, 2]
    assert run.out("After") == 2


@pytest.mark.parametrize(
    ("limit", "expected"), [({"count": 4, "timeout": "PT1H"}, 4), ({}, 60), ({"count": 99, "timeout": "PT5M"}, 5)]
)
def test_until_ends_well_at_its_limits(world: World, limit: dict[str, Any], expected: int) -> None:
    wait = {"type": "Wait", "inputs": {"interval": {"count": 59 if expected == 60 else 60, "unit": "Second"}}}
    run = world.run({"Loop": until("@equals(1, 2)", {"W": wait}, limit=limit)})
    assert run["Loop"]["status"] == "Succeeded" and run["Loop"]["iterationCount"] == expected


def test_until_fails_at_its_limits_when_told_so(world: World) -> None:
    loop = until("@equals(1, 2)", {"C": compose(1)}, limit={"count": 2}, operationOptions="FailWhenLimitsReached")
    assert world.run({"Loop": loop})["Loop"]["status"] == "Failed"


@pytest.mark.parametrize(("last", "status"), [("Succeeded", "Succeeded"), ("Failed", "Failed")])
def test_the_last_iteration_decides_how_until_ends(world: World, last: str, status: str) -> None:
    divisor = "@sub(iterationIndexes('Loop'), 0)" if last == "Succeeded" else "@sub(iterationIndexes('Loop'), 1)"
    inner = {"C": compose(f"@div(1, {divisor[1:]})")}
    run = world.run({"Loop": until("@equals(iterationIndexes('Loop'), 1)", inner)})
    assert run["Loop"]["status"] == status and run["Loop"]["iterationCount"] == 2


def test_until_inside_foreach_and_variables_across_them(world: World) -> None:
    inner = until("@equals(iterationIndexes('U'), 1)", {"Add": add_one()})
    loop = {**foreach("@range(0, 3)", {"U": inner}), "runAfter": run_after(Init="Succeeded")}
    run = world.run({"Init": counter(), "Loop": loop, "N": compose("@variables('n')", Loop="Succeeded")})
    assert run.out("N") == 6


def test_cancelling_a_run_ends_what_goes_on_in_its_loops(world: World) -> None:
    world.connectors.answers = lambda *_: ConnectorResponse(503)
    world.put(workflow({"Loop": foreach("@range(0, 3)", {"Call": call()})}))
    name = world.fire()
    world.advance(seconds=1)

    async def cancel() -> None:
        from workflow_world import WORKFLOW

        world.runtime.cancel(WORKFLOW, name)

    world.go(cancel())
    run = world.finished(world.runtime.history.find(name) or {})
    assert run.status == "Cancelled"
    assert {record["status"] for record in run.records.values()} == {"Cancelled"}
    calls = len(world.connectors.calls)
    world.advance(hours=1)
    assert len(world.connectors.calls) == calls
