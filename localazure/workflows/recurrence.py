"""When a recurrence is due: intervals, start times, time zones, schedules of hours, minutes and days.

Source: Azure Logic Apps, "Schedules for recurring triggers" and "Recurrence trigger". Without a schedule an occurrence
is the last one plus the interval; hours and shorter count in elapsed time, days and longer on the zone's calendar, so
that the local time stays when daylight saving begins or ends. A local time that does not exist on that day runs as
long after the gap as it stands after its begin; one that exists twice runs at the first.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count
from typing import Any

_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_MOST = {"second": 9_999_999, "minute": 72_000, "hour": 12_000, "day": 500, "week": 71, "month": 16, "year": 16}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HORIZON = 1_200  # periods looked through before a schedule counts as one that never falls due


@dataclass(frozen=True)
class Schedule:
    """What of a day, week or month is due; an empty part means "as at the first occurrence"."""

    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    week_days: tuple[int, ...] = ()  # Monday is 0
    month_days: tuple[int, ...] = ()  # -1 is the last day
    occurrences: tuple[tuple[int, int], ...] = ()  # (Monday is 0, the how-manieth of the month; -1 is the last)

    def __bool__(self) -> bool:
        return any((self.hours, self.minutes, self.week_days, self.month_days, self.occurrences))


@dataclass(frozen=True)
class Recurrence:
    """A recurrence as declared. `start` is an instant in UTC; `zone` rules calendar steps and the schedule."""

    frequency: str
    interval: int
    start: datetime | None = None
    zone: tzinfo = UTC
    schedule: Schedule = field(default_factory=Schedule)
    end: datetime | None = None

    def first(self, saved: datetime) -> datetime:
        """The first occurrence of a trigger saved (or deployed) at `saved`; its anchor is this instant."""
        if self.schedule:
            return self._first_scheduled(saved)
        if self.start is None:
            return saved
        return self.start if self.start >= saved else self.after(saved, self.start)

    def after(self, moment: datetime, anchor: datetime) -> datetime:
        """The first occurrence later than `moment`, counted from `anchor` (the first or any later occurrence)."""
        if self.schedule and self.frequency not in {"second", "minute"}:
            return next(at for at in self._scheduled(anchor, moment) if at > moment)
        if self.frequency in _SECONDS:
            return _elapsed(timedelta(seconds=_SECONDS[self.frequency] * self.interval), anchor, moment)
        return next(at for at in self._stepped(anchor, moment) if at > moment)

    def before(self, moment: datetime) -> datetime:
        """One interval before an occurrence: where its window begins."""
        if self.frequency in _SECONDS:
            return moment - timedelta(seconds=_SECONDS[self.frequency] * self.interval)
        local = moment.astimezone(self.zone)
        return self._instant(self._step(local.date(), -self.interval), local.time())

    def _first_scheduled(self, saved: datetime) -> datetime:
        """Without a start time a schedule that leaves the time of day open fires at once, else at its next mark."""
        if self.start is None and not (self.schedule.hours and self.schedule.minutes):
            return saved
        anchor = self.start or saved
        floor = max(anchor, saved)
        return next(at for at in self._scheduled(anchor, floor) if at >= floor)

    def _stepped(self, anchor: datetime, moment: datetime) -> Iterator[datetime]:
        local = anchor.astimezone(self.zone)
        skipped = max(0, self._periods(local.date(), moment.astimezone(self.zone).date()) - 1)
        for step in count(skipped):
            day = self._step(local.date(), step * self.interval)
            yield self._instant(day, local.time())

    def _scheduled(self, anchor: datetime, moment: datetime) -> Iterator[datetime]:
        """Occurrences in order, beginning in a period not after the one that holds `moment`."""
        local = anchor.astimezone(self.zone)
        if self.frequency == "hour":
            yield from self._hourly(local, moment)
            return
        origin = self._origin(local.date())
        skipped = max(0, self._periods(origin, moment.astimezone(self.zone).date()) - 1)
        times = self._times(local)
        for step in range(skipped, skipped + _HORIZON):
            for day in self._days(self._step(origin, step * self.interval), local.date()):
                yield from (self._instant(day, at) for at in times)
        raise ValueError(f"the schedule of this recurrence never falls due: {self.schedule}")

    def _hourly(self, local: datetime, moment: datetime) -> Iterator[datetime]:
        minutes = sorted(self.schedule.minutes) or [local.minute]
        hour = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        length = timedelta(hours=self.interval)
        for step in count(max(0, (moment - hour) // length - 1)):
            yield from (hour + step * length + timedelta(minutes=minute) for minute in minutes)

    def _times(self, local: datetime) -> list[time]:
        hours, minutes = self.schedule.hours or (local.hour,), self.schedule.minutes or (local.minute,)
        return [time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)]

    def _origin(self, day: date) -> date:
        """The first day of the period that holds `day`: weeks begin on Sunday, as in .NET."""
        if self.frequency == "week":
            return day - timedelta(days=(day.weekday() + 1) % 7)
        return day.replace(day=1) if self.frequency in {"month", "year"} else day

    def _days(self, period: date, anchor: date) -> list[date]:
        if self.frequency == "day":
            return [period]
        if self.frequency == "week":
            days = self.schedule.week_days or (anchor.weekday(),)
            return sorted(period + timedelta(days=(day + 1) % 7) for day in days)
        return self._month_days(period, anchor)

    def _month_days(self, month: date, anchor: date) -> list[date]:
        last = calendar.monthrange(month.year, month.month)[1]
        numbers = {last + 1 + day if day < 0 else day for day in self.schedule.month_days}
        numbers |= {_nth_weekday(month, last, *pair) for pair in self.schedule.occurrences}
        if not self.schedule.month_days and not self.schedule.occurrences:
            numbers = {min(anchor.day, last)}
        return [month.replace(day=number) for number in sorted(numbers) if 1 <= number <= last]

    def _periods(self, origin: date, day: date) -> int:
        """How many whole intervals lie between two days."""
        if self.frequency in {"month", "year"}:
            months = (day.year - origin.year) * 12 + day.month - origin.month
            return months // (self.interval * (12 if self.frequency == "year" else 1))
        return (day - origin).days // (self.interval * (7 if self.frequency == "week" else 1))

    def _step(self, day: date, number: int) -> date:
        if self.frequency == "day":
            return day + timedelta(days=number)
        if self.frequency == "week":
            return day + timedelta(weeks=number)
        return _add_months(day, number * (12 if self.frequency == "year" else 1))

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def parse_recurrence(raw: Mapping[str, Any], zone: tzinfo = UTC) -> Recurrence:
    """Read an evaluated `recurrence` object; ValueError says which part is wrong and what is allowed.

    `zone` is the zone that its `timeZone` names; a `Z` or offset in `startTime` overrides it for that instant.
    """
    frequency = str(raw.get("frequency", "")).lower()
    if frequency not in _MOST:
        raise ValueError(
            f"the frequency '{raw.get('frequency')}' is not one of Second, Minute, Hour, Day, Week, Month, Year"
        )
    interval = raw.get("interval")
    if isinstance(interval, bool) or not isinstance(interval, int) or not 1 <= interval <= _MOST[frequency]:
        raise ValueError(f"the interval '{interval}' is not a whole number from 1 to {_MOST[frequency]} ({frequency})")
    schedule = _schedule(raw.get("schedule") or {})
    return Recurrence(frequency, interval, _time(raw, "startTime", zone), zone, schedule, _time(raw, "endTime", zone))


def _time(raw: Mapping[str, Any], name: str, zone: tzinfo) -> datetime | None:
    text = raw.get(name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise ValueError(f"the {name} '{text}' is not a date and time such as 2026-01-01T00:05:00Z") from None
    return at.replace(tzinfo=zone).astimezone(UTC) if at.tzinfo is None else at.astimezone(UTC)


def _schedule(raw: Mapping[str, Any]) -> Schedule:
    return Schedule(
        _numbers(raw, "hours", 0, 23),
        _numbers(raw, "minutes", 0, 59),
        tuple(_weekday(day) for day in raw.get("weekDays") or ()),
        _numbers(raw, "monthDays", -31, 31),
        tuple(
            (_weekday(item.get("day")), int(item.get("occurrence", 1))) for item in raw.get("monthlyOccurrences") or ()
        ),
    )


def _numbers(raw: Mapping[str, Any], name: str, low: int, high: int) -> tuple[int, ...]:
    numbers = raw.get(name) or ()
    try:
        values = tuple(int(number) for number in numbers)
    except (ValueError, TypeError):
        values = (high + 1,)
    if any(not low <= number <= high for number in values):
        raise ValueError(f"the schedule's {name} are not whole numbers from {low} to {high}: {numbers}")
    return values


def _weekday(name: Any) -> int:
    if str(name).lower() not in _DAYS:
        raise ValueError(f"the schedule names the day '{name}': allowed are Monday to Sunday")
    return _DAYS.index(str(name).lower())


def _elapsed(length: timedelta, anchor: datetime, moment: datetime) -> datetime:
    return anchor + length * (max(0, (moment - anchor) // length) + (1 if moment >= anchor else 0))


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _nth_weekday(month: date, last: int, weekday: int, nth: int) -> int:
    """The day of the month that is its nth such weekday; 0 if there is none."""
    days = [day for day in range(1, last + 1) if month.replace(day=day).weekday() == weekday]
    return days[nth - 1 if nth > 0 else nth] if 1 <= abs(nth) <= len(days) else 0
