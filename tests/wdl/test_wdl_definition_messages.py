"""The engine's messages, on the hourly flow of tests/definitions with one thing changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wdl.definition import DefinitionError, json_path, parse_definition

FLOW = json.loads((Path(__file__).parents[1] / "definitions" / "hourly-rows-by-mail.json").read_text(encoding="utf-8"))
LINE = json.dumps(FLOW)

Change = Callable[[dict[str, Any]], object]


def _column(name: str) -> int:
    """The column just behind the opening bracket of an action, on one line, counted from 1."""
    opening = f'"{name}": {{'
    return LINE.index(opening) + len(opening)


def _at(name: str) -> str:
    return f"at line '1' and column '{_column(name)}'"


def _refusal(change: Change) -> DefinitionError:
    definition = copy.deepcopy(FLOW)
    change(definition)
    with pytest.raises(DefinitionError) as error:
        parse_definition(definition)
    return error.value


def _action(name: str, **members: Any) -> Change:
    return lambda definition: definition["actions"][name].update(members)


RUN_AFTER = "The 'runAfter' property of template action 'Get_entities'"
CASES: list[tuple[str, Change, str]] = [
    (
        "unknown action in runAfter",
        _action("Get_entities", runAfter={"Zzz": ["Succeeded"]}),
        f"{RUN_AFTER} {{}} contains non-existent action: 'Zzz'.",
    ),
    (
        "no status",
        _action("Get_entities", runAfter={"Get_past_time": []}),
        f"{RUN_AFTER} {{}} is not valid. The action 'Get_past_time' must contain at least one status. "
        "Valid values are 'Succeeded, Failed, TimedOut, Skipped'.",
    ),
    (
        "a status that runs have and runAfter has not",
        _action("Get_entities", runAfter={"Get_past_time": ["Running"]}),
        f"{RUN_AFTER} {{}} is not valid. The action 'Get_past_time' must contain at least one status. "
        "Valid values are 'Succeeded, Failed, TimedOut, Skipped'.",
    ),
    (
        "after itself",
        _action("Get_entities", runAfter={"Get_entities": ["Succeeded"]}),
        f"{RUN_AFTER} {{}} is not valid. The action cannot be itself.",
    ),
    (
        "circle",
        _action("Get_past_time", runAfter={"Condition": ["Succeeded"]}),
        "The circular dependency detected in template language expressions.",
    ),
    (
        "unknown reference",
        lambda d: d["actions"]["Get_entities"]["inputs"].update(method="@{body('Nope')}"),
        "The action(s) 'Nope' referenced by 'inputs' in action 'Get_entities' are not defined in the template.",
    ),
    (
        "two unknown references",
        lambda d: d["actions"]["Get_entities"]["inputs"].update(method="@{body('Nope')}@{outputs('No')}"),
        "The action(s) 'Nope, No' referenced by 'inputs' in action 'Get_entities' are not defined in the template.",
    ),
    (
        "one name at two levels",
        lambda d: d["actions"]["Condition"]["actions"].update(Get_entities={"type": "Compose", "inputs": 1}),
        "The template trigger and action names must be unique. Found duplicate names: 'Get_entities'.",
    ),
    (
        "one name for a trigger and an action",
        lambda d: d["actions"].update(Recurrence={"type": "Compose", "inputs": 1}),
        "The template trigger and action names must be unique. Found duplicate names: 'Recurrence'.",
    ),
    (
        "kind",
        lambda d: d["actions"]["Get_past_time"].pop("kind"),
        "The 'kind' property of template action 'Get_past_time' {} is missing or not valid.",
    ),
    (
        "interval 0",
        lambda d: d["triggers"]["Recurrence"]["recurrence"].update(interval=0),
        "The 'recurrence' property of template trigger 'Recurrence' {} is not defined or not valid.",
    ),
    (
        "condition that is text",
        _action("Condition", expression="abc"),
        "The property 'expression' 'abc' of template action 'Condition' {} "
        "is not a valid template language expression.",
    ),
    (
        "condition that is a number",
        _action("Condition", expression=1),
        "Expression type 'Integer' is not supported. Expression must be either a 'String' or 'Object'.",
    ),
    (
        "syntax",
        lambda d: d["actions"]["Get_entities"]["inputs"].update(method="@concat('Nope'"),
        "Unable to parse template language expression 'concat('Nope'': "
        "expected token 'RightParenthesis' and actual 'EndOfData'.",
    ),
    (
        "type of a parameter's default",
        lambda d: d["parameters"]["notifyTo"].update(defaultValue=1),
        "Template parameter JToken type is not valid. Expected 'String'. Actual 'Integer'.",
    ),
    ("unknown type", _action("Get_entities", type="Nope"), "Requested value 'Nope' was not found."),
    ("unknown kind", _action("Get_past_time", kind="Nope"), "Requested value 'Nope' was not found."),
    ("unknown option", _action("Get_entities", operationOptions="Nope"), "Requested value 'Nope' was not found."),
    (
        "unknown status",
        _action("Get_entities", runAfter={"Get_past_time": ["Nope"]}),
        "Requested value 'Nope' was not found.",
    ),
    (
        "unknown parameter type",
        lambda d: d["parameters"]["notifyTo"].update(type="Text"),
        "Requested value 'Text' was not found.",
    ),
    (
        "too many actions",
        lambda d: d["actions"].update({f"C{i}": {"type": "Compose", "inputs": i} for i in range(511)}),
        "The number of template actions limit exceeded: maximum '500' and actual '515'.",
    ),
]


@pytest.mark.parametrize(("change", "message"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_the_message_is_the_engines(change: Change, message: str) -> None:
    refusal = _refusal(change)
    name = next(
        (n for n in ("Get_entities", "Get_past_time", "Condition", "Recurrence") if f"'{n}' {{}}" in message), ""
    )
    assert refusal.message == (message.replace("{}", _at(name)) if name else message)


def test_a_reference_off_the_path_is_refused_with_the_quote_that_the_engine_forgets() -> None:
    refusal = _refusal(_action("Get_entities", runAfter={}))
    where = _at("Get_entities").replace("'1'", "'1")
    assert refusal.message == (
        f"The inputs of template action 'Get_entities' {where} cannot reference action 'Get_past_time'. Action "
        "'Get_past_time' must either be in 'runAfter' path or within a scope action on the 'runAfter' path of action "
        "'Get_entities', or be a Trigger."
    )
    assert json_path(refusal.path) == "$.actions.Get_entities.inputs.queries.$filter"


def test_an_unknown_operator_is_named_with_what_is_supported() -> None:
    message = _refusal(_action("Condition", expression={"and": [{"biggest": [1, 2]}]})).message
    assert message.startswith("The object expression property name 'biggest' at line '1' and column '")
    assert message.endswith(
        " of action 'Condition' is not a supported function. The object expression model supports all functions from "
        "https://aka.ms/logicexpressions other than referencing functions."
    )


def test_functions_that_refer_to_the_run_are_no_operators() -> None:
    assert "property name 'body'" in _refusal(_action("Condition", expression={"body": ["Get_entities"]})).message


def test_the_service_wraps_the_engines_message() -> None:
    refusal = _refusal(_action("Get_entities", runAfter={"Zzz": ["Succeeded"]}))
    assert refusal.code == "InvalidTemplate"
    assert refusal.service_message == f"The template validation failed: '{refusal.message}'."


def test_the_service_says_in_which_action_an_expression_is_wrong() -> None:
    refusal = _refusal(lambda d: d["actions"]["Get_entities"]["inputs"].update(method="@concat('Nope'"))
    assert refusal.service_message == (
        f"The template validation failed: 'The template action 'Get_entities' {_at('Get_entities')} is not valid: "
        "\"Unable to parse template language expression 'concat('Nope'': expected token 'RightParenthesis' and actual "
        "'EndOfData'.\".'."
    )


def test_the_service_says_that_it_cannot_read_the_request() -> None:
    refusal = _refusal(lambda d: d.pop("$schema"))
    assert refusal.service_message == (
        "The request content is not valid and could not be deserialized: "
        "'Required property '$schema' not found in JSON. Path ''.'."
    )
