"""Connections: references that lead nowhere, calls that say too little."""

from __future__ import annotations

from collections.abc import Iterator

from wdl.checker.flow import Flow, inputs, members
from wdl.checker.rule import Spots, rule
from wdl.definition import Path
from wdl.definition.expressions import literal_name
from wdl.definition.positions import AROUND
from wdl.syntax import Literal

_CALLS = frozenset({"ApiConnection", "ApiConnectionWebhook", "ApiConnectionNotification"})


def _references(flow: Flow) -> Iterator[tuple[Path, str]]:
    """Every `parameters('$connections')['name']`: where it stands, and the name."""
    for _, expression, call in flow.calls:
        first = call.accesses[0].key if call.accesses else None
        if call.name.lower() == "parameters" and literal_name(call) == "$connections" and isinstance(first, Literal):
            yield expression.path, str(first.value)


@rule(
    "connection-missing",
    why="Logic Apps saves it; the action fails, since its connection cannot be looked up.",
    cure="Add the connection to the value of `$connections` of the workflow resource, or correct the name.",
)
def connection_missing(flow: Flow) -> Spots:
    if flow.connections is None:
        return
    known = {name.lower() for name in flow.connections}
    for path, name in _references(flow):
        if name.lower() not in known:
            listed = ", ".join(sorted(flow.connections)) or "none"
            yield path, f"The connection '{name}' is not in $connections ({listed})."


@rule(
    "connection-unused",
    why="Nothing refers to it; often another reference is misspelt.",
    cure="Remove it from `$connections`, or refer to it.",
)
def connection_unused(flow: Flow) -> Spots:
    used = {name.lower() for _, name in _references(flow)}
    for name in sorted(flow.connections or ()):
        if name.lower() not in used and "$connections" in flow.definition.parameters:
            yield (AROUND, "parameters", "$connections", "value", name), f"The connection '{name}' is not used."


@rule(
    "connector-call-incomplete",
    why="Logic Apps saves it; without its connection, method and path the call cannot be made.",
    cure='Give "host": {"connection": {"name": "@parameters(…)[…][\'connectionId\']"}}, "method" and "path".',
)
def connector_call_incomplete(flow: Flow) -> Spots:
    for operation in flow.operations:
        if operation.type not in _CALLS:
            continue
        given, missing = inputs(operation), []
        connection = members(members(given.get("host")).get("connection"))
        if not ({"name", "id", "referenceName"} & connection.keys()):
            missing.append("host.connection.name")
        needed = ("method", "path") if operation.type == "ApiConnection" else ("path",)
        missing += [name for name in needed if not given.get(name)]
        if missing:
            yield (*operation.path, "inputs"), f"'{operation.name}' lacks {', '.join(missing)}."


@rule(
    "unknown-method",
    why="Logic Apps saves it; the call fails at run time.",
    cure="Use get, put, patch, post, delete, head or options.",
)
def unknown_method(flow: Flow) -> Spots:
    methods = {"get", "put", "patch", "post", "delete", "head", "options", "trace"}
    for operation in flow.operations:
        method = inputs(operation).get("method")
        if isinstance(method, str) and "@" not in method and method.lower() not in methods:
            yield (*operation.path, "inputs", "method"), f"There is no method '{method}'."


@rule(
    "polling-without-recurrence",
    why="A polling trigger is asked at its recurrence; without one it is never asked.",
    cure='Add "recurrence": {"frequency": "Minute", "interval": 3}.',
)
def polling_without_recurrence(flow: Flow) -> Spots:
    for trigger in flow.triggers:
        if trigger.type in ("ApiConnection", "Http") and trigger.recurrence is None:
            yield trigger.path, f"The polling trigger '{trigger.name}' has no recurrence."
