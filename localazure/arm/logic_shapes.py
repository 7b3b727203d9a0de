"""How Microsoft.Logic's REST API shows runs, actions, triggers and their histories.

Source: azure-rest-api-specs, Microsoft.Logic 2019-05-01, and its examples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from localazure.workflows.call_headers import service_headers
from localazure.workflows.catalog import Workflow
from localazure.workflows.contents import call_body, content_link, content_path, hidden_link
from localazure.workflows.evaluation import worst
from localazure.workflows.history import Sum
from localazure.workflows.program import Node, Program
from localazure.workflows.stamps import short
from localazure.workflows.state import Record, RunData, indexes

_RUNS = "Microsoft.Logic/workflows/runs"
_TIMES = ("startTime", "endTime", "scheduledTime")


class Shapes:
    """Makes the answers of one workflow. `endpoint`: where contents are served; `now`: what their links end after."""

    def __init__(self, workflow: Workflow, program: Program, endpoint: str, now: datetime) -> None:
        self._workflow, self._program, self._endpoint, self._now = workflow, program, endpoint, now
        self._id = workflow["id"]

    def run(self, data: RunData) -> dict[str, Any]:
        properties: dict[str, Any] = {"waitEndTime": short(data["waitEndTime"]), "startTime": short(data["startTime"])}
        if "endTime" in data:
            properties["endTime"] = short(data["endTime"])
        properties |= {"status": data["status"]} | _given(data, "code", "error")
        properties["correlation"] = {"clientTrackingId": data["clientTrackingId"]}
        properties["workflow"] = version_reference(self._id, data["version"])
        properties["trigger"] = self._trigger_of_run(data)
        if "response" in data:
            properties["response"] = self._response(data)
        properties["outputs"] = data.get("outputs", {})
        return _resource(properties, f"{self._id}/runs/{data['name']}", data["name"], _RUNS)

    def _trigger_of_run(self, data: RunData) -> dict[str, Any]:
        record = data["trigger"]
        shown = {"name": record["name"], **self._trigger_links(record, data["name"]), **_times(record)}
        shown |= {"correlation": {"clientTrackingId": record["clientTrackingId"]}}
        return shown | _given(record, "code", "status", "error") | {"originHistoryName": record["originHistoryName"]}

    def _trigger_links(self, record: Record, run: str) -> dict[str, Any]:
        trigger = self._program.trigger(record["name"])
        hidden = trigger.secure_data if trigger else frozenset[str]()
        return {
            f"{part}Link": hidden_link(part) if part in hidden else self._link(content_path(run, part), record[part])
            for part in ("inputs", "outputs")
            if part in record
        }

    def _response(self, data: RunData) -> dict[str, Any]:
        response = data["response"]
        shown = _times(response) | {"correlation": {"clientTrackingId": data["clientTrackingId"]}}
        return shown | _given(response, "status", "code")

    def actions(
        self, run: RunData, records: Sequence[tuple[str, str, Record]], sums: Mapping[str, Sum]
    ) -> list[dict[str, Any]]:
        """One entry for each action. `records` are those outside loops; `sums` what ran in loops."""
        plain = {name: record for name, _, record in records if name not in sums}
        entries = {name: self._action(run, name, self._properties(run, name, "", plain[name])) for name in plain}
        entries |= {name: self._action(run, name, self._summed(run, sums[name])) for name in sums}
        began = {name: record["startTime"] for name, record in plain.items()}
        began |= {name: total.started for name, total in sums.items()}
        in_definition = [name for name in self._program.nodes if name in entries]
        return [entries[name] for name in sorted(in_definition, key=lambda name: began[name])]

    def action(self, run: RunData, name: str, record: Record | None, total: Sum | None) -> dict[str, Any]:
        """One action: its record outside loops, or the sum of its repetitions."""
        summed = self._summed(run, total) if total else self._properties(run, name, "", record or {})
        return self._action(run, name, summed)

    def _action(self, run: RunData, name: str, properties: dict[str, Any]) -> dict[str, Any]:
        return _resource(properties, f"{self._id}/runs/{run['name']}/actions/{name}", name, f"{_RUNS}/actions")

    def _summed(self, run: RunData, total: Sum) -> dict[str, Any]:
        properties: dict[str, Any] = {"startTime": short(total.started)}
        if total.has_ended:
            properties["endTime"] = short(total.ended)
        properties["correlation"] = {"actionTrackingId": total.tracking, "clientTrackingId": run["clientTrackingId"]}
        status = {"status": worst(total.statuses), "code": "NotSpecified", "repetitionCount": total.number}
        return properties | status

    def _properties(self, run: RunData, name: str, repetition: str, record: Record) -> dict[str, Any]:
        shown = self._links(run["name"], name, repetition, record) | _times(record)
        tracking = {"actionTrackingId": record["tracking"], "clientTrackingId": run["clientTrackingId"]}
        shown |= {"correlation": tracking, "status": record["status"]}
        more = ("code", "error", "trackedProperties", "retryHistory", "iterationCount", "repetitionCount")
        return shown | _given(record, *more)

    def _links(self, run: str, name: str, repetition: str, record: Record) -> dict[str, Any]:
        node = self._program.find(name)
        links = {}
        for part in ("inputs", "outputs"):
            if part not in record or (node is not None and not _is_linked(node, part)):
                continue
            if node is not None and part in node.hidden:
                links[f"{part}Link"] = hidden_link(part)
            else:
                links[f"{part}Link"] = self._link(content_path(run, part, name, repetition), record[part])
        if "itemsCount" in record:
            links["inputsLink"] = {"contentSize": 0, "metadata": {"foreachItemsCount": record["itemsCount"]}}
        return links

    def repetition(self, run: RunData, name: str, repetition: str, record: Record, kind: str) -> dict[str, Any]:
        """One repetition (`kind` `repetitions`) or one iteration of a loop (`scopeRepetitions`)."""
        loops = self._loops(name, kind)
        where = [
            {"scopeName": loop, "itemIndex": index} for loop, index in zip(loops, indexes(repetition), strict=False)
        ]
        properties = {"repetitionIndexes": where, **self._properties(run, name, repetition, record)}
        if kind == "repetitions":
            properties["trackingId"] = record["tracking"]
        identity = f"{self._id}/runs/{run['name']}/actions/{name}/{kind}/{repetition}"
        return _resource(properties, identity, repetition, f"{_RUNS}/actions/{kind}")

    def _loops(self, name: str, kind: str) -> tuple[str, ...]:
        node = self._program.find(name)
        if node is None:
            return ()
        return (*node.loops, node.name) if kind == "scopeRepetitions" else node.loops

    def request_history(
        self, run: RunData, name: str, repetition: str, record: Record, entry: Mapping[str, Any]
    ) -> dict[str, Any]:
        """One call of an action."""
        inside = f"/repetitions/{repetition}" if repetition else ""
        path = f"/runs/{run['name']}/actions/{name}{inside}/requestHistories/{entry['name']}"
        kind = f"{_RUNS}/actions/repetitions/requestHistories" if repetition else f"{_RUNS}/actions/requestHistories"
        properties = _times(entry) | {"request": self._request(run, name, record, entry)}
        if "response" in entry:
            properties["response"] = self._call_answer(name, record, entry, f"{path}/contents/ResponseBody")
        return _resource(properties, f"{self._id}{path}", entry["name"], kind)

    def _request(self, run: RunData, name: str, record: Record, entry: Mapping[str, Any]) -> dict[str, Any]:
        if "inputs" in self._hidden(name):
            return {"method": entry["request"]["method"]}
        call = {"action": name, "tracking": entry["tracking"], "actionTracking": record["tracking"]}
        return {**entry["request"], "headers": {**service_headers(run, call), **entry["request"]["headers"]}}

    def _call_answer(self, name: str, record: Record, entry: Mapping[str, Any], path: str) -> dict[str, Any]:
        if "outputs" in self._hidden(name):
            return {"statusCode": entry["response"]["statusCode"]}
        body = call_body(record, entry)
        return {**entry["response"]} if body is None else {**entry["response"], "bodyLink": self._link(path, body)}

    def _hidden(self, name: str) -> frozenset[str]:
        node = self._program.find(name)
        return node.hidden if node else frozenset()

    def trigger_history(self, trigger: str, name: str, entry: Record) -> dict[str, Any]:
        properties = self._trigger_links(entry, name) | _times(entry) | _given(entry, "status", "code", "error")
        properties["trackingId"] = entry["trackingId"]
        properties["correlation"] = {"clientTrackingId": entry["clientTrackingId"]}
        properties |= {"originHistoryName": entry["originHistoryName"], "fired": entry["fired"]}
        if "run" in entry:
            identity = f"{self._id}/runs/{entry['run']}"
            properties["run"] = {"name": entry["run"], "id": identity, "type": _RUNS}
        identity = f"{self._id}/triggers/{trigger}/histories/{name}"
        return _resource(properties, identity, name, "Microsoft.Logic/workflows/triggers/histories")

    def _link(self, path: str, value: Any) -> dict[str, Any]:
        return content_link(self._endpoint, self._workflow, path, value, self._now)


def version_reference(workflow_id: str, version: str) -> dict[str, str]:
    """How a run or trigger names the version of its workflow."""
    identity = f"{workflow_id}/versions/{version}"
    return {"id": identity, "name": version, "type": "Microsoft.Logic/workflows/versions"}


def _is_linked(node: Node, part: str) -> bool:
    """Blocks keep an evaluated expression as inputs; a Foreach has a link of its own kind."""
    return not (node.type in {"Scope", "Until", "Foreach"} and part == "inputs")


def _resource(properties: dict[str, Any], identity: str, name: str, kind: str) -> dict[str, Any]:
    return {"properties": properties, "id": identity, "name": name, "type": kind}


def _given(source: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: source[name] for name in names if name in source}


def _times(source: Mapping[str, Any]) -> dict[str, Any]:
    return {name: short(source[name]) for name in _TIMES if name in source}
