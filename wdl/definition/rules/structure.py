"""What a definition and its parts must have: counts, unique names, kinds, recurrences, members of blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import chain

from wdl.definition.errors import INVALID_CONTENT, DefinitionError, refused
from wdl.definition.model import Action, Definition, Trigger
from wdl.definition.places import Places
from wdl.dotnet.culture import INVARIANT
from wdl.dotnet.date_parse import parse_date

# "Limits and configuration reference for Azure Logic Apps"; the number of actions as the engine counts it.
MAXIMUM_ACTIONS = 500
MAXIMUM_TRIGGERS = 10
MAXIMUM_PARAMETERS = 50
MAXIMUM_OUTPUTS = 10
MAXIMUM_NESTING = 8

_KIND_NEEDED = frozenset({"Expression", "Liquid"})
_SCHEDULED = frozenset({"Recurrence", "SlidingWindow"})


def structure(definition: Definition, places: Places) -> Iterator[DefinitionError]:
    """Refusals of single parts, in the order: counts, names, triggers, actions."""
    return chain(
        _counts(definition),
        _names(definition),
        chain.from_iterable(_trigger(trigger, places) for trigger in definition.triggers.values()),
        chain.from_iterable(_action(placed.action, places) for placed in definition.all_actions()),
        _nesting(definition),
    )


def _counts(definition: Definition) -> Iterator[DefinitionError]:
    for what, path, actual, maximum in (
        ("actions", "actions", sum(1 for _ in definition.all_actions()), MAXIMUM_ACTIONS),
        ("triggers", "triggers", len(definition.triggers), MAXIMUM_TRIGGERS),
        ("input parameters", "parameters", len(definition.parameters), MAXIMUM_PARAMETERS),
        ("outputs", "outputs", len(definition.outputs), MAXIMUM_OUTPUTS),
    ):
        if actual > maximum:
            message = f"The number of template {what} limit exceeded: maximum '{maximum}' and actual '{actual}'."
            yield refused(message, (path,), rule="too-many")


def _names(definition: Definition) -> Iterator[DefinitionError]:
    operations = (*definition.triggers.values(), *(placed.action for placed in definition.all_actions()))
    counted = Counter(operation.name.lower() for operation in operations)
    twice = [operation for operation in operations if counted[operation.name.lower()] > 1]
    if twice:
        names = ", ".join(dict.fromkeys(operation.name for operation in twice))
        message = f"The template trigger and action names must be unique. Found duplicate names: '{names}'."
        yield refused(message, twice[-1].path, rule="duplicate-name")


def _trigger(trigger: Trigger, places: Places) -> Iterator[DefinitionError]:
    recurrence = trigger.recurrence
    needed = trigger.type in _SCHEDULED or recurrence is not None
    if needed and not (recurrence and recurrence.frequency and recurrence.interval > 0):
        message = f"The 'recurrence' property of {places.trigger(trigger)} is not defined or not valid."
        yield refused(message, (*trigger.path, "recurrence"), rule="recurrence-not-valid")
    yield from _times(trigger)


def _times(trigger: Trigger) -> Iterator[DefinitionError]:
    recurrence = trigger.recurrence
    for name, text in (("startTime", recurrence.start_time), ("endTime", recurrence.end_time)) if recurrence else ():
        if text is not None and not is_date(text):
            message = f"Could not convert string to DateTime: {text}. Path '{name}'."
            yield DefinitionError(INVALID_CONTENT, message, (*trigger.path, "recurrence", name), rule="date-not-valid")


def is_date(text: str) -> bool:
    """Whether .NET reads a text as a date or time; which day a time without one falls on does not matter."""
    return parse_date(text, INVARIANT, lambda: date(2000, 1, 1)) is not None


def _action(action: Action, places: Places) -> Iterator[DefinitionError]:
    if action.type in _KIND_NEEDED and action.kind is None:
        message = f"The 'kind' property of {places.action(action)} is missing or not valid."
        yield refused(message, action.path, rule="kind-missing")
    for name in _needed(action):
        if action.raw.get(name) is None:
            yield refused(
                f"The '{name}' property of {places.action(action)} is missing or not valid.",
                action.path,
                rule="member-missing",
            )


def _needed(action: Action) -> tuple[str, ...]:
    return {"Foreach": ("foreach",), "If": ("expression",), "Switch": ("expression",), "Until": ("expression",)}.get(
        action.type, ()
    )


def _nesting(definition: Definition) -> Iterator[DefinitionError]:
    for placed in definition.all_actions():
        level = len(placed.parents)
        if level > MAXIMUM_NESTING and len(placed.parents) == MAXIMUM_NESTING + 1:
            yield refused(
                f"The template actions '{placed.action.name}' are nested at level '{level}' "
                f"which exceeds the maximum nesting limit of '{MAXIMUM_NESTING}'",
                placed.action.path,
                rule="nested-too-deep",
            )
