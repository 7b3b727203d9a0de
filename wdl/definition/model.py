"""A workflow definition as Logic Apps reads it: typed, names canonical, nothing lost (`raw` keeps every member).

Source: schema 2016-06-01, Azure page "Schema reference for trigger and action types in Azure Logic Apps".
Values that may hold expressions stay as they stand in the definition; whoever runs them compiles them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from wdl.definition.positions import Path

Raw = Mapping[str, Any]

SUCCEEDED_ONLY = ("Succeeded",)


@dataclass(frozen=True)
class Parameter:
    """A declared parameter. `type` is canonical (`String`, `SecureObject`, …); `has_default` tells null from absent."""

    name: str
    type: str
    default: Any = None
    has_default: bool = False
    allowed: tuple[Any, ...] | None = None
    raw: Raw = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        return self.type.startswith("Secure")


@dataclass(frozen=True)
class Recurrence:
    """How often a trigger fires. `interval` counts `frequency` units (`Second` … `Year`); times are text as given."""

    frequency: str
    interval: int
    start_time: str | None = None
    end_time: str | None = None
    time_zone: str | None = None
    schedule: Raw | None = None
    raw: Raw = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """What triggers and actions have in common. `path` leads from the definition's root to the object itself."""

    name: str
    type: str
    kind: str | None = None
    inputs: Any = None
    operation_options: frozenset[str] = frozenset()
    conditions: tuple[str, ...] = ()
    runtime_configuration: Raw = field(default_factory=dict)
    raw: Raw = field(default_factory=dict)
    path: Path = ()

    @property
    def retry(self) -> Any:
        """`inputs.retryPolicy` as written (its members may be expressions), or None."""
        return self.inputs.get("retryPolicy") if isinstance(self.inputs, Mapping) else None

    @property
    def concurrency(self) -> Raw:
        """`runtimeConfiguration.concurrency`, empty when absent."""
        return _member(self.runtime_configuration, "concurrency")

    @property
    def secure_data(self) -> frozenset[str]:
        """Which of `inputs`, `outputs` are hidden from the run history."""
        return frozenset(_member(self.runtime_configuration, "secureData").get("properties") or ())

    @property
    def tracked_properties(self) -> Raw:
        return _member(self.raw, "trackedProperties")


@dataclass(frozen=True)
class Trigger(Operation):
    """A trigger. `conditions` are expression texts that must all hold; `split_on` debatches an array."""

    recurrence: Recurrence | None = None
    split_on: str | None = None


@dataclass(frozen=True)
class Limit:
    """`limit` of an action: `timeout` (ISO 8601) and, for Until, `count`. Values as written, None when absent."""

    count: Any = None
    timeout: Any = None


@dataclass(frozen=True)
class Branch:
    """One list of actions inside a block: `actions`, `else`, `default`, or the name of a Switch case with its value."""

    name: str
    actions: Mapping[str, Action]
    case: Any = None


@dataclass(frozen=True)
class Action(Operation):
    """An action, blocks included.

    `run_after` maps the names of actions to the statuses that satisfy them, names as the actions spell them.
    `branches`: `actions` of Scope, Foreach, Until; `actions` and `else` of If; the cases and `default` of Switch.
    `expression` is the condition of If (text or object) and Until (text) and the value of Switch.
    `conditions` are those of the older schemas: expression texts that must all hold, else the action is skipped.
    """

    run_after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    branches: Mapping[str, Branch] = field(default_factory=dict)
    foreach: Any = None
    expression: Any = None
    limit: Limit = Limit()
    static_result: Raw | None = None

    @property
    def static_choice(self) -> tuple[Path, Raw]:
        """Where `staticResult` stands and what it says, empty when absent.

        The designer writes it under `runtimeConfiguration`; beside the inputs it counts too.
        """
        configured = self.runtime_configuration.get("staticResult")
        if isinstance(configured, Mapping):
            return (*self.path, "runtimeConfiguration", "staticResult"), configured
        return (*self.path, "staticResult"), self.static_result or {}

    @property
    def children(self) -> Iterator[Action]:
        """The actions directly inside, in the order of the definition, all branches."""
        return (child for branch in self.branches.values() for child in branch.actions.values())


@dataclass(frozen=True)
class Placed:
    """An action and where it stands: the blocks around it (outermost first) and the actions of its own level."""

    action: Action
    parents: tuple[Action, ...]
    level: Mapping[str, Action]

    def inside(self, *types: str) -> bool:
        """Whether one of the blocks around is of one of these types."""
        return any(parent.type in types for parent in self.parents)


@dataclass(frozen=True)
class Definition:
    """A definition that Logic Apps accepts."""

    parameters: Mapping[str, Parameter]
    triggers: Mapping[str, Trigger]
    actions: Mapping[str, Action]
    outputs: Mapping[str, Raw]
    static_results: Mapping[str, Raw]
    raw: Raw

    def all_actions(self) -> Iterator[Placed]:
        """Every action, outer before inner, in the order of the definition."""
        return walk(self.actions)

    @cached_property
    def by_name(self) -> Mapping[str, Placed]:
        """Every action under its name in lower case: Logic Apps takes names without regard to case."""
        return {placed.action.name.lower(): placed for placed in self.all_actions()}

    def action(self, name: str) -> Placed | None:
        """The action of that name at any depth, in any spelling."""
        return self.by_name.get(name.lower())


def walk(actions: Mapping[str, Action], parents: tuple[Action, ...] = ()) -> Iterator[Placed]:
    """Every action of a level and below, with its place."""
    for action in actions.values():
        yield Placed(action, parents, actions)
        for branch in action.branches.values():
            yield from walk(branch.actions, (*parents, action))


def _member(raw: Raw, name: str) -> Raw:
    value = raw.get(name)
    return value if isinstance(value, Mapping) else {}
