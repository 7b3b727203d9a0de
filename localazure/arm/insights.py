"""Microsoft.Insights, as far as alerts need it: action groups, metric alerts, metrics."""

from __future__ import annotations

from localazure.arm.documents import Documents
from localazure.arm.envelope import Route
from localazure.arm.insights_action_groups import ActionGroups
from localazure.arm.insights_metric_alerts import MetricAlerts
from localazure.arm.insights_metrics import MetricReads
from localazure.clock import Clock, WallClock
from localazure.monitor.alerts import Alerts
from localazure.monitor.metrics import Metrics


class InsightsProvider:
    """The resource provider over the monitor: `metrics` are what is recorded, `alerts` evaluates the rules."""

    def __init__(self, documents: Documents, metrics: Metrics, alerts: Alerts, clock: Clock | None = None) -> None:
        self._alerts = alerts
        self._metrics = metrics
        self._parts = (
            ActionGroups(documents, alerts),
            MetricAlerts(documents, alerts),
            MetricReads(documents, metrics, clock or WallClock()),
        )

    def routes(self) -> list[Route]:
        """What ARM serves."""
        return [route for part in self._parts for route in part.routes()]

    def delete(self, id: str) -> None:  # noqa: A002 - Azure's name for it
        """Called when a resource of any type is deleted with its group: its metrics and alert states go too."""
        self._metrics.forget(id)
        self._alerts.rules_changed()
