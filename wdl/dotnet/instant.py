"""A point in time as .NET's `DateTime` holds it: 100 ns ticks since 0001-01-01 and a kind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import IntEnum
from typing import NamedTuple

TICKS_PER_MICROSECOND = 10
TICKS_PER_SECOND = 10_000_000
TICKS_PER_MINUTE = 60 * TICKS_PER_SECOND
TICKS_PER_HOUR = 60 * TICKS_PER_MINUTE
TICKS_PER_DAY = 24 * TICKS_PER_HOUR
MAX_TICKS = date.max.toordinal() * TICKS_PER_DAY - 1


class Kind(IntEnum):
    """What the clock reading of an instant refers to. The local zone of the service is UTC, never the machine's."""

    UNSPECIFIED = 0
    UTC = 1
    LOCAL = 2


class Instant(NamedTuple):
    """`ticks`: 100 ns units since 0001-01-01T00:00 on the clock that `kind` names."""

    ticks: int
    kind: Kind = Kind.UNSPECIFIED

    def plus(self, ticks: int) -> Instant:
        """This instant moved by `ticks`; OverflowError outside the years 1 to 9999."""
        return at(self.ticks + ticks, self.kind)

    def plus_months(self, months: int) -> Instant:
        """The same day and time `months` later, or the last day of that month where it is shorter."""
        day, time = divmod(self.ticks, TICKS_PER_DAY)
        start = date.fromordinal(day + 1)
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        if not 1 <= year <= date.max.year:
            raise OverflowError("the date is outside the years 1 to 9999")
        day_of_month = min(start.day, days_in_month(year, month + 1))
        return Instant((date(year, month + 1, day_of_month).toordinal() - 1) * TICKS_PER_DAY + time, self.kind)

    @property
    def date(self) -> date:
        """The day in the proleptic Gregorian calendar."""
        return date.fromordinal(self.ticks // TICKS_PER_DAY + 1)


def at(ticks: int, kind: Kind = Kind.UNSPECIFIED) -> Instant:
    """The instant at `ticks`; OverflowError outside the years 1 to 9999."""
    if not 0 <= ticks <= MAX_TICKS:
        raise OverflowError("the date is outside the years 1 to 9999")
    return Instant(ticks, kind)


def of(day: date, ticks_of_day: int = 0, kind: Kind = Kind.UNSPECIFIED) -> Instant:
    """The instant `ticks_of_day` after midnight of `day`."""
    return Instant((day.toordinal() - 1) * TICKS_PER_DAY + ticks_of_day, kind)


def from_datetime(moment: datetime) -> Instant:
    """A Python datetime as UTC instant (naive ones are taken as UTC); exact to the microsecond."""
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    seconds = utc.hour * 3600 + utc.minute * 60 + utc.second
    return of(utc.date(), seconds * TICKS_PER_SECOND + utc.microsecond * TICKS_PER_MICROSECOND, Kind.UTC)


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
