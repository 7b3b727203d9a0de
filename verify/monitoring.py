"""Metrics and metric alerts of a Logic App."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from verify.arm import ALERTS, METRICS
from verify.site import Json, Site, Workflow, compose
from verify.statement import Need, Observation, Topic

TOPIC = Topic("Metrics and alerts")

_PLACES = ("stacks/monitoring.py", "localazure/monitor/alerts.py")
_ACTIONS: Json = {"Note": compose(1)}
_FAILING: Json = {"Fail": {"type": "Terminate", "inputs": {"runStatus": "Failed"}, "runAfter": {}}}


@TOPIC.statement(
    "missing-data-fires",
    "An alert `RunsStarted less than 1` fires for a Logic App that has never run: no data counts as 0.",
    otherwise="the alert on standstill is silent just when nothing runs at all",
    places=_PLACES,
    needs=(Need.MINUTES,),
)
def missing_data_fires(site: Site) -> Observation:
    """Puts such an alert (5 minutes, looked at every minute) on a disabled workflow that never ran, and waits."""
    workflow = site.deploy(_ACTIONS, state="Disabled")
    return _fired(site, workflow, "RunsStarted", "LessThan", 1)


@TOPIC.statement(
    "failed-run-fires",
    "An alert `RunsFailed greater than 0` fires some minutes after a run has failed.",
    otherwise="nobody is told that the flow fails",
    places=_PLACES,
    needs=(Need.MINUTES,),
)
def failed_run_fires(site: Site) -> Observation:
    """Puts such an alert on a workflow that fails, and measures how long it takes."""
    workflow = site.deploy(_FAILING)
    workflow.finished()
    return _fired(site, workflow, "RunsFailed", "GreaterThan", 0)


@TOPIC.statement(
    "minutes-without-runs",
    "The metric `RunsStarted` has a point for every minute, with `total` 0 where nothing ran.",
    otherwise="figures over a time read wrong where a minute is left out",
    places=("localazure/arm/insights_metrics.py", "localazure/monitor/metrics.py"),
)
def minutes_without_runs(site: Site) -> Observation:
    """Asks for an hour of the metric of a workflow that never ran, minute by minute."""
    workflow = site.deploy(_ACTIONS, state="Disabled")
    points = _points(site, workflow)
    told = {"points": len(points), "names": sorted({name for point in points for name in point})}
    return Observation(len(points) >= 59 and all(point.get("total") == 0 for point in points), told)


def alert_body(workflow_id: str, metric: str, operator: str, threshold: float) -> Json:
    """What is PUT for an alert on one metric of a workflow."""
    criterion = {
        "name": "probe",
        "criterionType": "StaticThresholdCriterion",
        "metricNamespace": "Microsoft.Logic/workflows",
        "metricName": metric,
        "operator": operator,
        "threshold": threshold,
        "timeAggregation": "Total",
    }
    criteria = {"odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": [criterion]}
    properties = {
        "severity": 3,
        "enabled": True,
        "scopes": [workflow_id],
        "evaluationFrequency": "PT1M",
        "windowSize": "PT5M",
        "criteria": criteria,
        "autoMitigate": True,
        "actions": [],
    }
    return {"location": "global", "properties": properties}


def _fired(site: Site, workflow: Workflow, metric: str, operator: str, threshold: float) -> Observation:
    alert = f"{site.deployed.group_id}/providers/Microsoft.Insights/metricAlerts/probe-{secrets.token_hex(4)}"
    began = site.patience.now()
    site.arm.call("PUT", alert, ALERTS, alert_body(workflow.id, metric, operator, threshold)).needed("making the alert")
    seen: list[str] = []

    def look() -> bool | None:
        seen.extend(status for status in _statuses(site, alert) if status not in seen)
        return True if "Unhealthy" in seen or "Fired" in seen else None

    found = site.patience.until(look, site.patience.monitor)
    return Observation(bool(found), {"statuses": seen, "seconds": round(site.patience.now() - began)})


def _statuses(site: Site, alert: str) -> list[str]:
    answer = site.arm.call("GET", f"{alert}/status", ALERTS).needed("reading the alert's status")
    return [str(one.get("properties", {}).get("status", "")) for one in answer.get("value", [])]


def _points(site: Site, workflow: Workflow) -> list[dict[str, Any]]:
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    span = f"{(end - timedelta(hours=1)).strftime('%Y-%m-%dT%H:%M:%SZ')}/{end.strftime('%Y-%m-%dT%H:%M:%SZ')}"
    query = {"metricnames": "RunsStarted", "aggregation": "Total", "interval": "PT1M", "timespan": span}
    path = f"{workflow.id}/providers/Microsoft.Insights/metrics"
    answer = site.arm.call("GET", path, METRICS, **query).needed("reading the metric")
    series = answer["value"][0]["timeseries"]
    return list(series[0].get("data") or []) if series else []
