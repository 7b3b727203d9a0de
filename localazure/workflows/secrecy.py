"""Which inputs and outputs the run history hides: secureData of an action, and of the actions that use secured outputs.

Source: Azure page "Secure access and data in Azure Logic Apps" (secure inputs and outputs): what refers to a secured
output has its inputs hidden; for Compose, ParseJson and Response hidden inputs hide the outputs too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wdl.definition import Action, Placed

_PASSING_ON = frozenset({"Compose", "ParseJson", "Response"})
_QUOTED = re.compile(r"'((?:[^']|'')+)'")
_ITEM = re.compile(r"\bitems?\s*\(", re.IGNORECASE)


def hidden_parts(placed: Iterable[Placed], trigger_hidden: bool = False) -> dict[str, frozenset[str]]:
    """Action name → which of `inputs`, `outputs` are hidden. `trigger_hidden`: the trigger's outputs are secured."""
    actions = list(placed)
    hidden = {one.action.name: set(one.action.secure_data) for one in actions}
    sources = {name for name, parts in hidden.items() if "outputs" in parts}
    while True:
        before = sum(map(len, hidden.values())) + len(sources)
        for one in actions:
            _spread(one, hidden, sources, trigger_hidden)
        if before == sum(map(len, hidden.values())) + len(sources):
            return {name: frozenset(parts) for name, parts in hidden.items()}


def _spread(placed: Placed, hidden: dict[str, set[str]], sources: set[str], trigger_hidden: bool) -> None:
    action = placed.action
    used = set(_mentions(action, placed)) & {name.lower() for name in sources}
    if used or (trigger_hidden and _uses_trigger(action)):
        if action.type == "Foreach":
            sources.add(action.name)
        hidden[action.name].add("inputs")
    if "inputs" in hidden[action.name] and action.type in _PASSING_ON:
        hidden[action.name].add("outputs")
    if "outputs" in hidden[action.name]:
        sources.add(action.name)


def _mentions(action: Action, placed: Placed) -> Iterator[str]:
    """Lower-case names that stand quoted in the action's own expressions; `item()` stands for the loops around it."""
    for text in _texts((action.inputs, action.foreach, action.expression)):
        yield from (name.lower() for name in _QUOTED.findall(text))
        if _ITEM.search(text):
            yield from (block.name.lower() for block in placed.parents if block.type == "Foreach")


def _uses_trigger(action: Action) -> bool:
    return any("trigger" in text.lower() for text in _texts((action.inputs, action.foreach)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and "@" in value:
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
