"""What metric alerts of the tests watch: one failed run is enough."""

from __future__ import annotations

from typing import Any

RUNS_FAILED: dict[str, Any] = {
    "name": "failed",
    "criterionType": "StaticThresholdCriterion",
    "metricNamespace": "Microsoft.Logic/workflows",
    "metricName": "RunsFailed",
    "operator": "GreaterThan",
    "threshold": 0,
    "timeAggregation": "Total",
}
