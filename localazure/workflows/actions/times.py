"""Expression (the date and time operations) and Wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from localazure.workflows.outcome import ActionError, Outcome
from localazure.workflows.stamps import unstamp
from localazure.workflows.turn import Turn
from wdl.errors import ExpressionError
from wdl.expressions import bind
from wdl.syntax import Call, Literal

# kind → the function that it is and the inputs that are its arguments, the optional ones last.
_FUNCTIONS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "CurrentTime": ("utcNow", (), ()),
    "GetPastTime": ("getPastTime", ("interval", "timeUnit"), ()),
    "GetFutureTime": ("getFutureTime", ("interval", "timeUnit"), ()),
    "AddToTime": ("addToTime", ("baseTime", "interval", "timeUnit"), ()),
    "SubtractFromTime": ("subtractFromTime", ("baseTime", "interval", "timeUnit"), ()),
    "ConvertTimeZone": ("convertTimeZone", ("baseTime", "sourceTimeZone", "destinationTimeZone"), ("formatString",)),
}
EXPRESSION_KINDS = tuple(_FUNCTIONS)


def expression(turn: Turn) -> Outcome:
    """Outputs `{"body": "<time>"}`."""
    function, required, optional = _FUNCTIONS[str(turn.node.action.kind)]
    inputs = turn.object_inputs()
    missing = [name for name in required if inputs.get(name) is None]
    if missing:
        raise _invalid(turn, f"The property '{missing[0]}' is required")
    names = (*required, *(name for name in optional if inputs.get(name) is not None))
    call = Call(function, tuple(Literal(inputs[name]) for name in names), (), 0)
    try:
        return Outcome(outputs={"body": bind(call, function)(turn.context)})
    except ExpressionError as error:
        raise _invalid(turn, error.message.rstrip(".")) from None


def _invalid(turn: Turn, why: str) -> ActionError:
    message = f"The inputs of the '{turn.node.action.kind}' expression action '{turn.node.name}' are not valid: {why}."
    return ActionError("InvalidExpressionActionInputs", message)


class Wait:
    """Inputs: `{"interval": {"count", "unit"}}` or `{"until": {"timestamp"}}`."""

    def start(self, turn: Turn) -> Outcome | None:
        inputs = turn.object_inputs()
        turn.wait(_after(turn, inputs) if "interval" in inputs else _until(turn, inputs), "wait")
        return None

    def resume(self, *_: Any) -> Outcome | None:
        return Outcome()


_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000}


_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,9}\s*", re.ASCII)


def _after(turn: Turn, inputs: Mapping[str, Any]) -> datetime:
    interval = inputs["interval"]
    if not isinstance(interval, Mapping):
        interval = {}
    count, unit = _whole(interval.get("count")), str(interval.get("unit", "")).lower()
    if count is None or count < 0 or unit not in _UNITS:
        raise _wrong_wait(
            turn, "'interval' needs a whole 'count' and a 'unit' of Second, Minute, Hour, Day, Week or Month"
        )
    try:
        return turn.now + timedelta(seconds=count * _UNITS[unit])
    except OverflowError:
        raise _wrong_wait(turn, "'interval' ends after the year 9999") from None


def _whole(value: Any) -> int | None:
    """A number, also one that `@{…}` has made a text."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _until(turn: Turn, inputs: Mapping[str, Any]) -> Any:
    until = inputs.get("until")
    try:
        return unstamp(until["timestamp"])  # type: ignore[index]
    except (TypeError, KeyError, ValueError):
        raise _wrong_wait(turn, "'until' needs a 'timestamp' such as 2026-11-24T10:00:00Z") from None


def _wrong_wait(turn: Turn, why: str) -> ActionError:
    message = f"The inputs of the wait action '{turn.node.name}' are not valid: {why}."
    return ActionError("BadRequest", message, error_code="InvalidTemplate")
