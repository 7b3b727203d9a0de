"""What a metric alert may say, and what is answered to what it may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from alert_world import FLOW, rule

from localazure.monitor.rules import SINGLE, RuleError, parse_rule


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scopes": []}, "'scopes'"),
        ({"scopes": ["/subscriptions/s"]}, "is not the id of one"),
        ({"scopes": [FLOW, FLOW + "2"]}, "takes one scope"),
        ({"severity": 5}, "'severity'"),
        ({"severity": "2"}, "'severity'"),
        ({"severity": True}, "'severity'"),
        ({"evaluationFrequency": "PT2M"}, "'evaluationFrequency' is 'PT2M'; it must be one of PT1M"),
        ({"windowSize": "PT1M"}, "must not be shorter"),
        ({"windowSize": None}, "'windowSize'"),
        ({"criteria": None}, "'criteria' is required"),
        ({"criteria": {"odata.type": "Other"}}, "of the type 'Other'"),
        ({"criteria": {"odata.type": SINGLE, "allOf": []}}, "allOf"),
        ({"criteria": {"odata.type": SINGLE, "allOf": ["x"]}}, "must be an object"),
        (
            {"criterion": {"criterionType": "DynamicThresholdCriterion"}},
            "does not evaluate 'DynamicThresholdCriterion'",
        ),
        ({"criterion": {"metricName": "RunsFaild"}}, "The metric 'RunsFaild' does not exist"),
        ({"criterion": {"metricName": ""}}, "metricName"),
        ({"criterion": {"operator": "Above"}}, "'operator' is 'Above'"),
        ({"criterion": {"threshold": "0"}}, "'threshold'"),
        ({"criterion": {"timeAggregation": "Median"}}, "'timeAggregation'"),
        ({"criterion": {"dimensions": [{"name": "d"}]}}, "no dimensions"),
    ],
)
def test_a_wrong_rule_is_refused_with_what_would_do(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RuleError, match=words):
        parse_rule(rule(**changes))


def test_numbers_and_cases_as_clients_write_them() -> None:
    parsed = parse_rule(
        rule(severity=2.0, windowSize="Pt15m", criterion={"operator": "greaterthan", "metricName": "runsfailed"})
    )
    assert (parsed.severity, parsed.window, parsed.criteria[0].metric) == (2, timedelta(minutes=15), "RunsFailed")
    unknown = parse_rule(rule(criterion={"metricName": "Custom", "skipMetricValidation": True}))
    assert unknown.criteria[0].metric == "Custom"


@pytest.mark.parametrize(
    ("operator", "value", "holds"),
    [
        ("Equals", 1, True), ("NotEquals", 1, False), ("GreaterThan", 1, False), ("GreaterThanOrEqual", 1, True),
        ("LessThan", 1, False), ("LessThanOrEqual", 1, True), ("GreaterThan", 2, True), ("LessThan", 0.5, True),
        ("LessThan", None, False), ("NotEquals", None, False),
    ],
)  # fmt: skip
def test_operators(operator: str, value: float | None, holds: bool) -> None:
    assert parse_rule(rule(criterion={"operator": operator, "threshold": 1})).criteria[0].holds(value) is holds
