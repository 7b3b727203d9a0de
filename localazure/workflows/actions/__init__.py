"""The action types that run here. A type that is not in `HANDLERS` is refused when a workflow is saved."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from localazure.workflows.actions.connections import ApiConnection
from localazure.workflows.actions.control import If, Scope, Switch, terminate
from localazure.workflows.actions.data import compose
from localazure.workflows.actions.times import EXPRESSION_KINDS, Wait, expression
from localazure.workflows.outcome import Outcome
from localazure.workflows.turn import Handler, Immediate, Turn

__all__ = ["EXPRESSION_KINDS", "HANDLERS", "BlockHandler"]


@runtime_checkable
class BlockHandler(Protocol):
    """A handler of a block: also told when a list of its actions has ended."""

    def completed(self, turn: Turn, frame: str) -> Outcome | None:
        """All actions that run in repetition `frame` have ended."""
        ...


HANDLERS: dict[str, Handler] = {
    "ApiConnection": ApiConnection(),
    "Compose": Immediate(compose),
    "Expression": Immediate(expression),
    "If": If(),
    "Scope": Scope(),
    "Switch": Switch(),
    "Terminate": Immediate(terminate),
    "Wait": Wait(),
}
