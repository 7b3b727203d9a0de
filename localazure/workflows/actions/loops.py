"""Foreach and Until.

Source: Azure page "Add loops to repeat actions"; limits of the service for items, iterations and concurrency.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from localazure.workflows.actions.control import Block
from localazure.workflows.blocks import begin
from localazure.workflows.closing import StatusesAt
from localazure.workflows.outcome import BLOCK_FAILED, DONE, FAILED, SUCCEEDED, ActionError, Outcome
from localazure.workflows.propagation import block_outcome
from localazure.workflows.stamps import unstamp
from localazure.workflows.state import repetition_of
from localazure.workflows.turn import Turn
from wdl.values import type_name

MOST_ITEMS = 100_000
MOST_ITERATIONS = 5_000
DEFAULT_PARALLEL = 20
MOST_PARALLEL = 50
_DEFAULT_COUNT = 60
_DEFAULT_TIMEOUT = timedelta(hours=1)


class Foreach(Block):
    """Notes: `next` (the first item not begun), `going` (iterations that go on), `failed`."""

    def start(self, turn: Turn) -> Outcome | None:
        items = turn.decide(lambda: turn.node.foreach.evaluate(turn.context))
        _check_items(turn, items)
        turn.state.keep_items(turn.node.name, turn.repetition, items)
        turn.record["itemsCount"] = len(items)
        turn.notes.update(next=0, going=0, failed=False)
        return self._go_on(turn)

    def completed(self, turn: Turn, frame: str) -> Outcome | None:
        turn.notes["going"] -= 1
        turn.notes["failed"] |= end_iteration(turn, frame).status != SUCCEEDED
        return self._go_on(turn)

    def _go_on(self, turn: Turn) -> Outcome | None:
        """Begin iterations as far as concurrency allows; the loop ends when none is left."""
        notes, total, most = turn.notes, turn.record["itemsCount"], _parallel(turn)
        while notes["next"] < total and notes["going"] < most:
            frame = repetition_of(turn.repetition, notes["next"])
            notes["next"] += 1
            notes["going"] += begin_iteration(turn, frame)
        if notes["going"]:
            return None
        return BLOCK_FAILED if notes["failed"] else DONE


class Until(Block):
    """Notes: `index` of the iteration that goes on."""

    def start(self, turn: Turn) -> Outcome | None:
        turn.notes["index"] = -1
        return self._go_on(turn, DONE)

    def completed(self, turn: Turn, frame: str) -> Outcome | None:
        return self._go_on(turn, end_iteration(turn, frame))

    def _go_on(self, turn: Turn, last: Outcome) -> Outcome | None:
        """Iterate until the condition holds or a limit is reached; the last iteration decides how the loop ends."""
        while turn.notes["index"] < 0 or not self._is_met(turn):
            if turn.notes["index"] >= 0 and self._is_at_limit(turn):
                return _limit_reached(turn, last)
            turn.notes["index"] += 1
            turn.record["iterationCount"] = turn.notes["index"] + 1
            if begin_iteration(turn, repetition_of(turn.repetition, turn.notes["index"])):
                return None
        return last

    def _is_met(self, turn: Turn) -> bool:
        context = turn.inner_context(repetition_of(turn.repetition, turn.notes["index"]))
        return bool(turn.decide(lambda: turn.node.condition.evaluate(context)))

    def _is_at_limit(self, turn: Turn) -> bool:
        count, timeout = turn.limit()
        most = min(count if isinstance(count, int) else _DEFAULT_COUNT, MOST_ITERATIONS)
        elapsed = turn.now - unstamp(turn.record["startTime"])
        return bool(turn.notes["index"] + 1 >= most or elapsed >= (_DEFAULT_TIMEOUT if timeout is None else timeout))


def begin_iteration(turn: Turn, frame: str) -> bool:
    """Set one iteration going; False if there is nothing in it, so that it has ended already."""
    turn.state.open_iteration(turn.node.name, frame)
    if begin(turn.state, turn.node.name, frame, turn.node.children):
        return True
    end_iteration(turn, frame)
    return False


def end_iteration(turn: Turn, frame: str) -> Outcome:
    """Write the end of an iteration on record."""
    outcome = block_outcome(turn.state.program, turn.node.children, StatusesAt(turn.state, frame))
    record = turn.state.iteration(turn.node.name, frame)
    record.update(status=outcome.status, code=outcome.code, endTime=turn.state.stamp)
    record.pop("left", None)
    if outcome.error is not None:
        record["error"] = dict(outcome.error)
    return outcome


def _parallel(turn: Turn) -> int:
    """How many iterations may go on at once."""
    if turn.has_option("Sequential"):
        return 1
    repetitions = turn.node.action.concurrency.get("repetitions")
    return min(repetitions, MOST_PARALLEL) if isinstance(repetitions, int) else DEFAULT_PARALLEL


def _check_items(turn: Turn, items: Any) -> None:
    name, expression = turn.node.name, turn.node.action.foreach
    if not isinstance(items, list):
        message = (
            f"The execution of template action '{name}' failed: the result of the evaluation of 'foreach' expression "
            f"'{expression}' is of type '{type_name(items)}'. The result must be a valid array."
        )
        raise ActionError("ExpressionEvaluationFailed", message)
    if len(items) > MOST_ITEMS:
        message = (
            f"The execution of template action '{name}' failed: the result of the evaluation of 'foreach' expression "
            f"'{expression}' has '{len(items)}' items, which exceeds the maximum limit of '{MOST_ITEMS}'."
        )
        raise ActionError("ForeachItemsLimitExceeded", message)


def _limit_reached(turn: Turn, last: Outcome) -> Outcome:
    if not turn.has_option("FailWhenLimitsReached"):
        return last
    message = f"The until loop '{turn.node.name}' reached its limit before its condition was met."
    return Outcome(FAILED, "UntilLimitReached", error={"code": "UntilLimitReached", "message": message})
