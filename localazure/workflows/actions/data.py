"""Data operations: Compose, Query, Select, Join. Texts and shapes from published run histories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.workflows.outcome import ActionError, Outcome, not_an_object
from localazure.workflows.turn import Turn
from wdl.conditions import compile_condition
from wdl.values import to_text, type_name


def compose(turn: Turn) -> Outcome:
    """Outputs are the evaluated inputs themselves."""
    return Outcome(outputs=turn.inputs())


def query(turn: Turn) -> Outcome:
    """Filter array: the items for which `where` holds. The recorded inputs are the array alone."""
    items = source_array(turn, "query")
    turn.record["inputs"] = items
    condition, context = compile_condition(turn.node.action.inputs.get("where", True)), turn.inner_item_context()
    kept = []
    for item in items:
        context.item = item
        if turn.language(lambda: condition.evaluate(context)):
            kept.append(item)
    return Outcome(code="NotSpecified", outputs={"body": kept})


def select(turn: Turn) -> Outcome:
    """Each item turned into what `select` makes of it. The recorded inputs hold no map."""
    items = source_array(turn, "select")
    turn.record["inputs"] = {"from": items}
    template, context = turn.node.part("select"), turn.inner_item_context()
    made = []
    for item in items:
        context.item = item
        made.append(turn.evaluate(template, context))
    return Outcome(code="NotSpecified", outputs={"body": made})


def join(turn: Turn) -> Outcome:
    """The items as one text; objects as compact JSON."""
    items = source_array(turn, "join")
    separator = turn.evaluate(turn.node.part("joinWith"))
    turn.record["inputs"] = {"from": items, "joinWith": separator}
    return Outcome(outputs={"body": to_text(separator).join(to_text(item) for item in items)})


def source_array(turn: Turn, kind: str, requirement: str = "an array") -> list[Any]:
    """The evaluated `from`; it must be an array."""
    if not isinstance(turn.node.action.inputs or {}, Mapping):
        raise not_an_object(turn.node.name)
    items = turn.evaluate(turn.node.part("from"))
    if not isinstance(items, list):
        message = (
            f"The 'from' property value in the '{kind}' action inputs is of type '{type_name(items)}'. "
            f"The value must be {requirement}."
        )
        raise ActionError("BadRequest", message)
    return items
