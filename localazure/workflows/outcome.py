"""How an action ends: status, code, outputs, error, in the service's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from wdl.errors import ExpressionError


class Absent:
    """The type of `ABSENT`: no outputs at all, which differs from outputs that are null."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()

SUCCEEDED, FAILED, SKIPPED = "Succeeded", "Failed", "Skipped"
TIMED_OUT, CANCELLED = "TimedOut", "Cancelled"
RUNNING, WAITING = "Running", "Waiting"
FINAL = frozenset({SUCCEEDED, FAILED, SKIPPED, TIMED_OUT, CANCELLED, "Aborted"})


@dataclass(frozen=True)
class Outcome:
    """The end of one action. `code` is the service's (`OK`, `NotSpecified`, an HTTP status name, an error code)."""

    status: str = SUCCEEDED
    code: str = "OK"
    outputs: Any = ABSENT
    error: Mapping[str, Any] | None = None


DONE: Final = Outcome(code="NotSpecified")


class ActionError(Exception):
    """Raised inside an action to end it as Failed: `code` is the action's, `error_code` the error's if it differs."""

    def __init__(self, code: str, message: str, *, error_code: str | None = None, outputs: Any = ABSENT) -> None:
        super().__init__(message)
        self.outcome = Outcome(FAILED, code, outputs, {"code": error_code or code, "message": message})


def not_an_object(name: str) -> ActionError:
    """The inputs of an action are of the wrong kind."""
    return ActionError("BadRequest", f"The inputs of action '{name}' are not an object.")


def invalid_inputs(name: str, error: ExpressionError) -> ActionError:
    """An expression in the inputs of an action failed."""
    message = (
        f"Unable to process template language expressions in action '{name}' inputs at line '0' and column '0': "
        f"'{error.message}'."
    )
    return ActionError("BadRequest", message, error_code="InvalidTemplate")


def invalid_expression(name: str, error: ExpressionError) -> ActionError:
    """The expression of an If, Switch, Until or Foreach failed."""
    message = (
        f"Unable to process template language expressions for action '{name}' at line '1' and column '0': "
        f"'{error.message}'."
    )
    return ActionError("BadRequest", message, error_code="InvalidTemplate")


BLOCK_FAILED: Final = Outcome(
    FAILED,
    "ActionFailed",
    error={"code": "ActionFailed", "message": "An action failed. No dependent actions succeeded."},
)
