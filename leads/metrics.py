"""What Azure Monitor counted of a Logic App.

Source: "Supported metrics for Microsoft.Logic/Workflows".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leads.arm_errors import Explained
from leads.clients import Clients
from leads.runs import stamp

# What the run history does not tell: what did not become a run, what was throttled, what is paid for.
COUNTED = (
    "TriggersFired",
    "TriggersSkipped",
    "TriggersFailed",
    "ActionsFailed",
    "RunThrottledEvents",
    "ActionThrottledEvents",
    "TotalBillableExecutions",
)


def totals(clients: Clients, since: datetime, until: datetime) -> dict[str, int]:
    """The total of each metric of `COUNTED` from `since` to `until` (at most 93 days apart); raises `FlowError`."""
    deployed = clients.deployed
    with Explained(f"the metrics of Logic App {deployed.logic_app}"):
        answer = clients.monitor.metrics.list(
            deployed.logic_app_id,
            timespan=f"{stamp(since)}/{stamp(until)}",
            interval="PT1H",
            metricnames=",".join(COUNTED),
            aggregation="Total",
        )
        return {str(metric.name.value): _total(metric) for metric in answer.value or []}


def _total(metric: Any) -> int:
    points = (point.total or 0 for series in metric.timeseries or [] for point in series.data or [])
    return round(sum(points))
