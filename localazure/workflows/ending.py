"""The end of an action and all that follows at once: successors, the block around it, in the end the run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from localazure.workflows.actions import HANDLERS, BlockHandler
from localazure.workflows.closing import StatusesAt, close, skip, skip_inside
from localazure.workflows.evaluation import context_at, public
from localazure.workflows.outcome import CANCELLED, FAILED, FINAL, SKIPPED, SUCCEEDED, TIMED_OUT, ActionError, Outcome
from localazure.workflows.program import LOOPS, Node
from localazure.workflows.propagation import TERMINATED, block_outcome, inner_nodes, ready, unmet
from localazure.workflows.stamps import unstamp
from localazure.workflows.state import RunState, is_under, shortened
from localazure.workflows.turn import Abandonable, Turn
from wdl.errors import ExpressionError

Ended = tuple[Node, str, Outcome]

_COUNTED = {SUCCEEDED: "RunsSucceeded", FAILED: "RunsFailed", CANCELLED: "RunsCancelled", "TimedOut": "RunsFailed"}


def end_action(state: RunState, node: Node, repetition: str, outcome: Outcome) -> None:
    """End an action, then everything whose end follows from it. A queue, not recursion: chains may be long."""
    queue: deque[Ended] = deque([(node, repetition, outcome)])
    while queue and not state.finished:
        node, repetition, outcome = queue.popleft()
        if node.branches and outcome.status != SUCCEEDED:
            _abandon_inside(state, node, repetition, outcome)
        _close(state, node, repetition, outcome)
        if state.termination is not None:
            end_run(state, state.termination)
            return
        queue.extend(_successors(state, node, repetition))
        queue.extend(_enclosing(state, node, repetition))


def _successors(state: RunState, node: Node, repetition: str) -> Iterator[Ended]:
    """The skipped ones are returned as ended; the others get ready."""
    statuses = StatusesAt(state, repetition)
    for name in node.successors:
        successor = state.program.nodes[name]
        if not ready(successor, statuses) or name in statuses:
            continue
        if (skipped := unmet(successor, statuses)) is None:
            state.data["ready"].append([name, repetition])
        else:
            yield successor, repetition, skipped


def _enclosing(state: RunState, node: Node, repetition: str) -> Iterator[Ended]:
    """Count the action off; the last one of a block ends the block, an iteration or the run."""
    frame = state.frame(node.parent, repetition)
    frame["left"] -= 1
    if frame["left"]:
        return
    if node.parent is None:
        end_run(state, run_outcome(state))
        return
    owner = state.program.nodes[node.parent]
    outer = shortened(repetition, len(owner.loops)) if owner.type in LOOPS else repetition
    outcome = _completed(state, owner, outer, repetition)
    if outcome is not None:
        yield owner, outer, outcome


def _completed(state: RunState, owner: Node, repetition: str, frame: str) -> Outcome | None:
    handler = HANDLERS[owner.type]
    assert isinstance(handler, BlockHandler)
    try:
        return handler.completed(Turn(state, owner, repetition), frame)
    except ActionError as failure:
        return failure.outcome


def _close(state: RunState, node: Node, repetition: str, outcome: Outcome) -> None:
    """Write the outcome on record; what is broken off may take something back first."""
    handler = HANDLERS[node.type]
    if outcome.status in (CANCELLED, TIMED_OUT) and isinstance(handler, Abandonable):
        handler.abandon(Turn(state, node, repetition))
    close(state, node, repetition, outcome)
    if node.tracked_properties is not None and outcome.status != SKIPPED:
        _track(state, node, repetition)


def _track(state: RunState, node: Node, repetition: str) -> None:
    """Evaluate the tracked properties; they may refer to the action that has just ended."""
    record = state.touch(node.name, repetition)
    context = context_at(state, node.loops, repetition)
    context.action = public(state, node.name, record)
    with suppress(ExpressionError):
        record["trackedProperties"] = node.tracked_properties.evaluate(context) if node.tracked_properties else None


def _abandon_inside(state: RunState, node: Node, repetition: str, outcome: Outcome) -> None:
    """Cancel what still goes on inside a block that ends, and record what never ran."""
    record = state.record(node.name, repetition)
    if record is not None and record.get("left") == 0:
        return
    inside = set()
    for child in inner_nodes(state.program, node):
        inside.add(child.name)
        for at, record in state.under(child.name, repetition):
            if record["status"] not in FINAL:
                _close(state, child, at, Outcome(CANCELLED, outcome.code))
    state.data["ready"] = [
        one for one in state.data["ready"] if one[0] not in inside or not is_under(one[1], repetition)
    ]
    skip_inside(state, node, repetition, outcome)


def run_outcome(state: RunState) -> Outcome:
    """How a run ends whose actions have all ended; on success its outputs are evaluated."""
    outcome = block_outcome(state.program, state.program.top, StatusesAt(state, ""))
    if outcome.status != SUCCEEDED:
        return outcome
    try:
        state.data["outputs"] = _outputs(state)
    except ExpressionError as error:
        message = f"Unable to process template language expressions in the outputs: '{error.message}'."
        return Outcome(FAILED, "InvalidTemplate", error={"code": "InvalidTemplate", "message": message})
    return outcome


def _outputs(state: RunState) -> dict[str, object]:
    context = context_at(state, (), "")
    pairs = state.program.outputs.items()
    return {name: {"type": kind, "value": template.evaluate(context)} for name, (kind, template) in pairs}


def end_run(state: RunState, outcome: Outcome) -> None:
    """End the run: cancel what still goes on, record what never ran, count it."""
    ended_early = state.termination is not None or outcome.status == CANCELLED
    if ended_early:
        _sweep(state)
    data = state.data
    data["status"], data["endTime"] = outcome.status, state.stamp
    if outcome.code not in {"OK", "NotSpecified"}:
        data["code"] = outcome.code
    if outcome.error is not None:
        data["error"] = dict(outcome.error)
    data["ready"] = []
    for identifier in list(data["pending"]):
        state.instructions.append({"kind": "withdraw", "id": identifier})
    data["pending"] = {}
    _count(state)


def _sweep(state: RunState) -> None:
    for node, repetition, _ in list(state.running()):
        _close(state, node, repetition, Outcome(CANCELLED, "Terminated"))
    for record in state.running_iterations():
        record.update(status=CANCELLED, code="Terminated", endTime=state.stamp)
    for name in state.program.top:
        node = state.program.nodes[name]
        if state.record(name, "") is None:
            skip(state, node, "", TERMINATED)
        elif node.branches:
            skip_inside(state, node, "", Outcome(CANCELLED, "Terminated"))


def _count(state: RunState) -> None:
    data = state.data
    latency = (state.now - unstamp(data["startTime"])) / timedelta(seconds=1)
    state.count("RunsCompleted")
    state.count("RunLatency", latency)
    state.count("RunFailurePercentage", 100 if _COUNTED.get(data["status"]) == "RunsFailed" else 0)
    if data["status"] in _COUNTED:
        state.count(_COUNTED[data["status"]])
    if data["status"] == SUCCEEDED:
        state.count("RunSuccessLatency", latency)
