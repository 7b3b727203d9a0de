"""What the model of a definition says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wdl.definition import Definition, DefinitionError, parameter_values, parse_definition, read_definition

FOLDER = Path(__file__).parents[1] / "definitions"
SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"


def _parsed(name: str) -> Definition:
    return parse_definition(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def _with(parameters: dict[str, Any], given: dict[str, Any] | None = None) -> Definition:
    return parse_definition({"$schema": SCHEMA, "triggers": {}, "actions": {}, "parameters": parameters}, given)


def test_actions_are_walked_outer_before_inner_with_the_blocks_around_them() -> None:
    walked = [(p.action.name, [parent.name for parent in p.parents]) for p in _parsed("order-intake").all_actions()]
    assert walked == [
        ("Total", []),
        ("For_each_line", []),
        ("Add", ["For_each_line"]),
        ("Switch_kind", ["For_each_line"]),
        ("Unknown", ["For_each_line", "Switch_kind"]),
        ("Ship", ["For_each_line", "Switch_kind"]),
        ("Book", ["For_each_line", "Switch_kind"]),
        ("Respond", []),
    ]


def test_names_of_types_kinds_options_and_statuses_are_the_engines() -> None:
    definition = _parsed("order-intake")
    loop = definition.actions["For_each_line"]
    assert (loop.type, loop.operation_options, loop.run_after) == (
        "Foreach",
        frozenset({"Sequential"}),
        {"Total": ("Succeeded",)},
    )
    assert (definition.triggers["manual"].type, definition.triggers["manual"].kind) == ("Request", "Http")


def test_an_action_is_found_in_any_spelling_and_depth() -> None:
    placed = _parsed("order-intake").action("SHIP")
    assert placed is not None
    assert (placed.action.name, list(placed.level)) == ("Ship", ["Ship"])
    assert placed.inside("Foreach")
    assert not placed.inside("Until")


def test_a_switch_has_its_cases_with_their_values_and_its_default() -> None:
    placed = _parsed("order-intake").action("Switch_kind")
    assert placed is not None
    branches = placed.action.branches
    assert {name: branch.case for name, branch in branches.items()} == {
        "default": None,
        "Goods": "goods",
        "Service": "service",
    }


def test_a_case_may_be_called_as_the_default_branch_is() -> None:
    case = {"case": "x", "actions": {"A": {"type": "Compose", "inputs": 1}}}
    switch = {
        "type": "Switch",
        "expression": "@string(1)",
        "cases": {"default": case},
        "default": {"actions": {"B": {"type": "Compose", "inputs": 2}}},
    }
    definition = parse_definition({"$schema": SCHEMA, "actions": {"Switch": switch}})
    assert [placed.action.name for placed in definition.all_actions()] == ["Switch", "B", "A"]
    assert [branch.case for branch in definition.actions["Switch"].branches.values()] == [None, "x"]


def test_run_after_names_actions_as_they_spell_themselves() -> None:
    definition = parse_definition(
        {
            "$schema": SCHEMA,
            "actions": {
                "First": {"type": "Compose", "inputs": 1},
                "Second": {"type": "Compose", "inputs": 2, "runAfter": {"FIRST": ["failed", "TimedOut"]}},
            },
        }
    )
    assert definition.actions["Second"].run_after == {"First": ("Failed", "TimedOut")}


def test_settings_are_at_hand() -> None:
    until = _parsed("poll-until-done").action("Until_done")
    ask = _parsed("poll-until-done").action("Ask")
    assert until is not None and ask is not None
    assert (until.action.limit.count, until.action.limit.timeout) == (10, "PT30M")
    assert ask.action.retry == {"type": "exponential", "interval": "PT7S", "count": 4}


def test_what_the_older_schemas_call_conditions_is_order_and_condition() -> None:
    later = _parsed("first-schema").actions["Later"]
    assert (later.run_after, later.conditions) == ({"Ask": ("Succeeded",)}, ("@equals(1, 1)",))


def test_a_recurrence_is_evaluated_over_the_parameters_given() -> None:
    definition = json.loads((FOLDER / "sliding-window.json").read_text(encoding="utf-8"))
    recurrence = parse_definition(definition, {"Interval": {"value": 2}}).triggers["Sliding_Window"].recurrence
    assert recurrence is not None
    assert (recurrence.frequency, recurrence.interval, recurrence.time_zone) == ("Hour", 2, "W. Europe Standard Time")


def test_a_recurrence_that_cannot_be_read_is_refused_in_its_trigger() -> None:
    definition = json.loads((FOLDER / "sliding-window.json").read_text(encoding="utf-8"))
    with pytest.raises(DefinitionError) as refusal:
        parse_definition(definition, {"frequency": {"value": "Fortnight"}})
    assert refusal.value.message == "Requested value 'Fortnight' was not found."
    assert refusal.value.service_message.startswith(
        "The template validation failed: 'The template trigger 'Sliding_Window' at line '1' and column '"
    )


def test_hours_and_minutes_may_be_text_and_week_days_of_any_case() -> None:
    trigger = {
        "type": "recurrence",
        "recurrence": {
            "frequency": "week",
            "interval": "1",
            "schedule": {"hours": ["6"], "minutes": [0], "weekDays": ["monday"]},
        },
    }
    definition = parse_definition({"$schema": SCHEMA, "triggers": {"Weekly": trigger}, "actions": {}})
    recurrence = definition.triggers["Weekly"].recurrence
    assert recurrence is not None
    assert recurrence.schedule == {"hours": [6], "minutes": [0], "weekDays": ["Monday"]}
    assert recurrence.interval == 1


def test_minutes_that_are_no_array_are_refused_as_by_the_service() -> None:
    recurrence = {"frequency": "Day", "interval": 1, "schedule": {"minutes": "0,15,30,45"}}
    with pytest.raises(DefinitionError) as refusal:
        parse_definition({"$schema": SCHEMA, "triggers": {"R": {"type": "Recurrence", "recurrence": recurrence}}})
    assert refusal.value.message == (
        "Error converting value \"0,15,30,45\" to type 'System.Int32[]'. Path 'schedule.minutes'."
    )


def test_a_value_given_for_a_parameter_stands_over_its_default() -> None:
    definition = _with(
        {"stage": {"type": "string", "defaultValue": "dev"}, "key": {"type": "SecureString"}},
        {"STAGE": {"value": "prod"}, "key": {"reference": {"keyVault": {"id": "…"}, "secretName": "…"}}},
    )
    assert parameter_values(definition.parameters, {"STAGE": {"value": "prod"}}) == {"stage": "prod"}
    assert definition.parameters["key"].secure


@pytest.mark.parametrize(
    ("type_", "value", "actual"),
    [
        ("Int", 1.5, "Float"),
        ("Int", "1", "String"),
        ("Bool", "true", "String"),
        ("Array", {}, "Object"),
        ("Object", [], "Array"),
        ("SecureString", True, "Boolean"),
        ("SecureObject", "x", "String"),
        ("Float", "1.5", "String"),
    ],
)
def test_a_value_of_another_type_is_refused(type_: str, value: Any, actual: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        _with({"p": {"type": type_}}, {"p": {"value": value}})
    assert refusal.value.message.endswith(f"Actual '{actual}'.")
    assert refusal.value.path == ("..", "parameters", "p", "value")


@pytest.mark.parametrize(
    ("type_", "value"), [("Float", 1), ("Float", 1.5), ("Int", 1), ("Object", {}), ("Bool", False)]
)
def test_a_value_of_the_type_is_taken(type_: str, value: Any) -> None:
    assert _with({"p": {"type": type_}}, {"p": {"value": value}}).parameters["p"].type == type_


def test_reading_on_gives_every_refusal_in_the_engines_order() -> None:
    loop = {"L": {"type": "Foreach", "foreach": [1], "actions": {"T": {"type": "Terminate", "inputs": {}}}}}
    reading = read_definition(
        {
            "$schema": SCHEMA,
            "parameters": {"a": {"type": "String"}},
            "triggers": {"R": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 0}}},
            "actions": {"X": {"type": "Compose", "inputs": "@body('Y')", "runAfter": {"Z": ["Succeeded"]}}, **loop},
        }
    )
    assert [refusal.rule for refusal in reading.refused] == [
        "parameter-value-missing",
        "recurrence-not-valid",
        "run-after-unknown",
        "action-not-defined",
    ]
    assert [refusal.rule for refusal in reading.refused_by_service] == ["nested-in-loop"]


def test_what_is_no_object_is_refused_with_its_place() -> None:
    for definition, place in (([], ()), ({"$schema": SCHEMA, "actions": 3}, ("actions",))):
        with pytest.raises(DefinitionError) as refusal:
            parse_definition(definition)  # type: ignore[arg-type]
        assert refusal.value.path == place
