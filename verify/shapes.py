"""What the answers look like: which members they have. The expected ones are those of the local cloud, as data."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from verify.arm import ALERTS, STORAGE, WEB
from verify.monitoring import alert_body
from verify.site import Json, Site, Workflow, compose, get_entities
from verify.statement import Observation, Probe, Topic

TOPIC = Topic("Shapes of answers")

FILE = Path(__file__).parent / "shapes.json"
_GROUPS = "2023-01-01"
_FLOW = "leads/flow.py"
# What a person writes, not the service: its members are whatever was put in.
_FREE = frozenset({"definition", "parameters", "tags", "parameterValues", "customParameterValues"})

Shape = dict[str, str]


def shape_of(value: Any) -> Shape:
    """The members of an answer: path → type, `[]` for any item of a list. No values.

    >>> shape_of({"id": "x", "properties": {"statuses": [{"status": "Connected"}]}})
    {'id': 'text', 'properties.statuses[].status': 'text'}
    """
    return dict(sorted(_members(value, "")))


def compare(expected: Mapping[str, str], seen: Mapping[str, str]) -> Observation:
    """Holds where nothing expected is missing or of another type; what is there beyond that is told."""
    missing = {path: kind for path, kind in expected.items() if seen.get(path) != kind}
    more = {path: kind for path, kind in seen.items() if path not in expected}
    return Observation(not missing, {"missing": missing, "more": more})


def _members(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, item in value.items():
            inner = f"{path}.{name}" if path else str(name)
            yield from [(inner, "free")] if name in _FREE else _members(item, inner)
    elif isinstance(value, list) and value:
        for item in value:
            yield from _members(item, f"{path}[]")
    else:
        yield path, _kind(value)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "switch"
    names: dict[type, str] = {str: "text", int: "number", float: "number", dict: "object", list: "list"}
    return names.get(type(value), "null")


# -- what is asked for -------------------------------------------------------------------------------------------------


def _workflow(site: Site) -> Workflow:
    workflow = site.deploy({"Note": compose("@utcNow()")})
    workflow.finished()
    return workflow


def _run(site: Site) -> Any:
    return _workflow(site).runs()[0]


def _action(site: Site) -> Any:
    workflow = _workflow(site)
    return workflow.get(f"runs/{workflow.runs()[0]['name']}/actions/Note").needed("reading an action")


def _get_entities(site: Site) -> Any:
    table = site.new_table()
    table.create_entity({"PartitionKey": "p", "RowKey": "r", "ActionCode": "INS"})
    workflow = site.deploy({"Read": get_entities(table.table_name)})
    return workflow.action(workflow.finished()[0], "Read")["outputs"]


def _histories(site: Site) -> Any:
    return _workflow(site).get("triggers/Recurrence/histories").needed("reading histories")["value"][0]


def _alert(site: Site) -> Any:
    workflow = site.deploy({"Note": compose(1)}, state="Disabled")
    id_ = f"{site.deployed.group_id}/providers/Microsoft.Insights/metricAlerts/probe-{secrets.token_hex(4)}"
    return site.arm.call("PUT", id_, ALERTS, alert_body(workflow.id, "RunsFailed", "GreaterThan", 0)).needed("an alert")


def _action_group(site: Site) -> Any:
    receivers = [{"name": "mail", "emailAddress": site.recipient, "useCommonAlertSchema": True}]
    properties = {"groupShortName": "probe", "enabled": False, "emailReceivers": receivers if site.recipient else []}
    id_ = f"{site.deployed.group_id}/providers/Microsoft.Insights/actionGroups/probe-{secrets.token_hex(4)}"
    return site.arm.call("PUT", id_, _GROUPS, {"location": "global", "properties": properties}).needed(
        "an action group"
    )


def _storage(site: Site) -> str:
    return f"{site.deployed.group_id}/providers/Microsoft.Storage/storageAccounts/{site.deployed.account}"


def _get(path: Callable[[Site], str], version: str) -> Callable[[Site], Any]:
    return lambda site: site.arm.call("GET", path(site), version).needed("reading")


def _keys(site: Site) -> Any:
    return site.arm.call("POST", f"{_storage(site)}/listKeys", STORAGE).needed("listing keys")


ASKED: dict[str, tuple[str, Callable[[Site], Any], str]] = {
    "shape-workflow": ("a workflow", lambda site: _workflow(site).get("").needed(""), _FLOW),
    "shape-trigger": ("a trigger", lambda site: _workflow(site).get("triggers/Recurrence").needed(""), _FLOW),
    "shape-trigger-history": ("an entry of a trigger's history", _histories, "leads/runs.py"),
    "shape-run": ("a run", _run, _FLOW),
    "shape-action": ("an action of a run", _action, _FLOW),
    "shape-get-entities": ("Get entities, as the run sees it", _get_entities, "localazure/connectors/azuretables.py"),
    "shape-connection": (
        "an API connection",
        _get(lambda site: site.deployed.tables_connection, WEB),
        "stacks/connections.py",
    ),
    "shape-account": ("a storage account", _get(_storage, STORAGE), "stacks/lead_store.py"),
    "shape-keys": ("the keys of a storage account", _keys, "stacks/lead_store.py"),
    "shape-alert": ("a metric alert", _alert, "stacks/monitoring.py"),
    "shape-action-group": ("an action group", _action_group, "stacks/monitoring.py"),
}
"""Id → (what, how it is had, who reads it)."""


def expected() -> dict[str, Shape]:
    """The shapes of the local cloud, by id."""
    found: dict[str, Shape] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def _probe(id_: str, what: str, ask: Callable[[Site], Json]) -> Probe:
    def probe(site: Site) -> Observation:
        return compare(expected()[id_], shape_of(ask(site)))

    probe.__doc__ = f"Asks for {what} and compares names and types of its members with verify/shapes.json."
    return probe


for _id, (_what, _ask, _place) in ASKED.items():
    TOPIC.statement(
        _id,
        f"Azure's answer for {_what} has the members that the local cloud's has.",
        otherwise="a program that works here misses something there",
        places=(_place,),
    )(_probe(_id, _what, _ask))
