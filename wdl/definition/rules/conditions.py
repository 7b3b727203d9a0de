"""Expressions that cannot be read, and conditions in a form that Logic Apps does not take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wdl.definition.errors import DefinitionError, refused
from wdl.definition.expressions import of_definition
from wdl.definition.model import Action, Definition, Operation, Trigger
from wdl.definition.places import Places
from wdl.definition.positions import Path
from wdl.registry import find
from wdl.values import type_name

_CONDITIONAL = frozenset({"If", "Until", "Switch"})
_SUPPORTED = (
    "is not a supported function. The object expression model supports all functions from "
    "https://aka.ms/logicexpressions other than referencing functions."
)


def syntax(definition: Definition, places: Places) -> Iterator[DefinitionError]:
    """Every expression that cannot be parsed."""
    for operation, expression in of_definition(definition):
        if expression.error is not None:
            within = _within(operation, places)
            yield refused(expression.error.message, expression.path, within, rule="expression-syntax")


def _within(operation: Operation | None, places: Places) -> str | None:
    if operation is None:
        return None
    return places.trigger(operation) if isinstance(operation, Trigger) else places.action(operation)


def conditions(definition: Definition, places: Places) -> Iterator[DefinitionError]:
    """Conditions of triggers and of If, Until, Switch that are no expressions."""
    for trigger in definition.triggers.values():
        for index, text in enumerate(trigger.conditions):
            if not text.startswith("@"):
                path = (*trigger.path, "conditions", index, "expression")
                what = f"of {places.trigger(trigger)}"
                message = (
                    f"The template condition expression '{text}' {what} is not valid template language expression."
                )
                yield refused(message, path, rule="trigger-condition")
    for placed in definition.all_actions():
        if placed.action.type in _CONDITIONAL and placed.action.expression is not None:
            yield from _condition(placed.action, places)


def _condition(action: Action, places: Places) -> Iterator[DefinitionError]:
    path = (*action.path, "expression")
    if isinstance(action.expression, Mapping):
        yield from _operators(action.expression, path, action, places)
    elif not isinstance(action.expression, str):
        yield refused(_kind_message(action.expression), path, rule="condition-not-expression")
    elif not action.expression.startswith("@"):
        yield refused(
            f"The property 'expression' '{action.expression}' of {places.action(action)} "
            "is not a valid template language expression.",
            path,
            rule="condition-not-expression",
        )


def _kind_message(value: Any) -> str:
    kind = type_name(value)
    return f"Expression type '{kind}' is not supported. Expression must be either a 'String' or 'Object'."


def _operators(members: Any, path: Path, action: Action, places: Places) -> Iterator[DefinitionError]:
    """The operators of an object expression, at every depth."""
    for name, operands in members.items():
        declaration = find(name)
        if declaration is None or declaration.reference:
            where = places.at((*path, name))
            message = f"The object expression property name '{name}' {where} of action '{action.name}' {_SUPPORTED}"
            yield refused(message, (*path, name), rule="condition-operator")
        for place, operand in _operands(operands, (*path, name)):
            yield from _operators(operand, place, action, places)


def _operands(operands: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    listed = [((*path, index), item) for index, item in enumerate(operands)] if isinstance(operands, list) else []
    return ((place, item) for place, item in listed or [(path, operands)] if isinstance(item, Mapping))
