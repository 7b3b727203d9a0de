"""Blocks that run their actions once: Scope, If, Switch. And Terminate, which ends the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.workflows.blocks import begin
from localazure.workflows.closing import StatusesAt, close, not_take, skip, skip_inside
from localazure.workflows.outcome import BLOCK_FAILED, CANCELLED, DONE, FAILED, SUCCEEDED, ActionError, Outcome
from localazure.workflows.propagation import block_outcome, not_taken, ready, unmet
from localazure.workflows.turn import Turn
from wdl.values import type_name


class Block:
    """What all blocks share: their actions end them."""

    def resume(self, turn: Turn, *_: Mapping[str, Any]) -> Outcome | None:
        raise AssertionError(f"block '{turn.node.name}' waits for no answer")

    def completed(self, turn: Turn, frame: str) -> Outcome | None:
        """All actions of the list that runs in repetition `frame` have ended."""
        return block_outcome(turn.state.program, turn.node.children, StatusesAt(turn.state, frame))

    def take(self, turn: Turn, branch: str | None) -> Outcome | None:
        """Run one branch, record the others as not taken."""
        for name, children in turn.node.branches.items():
            if name != branch:
                not_take(turn.state, children, turn.repetition)
        names = turn.node.branches.get(branch, ()) if branch else ()
        return None if begin(turn.state, turn.node.name, turn.repetition, names) else DONE


class Scope(Block):
    def start(self, turn: Turn) -> Outcome | None:
        return self.take(turn, "actions")


class If(Block):
    def start(self, turn: Turn) -> Outcome | None:
        taken = turn.decide(lambda: turn.node.condition.evaluate(turn.context))
        turn.record["inputs"] = {"expressionResult": taken}
        return self.take(turn, "actions" if taken else "else")


class Switch(Block):
    def start(self, turn: Turn) -> Outcome | None:
        value = turn.decide(lambda: turn.node.expression.evaluate(turn.context))
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise _not_a_case(turn, value)
        turn.record["inputs"] = {"expressionResult": value}
        cases = turn.node.action.branches.items()
        for name, branch in cases:
            if name != "default" and type_name(branch.case) != type_name(value):
                return self._incomparable(turn, value, branch.case)
        matching = (name for name, branch in cases if name != "default" and _same(branch.case, value))
        return self.take(turn, next(matching, "default"))

    def _incomparable(self, turn: Turn, value: Any, case: Any) -> Outcome:
        """A case of another type than the value: the comparison fails in the actions of every branch."""
        program, statuses = turn.state.program, StatusesAt(turn.state, turn.repetition)
        for name in turn.node.children:
            node = program.nodes[name]
            if not node.depends:
                skip_inside(turn.state, node, turn.repetition, Outcome(FAILED, "InternalServerError"))
                close(turn.state, node, turn.repetition, _broken_comparison(node.name, value, case))
            elif ready(node, statuses):
                skip(turn.state, node, turn.repetition, unmet(node, statuses) or not_taken(node))
        return BLOCK_FAILED


def _broken_comparison(name: str, value: Any, case: Any) -> Outcome:
    message = (
        f"The execution of template action '{name}' failed: an unexpected exception encountered when evaluating "
        "branching condition. 'Template language function 'strongEquals' expects parameters of same type, but found "
        f"'{type_name(value)},{type_name(case)}' distinct types.'"
    )
    error = {"code": "ActionConditionFailed", "message": message}
    return Outcome(FAILED, "InternalServerError", error=error)


def _same(case: Any, value: Any) -> bool:
    """Cases are compared with type and letter case."""
    return type(case) is type(value) and case == value


def _not_a_case(turn: Turn, value: Any) -> ActionError:
    message = (
        f"The execution of template action '{turn.node.name}' failed: The result of the evaluation of 'scope' action "
        f"expression '{turn.node.action.expression}' is not valid. It is of type '{type_name(value)}' but is expected "
        "to be a value of type 'String, Integer'."
    )
    return ActionError("ExpressionEvaluationFailed", message)


def terminate(turn: Turn) -> Outcome:
    """End the run with the status and error that the inputs give."""
    inputs = turn.object_inputs()
    status = _run_status(turn, inputs.get("runStatus"))
    error = inputs.get("runError") if status == FAILED else None
    turn.state.termination = Outcome(status, "Terminated", error=error)
    return DONE


def _run_status(turn: Turn, text: Any) -> str:
    found = next((one for one in (SUCCEEDED, FAILED, CANCELLED) if str(text).lower() == one.lower()), None)
    if found is None:
        message = (
            f"The 'runStatus' value '{text}' of the terminate action '{turn.node.name}' is not valid. "
            "The supported values are 'Succeeded, Failed, Cancelled'."
        )
        raise ActionError("BadRequest", message, error_code="InvalidTemplate")
    return found
