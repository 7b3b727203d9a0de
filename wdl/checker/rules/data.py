"""Variables and data operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wdl.checker.flow import Flow, inputs, is_dynamic, is_integer
from wdl.checker.kinds import kind_of_value
from wdl.checker.rule import Spots, rule
from wdl.definition import Action, Path
from wdl.definition.vocabulary import canonical

VARIABLE_TYPES = ("Boolean", "Integer", "Float", "String", "Array", "Object")
_NUMBERS = frozenset({"Integer", "Float"})
_NEEDED = {
    "Query": ("from", "where"),
    "Select": ("from", "select"),
    "Join": ("from", "joinWith"),
    "Table": ("from", "format"),
    "ParseJson": ("content", "schema"),
    "SetVariable": ("name", "value"),
    "AppendToArrayVariable": ("name", "value"),
    "AppendToStringVariable": ("name", "value"),
    "IncrementVariable": ("name",),
    "DecrementVariable": ("name",),
    "InitializeVariable": ("variables",),
    "Http": ("method", "uri"),
    "Function": ("function",),
}
_WAIT = ("interval", "until")


def _variables(flow: Flow) -> list[tuple[Action, Path, Mapping[str, Any]]]:
    found = []
    for action in flow.actions("InitializeVariable"):
        listed = inputs(action).get("variables")
        for index, item in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(item, Mapping):
                found.append((action, (*action.path, "inputs", "variables", index), item))
    return found


@rule(
    "variable-type",
    why="The variable cannot be initialized; the action fails or the service refuses it.",
    cure="Use one of " + ", ".join(VARIABLE_TYPES) + ".",
)
def variable_type(flow: Flow) -> Spots:
    for _, path, item in _variables(flow):
        if not isinstance(item.get("type"), str) or canonical(item["type"], VARIABLE_TYPES) is None:
            yield path, f"The variable '{item.get('name')}' has the type '{item.get('type')}'."


@rule(
    "variable-value",
    why="A variable keeps the type it is declared with; the action fails on a value of another.",
    cure="Change the declared type or the value: numbers, true and false stand without quotes.",
)
def variable_value(flow: Flow) -> Spots:
    declared = {}
    for _, path, item in _variables(flow):
        expected = canonical(item["type"], VARIABLE_TYPES) if isinstance(item.get("type"), str) else None
        declared[str(item.get("name")).lower()] = expected
        if expected and item.get("value") is not None and not _fits(expected, item["value"]):
            yield (*path, "value"), _mismatch(str(item.get("name")), expected, item["value"])
    for action in flow.actions("SetVariable"):
        name, value = inputs(action).get("name"), inputs(action).get("value")
        expected = declared.get(str(name).lower())
        if expected and value is not None and not _fits(expected, value):
            yield (*action.path, "inputs", "value"), _mismatch(str(name), expected, value)


def _fits(expected: str, value: Any) -> bool:
    kind = kind_of_value(value)
    if expected in _NUMBERS and kind == "Number":
        return True
    return kind in (None, "Null", expected) or (expected, kind) == ("Float", "Integer")


def _mismatch(name: str, expected: str, value: Any) -> str:
    return f"The variable '{name}' is of type {expected}; its value is of type {kind_of_value(value)}."


@rule(
    "variable-not-a-number",
    why="Only integers and floats can be counted up and down; the action fails.",
    cure="Declare the variable as Integer or Float.",
)
def variable_not_a_number(flow: Flow) -> Spots:
    declared = {str(item.get("name")).lower(): str(item.get("type")) for _, _, item in _variables(flow)}
    for action in flow.actions("IncrementVariable", "DecrementVariable"):
        kind = declared.get(str(inputs(action).get("name")).lower())
        if kind is not None and canonical(kind, VARIABLE_TYPES) not in _NUMBERS:
            yield action.path, f"'{action.name}' counts a variable of type '{kind}'."


@rule(
    "append-to-wrong-type",
    why="AppendToArrayVariable needs an Array, AppendToStringVariable a String; the action fails.",
    cure="Declare the variable with that type, or use the other action.",
)
def append_to_wrong_type(flow: Flow) -> Spots:
    declared = {str(item.get("name")).lower(): str(item.get("type")) for _, _, item in _variables(flow)}
    for type_, expected in (("AppendToArrayVariable", "Array"), ("AppendToStringVariable", "String")):
        for action in flow.actions(type_):
            kind = declared.get(str(inputs(action).get("name")).lower())
            if kind is not None and canonical(kind, VARIABLE_TYPES) not in (None, expected):
                yield action.path, f"'{action.name}' appends to a variable of type '{kind}'."


@rule(
    "inputs-missing",
    why="Logic Apps saves it; the action fails at run time.",
    cure="Give the inputs that the type of action needs.",
)
def inputs_missing(flow: Flow) -> Spots:
    for action in flow.actions(*_NEEDED):
        given = {name.lower() for name in inputs(action)}
        missing = [name for name in _NEEDED[action.type] if name.lower() not in given]
        if missing and not is_dynamic(action.inputs):
            yield action.path, f"'{action.name}' lacks {', '.join(missing)}."


@rule(
    "wait-inputs",
    why="Logic Apps saves it; the Wait fails at run time, or does not wait.",
    cure='Give {"interval": {"count": 5, "unit": "Minute"}} or {"until": {"timestamp": "…"}}.',
)
def wait_inputs(flow: Flow) -> Spots:
    for action in flow.actions("Wait"):
        given, path = inputs(action), (*action.path, "inputs")
        if not any(name in given for name in _WAIT) and not is_dynamic(action.inputs):
            yield path, f"'{action.name}' says neither how long nor until when."
        interval = given.get("interval")
        count = interval.get("count") if isinstance(interval, Mapping) else None
        if isinstance(interval, Mapping) and not (is_dynamic(count) or (is_integer(count) and count > 0)):
            yield (*path, "interval"), f"'{action.name}' waits for the count '{count}'."


@rule(
    "table-format",
    why="Logic Apps saves it; the action fails at run time.",
    cure="The format is CSV or HTML.",
)
def table_format(flow: Flow) -> Spots:
    for action in flow.actions("Table"):
        form = inputs(action).get("format")
        if isinstance(form, str) and not is_dynamic(form) and form.upper() not in ("CSV", "HTML"):
            yield (*action.path, "inputs", "format"), f"'{action.name}' makes a table in the format '{form}'."


@rule(
    "schema-with-pattern",
    why="ParseJson does not take 'pattern' or 'patternProperties' (ActionSchemaNotSupported); the action fails.",
    cure="Remove them from the schema and test the values in a condition.",
)
def schema_with_pattern(flow: Flow) -> Spots:
    for action in flow.actions("ParseJson"):
        place = _pattern(inputs(action).get("schema"), (*action.path, "inputs", "schema"), schema=True)
        if place:
            yield place, f"The schema of '{action.name}' has '{place[-1]}'."


def _pattern(value: Any, path: Path, *, schema: bool) -> Path | None:
    """The first such keyword; below `properties` and the like the keys are names, not keywords."""
    if isinstance(value, list):
        found = (_pattern(item, (*path, index), schema=schema) for index, item in enumerate(value))
        return next((place for place in found if place), None)
    for key, member in value.items() if isinstance(value, Mapping) else ():
        if schema and key in ("pattern", "patternProperties"):
            return (*path, key)
        place = _pattern(member, (*path, key), schema=not (schema and key in ("properties", "definitions", "enum")))
        if place:
            return place
    return None
