"""A metric alert rule, read from its resource's properties. Also says what is wrong with one.

Source: azure-rest-api-specs, Microsoft.Insights 2018-03-01 (metricAlert), "Supported resources for metric alerts".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from localazure.monitor.catalogue import definition, definitions

SINGLE = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
MULTIPLE = "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"

GRAINS: dict[str, timedelta] = {
    "PT1M": timedelta(minutes=1),
    "PT5M": timedelta(minutes=5),
    "PT15M": timedelta(minutes=15),
    "PT30M": timedelta(minutes=30),
    "PT1H": timedelta(hours=1),
    "PT6H": timedelta(hours=6),
    "PT12H": timedelta(hours=12),
    "P1D": timedelta(days=1),
}
"""The durations that Azure Monitor takes, for evaluation, windows and intervals of metrics."""

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda value, threshold: value == threshold,
    "NotEquals": lambda value, threshold: value != threshold,
    "GreaterThan": lambda value, threshold: value > threshold,
    "GreaterThanOrEqual": lambda value, threshold: value >= threshold,
    "LessThan": lambda value, threshold: value < threshold,
    "LessThanOrEqual": lambda value, threshold: value <= threshold,
}
AGGREGATIONS = ("Average", "Count", "Minimum", "Maximum", "Total")


class RuleError(Exception):
    """A rule cannot be accepted; the text says why and what would do."""


@dataclass(frozen=True)
class Criterion:
    """One condition of a rule; all of them must hold."""

    name: str
    namespace: str
    metric: str
    operator: str
    threshold: float
    aggregation: str

    def holds(self, value: float | None) -> bool:
        """Whether the value meets the condition; no value never does."""
        return value is not None and OPERATORS[self.operator](value, self.threshold)


@dataclass(frozen=True)
class Rule:
    """An alert rule; `scopes` are ids of resources, `groups` ids of action groups."""

    id: str
    name: str
    description: str
    severity: int
    enabled: bool
    auto_mitigate: bool
    scopes: tuple[str, ...]
    frequency: timedelta
    window: timedelta
    criteria: tuple[Criterion, ...]
    groups: tuple[str, ...]


def parse_rule(document: Mapping[str, Any]) -> Rule:
    """The rule of a metricAlerts document; raises RuleError."""
    given = _object(document, "properties")
    scopes = _scopes(given)
    rule = Rule(
        id=str(document["id"]),
        name=str(document["name"]),
        description=str(given.get("description") or ""),
        severity=_severity(given.get("severity")),
        enabled=given.get("enabled", True) is not False,
        auto_mitigate=given.get("autoMitigate", True) is not False,
        scopes=scopes,
        frequency=_duration(given, "evaluationFrequency"),
        window=_duration(given, "windowSize"),
        criteria=_criteria(_object(given, "criteria"), scopes),
        groups=tuple(str(item.get("actionGroupId")) for item in given.get("actions") or () if isinstance(item, dict)),
    )
    if rule.window < rule.frequency:
        raise RuleError("'windowSize' must not be shorter than 'evaluationFrequency'.")
    return rule


def _scopes(given: Mapping[str, Any]) -> tuple[str, ...]:
    scopes = given.get("scopes")
    if not isinstance(scopes, list) or not scopes or not all(isinstance(scope, str) for scope in scopes):
        raise RuleError("'scopes' must be a list of at least one resource id.")
    for scope in scopes:
        if "/providers/" not in scope.lower():
            raise RuleError(f"The local cloud watches single resources; the scope '{scope}' is not the id of one.")
    return tuple(scopes)


def _severity(value: Any) -> int:
    if isinstance(value, bool) or value not in (0, 1, 2, 3, 4):
        raise RuleError("'severity' must be a whole number from 0 to 4.")
    return int(value)


def _duration(given: Mapping[str, Any], name: str) -> timedelta:
    value = given.get(name)
    # In any case: Azure's own example writes "Pt15m".
    if not isinstance(value, str) or value.upper() not in GRAINS:
        raise RuleError(f"'{name}' is '{value}'; it must be one of {', '.join(GRAINS)}.")
    return GRAINS[value.upper()]


def _criteria(given: Mapping[str, Any], scopes: tuple[str, ...]) -> tuple[Criterion, ...]:
    kind = given.get("odata.type")
    if kind not in (SINGLE, MULTIPLE):
        raise RuleError(
            f"The local cloud does not evaluate criteria of the type '{kind}'; it does {SINGLE}, {MULTIPLE}."
        )
    if kind == SINGLE and len(scopes) > 1:
        raise RuleError(f"{SINGLE} takes one scope; use {MULTIPLE} for several.")
    found = given.get("allOf")
    if not isinstance(found, list) or not found:
        raise RuleError("'criteria.allOf' must be a list of at least one criterion.")
    return tuple(_criterion(item, scopes[0]) for item in found)


def _criterion(item: Any, scope: str) -> Criterion:
    if not isinstance(item, dict):
        raise RuleError("Each criterion must be an object.")
    kind = item.get("criterionType", "StaticThresholdCriterion")
    if kind != "StaticThresholdCriterion":
        raise RuleError(f"The local cloud does not evaluate '{kind}'; it does StaticThresholdCriterion.")
    if item.get("dimensions"):
        raise RuleError("The metrics of the local cloud have no dimensions; leave 'dimensions' out.")
    namespace = str(item.get("metricNamespace") or resource_type(scope))
    return Criterion(
        name=str(item.get("name") or ""),
        namespace=namespace,
        metric=_metric(item, namespace),
        operator=_choice(item, "operator", tuple(OPERATORS)),
        threshold=_number(item.get("threshold")),
        aggregation=_choice(item, "timeAggregation", AGGREGATIONS),
    )


def _metric(item: Mapping[str, Any], namespace: str) -> str:
    name = item.get("metricName")
    if not isinstance(name, str) or not name:
        raise RuleError("Each criterion needs a 'metricName'.")
    known = definitions(namespace)
    if not known or item.get("skipMetricValidation") is True:
        return name
    found = definition(namespace, name)
    if found is None:
        names = ", ".join(metric.name for metric in known)
        raise RuleError(f"The metric '{name}' does not exist in '{namespace}'; it has {names}.")
    return found.name


def resource_type(resource_id: str) -> str:
    """`Microsoft.Logic/workflows` of a workflow's id."""
    parts = resource_id.strip("/").split("/")
    after = next((index for index in range(len(parts) - 1, -1, -1) if parts[index].lower() == "providers"), 0)
    return "/".join([*parts[after + 1 : after + 2], *parts[after + 2 :: 2]])


def _choice(item: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = item.get(name)
    found = next((choice for choice in allowed if isinstance(value, str) and choice.lower() == value.lower()), None)
    if found is None:
        raise RuleError(f"'{name}' is '{value}'; it must be one of {', '.join(allowed)}.")
    return found


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise RuleError("'threshold' must be a number.")
    return float(value)


def _object(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name)
    if not isinstance(value, dict):
        raise RuleError(f"'{name}' is required and must be an object.")
    return value
