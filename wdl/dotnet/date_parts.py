"""The parts of a date while a text is read, and the instant they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from wdl.dotnet.instant import MAX_TICKS, TICKS_PER_DAY, TICKS_PER_MINUTE, TICKS_PER_SECOND, Instant, Kind, of

_MAX_OFFSET = 14 * 60
#: Two-digit years up to this one belong to the century of 2000 (`Calendar.TwoDigitYearMax` of .NET 6).
_TWO_DIGIT_YEAR_MAX = 2029


class Unreadable(Exception):  # noqa: N818 - leaves the readers never
    """The text is no date."""


def is_space(character: str) -> bool:
    """Whether .NET's `Char.IsWhiteSpace` holds."""
    return character.isspace() and not "\x1c" <= character <= "\x1f"


def four_digit_year(year: int) -> int:
    """A year below 100 in the century in which .NET takes it to be."""
    if year >= 100:
        return year
    century = _TWO_DIGIT_YEAR_MAX // 100 * 100
    return century + year if century + year <= _TWO_DIGIT_YEAR_MAX else century - 100 + year


@dataclass(slots=True)
class Parts:
    """What was read; None for what was not. `offset` in minutes east of UTC, `half_day` 0 for AM, 1 for PM.

    `raw_year` and `raw_month` are a year of three or more digits and a month's name, before the order is known.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int = 0
    minute: int = 0
    second: int = 0
    fraction: float = 0.0
    half_day: int | None = None
    weekday: int | None = None
    offset: int | None = None
    utc: bool = False
    raw_year: int | None = None
    raw_month: int | None = None
    has_date: bool = False
    has_time: bool = False
    named: frozenset[str] = frozenset()

    @property
    def needs_today(self) -> bool:
        """Whether the year, or the whole day, is that of today."""
        return self.year is None

    def set_named(self, part: str, number: int) -> None:
        """Set a part that was marked in the text as year, month, day, hour, minute or second."""
        if part in self.named:
            raise Unreadable
        self.named |= {part}
        setattr(self, part, four_digit_year(number) if part == "year" else number)
        if part == "year":
            self.raw_year = self.year
        elif part == "month":
            self.raw_month = number

    def set_utc(self) -> None:
        """A `Z` or `GMT` was read."""
        if self.offset is not None:
            raise Unreadable
        self.offset, self.utc = 0, True

    def apply_half_day(self) -> None:
        """Turn an hour with AM or PM into one of 0 to 23."""
        if self.half_day == 0:
            if self.hour > 12:
                raise Unreadable
            self.hour %= 12
        elif self.half_day == 1:
            if self.hour > 23:
                raise Unreadable
            self.hour += 12 if self.hour < 12 else 0

    def complete(self, today: Callable[[], date]) -> Instant | None:
        """The instant; None when the parts are no valid date."""
        try:
            return self._instant(self._day(today))
        except (Unreadable, ValueError, OverflowError):
            return None

    def _day(self, today: Callable[[], date]) -> date:
        if self.year is None and self.month is None and self.day is None:
            return today()
        year = today().year if self.year is None else self.year
        return date(year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)

    def _instant(self, day: date) -> Instant:
        if self.hour > 23 or self.minute > 59 or self.second > 59:
            raise Unreadable
        if self.weekday is not None and self.weekday != day.isoweekday() % 7:
            raise Unreadable
        seconds = self.hour * 3600 + self.minute * 60 + self.second
        read = of(day, seconds * TICKS_PER_SECOND + round(self.fraction * TICKS_PER_SECOND))
        return self._in_zone(read.ticks)

    def _in_zone(self, ticks: int) -> Instant:
        if ticks > MAX_TICKS or abs(self.offset or 0) > _MAX_OFFSET:
            raise Unreadable
        if self.utc:
            return Instant(ticks, Kind.UTC)
        if self.offset is None:
            return Instant(ticks)
        moved = ticks - self.offset * TICKS_PER_MINUTE
        if moved < 0 and ticks < TICKS_PER_DAY:
            moved += TICKS_PER_DAY
        if not 0 <= moved <= MAX_TICKS:
            raise Unreadable
        return Instant(moved, Kind.LOCAL)
