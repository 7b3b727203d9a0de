"""`runAfter`: known actions of the same level, at least one status each, no circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from wdl.definition.errors import DefinitionError, refused
from wdl.definition.model import Action, Definition
from wdl.definition.places import Places
from wdl.definition.vocabulary import STATUSES


def order(definition: Definition, places: Places) -> Iterator[DefinitionError]:
    """Refusals of `runAfter`, action by action, then of circles, level by level."""
    for placed in definition.all_actions():
        yield from _run_after(placed.action, placed.level, places)
    for level in levels(definition):
        yield from _circle(level)


def levels(definition: Definition) -> Iterator[Mapping[str, Action]]:
    """Every list of actions: the top one and one for each branch of a block."""
    yield definition.actions
    for placed in definition.all_actions():
        yield from (branch.actions for branch in placed.action.branches.values())


def _run_after(action: Action, level: Mapping[str, Action], places: Places) -> Iterator[DefinitionError]:
    path = (*action.path, "runAfter")
    for name, statuses in action.run_after.items():
        what = f"The 'runAfter' property of {places.action(action)}"
        if name not in level:
            yield refused(f"{what} contains non-existent action: '{name}'.", path, rule="run-after-unknown")
        elif name == action.name:
            yield refused(f"{what} is not valid. The action cannot be itself.", path, rule="run-after-itself")
        elif not statuses or any(status not in STATUSES for status in statuses):
            valid = ", ".join(STATUSES)
            message = f"{what} is not valid. The action '{name}' must contain at least one status. "
            yield refused(f"{message}Valid values are '{valid}'.", path, rule="run-after-status")


def _circle(level: Mapping[str, Action]) -> Iterator[DefinitionError]:
    graph = {name: [before for before in action.run_after if before != name] for name, action in level.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        first = level.get(error.args[1][0])
        message = "The circular dependency detected in template language expressions."
        yield refused(message, (*first.path, "runAfter") if first else (), rule="run-after-circle")
