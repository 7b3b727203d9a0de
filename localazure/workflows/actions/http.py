"""Http: one call of an HTTP endpoint. Function: one call of an Azure Function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from localazure.workflows.actions.calls import Caller
from localazure.workflows.actions.pages import Paged
from localazure.workflows.authentication import sanitized
from localazure.workflows.outcome import ActionError, not_an_object
from localazure.workflows.turn import Turn
from wdl.values import to_text

METHODS = frozenset({"GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class Http(Paged):
    """Notes: `authentication`, which the recorded inputs hold without its secrets."""

    kind = "http"

    def inputs(self, turn: Turn) -> Any:
        inputs = turn.evaluate(turn.node.inputs)
        if not isinstance(inputs, dict):
            raise not_an_object(turn.node.name)
        if "authentication" in inputs:
            turn.notes["authentication"] = inputs["authentication"]
            inputs = {**inputs, "authentication": sanitized(inputs["authentication"])}
        turn.record["inputs"] = recorded(inputs)
        return turn.record["inputs"]

    def request(self, turn: Turn, inputs: Any) -> dict[str, Any]:
        request = http_request(turn.node.name, inputs, turn.notes.get("authentication"))
        if turn.notes.get("next"):
            request = self.poll(request, turn.notes["next"])
        return {**request, "suppress": True} if turn.has_option("SuppressWorkflowHeaders") else request

    def poll(self, request: dict[str, Any], location: str) -> dict[str, Any]:
        moved = {"method": "GET", "uri": urljoin(request["uri"], location), "queries": None, "body": None}
        return {**request, **moved}


class Function(Caller):
    """Called in process: the runtime's `functions` hold what stands for each function app's function."""

    kind = "function"

    def request(self, turn: Turn, inputs: Any) -> dict[str, Any]:
        function = inputs.get("function") if isinstance(inputs, Mapping) else None
        identity = function.get("id") if isinstance(function, Mapping) else None
        if not isinstance(identity, str):
            raise ActionError("BadRequest", f"The inputs of action '{turn.node.name}' name no 'function.id'.")
        return {
            "function": identity,
            "method": to_text(inputs.get("method") or "POST").upper(),
            "queries": texts(inputs.get("queries")),
            "headers": texts(inputs.get("headers")),
            "body": inputs.get("body"),
            "path": identity,
        }


def http_request(name: str, inputs: Mapping[str, Any], authentication: Any = None) -> dict[str, Any]:
    """The call that `method`, `uri`, `queries`, `headers`, `cookie`, `body` describe; ActionError if they do not."""
    uri, method = inputs.get("uri"), to_text(inputs.get("method") or "GET").upper()
    if not isinstance(uri, str) or not uri:
        found = "empty" if uri == "" else "missing" if uri is None else "not a text"
        raise ActionError("BadRequest", f"The 'uri' of action '{name}' is {found}.")
    if method not in METHODS:
        raise ActionError(
            "BadRequest",
            f"The 'method' of action '{name}' is '{method}': use one of {', '.join(sorted(METHODS))}.",
        )
    return {
        "method": method,
        "uri": uri,
        "queries": texts(inputs.get("queries")) or None,
        "headers": texts(inputs.get("headers")),
        "body": inputs.get("body"),
        **({"cookie": to_text(inputs["cookie"])} if inputs.get("cookie") is not None else {}),
        **({"authentication": authentication} if authentication else {}),
    }


def recorded(inputs: dict[str, Any]) -> dict[str, Any]:
    """Inputs as the history shows them: the retry type capitalised."""
    policy = inputs.get("retryPolicy")
    if not isinstance(policy, Mapping) or not isinstance(policy.get("type"), str):
        return inputs
    return {**inputs, "retryPolicy": {**policy, "type": policy["type"].capitalize()}}


def texts(values: Any) -> dict[str, str]:
    """Queries and headers as they go out; what is null is left out."""
    pairs = values.items() if isinstance(values, Mapping) else ()
    return {name: to_text(value) for name, value in pairs if value is not None}
