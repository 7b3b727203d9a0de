"""Metric alert rules and their status.

Source: azure-rest-api-specs, Microsoft.Insights 2018-03-01 (metricAlert_API).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from localazure.arm import refusals
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.insights_documents import InsightsDocuments
from localazure.monitor.alert_mail import FIRED
from localazure.monitor.alert_state import AlertState
from localazure.monitor.alerts import RULES as TYPE
from localazure.monitor.rules import RuleError, parse_rule

VERSIONS = ("2024-03-01-preview", "2018-03-01")

_SUBSCRIPTION = "/subscriptions/{subscription}/providers/Microsoft.Insights/metricAlerts"
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Insights/metricAlerts"
_ONE = f"{_GROUP}/{{name}}"
_KEPT = (
    "description",
    "severity",
    "enabled",
    "scopes",
    "evaluationFrequency",
    "windowSize",
    "targetResourceType",
    "targetResourceRegion",
    "criteria",
    "autoMitigate",
    "actions",
)


class MetricAlerts(InsightsDocuments):
    """The routes of metric alerts."""

    TYPE = TYPE

    def routes(self) -> list[Route]:
        """What ARM serves."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", _SUBSCRIPTION, self._list_all),
            ("GET", _GROUP, self._list),
            ("GET", _ONE, self._get),
            ("PUT", _ONE, self._put),
            ("PATCH", _ONE, self._patch),
            ("DELETE", _ONE, self._delete),
            ("GET", f"{_ONE}/status", self._status),
            ("GET", f"{_ONE}/status/{{status}}", self._status),
        ]
        return [Route(method, template, handler, VERSIONS) for method, template, handler in table]

    def _put(self, request: ArmRequest) -> ArmResponse:
        identity = self._id(request)
        old = self._documents.get(identity)
        return self._save(_new_document(identity if old is None else old["id"], request.body))

    def _patch(self, request: ArmRequest) -> ArmResponse:
        document, body = self._document(request), request.body
        if not isinstance(body, dict):
            raise refusals.invalid_content("A JSON object is expected.")
        if "tags" in body:
            document["tags"] = body["tags"] or {}
        given = body.get("properties")
        changes = {name: given[name] for name in _KEPT if name in given} if isinstance(given, dict) else {}
        return self._save({**document, "properties": {**document["properties"], **changes}})

    def _save(self, document: dict[str, Any]) -> ArmResponse:
        try:
            parse_rule(document)
        except RuleError as error:
            raise ArmError(400, "BadRequest", f"The metric alert is not valid: {error}") from None
        self._documents.put(document["id"], TYPE, document)
        self._alerts.rules_changed()
        # 200 also for a new one: so the real service answers.
        return ArmResponse(document)

    def _delete(self, request: ArmRequest) -> ArmResponse:
        deleted = self._documents.delete(self._id(request))
        self._alerts.rules_changed()
        return ArmResponse(status=200 if deleted else 204)

    def _status(self, request: ArmRequest) -> ArmResponse:
        document = self._document(request)
        found = [_status_of(document["id"], state) for state in self._alerts.states(document["id"])]
        wanted = request.parameters.get("status")
        return ArmResponse({"value": [item for item in found if wanted in (None, item["name"])]})


def _new_document(identity: str, body: Any) -> dict[str, Any]:
    if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
        raise refusals.invalid_content("A JSON object with 'properties' is expected.")
    if not isinstance(body.get("location"), str):
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    given: Mapping[str, Any] = body["properties"]
    properties = {name: given[name] for name in _KEPT if given.get(name) is not None}
    properties.setdefault("enabled", True)
    properties.setdefault("actions", [])
    document = {"id": identity, "name": identity.rsplit("/", 1)[-1], "type": TYPE, "location": body["location"]}
    return {**document, "tags": body.get("tags") or {}, "properties": properties}


def _status_of(rule_id: str, state: AlertState) -> dict[str, Any]:
    name = base64.b64encode(f"resourceId={state.resource}".encode()).decode()
    at = state.fired_at if state.condition == FIRED and state.fired_at else state.checked
    return {
        "id": rule_id,
        "name": name,
        "type": f"{TYPE}/status",
        "properties": {
            "dimensions": {"resourceId": state.resource},
            "status": "Unhealthy" if state.condition == FIRED else "Healthy",
            "timestamp": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        },
    }
