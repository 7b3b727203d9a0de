"""ApiConnection: one operation of a managed connector, its pages followed when the action says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.connectors.paging import next_request
from localazure.connectors.request import ConnectorRequest
from localazure.workflows.actions.calls import Answer, Caller, finished
from localazure.workflows.actions.http import texts
from localazure.workflows.outcome import ActionError, Outcome
from localazure.workflows.turn import Turn
from wdl.values import to_text


class ApiConnection(Caller):
    """Notes: `next` (where the next page is), `pages` (the items collected so far)."""

    kind = "connector"

    def request(self, turn: Turn, inputs: Any) -> dict[str, Any]:
        request = connector_request(turn.node.name, inputs)
        return next_page(request, turn.notes["next"]) if turn.notes.get("next") else request

    def poll(self, request: dict[str, Any], location: str) -> dict[str, Any]:
        return {**next_page(request, location), "method": "GET", "body": None}

    def answered(self, turn: Turn, answer: Answer, /) -> Outcome | None:
        wanted = _minimum(turn)
        if wanted is None or answer["status"] >= 400 or not _is_page(answer.get("body")):
            return finished(answer)
        return self._collect(turn, answer, wanted)

    def _collect(self, turn: Turn, answer: Answer, wanted: int) -> Outcome | None:
        """Ask for page after page, empty ones too, until there are enough items or no more pages."""
        body = answer["body"]
        items = [*turn.notes.get("pages", []), *body["value"]]
        if body.get("nextLink") and len(items) < wanted:
            turn.notes["pages"], turn.notes["next"], turn.notes["attempt"] = items, str(body["nextLink"]), 1
            turn.notes.pop("poll", None)
            self.send(turn)
            return None
        whole = {**body, "value": items}
        if not body.get("nextLink"):
            whole.pop("nextLink", None)
        return finished({**answer, "body": whole})


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


def _is_page(body: Any) -> bool:
    return isinstance(body, Mapping) and isinstance(body.get("value"), list)


def _minimum(turn: Turn) -> int | None:
    policy = turn.node.action.runtime_configuration.get("paginationPolicy")
    if not isinstance(policy, Mapping):
        return None
    count = policy.get("minimumItemCount")
    return count if isinstance(count, int) else 0


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
