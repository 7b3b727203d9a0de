"""How the flow has been doing: runs, their success, how long they took, how long leads waited. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from leads.flow import Run
from leads.runs import FAILURES

_BARS = 60  # about so many periods are told apart
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Spread:
    """How numbers (seconds) are spread; all None where there are none."""

    count: int
    median: float | None = None
    p95: float | None = None
    longest: float | None = None


@dataclass(frozen=True)
class Period:
    """What happened from `begin` on, for as long as the statistics' `step`: runs by status, leads written.

    `longest_wait` (seconds) of those leads that were mailed; None where none was.
    """

    begin: datetime
    runs: Counter[str] = field(default_factory=Counter)
    leads: int = 0
    longest_wait: float | None = None

    @property
    def success_rate(self) -> float | None:
        return success_rate(self.runs)


@dataclass(frozen=True)
class Statistics:
    """Everything between `since` and `until` (UTC).

    `durations`: how long runs took; `lateness`: how much later than planned the recurrence started them; `waits`: from
    the writing of a lead to the end of the first successful run that began after it, which is the one that mails it in
    a flow that misses nothing; `waiting`: leads after which no successful run began.
    """

    since: datetime
    until: datetime
    step: timedelta
    periods: Sequence[Period]
    durations: Spread
    lateness: Spread
    waits: Spread
    waiting: int

    @property
    def runs(self) -> Counter[str]:
        """Runs by status."""
        return sum((period.runs for period in self.periods), Counter())

    @property
    def leads(self) -> int:
        return sum(period.leads for period in self.periods)


def statistics(runs: Iterable[Run], arrivals: Iterable[datetime], since: datetime, until: datetime) -> Statistics:
    """Count what happened from `since` until `until`; `runs` and `arrivals` in any order."""
    runs, step = list(runs), _step(until - since)
    waits = lead_waits(runs, arrivals)
    known = [wait for _, wait in waits if wait is not None]
    return Statistics(
        since=since,
        until=until,
        step=step,
        periods=_periods(runs, waits, since, until, step),
        durations=spread(run.seconds for run in runs),
        lateness=spread((run.started - run.planned).total_seconds() for run in runs if run.planned),
        waits=spread(known),
        waiting=len(waits) - len(known),
    )


def success_rate(runs: Counter[str]) -> float | None:
    """The share of successful runs among those that succeeded or failed; None where none did."""
    decided = runs["Succeeded"] + sum(runs[status] for status in FAILURES)
    return runs["Succeeded"] / decided if decided else None


def lead_waits(runs: Iterable[Run], arrivals: Iterable[datetime]) -> list[tuple[datetime, float | None]]:
    """Each lead's time with the seconds that it waited; None for those that wait still."""
    mailed = sorted((run.started, run.ended) for run in runs if run.status == "Succeeded" and run.ended)
    starts = [start for start, _ in mailed]

    def wait(moment: datetime) -> float | None:
        index = bisect_left(starts, moment)
        return (mailed[index][1] - moment).total_seconds() if index < len(mailed) else None

    return [(moment, wait(moment)) for moment in arrivals]


def spread(numbers: Iterable[float | None]) -> Spread:
    """Median, 95th percentile (nearest rank) and longest of the numbers that are there; lengths are never negative."""
    known = sorted(max(0.0, number) for number in numbers if number is not None)
    if not known:
        return Spread(0)
    return Spread(len(known), _rank(known, 0.5), _rank(known, 0.95), known[-1])


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _step(length: timedelta) -> timedelta:
    """The shortest round period of which there are not too many."""
    minutes = (1, 5, 15, 60, 180, 360, 720, 1440, 2880, 10080)
    fitting = (timedelta(minutes=number) for number in minutes)
    return next((step for step in fitting if length / step <= _BARS), timedelta(days=28))


def _periods(
    runs: Sequence[Run],
    waits: Sequence[tuple[datetime, float | None]],
    since: datetime,
    until: datetime,
    step: timedelta,
) -> list[Period]:
    first = since - (since - _MONDAY) % step  # a round time: a full hour, midnight, a Monday
    number = max(1, math.ceil((until - first) / step))

    def index(moment: datetime) -> int:
        return min(max(0, (moment - first) // step), number - 1)

    counted: list[Counter[str]] = [Counter() for _ in range(number)]
    for run in runs:
        counted[index(run.started)][run.status] += 1
    leads = Counter(index(moment) for moment, _ in waits)
    longest: dict[int, float] = {}
    for moment, wait in waits:
        if wait is not None:
            longest[index(moment)] = max(wait, longest.get(index(moment), 0.0))
    return [Period(first + step * at, counted[at], leads[at], longest.get(at)) for at in range(number)]
