"""What follows from the end of an action: who starts next, who is skipped and why, how a block ends.

Source: Azure page "Handle errors and exceptions" (runAfter, scope status), published run histories for the texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from localazure.workflows.outcome import BLOCK_FAILED, DONE, SKIPPED, SUCCEEDED, Outcome
from localazure.workflows.program import Node, Program

Statuses = Mapping[str, str]


def ready(node: Node, statuses: Statuses) -> bool:
    """Whether all that the action runs after has ended."""
    return all(name in statuses for name, _ in node.depends)


def unmet(node: Node, statuses: Statuses) -> Outcome | None:
    """The end of an action whose `runAfter` is not met, or None if it may start."""
    for name, expected in node.depends:
        if statuses[name] not in expected:
            return _skipped("ActionConditionFailed", _condition_failed(node.name, name, expected, statuses[name]))
    return None


def not_taken(node: Node) -> Outcome:
    """The end of an action in a branch that is not taken."""
    if node.depends:
        name, expected = node.depends[0]
        return _skipped("ActionConditionFailed", _condition_failed(node.name, name, expected, SKIPPED))
    message = (
        f"The execution of template action '{node.name}' skipped: "
        "the branching condition for this action is not satisfied."
    )
    return _skipped("ActionBranchingConditionNotSatisfied", message)


def dependant(node: Node, block: str, status: str, code: str) -> Outcome:
    """The end of an action inside a block that was skipped or failed before its children could run."""
    message = (
        f"The execution of template action '{node.name}' is skipped: dependant action '{block}' "
        f"completed with status '{status}' and code '{code}'."
    )
    return _skipped("ActionDependencyFailed", message)


def conditions_unmet(node: Node) -> Outcome:
    """The end of an action whose own conditions (of the older schemas) do not hold."""
    message = f"The execution of template action '{node.name}' is skipped: its conditions are not satisfied."
    return _skipped("ActionConditionFailed", message)


TERMINATED = Outcome(SKIPPED, "Terminated")


def inner_nodes(program: Program, node: Node) -> Iterator[Node]:
    """Everything inside a block, outer before inner."""
    for name in node.children:
        child = program.nodes[name]
        yield child
        yield from inner_nodes(program, child)


def block_outcome(program: Program, names: Iterable[str], statuses: Statuses) -> Outcome:
    """How a list of actions ends as a whole: by its leaves, a skipped leaf counting as what it ran after."""
    nodes = [program.nodes[name] for name in names]
    inside = {node.name for node in nodes}
    leaves = [node for node in nodes if not any(name in inside for name in node.successors)]
    return DONE if all(_well(program, leaf, statuses) for leaf in leaves) else BLOCK_FAILED


def _well(program: Program, leaf: Node, statuses: Statuses) -> bool:
    """Whether a leaf, or where it was skipped all it ran after, succeeded. A loop: chains may be long."""
    looked_at: set[str] = set()
    left = [leaf.name]
    while left:
        name = left.pop()
        looked_at.add(name)
        status = statuses.get(name, SKIPPED)
        if status == SKIPPED:
            left.extend(before for before, _ in program.nodes[name].depends if before not in looked_at)
        elif status != SUCCEEDED:
            return False
    return True


def _skipped(code: str, message: str) -> Outcome:
    return Outcome(SKIPPED, "ActionSkipped", error={"code": code, "message": message})


def _condition_failed(name: str, before: str, expected: tuple[str, ...], actual: str) -> str:
    return (
        f"The execution of template action '{name}' is skipped: the 'runAfter' condition for action '{before}' "
        f"is not satisfied. Expected status values '{', '.join(expected)}' and actual value '{actual}'."
    )
