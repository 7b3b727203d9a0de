"""Function calls that cannot succeed, and expressions that are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from wdl.checker.flow import Flow
from wdl.checker.kinds import kind_of_node
from wdl.checker.rule import Spots, rule
from wdl.definition import Action, Operation, Path
from wdl.definition.expressions import literal_name, strings
from wdl.definition.rules.references import ACTION_FUNCTIONS
from wdl.registry import REFERENCE_PAGE, Declaration, Parameter, find
from wdl.syntax import Literal, Node
from wdl.template import is_expression

_ITEM_ACTIONS = frozenset({"Query", "Select", "Table"})
# What the tools of an Agent may call beside the functions of the reference.
_OF_AGENTS = frozenset({"agentparameters"})
_BARE_CALL = re.compile(
    r"(?<![@\w.{])@(?:actions|body|outputs|triggerBody|triggerOutputs|parameters|variables|items?|concat|utcNow)\("
)


@rule(
    "unknown-function",
    why="Logic Apps saves it; the action fails when the expression is evaluated.",
    cure=f"Correct the name; all functions: {REFERENCE_PAGE}.",
)
def unknown_function(flow: Flow) -> Spots:
    for _, expression, call in flow.calls:
        if find(call.name) is None and call.name.lower() not in _OF_AGENTS:
            yield expression.path, f"The function '{call.name}' does not exist."


@rule(
    "wrong-argument-count",
    why="Logic Apps saves it; the action fails when the expression is evaluated.",
    cure=f"Give the arguments that the function takes ({REFERENCE_PAGE}).",
)
def wrong_argument_count(flow: Flow) -> Spots:
    for _, expression, call in flow.calls:
        declaration = find(call.name)
        if declaration is not None and not declaration.accepts_count(len(call.arguments)):
            count = len(call.arguments)
            yield expression.path, f"'{call.name}' takes {_allowed(declaration)}, not {count}."


def _allowed(declaration: Declaration) -> str:
    least, most = declaration.at_least, declaration.at_most
    if most is None:
        return f"at least {_arguments(least)}"
    return _arguments(least) if least == most else f"{least} to {_arguments(most)}"


def _arguments(count: int) -> str:
    return f"{count or 'no'} argument{'' if count == 1 else 's'}"


@rule(
    "wrong-argument-kind",
    why="Logic Apps saves it; the action fails when the expression is evaluated.",
    cure="Write a value of the kind that the function takes: numbers and true, false without quotes, text in quotes.",
)
def wrong_argument_kind(flow: Flow) -> Spots:
    for _, expression, call in flow.calls:
        declaration = find(call.name)
        if declaration is None or declaration.lazy or not declaration.accepts_count(len(call.arguments)):
            continue
        for parameter, argument in zip(declaration.for_count(len(call.arguments)), call.arguments, strict=False):
            if not _accepts(parameter, argument):
                kind = kind_of_node(argument)
                yield expression.path, f"'{call.name}' does not take a value of type '{kind}': '{_shown(argument)}'."


_EXAMPLES: dict[str, Any] = {"Integer": 1, "Boolean": True, "String": "", "Array": [], "Object": {}, "Null": None}


def _accepts(parameter: Parameter, argument: Node) -> bool:
    """Whether the kind of the argument, if it can be told, is one that the parameter takes."""
    if parameter.accepts is None:
        return True
    if isinstance(argument, Literal):
        return type(argument.value) in parameter.accepts
    kind = kind_of_node(argument)
    return kind not in _EXAMPLES or type(_EXAMPLES[kind]) in parameter.accepts


def _shown(node: Node) -> str:
    return f"{node.value}" if isinstance(node, Literal) else f"{node.name}(…)"


@rule(
    "name-not-written-out",
    why="Logic Apps finds the order of actions from these names; it refuses or misses a name that is computed.",
    cure="Write the action's name in quotes: body('Get_entities').",
)
def name_not_written_out(flow: Flow) -> Spots:
    for _, expression, call in flow.calls:
        if call.name.lower() in ACTION_FUNCTIONS and literal_name(call) is None:
            yield expression.path, f"'{call.name}' does not name its action."


@rule(
    "item-outside-loop",
    why="There is no current item there; the expression fails at run time.",
    cure="Use item() inside a Foreach, or in Filter array, Select and Table; items('Loop') names the loop.",
)
def item_outside_loop(flow: Flow) -> Spots:
    for owner, expression, call in flow.calls:
        if call.name.lower() == "item" and not _has_item(flow, owner):
            yield expression.path, "item() stands outside a loop."


def _has_item(flow: Flow, owner: Operation | None) -> bool:
    if owner is None or not isinstance(owner, Action):
        return False
    placed = flow.definition.action(owner.name)
    if owner.foreach is not None:  # before 2016 any action could repeat itself
        return True
    return owner.type in _ITEM_ACTIONS or (placed is not None and placed.inside("Foreach"))


@rule(
    "expression-after-space",
    why="An expression is one only if its text starts with '@'; after a space it stays text.",
    cure="Remove the space before '@'.",
)
def expression_after_space(flow: Flow) -> Spots:
    for path, text in _texts(flow):
        if text[:1].isspace() and re.match(r"@[A-Za-z]+\(", text.lstrip()):
            yield path, f"The text starts with a space: '{_short(text)}'."


@rule(
    "expression-without-braces",
    why="Inside other text only '@{…}' is evaluated; this stays as it is written.",
    cure="Put the expression in braces: '… @{body('X')} …'.",
)
def expression_without_braces(flow: Flow) -> Spots:
    for path, text in _texts(flow):
        if not is_expression(text) and _BARE_CALL.search(text.lstrip()[1:]):
            yield path, f"There is a call without braces in '{_short(text)}'."


def _texts(flow: Flow) -> Iterator[tuple[Path, str]]:
    for operation in flow.operations:
        yield from strings(operation)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"
