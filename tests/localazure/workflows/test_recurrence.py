"""When recurrences fall due: intervals, start times, schedules, daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from localazure.workflows.recurrence import Recurrence, parse_recurrence
from localazure.workflows.zones import find_zone

SAVED = datetime(2026, 1, 1, 10, 17, 30, tzinfo=UTC)
CENTRAL = "Central Standard Time"


def recurrence(frequency: str, interval: int = 1, **more: Any) -> Recurrence:
    raw = {"frequency": frequency, "interval": interval, **more}
    return parse_recurrence(raw, find_zone(raw.get("timeZone")))


def due(rule: Recurrence, number: int, saved: datetime = SAVED) -> list[str]:
    """The first occurrences of a trigger saved at `saved`."""
    found = [rule.first(saved)]
    while len(found) < number:
        found.append(rule.after(found[-1], found[0]))
    return [at.strftime("%m-%d %H:%M:%S") for at in found]


def test_without_a_start_time_it_runs_at_once_and_then_every_interval() -> None:
    assert due(recurrence("Hour", 2), 3) == ["01-01 10:17:30", "01-01 12:17:30", "01-01 14:17:30"]


def test_a_start_time_to_come_is_the_first_occurrence() -> None:
    rule = recurrence("Day", startTime="2026-01-02T00:05:00Z")
    assert due(rule, 2) == ["01-02 00:05:00", "01-03 00:05:00"]


def test_a_start_time_in_the_past_counts_intervals_from_it() -> None:
    rule = recurrence("Hour", 3, startTime="2025-12-31T00:05:00Z")
    assert due(rule, 2) == ["01-01 12:05:00", "01-01 15:05:00"]


def test_missed_occurrences_are_left_out() -> None:
    rule = recurrence("Hour")
    late = datetime(2026, 1, 1, 13, 30, tzinfo=UTC)
    assert rule.after(late, SAVED) == datetime(2026, 1, 1, 14, 17, 30, tzinfo=UTC)


def test_months_keep_their_day_as_far_as_they_have_it() -> None:
    rule = recurrence("Month", startTime="2026-01-31T08:00:00Z")
    assert due(rule, 4) == ["01-31 08:00:00", "02-28 08:00:00", "03-31 08:00:00", "04-30 08:00:00"]


def test_a_schedule_of_hours_and_minutes_waits_for_its_next_mark() -> None:
    rule = recurrence("Day", schedule={"hours": [8, 12], "minutes": [0, 30]})
    assert due(rule, 4) == ["01-01 12:00:00", "01-01 12:30:00", "01-02 08:00:00", "01-02 08:30:00"]


def test_a_schedule_of_hours_alone_runs_at_once_and_keeps_the_minute_of_the_first_run() -> None:
    rule = recurrence("Day", schedule={"hours": ["9"]})
    assert due(rule, 3) == ["01-01 10:17:30", "01-02 09:17:00", "01-03 09:17:00"]


def test_weeks_of_an_interval_are_counted_from_the_start() -> None:
    rule = recurrence("Week", 2, startTime="2026-01-05T06:00:00Z", schedule={"weekDays": ["Monday", "Friday"]})
    assert due(rule, 4) == ["01-05 06:00:00", "01-09 06:00:00", "01-19 06:00:00", "01-23 06:00:00"]


def test_the_last_day_of_the_month() -> None:
    rule = recurrence("Month", schedule={"monthDays": [-1], "hours": [1], "minutes": [0]})
    assert due(rule, 3) == ["01-31 01:00:00", "02-28 01:00:00", "03-31 01:00:00"]


def test_the_second_tuesday_of_the_month() -> None:
    schedule = {"monthlyOccurrences": [{"day": "Tuesday", "occurrence": 2}], "hours": [1], "minutes": [0]}
    assert due(recurrence("Month", schedule=schedule), 2) == ["01-13 01:00:00", "02-10 01:00:00"]


def test_a_local_time_that_daylight_saving_skips_runs_an_hour_later_on_that_day() -> None:
    rule = recurrence("Day", startTime="2026-03-07T02:30:00", timeZone=CENTRAL)
    saved = datetime(2026, 3, 1, tzinfo=UTC)
    assert due(rule, 3, saved) == ["03-07 08:30:00", "03-08 08:30:00", "03-09 07:30:00"]


def test_a_local_time_that_occurs_twice_runs_once_the_first_time() -> None:
    rule = recurrence("Day", startTime="2026-10-31T01:30:00", timeZone=CENTRAL)
    saved = datetime(2026, 10, 1, tzinfo=UTC)
    assert due(rule, 3, saved) == ["10-31 06:30:00", "11-01 06:30:00", "11-02 07:30:00"]


def test_a_zone_does_not_move_a_start_time_that_names_its_offset() -> None:
    rule = recurrence("Day", startTime="2026-01-02T00:00:00Z", timeZone=CENTRAL)
    assert due(rule, 1) == ["01-02 00:00:00"]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"frequency": "Fortnight", "interval": 1}, "Fortnight"),
        ({"frequency": "Hour", "interval": 0}, "1 to 12000"),
        ({"frequency": "Month", "interval": 17}, "1 to 16"),
        ({"frequency": "Day", "interval": 1, "startTime": "soon"}, "soon"),
        ({"frequency": "Day", "interval": 1, "schedule": {"hours": [24]}}, "0 to 23"),
        ({"frequency": "Week", "interval": 1, "schedule": {"weekDays": ["Someday"]}}, "Someday"),
    ],
)
def test_what_is_not_valid_is_named_with_what_is_allowed(raw: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_recurrence(raw)


def test_a_schedule_that_never_falls_due_is_refused_rather_than_searched_for_ever() -> None:
    rule = recurrence("Month", 12, startTime="2026-02-01T00:00:00Z", schedule={"monthDays": [30]})
    with pytest.raises(ValueError, match="never falls due"):
        rule.first(SAVED)


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(ValueError, match="Nowhere Standard Time"):
        find_zone("Nowhere Standard Time")
