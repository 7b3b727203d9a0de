"""One action's turn: what a handler may see and do while its action starts or goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from localazure.workflows.evaluation import context_at
from localazure.workflows.outcome import ActionError, Outcome, invalid_expression, invalid_inputs, not_an_object
from localazure.workflows.program import Node
from localazure.workflows.stamps import stamp
from localazure.workflows.state import Record, RunState
from wdl.context import Context
from wdl.durations import parse_duration
from wdl.errors import ExpressionError
from wdl.template import Template

_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)


class Turn:
    """An action (`node`) in one repetition, within one step of its run."""

    def __init__(self, state: RunState, node: Node, repetition: str) -> None:
        self.state = state
        self.node = node
        self.repetition = repetition
        self.record: Record = state.touch(node.name, repetition)

    @property
    def now(self) -> datetime:
        return self.state.now

    @property
    def notes(self) -> dict[str, Any]:
        """What the handler keeps between steps; dropped when the action ends."""
        notes: dict[str, Any] = self.record.setdefault("state", {})
        return notes

    @cached_property
    def context(self) -> Context:
        callback = self._callback if "Webhook" in self.node.type else None
        context = context_at(self.state, self.node.loops, self.repetition, callback)
        context.action = {"name": self.node.name, "startTime": self.record["startTime"]}
        return context

    def inner_item_context(self) -> Context:
        """A context of its own whose `item` the caller sets, for what is evaluated once for each item."""
        return context_at(self.state, self.node.loops, self.repetition)

    def inner_context(self, repetition: str) -> Context:
        """The context inside one iteration of this loop."""
        return context_at(self.state, (*self.node.loops, self.node.name), repetition)

    def inputs(self) -> Any:
        """Evaluate the inputs and put them on record."""
        value = self.evaluate(self.node.inputs)
        self.record["inputs"] = value
        return value

    def object_inputs(self) -> dict[str, Any]:
        """The inputs, evaluated and put on record, where they have to be an object; none are an empty one."""
        value = self.inputs()
        if value is not None and not isinstance(value, dict):
            raise not_an_object(self.node.name)
        return value or {}

    def evaluate(self, template: Template, context: Context | None = None) -> Any:
        """Evaluate a part of the inputs; a language error ends the action as Failed."""
        return self.language(lambda: template.evaluate(context or self.context))

    def language(self, evaluate: Callable[[], Any]) -> Any:
        """Evaluate something of the inputs; a language error ends the action as Failed."""
        try:
            return evaluate()
        except ExpressionError as error:
            raise invalid_inputs(self.node.name, error) from None

    def decide(self, evaluate: Callable[[], Any]) -> Any:
        """Evaluate the expression of a block; a language error ends the action as Failed."""
        try:
            return evaluate()
        except ExpressionError as error:
            raise invalid_expression(self.node.name, error) from None

    def call(self, kind: str, **details: Any) -> str:
        """Have something carried out; its answer comes to the handler's `resume`."""
        return self.state.issue(
            {"kind": kind, "action": self.node.name, "repetition": self.repetition, "at": self.state.stamp, **details}
        )

    def send_off(self, kind: str, **details: Any) -> None:
        """Have something carried out whose answer nobody waits for."""
        self.state.instructions.append({"kind": kind, "action": self.node.name, "detached": True, **details})

    def wait(self, until: datetime, purpose: str) -> str:
        """Have the handler resumed at an instant."""
        return self.call("timer", due=stamp(until), purpose=purpose)

    def wait_for(self, length: timedelta, purpose: str) -> str:
        """Have the handler resumed when a time has passed; one beyond the end of the calendar counts as its end."""
        try:
            until = self.now + length
        except OverflowError:
            until = _END_OF_TIME
        return self.wait(until, purpose)

    def limit(self) -> tuple[Any, timedelta | None]:
        """The evaluated `limit` of the action: count, timeout."""
        if self.node.action.limit.count is None and self.node.action.limit.timeout is None:
            return None, None
        limit = self.evaluate(self.node.limit)
        return limit["count"], self.duration(limit["timeout"], "limit.timeout")

    def duration(self, text: Any, where: str) -> timedelta | None:
        """An ISO 8601 duration of the definition, or None where there is none."""
        try:
            return None if text is None else parse_duration(text)
        except ValueError as error:
            raise ActionError(
                "BadRequest", f"The '{where}' of action '{self.node.name}' is not valid: {error}."
            ) from None

    def has_option(self, option: str) -> bool:
        """Whether `operationOptions` names this option."""
        return option in self.node.action.operation_options

    def _callback(self) -> str:
        """`listCallbackUrl()`: the address that ends this waiting action when it is posted to."""
        return self.state.callback_url(self.node.name, self.repetition)


class Handler(Protocol):
    """How one type of action runs. Each method returns the action's end, or None while it goes on."""

    def start(self, turn: Turn, /) -> Outcome | None:
        """Begin the action."""
        ...

    def resume(self, turn: Turn, instruction: Mapping[str, Any], result: Mapping[str, Any], /) -> Outcome | None:
        """Take the answer to an instruction of this action."""
        ...


@runtime_checkable
class Abandonable(Protocol):
    """A handler that has something to take back when its action is cancelled or times out."""

    def abandon(self, turn: Turn, /) -> None:
        """Take it back."""
        ...


class Immediate:
    """A handler that ends at once: give it the function from a turn to an outcome."""

    def __init__(self, function: Callable[[Turn], Outcome]) -> None:
        self._function = function

    def start(self, turn: Turn) -> Outcome | None:
        return self._function(turn)

    def resume(self, turn: Turn, *_: Mapping[str, Any]) -> Outcome | None:
        raise AssertionError(f"action '{turn.node.name}' ends at once and cannot be resumed")
