"""ISO 8601 durations in definitions, and the length of a recurrence."""

from __future__ import annotations

from wdl.definition.vocabulary import canonical
from wdl.durations import parse_duration

_UNITS = {
    "Second": 1,
    "Minute": 60,
    "Hour": 3_600,
    "Day": 86_400,
    "Week": 604_800,
    "Month": 2_592_000,
    "Year": 31_536_000,
}


def seconds(text: str) -> float | None:
    """The length of a duration like `PT1H30M`; None for what is none."""
    try:
        return parse_duration(text).total_seconds()
    except ValueError:
        return None


def span(count: int, unit: str) -> int | None:
    """The length of `count` units (`Second` … `Year`, any case; months count 30 days), None for another unit."""
    known = canonical(unit, tuple(_UNITS))
    return None if known is None else abs(count) * _UNITS[known]
