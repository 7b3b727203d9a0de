"""The action types that run here. A type that is not in `HANDLERS` is refused when a workflow is saved."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from localazure.workflows.actions.connections import ApiConnection
from localazure.workflows.actions.control import If, Scope, Switch, terminate
from localazure.workflows.actions.data import compose, join, query, select
from localazure.workflows.actions.http import Function, Http
from localazure.workflows.actions.loops import Foreach, Until
from localazure.workflows.actions.nested import NestedWorkflow
from localazure.workflows.actions.parsing import parse_json
from localazure.workflows.actions.responses import respond
from localazure.workflows.actions.tables import table
from localazure.workflows.actions.times import EXPRESSION_KINDS, Wait, expression
from localazure.workflows.actions.variables import (
    append_to_array,
    append_to_string,
    assign,
    decrement,
    increment,
    initialize,
)
from localazure.workflows.actions.webhooks import ApiConnectionWebhook, HttpWebhook
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
    "ApiConnectionWebhook": ApiConnectionWebhook(),
    "AppendToArrayVariable": Immediate(append_to_array),
    "AppendToStringVariable": Immediate(append_to_string),
    "Compose": Immediate(compose),
    "DecrementVariable": Immediate(decrement),
    "Expression": Immediate(expression),
    "Foreach": Foreach(),
    "If": If(),
    "Function": Function(),
    "Http": Http(),
    "HttpWebhook": HttpWebhook(),
    "IncrementVariable": Immediate(increment),
    "InitializeVariable": Immediate(initialize),
    "Join": Immediate(join),
    "ParseJson": Immediate(parse_json),
    "Query": Immediate(query),
    "Response": Immediate(respond),
    "Scope": Scope(),
    "Select": Immediate(select),
    "SetVariable": Immediate(assign),
    "Switch": Switch(),
    "Table": Immediate(table),
    "Terminate": Immediate(terminate),
    "Until": Until(),
    "Wait": Wait(),
    "Workflow": NestedWorkflow(),
}
