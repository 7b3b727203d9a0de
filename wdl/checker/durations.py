"""ISO 8601 durations in definitions, and the length of a recurrence."""

from __future__ import annotations

import re

from wdl.definition.vocabulary import canonical

_DURATION = re.compile(
    r"P(?!$)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)
_LENGTHS = (365 * 86_400, 30 * 86_400, 7 * 86_400, 86_400, 3_600, 60, 1)
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
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None
    return sum(float(part or 0) * length for part, length in zip(match.groups(), _LENGTHS, strict=True))


def span(count: int, unit: str) -> int | None:
    """The length of `count` units (`Second` … `Year`, any case; months count 30 days), None for another unit."""
    known = canonical(unit, tuple(_UNITS))
    return None if known is None else abs(count) * _UNITS[known]
