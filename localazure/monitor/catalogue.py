"""The platform metrics of the resource types that the local cloud knows, with Azure's names.

Source: "Supported metrics for Microsoft.Logic/Workflows" (all of the grain PT1M, no dimensions).
"""

from __future__ import annotations

from dataclasses import dataclass

WORKFLOWS = "Microsoft.Logic/workflows"

_COUNTS = {
    "Runs": "Started Completed Succeeded Failed Cancelled",
    "Run": "StartThrottledEvents ThrottledEvents",
    "Actions": "Started Completed Succeeded Failed Skipped",
    "Action": "ThrottledEvents",
    "Triggers": "Started Completed Succeeded Failed Fired Skipped",
    "Trigger": "ThrottledEvents",
    "Billable": "ActionExecutions TriggerExecutions",
    "Total": "BillableExecutions",
    "BillingUsage": "NativeOperation StandardConnector StorageConsumption",
}
_SECONDS = {"Run": "Latency SuccessLatency", "Action": "Latency SuccessLatency"}
_SECONDS["Trigger"] = "Latency FireLatency SuccessLatency"


@dataclass(frozen=True)
class MetricDefinition:
    """`unit` is Count, Seconds or Percent; `aggregation` the one that Azure uses if none is asked for."""

    name: str
    unit: str
    aggregation: str

    @property
    def display_name(self) -> str:
        """`RunsFailed` → `Runs Failed`."""
        return "".join(f" {letter}" if letter.isupper() else letter for letter in self.name).strip()


def definitions(namespace: str) -> list[MetricDefinition]:
    """The metrics of a resource type; none for a type without metrics here."""
    return list(_WORKFLOW_METRICS) if namespace.lower() == WORKFLOWS.lower() else []


def definition(namespace: str, name: str) -> MetricDefinition | None:
    """One metric, found in any case."""
    return next((metric for metric in definitions(namespace) if metric.name.lower() == name.lower()), None)


def _named(groups: dict[str, str], unit: str, aggregation: str) -> list[MetricDefinition]:
    names = [prefix + ending for prefix, endings in groups.items() for ending in endings.split()]
    return [MetricDefinition(name, unit, aggregation) for name in names]


_WORKFLOW_METRICS = (
    *_named(_COUNTS, "Count", "Total"),
    *_named(_SECONDS, "Seconds", "Average"),
    MetricDefinition("RunFailurePercentage", "Percent", "Total"),
)
