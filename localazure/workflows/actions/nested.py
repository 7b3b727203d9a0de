"""Workflow: calls another workflow and waits for its response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.workflows.actions.calls import Caller
from localazure.workflows.actions.http import recorded, texts
from localazure.workflows.outcome import ActionError
from localazure.workflows.stamps import run_name
from localazure.workflows.turn import Turn


class NestedWorkflow(Caller):
    """Each try is a new run of the child, under a name given here: a call repeated after a crash finds its run."""

    kind = "workflow"

    def inputs(self, turn: Turn) -> Any:
        turn.record["inputs"] = recorded(turn.object_inputs())
        return turn.record["inputs"]

    def request(self, turn: Turn, inputs: Any) -> dict[str, Any]:
        host = inputs.get("host") if isinstance(inputs, Mapping) else None
        workflow = host.get("workflow") if isinstance(host, Mapping) else None
        identity = workflow.get("id") if isinstance(workflow, Mapping) else None
        trigger = host.get("triggerName") if isinstance(host, Mapping) else None
        if not isinstance(identity, str) or not isinstance(trigger, str):
            message = f"The inputs of action '{turn.node.name}' name no 'host.workflow.id' and 'host.triggerName'."
            raise ActionError("BadRequest", message)
        return {
            "workflow": identity,
            "trigger": trigger,
            "run": run_name(turn.now, turn.state.chance),
            "method": "POST",
            "path": f"{identity}/triggers/{trigger}",
            "queries": texts(inputs.get("queries")),
            "headers": texts(inputs.get("headers")),
            "body": inputs.get("body"),
        }

    def send(self, turn: Turn) -> None:
        request = self.request(turn, turn.record["inputs"])
        turn.call(self.kind, request=request, waits=True)
