"""Moments and periods as a person types them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from leads.errors import LeadsError

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"([0-9]{1,5})([mhdw])")
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)  # older than any lead; the services know no moment before 1601


class PeriodError(LeadsError):
    """The text is no moment; the message shows what is one."""


def parse_moment(text: str, now: datetime) -> datetime:
    """A moment in UTC: a date, a date and time (UTC unless it says otherwise), or how long ago (`30m`, `24h`, `7d`).

    `now` is in UTC. Raises `PeriodError`.
    """
    try:
        moment = _moment(text.strip().lower(), now)
    except (ValueError, OverflowError):
        moment = _OLDEST
    if moment > _OLDEST:
        return moment
    raise PeriodError(f"{text!r} is no moment; write 2026-11-24, 2026-11-24T13:30Z, or how long ago: 30m, 24h, 7d, 2w")


def _moment(word: str, now: datetime) -> datetime:
    if ago := _AGO.fullmatch(word):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    moment = datetime.fromisoformat(word.upper())
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def duration(seconds: float | None) -> str:
    """A length of time for people: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`; `-` for none.

    >>> duration(185)
    '3 min 5 s'
    """
    if seconds is None:
        return "-"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    return _two_units(round(seconds))


def _two_units(seconds: int) -> str:
    for size, name, smaller, smaller_name in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // smaller
            return f"{seconds // size} {name}" + (f" {rest} {smaller_name}" if rest else "")
    return f"{seconds} s"


def moment_text(moment: datetime | None) -> str:
    """A moment for people, in UTC to the second: `2026-11-24 13:30:05Z`; `-` for none."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ") if moment else "-"
