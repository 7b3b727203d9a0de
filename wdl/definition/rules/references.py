"""What expressions refer to: actions on the `runAfter` path, loops around.

Not checked by Logic Apps on save, hence warnings of the checker: names of functions and parameters, `item()`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wdl.definition.errors import DefinitionError, refused
from wdl.definition.expressions import Expression, names
from wdl.definition.model import Action, Definition, Placed, walk
from wdl.definition.places import Places
from wdl.definition.positions import Path
from wdl.definition.vocabulary import words

ACTION_FUNCTIONS = frozenset(
    words("actions body outputs result formdatavalue formdatamultivalues multipartbody actionbody actionoutputs")
)
LOOP_FUNCTIONS = frozenset({"items", "repeatitems"})
ITERATION_FUNCTIONS = frozenset({"iterationindexes"})

# Before 2016-04-01-preview an action waited for what its expressions referred to, without saying so.
_IMPLICIT_ORDER = ("2014-12-01-preview", "2015-08-01-preview")

# Evaluated when the action has run, so that it may refer to itself.
_EVALUATED_LATE = frozenset({"trackedProperties"})

# The tools of an agent run when its model asks for them, in no order the definition knows.
_FREE_BLOCKS = ("Agent", "NestedAgent")


def references(definition: Definition, places: Places) -> Iterator[DefinitionError]:
    """Refusals of references to actions and loops, action by action."""
    scope = _Scope(definition, places)
    for placed in definition.all_actions():
        yield from scope.unknown(placed)
        yield from scope.off_the_path(placed)
        yield from scope.loops(placed)


class _Scope:
    def __init__(self, definition: Definition, places: Places) -> None:
        self._definition = definition
        self._places = places
        self._known = {*definition.by_name, *(name.lower() for name in definition.triggers)}
        schema = str(definition.raw.get("$schema"))
        self._ordered = not any(version in schema for version in _IMPLICIT_ORDER)
        self._readable: dict[str, frozenset[str]] = {}

    def unknown(self, placed: Placed) -> Iterator[DefinitionError]:
        """Names that no action or trigger bears, one refusal for each member of the action."""
        missing: dict[str, dict[str, Expression]] = {}
        for member, name, expression in names(placed.action, ACTION_FUNCTIONS):
            if name.lower() not in self._known:
                missing.setdefault(member, {}).setdefault(name, expression)
        for member, found in missing.items():
            yield _undefined("action-not-defined", "action(s)", found, member, placed.action.name)

    def off_the_path(self, placed: Placed) -> Iterator[DefinitionError]:
        """Known actions that need not have run when this one starts."""
        reported = set()
        if placed.inside(*_FREE_BLOCKS):
            return
        for member, name, expression in names(placed.action, ACTION_FUNCTIONS):
            target = self._definition.action(name)
            late = member in _EVALUATED_LATE or "unsubscribe" in expression.path
            if (
                target
                and not late
                and self._ordered
                and name.lower() not in reported
                and not self._may_read(placed, target)
            ):
                reported.add(name.lower())
                yield self._unreachable(placed.action, target.action, expression.path)

    def loops(self, placed: Placed) -> Iterator[DefinitionError]:
        """`items('X')` outside the Foreach X, `iterationIndexes('X')` outside the Until X."""
        if not self._ordered:
            return
        for functions, types in ((LOOP_FUNCTIONS, "Foreach"), (ITERATION_FUNCTIONS, "Until")):
            around = {parent.name.lower() for parent in placed.parents if parent.type == types}
            if types == "Until" and placed.action.type == "Until":
                around.add(placed.action.name.lower())
            for member, name, expression in names(placed.action, functions):
                if name.lower() not in around:
                    yield self._outside(placed.action, name, member, expression)

    def _may_read(self, placed: Placed, target: Placed) -> bool:
        return target.action.name in self._readable_from(placed)

    def _readable_from(self, placed: Placed) -> frozenset[str]:
        name = placed.action.name
        if name not in self._readable:
            self._readable[name] = frozenset(readable(self._definition, placed))
        return self._readable[name]

    def _unreachable(self, action: Action, target: Action, path: Path) -> DefinitionError:
        where = self._places.at(action.path).replace("' and", " and", 1)  # the engine forgets this quote
        what = f"The inputs of template action '{action.name}' {where}"
        if target is action:
            return refused(f"{what} is not valid. The action cannot reference itself.", path, rule="action-itself")
        return refused(
            f"{what} cannot reference action '{target.name}'. Action '{target.name}' must either be in 'runAfter' path "
            f"or within a scope action on the 'runAfter' path of action '{action.name}', or be a Trigger.",
            path,
            rule="action-not-on-path",
        )

    def _outside(self, action: Action, name: str, member: str, expression: Expression) -> DefinitionError:
        if self._definition.action(name) is None:
            return _undefined("loop-not-defined", "repetition action(s)", {name: expression}, member, action.name)
        where = self._places.at(action.path).replace("' and", " and", 1)
        return refused(
            f"The inputs of template action '{action.name}' {where} is invalid. Action '{name}' must be a parent "
            f"'foreach' scope of action '{action.name}' to be referenced by 'repeatItems' or 'items' functions.",
            expression.path,
            rule="loop-not-around",
        )


def _undefined(rule: str, what: str, found: Mapping[str, Expression], member: str, action: str) -> DefinitionError:
    quoted = ", ".join(found)
    message = f"The {what} '{quoted}' referenced by '{member}' in action '{action}' are not defined in the template."
    return refused(message, next(iter(found.values())).path, rule=rule)


def readable(definition: Definition, placed: Placed) -> Iterator[str]:
    """The actions an action may read: what it and the blocks around it run after, with everything inside those.

    Until may also read its own actions: its condition is evaluated after them.
    """
    for block, level in _blocks(definition, placed):
        for before in predecessors(block, level):
            yield before.name
            yield from (inner.action.name for branch in before.branches.values() for inner in walk(branch.actions))
    if placed.action.type == "Until":
        yield from (inner.action.name for branch in placed.action.branches.values() for inner in walk(branch.actions))


def _blocks(definition: Definition, placed: Placed) -> Iterator[tuple[Action, Mapping[str, Action]]]:
    yield placed.action, placed.level
    for parent in placed.parents:
        found = definition.action(parent.name)
        if found:
            yield parent, found.level


def predecessors(action: Action, level: Mapping[str, Action]) -> Iterator[Action]:
    """The actions of the level that an action runs after, directly or through others, each once."""
    seen: set[str] = set()
    waiting = list(action.run_after)
    while waiting:
        name = waiting.pop()
        before = level.get(name)
        if before is not None and name not in seen:
            seen.add(name)
            waiting.extend(before.run_after)
            yield before
