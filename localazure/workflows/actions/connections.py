"""ApiConnection: one operation of a managed connector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.connectors.paging import next_request
from localazure.connectors.request import ConnectorRequest
from localazure.workflows.actions.http import texts
from localazure.workflows.actions.pages import Paged
from localazure.workflows.outcome import ActionError
from localazure.workflows.turn import Turn
from wdl.values import to_text


class ApiConnection(Paged):
    """The operation that the inputs describe."""

    kind = "connector"

    def request(self, turn: Turn, inputs: Any) -> dict[str, Any]:
        request = connector_request(turn.node.name, inputs)
        return next_page(request, turn.notes["next"]) if turn.notes.get("next") else request

    def poll(self, request: dict[str, Any], location: str) -> dict[str, Any]:
        return {**next_page(request, location), "method": "GET", "body": None}


def connector_request(name: str, inputs: Any) -> dict[str, Any]:
    """The operation that the inputs of an action or trigger describe; ActionError if they do not."""
    if not isinstance(inputs, Mapping):
        raise _invalid(name, "its inputs are not an object")
    return {
        "connection": _connection(name, inputs),
        "method": to_text(inputs.get("method") or "get").upper(),
        "path": _path(name, inputs),
        "queries": texts(inputs.get("queries")),
        "headers": texts(inputs.get("headers")),
        "body": inputs.get("body"),
    }


def next_page(request: dict[str, Any], link: str) -> dict[str, Any]:
    """The request that follows a link."""
    here = ConnectorRequest(request["method"], request["path"], request["queries"])
    there = next_request(here, link)
    return {**request, "path": there.path, "queries": dict(there.queries)}


def _connection(operation: str, inputs: Mapping[str, Any]) -> str:
    host = inputs.get("host")
    connection = host.get("connection") if isinstance(host, Mapping) else None
    name = connection.get("name") if isinstance(connection, Mapping) else None
    if not isinstance(name, str) or not name:
        raise _invalid(operation, "'host.connection.name' is not the id of a connection")
    return name


def _path(name: str, inputs: Mapping[str, Any]) -> str:
    path = inputs.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise _invalid(name, "'path' is not a path that starts with '/'")
    return path


def _invalid(name: str, what: str) -> ActionError:
    return ActionError("BadRequest", f"The inputs of action '{name}' are not valid: {what}.")
