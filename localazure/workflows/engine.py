"""The engine: a state machine over a run's plain data.

`step(data, program, event, now)` changes the data and says what to carry out, store and count. It does no I/O, reads no
clock and draws chance from the run's own name: the same data, definition and events give the same run. Between any two
steps the data can be stored and the run taken up again, by giving out once more what is `pending`.

Events: `{"type": "start"}`; `{"type": "answer", "id", "result"}` to an instruction (a timer's has no result);
`{"type": "callback", "action", "repetition", "request"}` for a waiting webhook; `{"type": "cancel"}`;
`{"type": "continue"}` when the last step left work over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from localazure.workflows import blocks
from localazure.workflows.actions import HANDLERS
from localazure.workflows.ending import end_action, end_run, run_outcome
from localazure.workflows.outcome import CANCELLED, FINAL, TIMED_OUT, ActionError, Outcome
from localazure.workflows.program import Node, Program
from localazure.workflows.propagation import conditions_unmet
from localazure.workflows.stamps import stamp, unstamp
from localazure.workflows.state import Instruction, Record, RunData, RunState
from localazure.workflows.static_results import static_outcome
from localazure.workflows.turn import Turn
from wdl.errors import ExpressionError

Event = Mapping[str, Any]

WORK_PER_STEP = 500
LONGEST_RUN = timedelta(days=90)


@dataclass(frozen=True)
class Step:
    """What a step asks for: `changed` records to store (with the data itself), `instructions` to carry out after that,
    metrics to count, and whether there is `more` to do at once."""

    changed: Mapping[tuple[str, str, str], Record]
    instructions: list[Instruction]
    counted: list[tuple[str, float]]
    more: bool


def step(
    data: RunData,
    program: Program,
    event: Event,
    now: datetime,
    callback_url: Callable[[str, str], str] | None = None,
) -> Step:
    """Take one event in and go on as far as possible."""
    state = RunState(data, program, now, callback_url)
    data["steps"] += 1
    if not state.finished:
        _EVENTS[event["type"]](state, event)
        _work(state)
    return Step(state.changed, state.instructions, state.counted, bool(data["ready"]) and not state.finished)


def _start(state: RunState, _: Event) -> None:
    state.count("RunsStarted")
    due = stamp(unstamp(state.data["startTime"]) + LONGEST_RUN)
    state.issue({"kind": "timer", "action": "", "repetition": "", "due": due, "purpose": "expiry"})
    if not blocks.begin(state, None, "", state.program.top):
        end_run(state, run_outcome(state))


def _answer(state: RunState, event: Event) -> None:
    instruction = state.data["pending"].pop(event["id"], None)
    if instruction is None:
        return
    if instruction.get("purpose") == "expiry":
        _expire(state)
        return
    node, repetition = state.program.nodes[instruction["action"]], instruction["repetition"]
    if instruction.get("purpose") == "timeout":
        _time_out(state, node, repetition)
    else:
        _resume(state, node, repetition, instruction, event.get("result") or {})


def _callback(state: RunState, event: Event) -> None:
    node, repetition = state.program.nodes[event["action"]], event["repetition"]
    record = state.record(node.name, repetition)
    if record is not None and record["status"] not in FINAL:
        _resume(state, node, repetition, {"kind": "callback"}, event["request"])


def _expire(state: RunState) -> None:
    message = f"The workflow run timed out: it went on for longer than {LONGEST_RUN.days} days."
    error = {"code": "WorkflowRunTimedOut", "message": message}
    state.termination = Outcome(TIMED_OUT, "WorkflowRunTimedOut", error=error)
    end_run(state, state.termination)


def _cancel(state: RunState, _: Event) -> None:
    error = {"code": "WorkflowRunCancelled", "message": "The workflow run was cancelled."}
    end_run(state, Outcome(CANCELLED, "WorkflowRunCancelled", error=error))


def _continue(state: RunState, _: Event) -> None:
    pass


_EVENTS: dict[str, Callable[[RunState, Event], None]] = {
    "start": _start,
    "answer": _answer,
    "callback": _callback,
    "cancel": _cancel,
    "continue": _continue,
}


def _work(state: RunState) -> None:
    """Start what is ready, first come, first served, up to a bound that lets others have their turn."""
    for _ in range(WORK_PER_STEP):
        if state.finished or not state.data["ready"]:
            return
        name, repetition = state.data["ready"].pop(0)
        _begin(state, state.program.nodes[name], repetition)


def _begin(state: RunState, node: Node, repetition: str) -> None:
    state.open(node.name, repetition)
    state.count("ActionsStarted")
    turn = Turn(state, node, repetition)
    _conclude(turn, lambda: _first_outcome(turn))


def _first_outcome(turn: Turn) -> Outcome | None:
    if not all(turn.evaluate(condition) is True for condition in turn.node.conditions):
        return conditions_unmet(turn.node)
    planned = static_outcome(turn)
    if planned is not None:
        return planned
    _, timeout = (None, None) if turn.node.type == "Until" else turn.limit()
    if timeout is not None:
        turn.wait_for(timeout, "timeout")
    return HANDLERS[turn.node.type].start(turn)


def _resume(
    state: RunState, node: Node, repetition: str, instruction: Mapping[str, Any], result: Mapping[str, Any]
) -> None:
    turn = Turn(state, node, repetition)
    _conclude(turn, lambda: HANDLERS[node.type].resume(turn, instruction, result))


def _conclude(turn: Turn, act: Callable[[], Outcome | None]) -> None:
    """Let the action act; end it if that gave an outcome or failed."""
    try:
        outcome = act()
    except ActionError as failure:
        outcome = failure.outcome
    except ExpressionError as error:
        outcome = ActionError("BadRequest", error.message, error_code="InvalidTemplate").outcome
    if outcome is not None:
        end_action(turn.state, turn.node, turn.repetition, outcome)


def _time_out(state: RunState, node: Node, repetition: str) -> None:
    message = f"The execution of template action '{node.name}' timed out: its 'limit.timeout' has passed."
    outcome = Outcome(TIMED_OUT, "ActionTimedOut", error={"code": "ActionTimedOut", "message": message})
    end_action(state, node, repetition, outcome)
