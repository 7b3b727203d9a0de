"""The expressions of a definition: where they stand, and their trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from wdl.definition.model import Action, Definition, Operation, Trigger
from wdl.definition.positions import Path
from wdl.definition.vocabulary import words
from wdl.errors import ExpressionError
from wdl.syntax import Call, Literal, Node, parse
from wdl.template import expressions_in

# What an operation holds that is structure or is evaluated on its own, not a template.
_STRUCTURE = frozenset(
    words("type kind runAfter actions else cases default tools description metadata operationOptions limit")
)
_EVALUATED_APART = frozenset({"conditions", "splitOn", "recurrence", "evaluatedRecurrence"})


@dataclass(frozen=True)
class Expression:
    """One expression: `text` without its `@` or `@{}`, in the string at `path`; `node` is None if it cannot be read."""

    text: str
    path: Path
    node: Node | None
    error: ExpressionError | None = None

    def calls(self) -> Iterator[Call]:
        """Every function call, outer before inner."""
        return calls(self.node) if self.node is not None else iter(())


def calls(node: Node) -> Iterator[Call]:
    """Every function call in a tree, outer before inner, left to right."""
    if isinstance(node, Call):
        yield node
        for inner in (*node.arguments, *(access.key for access in node.accesses)):
            yield from calls(inner)


def literal(call: Call, index: int = 0) -> Any:
    """The value of an argument written as a literal, else None."""
    argument = call.arguments[index] if index < len(call.arguments) else None
    return argument.value if isinstance(argument, Literal) else None


def literal_name(call: Call) -> str | None:
    """The name a call like `body('X')` refers to, when it is written out."""
    name = literal(call)
    return name if isinstance(name, str) else None


def expressions(value: Any, path: Path) -> Iterator[Expression]:
    """Every expression in a JSON value, property names included (they are templates too)."""
    if isinstance(value, str):
        yield from _of_text(value, path)
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from _of_text(key, (*path, key))
            yield from expressions(member, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from expressions(item, (*path, index))


def _of_text(text: str, path: Path) -> Iterator[Expression]:
    if "@" not in text:
        return
    try:
        for _, expression in expressions_in(text):
            yield _parsed(expression, path)
    except ExpressionError as error:
        yield Expression(text, path, None, error)


def _parsed(text: str, path: Path) -> Expression:
    node = _tree(text)
    return Expression(text, path, None, node) if isinstance(node, ExpressionError) else Expression(text, path, node)


@lru_cache(maxsize=4096)
def _tree(text: str) -> Node | ExpressionError:
    """The tree of an expression, or its fault; every rule asks for the same ones."""
    try:
        return parse(text)
    except ExpressionError as error:
        return error


def of_operation(operation: Operation) -> Iterator[tuple[str, Expression]]:
    """The expressions of one trigger or action, with the member (`inputs`, `foreach`, …) each stands in.

    Not those of actions inside, nor trigger conditions and `splitOn`.
    """
    for member, value in operation.raw.items():
        if member not in _STRUCTURE and member not in _EVALUATED_APART:
            for expression in expressions(value, (*operation.path, member)):
                yield member, expression


def strings(operation: Operation) -> Iterator[tuple[Path, str]]:
    """Every text in what an operation has evaluated, expressions and others."""
    for member, value in operation.raw.items():
        if member not in _STRUCTURE and member not in _EVALUATED_APART:
            yield from _strings(value, (*operation.path, member))


def _strings(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from _strings(member, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, (*path, index))


def of_trigger(trigger: Trigger) -> Iterator[Expression]:
    """All expressions of a trigger, its conditions and `splitOn` included."""
    yield from (expression for _, expression in of_operation(trigger))
    for member in ("conditions", "splitOn"):
        yield from expressions(trigger.raw.get(member), (*trigger.path, member))


def of_definition(definition: Definition) -> Iterator[tuple[Operation | None, Expression]]:
    """All expressions, with the trigger or action each belongs to (None: outputs of the workflow)."""
    for trigger in definition.triggers.values():
        yield from ((trigger, expression) for expression in of_trigger(trigger))
    for placed in definition.all_actions():
        yield from ((placed.action, expression) for _, expression in of_operation(placed.action))
    for expression in expressions(definition.raw.get("outputs"), ("outputs",)):
        yield None, expression


def names(action: Action, functions: frozenset[str]) -> Iterator[tuple[str, str, Expression]]:
    """What an action refers to by name through these functions: (member, name, expression), in order."""
    for member, expression in of_operation(action):
        for call in expression.calls():
            name = literal_name(call)
            if name is not None and call.name.lower() in functions:
                yield member, name, expression
