"""Metrics by minute, and how they are gathered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localazure.monitor.catalogue import definition, definitions
from localazure.monitor.metrics import Bucket, Metrics
from localazure.store import Store

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FLOW = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/flow"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(Store())


def test_values_are_gathered_by_minute(metrics: Metrics) -> None:
    for second, value in [(0, 1), (59, 3), (60, 5)]:
        metrics.record(FLOW, "RunLatency", NOON + timedelta(seconds=second), value)
    buckets = metrics.query(FLOW, "RunLatency", NOON, NOON + 3 * MINUTE, MINUTE)
    assert buckets == [Bucket(NOON, 2, 4, 1, 3), Bucket(NOON + MINUTE, 1, 5, 5, 5), Bucket(NOON + 2 * MINUTE)]
    first = buckets[0]
    assert [first.value(name) for name in ("Total", "count", "AVERAGE", "minimum", "Maximum")] == [4, 2, 2, 1, 3]
    assert [buckets[2].value(name) for name in ("total", "count", "average")] == [0, 0, None]


def test_ids_and_names_match_in_any_case_and_resources_do_not_mix(metrics: Metrics) -> None:
    metrics.record(FLOW.upper(), "runsfailed", NOON)
    metrics.record(FLOW + "2", "RunsFailed", NOON)
    assert metrics.total(FLOW.lower() + "/", "RUNSFAILED", NOON, NOON + MINUTE).total == 1
    assert metrics.names(FLOW) == ["runsfailed"]


def test_the_minute_in_which_a_window_ends_counts(metrics: Metrics) -> None:
    metrics.record(FLOW, "RunsFailed", NOON + timedelta(seconds=10))
    assert metrics.total(FLOW, "RunsFailed", NOON - 5 * MINUTE, NOON + timedelta(seconds=11)).total == 1
    assert metrics.total(FLOW, "RunsFailed", NOON - 5 * MINUTE, NOON).total == 0


def test_listeners_hear_of_every_value(metrics: Metrics) -> None:
    heard: list[tuple[str, str]] = []
    metrics.listen(lambda resource, name: heard.append((resource, name)))
    metrics.record(FLOW, "RunsFailed", NOON)
    assert heard == [(FLOW, "RunsFailed")]


def test_metrics_outlive_the_process_and_expire_after_93_days(tmp_path: Path) -> None:
    Metrics(Store(tmp_path / "store")).record(FLOW, "RunsFailed", NOON)
    again = Metrics(Store(tmp_path / "store"))
    assert again.expire(NOON + timedelta(days=92)) == 0
    assert again.total(FLOW, "RunsFailed", NOON, NOON + MINUTE).count == 1
    assert again.expire(NOON + timedelta(days=94)) == 1
    again.record(FLOW, "RunsFailed", NOON)
    again.forget(FLOW)
    assert again.names(FLOW) == []


@given(st.lists(st.tuples(st.integers(0, 599), st.integers(-50, 50)), max_size=40), st.sampled_from([1, 2, 5, 7, None]))
def test_buckets_share_out_every_value_once(values: list[tuple[int, int]], minutes: int | None) -> None:
    metrics = Metrics(Store())
    for second, value in values:
        metrics.record(FLOW, "RunLatency", NOON + timedelta(seconds=second), value)
    interval = timedelta(minutes=minutes) if minutes else None
    buckets = metrics.query(FLOW, "RunLatency", NOON, NOON + 10 * MINUTE, interval)
    assert sum(bucket.count for bucket in buckets) == len(values)
    assert sum(bucket.total for bucket in buckets) == sum(value for _, value in values)
    for bucket in (bucket for bucket in buckets if bucket.count):
        width = interval or 10 * MINUTE
        inside = [v for s, v in values if bucket.start <= NOON + timedelta(seconds=s) < bucket.start + width]
        assert (bucket.minimum, bucket.maximum) == (min(inside), max(inside))


def test_the_names_are_azures() -> None:
    names = {metric.name for metric in definitions("microsoft.logic/Workflows")}
    assert {"RunsFailed", "RunsStarted", "RunFailurePercentage", "TotalBillableExecutions", "TriggersFired"} <= names
    assert len(names) == 34
    latency = definition("Microsoft.Logic/workflows", "runlatency")
    assert latency is not None and (latency.name, latency.unit, latency.aggregation) == (
        "RunLatency",
        "Seconds",
        "Average",
    )
    assert latency.display_name == "Run Latency" and definitions("Microsoft.Compute/virtualMachines") == []
