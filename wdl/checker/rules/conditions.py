"""Conditions and comparisons that fail, or never hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wdl.checker.flow import Flow
from wdl.checker.kinds import comparable, kind_of_node, kind_of_value
from wdl.checker.rule import Spots, rule
from wdl.definition import Path

_ORDER = frozenset({"greater", "greaterorequals", "less", "lessorequals"})
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_JOINS = frozenset({"and", "or"})


def _operators(flow: Flow) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every object of an object condition, outer before inner."""
    for action in flow.actions("If", "Until", "Switch"):
        yield from _within(action.expression, (*action.path, "expression"))


def _within(value: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if not isinstance(value, Mapping):
        return
    yield path, value
    for name, operands in value.items():
        for place, operand in _listed(operands, (*path, name)):
            yield from _within(operand, place)


def _listed(operands: Any, path: Path) -> list[tuple[Path, Any]]:
    if isinstance(operands, list):
        return [((*path, index), operand) for index, operand in enumerate(operands)]
    return [(path, operands)]


def _pairs(flow: Flow) -> Iterator[tuple[Path, str, str | None, str | None]]:
    """Every comparison of two values, in objects and in expressions: place, function, the kinds of both sides."""
    for path, operators in _operators(flow):
        for name, operands in operators.items():
            if isinstance(operands, list) and len(operands) == 2:
                yield (*path, name), name, kind_of_value(operands[0]), kind_of_value(operands[1])
    for _, expression, call in flow.calls:
        if len(call.arguments) == 2:
            left, right = call.arguments
            yield expression.path, call.name, kind_of_node(left), kind_of_node(right)


@rule(
    "number-compared-with-text",
    why="greater, less and their kin take two numbers or two texts; with one of each the condition fails at run time.",
    cure='Write the number without quotes ("greater": ["@length(…)", 0]), or convert the text: int(…).',
)
def number_compared_with_text(flow: Flow) -> Spots:
    for path, name, left, right in _pairs(flow):
        if name.lower() in _ORDER and not comparable(left, right):
            yield path, f"'{name}' compares {left} with {right}."


@rule(
    "never-equal",
    why="Values of different types are never equal: 1 is not '1', true is not 'true'. The condition is always false.",
    cure="Write both sides in the same type: numbers, true and false without quotes and without '@{}'.",
)
def never_equal(flow: Flow) -> Spots:
    for path, name, left, right in _pairs(flow):
        if name.lower() == "equals" and not comparable(left, right):
            yield path, f"'equals' compares {left} with {right}."


@rule(
    "not-ordered",
    why="Only numbers and texts have an order; the condition fails at run time.",
    cure="Compare with equals, or compare a length or a number.",
)
def not_ordered(flow: Flow) -> Spots:
    for path, name, left, right in _pairs(flow):
        if name.lower() in _ORDER and comparable(left, right):
            wrong = [kind for kind in (left, right) if kind in ("Boolean", "Null", "Array", "Object")]
            if wrong:
                yield path, f"'{name}' compares a value of type {wrong[0]}."


@rule(
    "date-in-condition",
    why="A literal that reads as date and time is taken as a date, which conditions do not support; the action fails.",
    cure="Wrap it: \"@string('2018-01-01T00:00:00Z')\", or compare ticks(…).",
)
def date_in_condition(flow: Flow) -> Spots:
    for path, operators in _operators(flow):
        for name, operands in operators.items():
            for place, operand in _listed(operands, (*path, name)):
                if isinstance(operand, str) and _DATE.fullmatch(operand):
                    yield place, f"The condition has the date '{operand}'."


@rule(
    "condition-shape",
    why="An object of a condition holds one operator, and 'and' and 'or' hold at least one condition; this one fails.",
    cure='Give each operator an object of its own: {"and": [{"equals": […]}, {"greater": […]}]}.',
)
def condition_shape(flow: Flow) -> Spots:
    for path, operators in _operators(flow):
        if len(operators) != 1:
            yield path, f"The object has {len(operators)} operators."
        for name, operands in operators.items():
            if name.lower() in _JOINS and operands == []:
                yield (*path, name), f"'{name}' has no conditions."


@rule(
    "condition-not-boolean",
    why="A condition must give true or false; with any other value the action fails.",
    cure='Compare the value: "@greater(length(…), 0)", "@equals(…, …)"; \'@{…}\' always gives text.',
)
def condition_not_boolean(flow: Flow) -> Spots:
    for action in flow.actions("If", "Until"):
        kind = kind_of_value(action.expression) if isinstance(action.expression, str) else None
        if kind not in (None, "Boolean") and action.expression.startswith("@"):
            yield (*action.path, "expression"), f"The condition of '{action.name}' is of type {kind}."
    for trigger in flow.triggers:
        for index, text in enumerate(trigger.conditions):
            if text.startswith("@") and kind_of_value(text) not in (None, "Boolean"):
                path = (*trigger.path, "conditions", index, "expression")
                yield path, f"The condition of '{trigger.name}' is of type {kind_of_value(text)}."
