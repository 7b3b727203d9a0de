"""Writing the end of an action into the run: its record, and those of everything inside it that never ran."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from localazure.workflows.outcome import ABSENT, FINAL, SKIPPED, SUCCEEDED, Outcome
from localazure.workflows.program import Node
from localazure.workflows.propagation import TERMINATED, dependant, inner_nodes, not_taken
from localazure.workflows.stamps import unstamp
from localazure.workflows.state import Record, RunState

_MANAGED = frozenset({"ApiConnection", "ApiConnectionWebhook"})
_COUNTED = {"Succeeded": "ActionsSucceeded", "Failed": "ActionsFailed", "TimedOut": "ActionsFailed"}


class StatusesAt(Mapping[str, str]):
    """The statuses of the actions that have ended in one repetition."""

    def __init__(self, state: RunState, repetition: str) -> None:
        self._state, self._repetition = state, repetition

    def __getitem__(self, name: str) -> str:
        record = self._state.record(name, self._repetition)
        if record is None or record["status"] not in FINAL:
            raise KeyError(name)
        return str(record["status"])

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._state.data["actions"] if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def close(state: RunState, node: Node, repetition: str, outcome: Outcome) -> None:
    """Write the outcome on record, forget what was pending, count it."""
    record = state.record(node.name, repetition)
    record = state.open(node.name, repetition) if record is None else state.touch(node.name, repetition)
    record["status"], record["code"], record["endTime"] = outcome.status, outcome.code, state.stamp
    if outcome.outputs is not ABSENT:
        record["outputs"] = outcome.outputs
    if outcome.error is not None:
        record["error"] = dict(outcome.error)
    for passing in ("state", "left"):
        record.pop(passing, None)
    state.withdraw(node.name, repetition)
    _count(state, node, record)


def skip(state: RunState, node: Node, repetition: str, outcome: Outcome) -> None:
    """Record an action, and all inside it, as not run."""
    skip_inside(state, node, repetition, outcome)
    close(state, node, repetition, outcome)


def skip_inside(state: RunState, node: Node, repetition: str, outcome: Outcome) -> None:
    """Record what never ran inside a block that ended with `outcome`."""
    for child in inner_nodes(state.program, node):
        if not state.under(child.name, repetition):
            because = TERMINATED if outcome.code == "Terminated" else _dependant(child, node, outcome)
            close(state, child, repetition, because)


def not_take(state: RunState, names: Iterable[str], repetition: str) -> None:
    """Record the actions of a branch that is not taken."""
    for name in names:
        node = state.program.nodes[name]
        skip(state, node, repetition, not_taken(node))


def _dependant(child: Node, block: Node, outcome: Outcome) -> Outcome:
    if child.parent == block.name:
        return dependant(child, block.name, outcome.status, outcome.code)
    return dependant(child, str(child.parent), SKIPPED, "ActionSkipped")


def _count(state: RunState, node: Node, record: Record) -> None:
    if record["status"] == SKIPPED:
        state.count("ActionsSkipped")
        return
    latency = (state.now - unstamp(record["startTime"])).total_seconds()
    usage = "BillingUsageStandardConnector" if node.type in _MANAGED else "BillingUsageNativeOperation"
    for metric in ("ActionsCompleted", "BillableActionExecutions", "TotalBillableExecutions", usage):
        state.count(metric)
    state.count("ActionLatency", latency)
    if record["status"] in _COUNTED:
        state.count(_COUNTED[record["status"]])
    if record["status"] == SUCCEEDED:
        state.count("ActionSuccessLatency", latency)
