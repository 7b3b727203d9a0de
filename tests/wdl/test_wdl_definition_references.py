"""What an action may refer to: what it and the blocks around it run after, with everything inside those."""

from __future__ import annotations

from typing import Any

import pytest

from wdl.definition import DefinitionError, parse_definition

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/{}/workflowdefinition.json#"
S = ["Succeeded"]


def _compose(inputs: Any = 1, **members: Any) -> dict[str, Any]:
    return {"type": "Compose", "inputs": inputs, **members}


def _scope(actions: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "Scope", "actions": actions, **members}


def _until(expression: str, actions: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "Until", "expression": expression, "actions": actions, "limit": {"count": 1}, **members}


def _loop(foreach: str, actions: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "Foreach", "foreach": foreach, "actions": actions, **members}


def _after(*names: str) -> dict[str, Any]:
    return {"runAfter": dict.fromkeys(names, S)}


def _rule(actions: dict[str, Any], version: str = "2016-06-01") -> str | None:
    try:
        parse_definition({"$schema": SCHEMA.format(version), "triggers": {}, "actions": actions})
    except DefinitionError as error:
        return error.rule
    return None


ACCEPTED: dict[str, dict[str, Any]] = {
    "a predecessor of a predecessor": {
        "A": _compose(),
        "B": _compose(2, **_after("A")),
        "C": _compose("@outputs('A')", **_after("B")),
    },
    "both branches of a join": {
        "A": _compose(),
        "B": _compose(),
        "C": _compose("@concat(outputs('A'), outputs('B'))", **_after("A", "B")),
    },
    "what the block around runs after": {
        "A": _compose(),
        "S": _scope({"In": _scope({"Deep": _compose("@outputs('A')")})}, **_after("A")),
    },
    "what is inside a block before": {
        "S": _scope({"In": _compose()}),
        "B": _compose("@createArray(outputs('In'), result('S'))", **_after("S")),
    },
    "an inner action of a block before, from within a block": {
        "S": _scope({"In": _compose()}),
        "T": _scope({"Also": _compose("@outputs('In')")}, **_after("S")),
    },
    "Until reads what it repeats": {"U": _until("@equals(outputs('Step'), 1)", {"Step": _compose()})},
    "a loop's item from deep inside": {
        "L": _loop("@createArray(1)", {"S": _scope({"In": _compose("@items('l')")})}),
    },
    "the round of an Until, in it and in its condition": {
        "U": _until("@greater(iterationIndexes('U'), 3)", {"Step": _compose("@iterationIndexes('U')")}),
    },
    "a name in another case": {"A": _compose(), "B": _compose("@OUTPUTS('a')", **_after("A"))},
    "itself, in what is evaluated when it has run": {
        "A": _compose(trackedProperties={"length": "@length(outputs('A'))"}),
    },
    "an escaped expression refers to nothing": {"A": _compose("@@{outputs('Nope')}"), "B": _compose("@@outputs('No')")},
}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a parallel branch": ({"A": _compose(), "B": _compose("@outputs('A')")}, "action-not-on-path"),
    "a later action": ({"A": _compose("@outputs('B')"), "B": _compose(1, **_after("A"))}, "action-not-on-path"),
    "the block around": ({"S": _scope({"In": _compose("@result('S')")})}, "action-not-on-path"),
    "an inner action of a parallel block": (
        {"S": _scope({"In": _compose()}), "B": _compose("@outputs('In')")},
        "action-not-on-path",
    ),
    "Foreach reads what it repeats": (
        {"L": _loop("@createArray(outputs('In'))", {"In": _compose()})},
        "action-not-on-path",
    ),
    "itself": ({"A": _compose("@body('A')")}, "action-itself"),
    "an unknown action in a condition": (
        {"I": {"type": "If", "expression": {"equals": ["@body('Nope')", 1]}, "actions": {}}},
        "action-not-defined",
    ),
    "an unknown action in a property's name": ({"A": _compose({"@{body('Nope')}": 1})}, "action-not-defined"),
    "an unknown action inside a call": ({"A": _compose("@concat('a', string(body('Nope')))")}, "action-not-defined"),
    "an unknown action inside an index": ({"A": _compose("@createArray(1)[body('Nope')]")}, "action-not-defined"),
    "the item of a loop beside": (
        {"L": _loop("@createArray(1)", {}), "B": _compose("@items('L')", **_after("L"))},
        "loop-not-around",
    ),
    "the item of a scope": ({"S": _scope({"In": _compose("@items('S')")})}, "loop-not-around"),
    "the item of an unknown loop": ({"A": _compose("@items('L')")}, "loop-not-defined"),
}


@pytest.mark.parametrize("actions", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_it_may_refer_to(actions: dict[str, Any]) -> None:
    assert _rule(actions) is None


@pytest.mark.parametrize(("actions", "rule"), REFUSED.values(), ids=REFUSED.keys())
def test_it_may_not_refer_to(actions: dict[str, Any], rule: str) -> None:
    assert _rule(actions) == rule


def test_a_trigger_may_be_referred_to() -> None:
    definition = {
        "$schema": SCHEMA.format("2016-06-01"),
        "triggers": {"manual": {"type": "Request", "inputs": {}}},
        "actions": {"A": _compose("@outputs('manual')")},
    }
    assert list(parse_definition(definition).actions) == ["A"]


def test_before_2016_the_order_followed_from_the_references() -> None:
    assert _rule({"A": _compose(), "B": _compose("@outputs('A')")}, "2015-08-01-preview") is None


def test_the_tools_of_an_agent_run_in_no_order() -> None:
    tools = {"One": {"actions": {"A": _compose()}}, "Two": {"actions": {"B": _compose("@outputs('A')")}}}
    assert _rule({"Agent": {"type": "Agent", "inputs": {}, "tools": tools}}) is None
