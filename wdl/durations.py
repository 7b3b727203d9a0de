"""ISO 8601 durations (`PT7S`, `P1DT2H`) as workflow definitions use them."""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)
_DAYS = {"years": 365, "months": 30}  # as .NET's XmlConvert.ToTimeSpan counts them


def parse_duration(text: str) -> timedelta:
    """The length of `text`; ValueError if it is no duration."""
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or text.strip().upper() in {"P", "PT"} or text.strip().upper().endswith("T"):
        raise ValueError(f"'{text}' is not an ISO 8601 duration such as PT30S, PT5M, PT1H or P1D")
    parts = {name: float(value) for name, value in match.groupdict(default="0").items()}
    days = sum(parts.pop(name) * length for name, length in _DAYS.items())
    try:
        return timedelta(days=days) + timedelta(**parts)
    except OverflowError:
        raise ValueError(f"'{text}' is too long a duration") from None
