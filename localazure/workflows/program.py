"""A definition made ready to run: every action with its neighbours, its place and its compiled expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from localazure.workflows.secrecy import hidden_parts
from wdl.conditions import Condition, compile_condition
from wdl.definition import Action, Definition, Placed, Trigger
from wdl.template import Template, compile_template

LOOPS = frozenset({"Foreach", "Until"})
BLOCKS = frozenset({"Scope", "If", "Switch"}) | LOOPS


@dataclass(frozen=True, eq=False)
class Node:
    """One action. `loops`: the names of the loops around it, outermost first; `branch`: the parent's list it is in."""

    action: Action
    parent: str | None
    branch: str
    loops: tuple[str, ...]
    depends: tuple[tuple[str, tuple[str, ...]], ...]
    successors: tuple[str, ...]
    branches: Mapping[str, tuple[str, ...]]
    hidden: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.action.name

    @property
    def type(self) -> str:
        return self.action.type

    @cached_property
    def children(self) -> tuple[str, ...]:
        return tuple(name for names in self.branches.values() for name in names)

    @cached_property
    def inputs(self) -> Template:
        return compile_template(self.action.inputs)

    @cached_property
    def expression(self) -> Template:
        """The value of a Switch."""
        return compile_template(self.action.expression)

    @cached_property
    def condition(self) -> Condition:
        """The condition of an If or Until."""
        return compile_condition(self.action.expression)

    @cached_property
    def foreach(self) -> Template:
        return compile_template(self.action.foreach)

    @cached_property
    def conditions(self) -> tuple[Template, ...]:
        return tuple(compile_template(text) for text in self.action.conditions)

    @cached_property
    def tracked_properties(self) -> Template | None:
        return compile_template(dict(self.action.tracked_properties)) if self.action.tracked_properties else None

    @cached_property
    def limit(self) -> Template:
        return compile_template({"count": self.action.limit.count, "timeout": self.action.limit.timeout})

    def part(self, name: str) -> Template:
        """One member of the inputs, compiled by itself: for what is evaluated once for each item."""
        if name not in self._parts:
            self._parts[name] = compile_template((self.action.inputs or {}).get(name))
        return self._parts[name]

    @cached_property
    def _parts(self) -> dict[str, Template]:
        return {}


@dataclass(frozen=True, eq=False)
class Program:
    """All nodes of a definition by name, with the values of its parameters."""

    definition: Definition
    nodes: Mapping[str, Node]
    top: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def find(self, name: str) -> Node | None:
        """The node of that name in any spelling."""
        return self.nodes.get(name) or self._by_lower_name.get(name.lower())

    def level(self, node: Node) -> tuple[str, ...]:
        """The names of the actions in the same list."""
        return self.top if node.parent is None else self.nodes[node.parent].branches[node.branch]

    def trigger(self, name: str) -> Trigger | None:
        """The trigger of that name in any spelling."""
        found = (trigger for key, trigger in self.definition.triggers.items() if key.lower() == name.lower())
        return next(found, None)

    @cached_property
    def outputs(self) -> Mapping[str, tuple[str, Template]]:
        """The workflow's outputs: type and compiled value."""
        pairs = self.definition.outputs.items()
        return {name: (str(raw.get("type", "Object")), compile_template(raw.get("value"))) for name, raw in pairs}

    @cached_property
    def has_response(self) -> bool:
        return any(node.type == "Response" for node in self.nodes.values())

    @cached_property
    def _by_lower_name(self) -> dict[str, Node]:
        return {name.lower(): node for name, node in self.nodes.items()}


def build_program(definition: Definition, parameters: Mapping[str, Any] | None = None) -> Program:
    """Arrange a checked definition for running. `parameters` are the values of its parameters, defaults filled in."""
    placed = list(definition.all_actions())
    trigger_hidden = any("outputs" in trigger.secure_data for trigger in definition.triggers.values())
    hidden = hidden_parts(placed, trigger_hidden)
    nodes = {one.action.name: _node(one, hidden[one.action.name]) for one in placed}
    return Program(definition, nodes, tuple(definition.actions), parameters or {})


def _node(placed: Placed, hidden: frozenset[str]) -> Node:
    action, parent = placed.action, placed.parents[-1] if placed.parents else None
    return Node(
        action,
        parent.name if parent else None,
        _branch_of(parent, action.name) if parent else "",
        tuple(block.name for block in placed.parents if block.type in LOOPS),
        tuple(action.run_after.items()),
        tuple(other.name for other in placed.level.values() if action.name in other.run_after),
        {name: tuple(branch.actions) for name, branch in action.branches.items()},
        hidden,
    )


def _branch_of(parent: Action, name: str) -> str:
    return next(key for key, branch in parent.branches.items() if name in branch.actions)
