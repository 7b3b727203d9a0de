"""Moments and lengths of time as people write and read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leads.periods import PeriodError, duration, moment_text, parse_moment

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("24h", NOW - timedelta(hours=24)),
        (" 7D ", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(weeks=2)),
        ("2026-11-24", NOW.replace(hour=0)),
        ("2026-11-24T13:30", NOW.replace(hour=13, minute=30)),
        ("2026-11-24 13:30Z", NOW.replace(hour=13, minute=30)),
        ("2026-11-24t13:30:00+01:00", NOW.replace(minute=30)),
    ],
)
def test_a_moment_is_read(text: str, moment: datetime) -> None:
    assert parse_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "24", "h", "-1d", "99999w", "2026-13-01", "2026-11-24T25:00", "٣d"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(PeriodError, match=r"is no moment; write 2026-11-24, .* 30m, 24h, 7d, 2w"):
        parse_moment(text, NOW)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (7800, "2 h 10 min"),
        (273_600, "3 d 4 h"),
    ],
)
def test_a_length_of_time_is_told_in_two_units(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_a_moment_is_told_in_utc() -> None:
    assert moment_text(datetime.fromisoformat("2026-11-24T13:00:05.9+01:00")) == "2026-11-24 12:00:05Z"
    assert moment_text(None) == "-"
