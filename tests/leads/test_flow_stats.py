"""What is counted of runs and leads, and that the picture is one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leads.flow import Run
from leads.stats import Spread, lead_waits, spread, statistics, success_rate
from leads.stats_picture import PictureError, draw

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def after(**lengths: float) -> datetime:
    return NOON + timedelta(**lengths)


def run(hour: float, status: str = "Succeeded", seconds: float = 2) -> Run:
    start = after(hours=hour)
    return Run(str(hour), status, start, ended=start + timedelta(seconds=seconds), planned=start - timedelta(seconds=1))


def test_runs_and_leads_are_counted_by_round_periods() -> None:
    runs = [run(0.5), run(1, "Failed"), run(1.5), run(2, "Cancelled"), run(2.5, "TimedOut")]
    found = statistics(runs, [after(hours=0.6), after(hours=2.9)], after(minutes=10), after(hours=3))
    assert found.runs == Counter(Succeeded=2, Failed=1, Cancelled=1, TimedOut=1)
    assert found.leads == 2
    assert found.step == timedelta(minutes=5)
    assert found.periods[0].begin == after(minutes=10)
    filled = {
        period.begin: (dict(period.runs), period.leads) for period in found.periods if period.runs or period.leads
    }
    assert filled[after(minutes=30)] == ({"Succeeded": 1}, 0)
    assert filled[after(minutes=35)] == ({}, 1)
    assert all(period.begin.minute % 5 == 0 for period in found.periods)


@pytest.mark.parametrize(
    ("length", "step"),
    [
        (timedelta(minutes=30), timedelta(minutes=1)),
        (timedelta(days=1), timedelta(hours=1)),
        (timedelta(days=7), timedelta(hours=3)),
        (timedelta(days=90), timedelta(days=2)),
    ],
)
def test_a_period_is_round_and_there_are_not_too_many(length: timedelta, step: timedelta) -> None:
    found = statistics([], [], NOON - length, NOON)
    assert found.step == step
    assert len(found.periods) <= 61


def test_the_success_rate_leaves_out_what_did_not_end_by_itself() -> None:
    assert success_rate(Counter(Succeeded=3, Failed=1, Cancelled=5, Running=1)) == 0.75
    assert success_rate(Counter(Cancelled=5)) is None


def test_a_lead_waits_for_the_end_of_the_first_successful_run_that_began_after_it() -> None:
    runs = [run(2), run(1, "Failed"), run(0)]
    waits = lead_waits(runs, [NOON, after(seconds=1), after(hours=1.5), after(hours=2, seconds=1)])
    assert [wait for _, wait in waits] == [2.0, 7201.0, 1802.0, None]


def test_waits_and_lateness_are_spread() -> None:
    found = statistics([run(1), run(2, seconds=60)], [after(minutes=30)], NOON, after(hours=3))
    assert found.lateness == Spread(2, 1.0, 1.0, 1.0)
    assert found.durations == Spread(2, 2.0, 60.0, 60.0)
    assert found.waits == Spread(1, 1802.0, 1802.0, 1802.0)
    assert found.waiting == 0
    (period,) = [period for period in found.periods if period.leads]
    assert period.longest_wait == 1802.0


def test_a_spread_ranks_what_is_there() -> None:
    assert spread([None, *range(1, 101)]) == Spread(100, 50, 95, 100)
    assert spread([-0.5]) == Spread(1, 0, 0, 0)
    assert spread([None]) == Spread(0)


def test_nothing_is_counted_where_nothing_happened() -> None:
    found = statistics([], [], NOON, after(minutes=1))
    assert (found.runs, found.leads, found.waits) == (Counter(), 0, Spread(0))


@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_statistics_are_drawn(tmp_path: Path, ending: str, begins: bytes) -> None:
    path = tmp_path / f"runs.{ending}"
    runs = [run(0), run(1, "Failed"), run(2, "Cancelled")]
    draw(statistics(runs, [after(minutes=5)], NOON, after(hours=3)), "lead-notifier", path)
    assert path.read_bytes().startswith(begins)
    if ending == "svg":
        assert "lead-notifier" in path.read_text()


def test_an_unknown_kind_of_picture_is_refused(tmp_path: Path) -> None:
    found = statistics([], [], NOON, after(hours=1))
    with pytest.raises(PictureError, match=r"write to a file that ends in \.png, \.svg or \.pdf"):
        draw(found, "t", tmp_path / "runs.doc")
    with pytest.raises(PictureError, match="cannot be written: No such file or directory"):
        draw(found, "t", tmp_path / "none" / "runs.png")
