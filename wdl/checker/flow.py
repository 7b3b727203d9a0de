"""A definition as the rules look at it, with what is known of its surroundings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeGuard

from wdl.definition import Action, Definition, Operation, Placed, Trigger
from wdl.definition.expressions import Expression, of_definition
from wdl.syntax import Call


@dataclass(frozen=True)
class Flow:
    """A definition, the values of its parameters, and the names in `$connections` (None: not known)."""

    definition: Definition
    values: Mapping[str, Any] = field(default_factory=dict)
    connections: frozenset[str] | None = None

    @cached_property
    def expressions(self) -> tuple[tuple[Operation | None, Expression], ...]:
        """Every expression with the trigger or action it belongs to (None: outputs of the workflow)."""
        return tuple(of_definition(self.definition))

    @cached_property
    def calls(self) -> tuple[tuple[Operation | None, Expression, Call], ...]:
        """Every function call, with its expression and the trigger or action it belongs to."""
        return tuple((owner, found, call) for owner, found in self.expressions for call in found.calls())

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        return tuple(self.definition.all_actions())

    @property
    def triggers(self) -> Iterator[Trigger]:
        return iter(self.definition.triggers.values())

    def actions(self, *types: str) -> Iterator[Action]:
        """The actions of these types (all without), outer before inner."""
        return (placed.action for placed in self.placed if not types or placed.action.type in types)

    @property
    def operations(self) -> Iterator[Operation]:
        """Triggers and actions."""
        yield from self.triggers
        yield from self.actions()


def members(value: Any) -> Mapping[str, Any]:
    """An object's members; of anything else, none."""
    return value if isinstance(value, Mapping) else {}


def inputs(operation: Operation) -> Mapping[str, Any]:
    """The members of `inputs`."""
    return members(operation.inputs)


def is_dynamic(value: Any) -> bool:
    """Whether a value is only known at run time: text with an expression in it."""
    return isinstance(value, str) and "@" in value


def is_integer(value: Any) -> TypeGuard[int]:
    """Whether a value is a JSON integer."""
    return isinstance(value, int) and not isinstance(value, bool)
