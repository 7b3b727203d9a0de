"""Which strings Newtonsoft takes for dates when it reads JSON, and how it writes them again.

Azure reads the object of a condition that way: `"2018-01-01T00:00:00Z"` becomes a date, which no function takes.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from wdl.dotnet.instant import MAX_TICKS, TICKS_PER_DAY, TICKS_PER_MINUTE, TICKS_PER_SECOND, Instant, Kind, of

_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?", re.ASCII
)
_MICROSOFT: Final = re.compile(r"/Date\((-?\d{1,19})(?:([+-])(\d\d)(\d\d)?)?\)/", re.ASCII)
_UNIX_EPOCH: Final = of(date(1970, 1, 1), 0).ticks
_TICKS_PER_MILLISECOND: Final = TICKS_PER_SECOND // 1000


def json_date(text: str) -> str | None:
    """The date that a string holds, as Newtonsoft writes it (on a machine in UTC); None for another string."""
    match = _ISO.fullmatch(text)
    instant = _iso(match) if match else None
    if instant is None and (match := _MICROSOFT.fullmatch(text)):
        instant = _microsoft(match)
    return None if instant is None else _written(instant)


def _iso(match: re.Match[str]) -> Instant | None:
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction, utc, sign, zone_hours, zone_minutes = match.groups()[6:]
    ticks = int((fraction or "").ljust(7, "0"))
    whole_day = hour == 24 and minute == second == ticks == 0
    if hour > 23 + whole_day or minute > 59 or second > 59:
        return None
    try:
        start = of(date(year, month, day), 0).ticks
    except ValueError:
        return None
    start += (hour * 3600 + minute * 60 + second) * TICKS_PER_SECOND + ticks
    if utc or not sign:
        return Instant(min(start, MAX_TICKS), Kind.UTC if utc else Kind.UNSPECIFIED)
    return _local(start - _offset(sign, zone_hours, zone_minutes))


def _microsoft(match: re.Match[str]) -> Instant:
    milliseconds, sign, *_ = match.groups()
    ticks = _UNIX_EPOCH + int(milliseconds) * _TICKS_PER_MILLISECOND
    kind = Kind.LOCAL if sign else Kind.UTC
    return Instant(min(max(ticks, 0), MAX_TICKS), kind)


def _offset(sign: str, hours: str, minutes: str | None) -> int:
    offset = (int(hours) * 60 + int(minutes or 0)) * TICKS_PER_MINUTE
    return -offset if sign == "-" else offset


def _local(ticks: int) -> Instant:
    return Instant(min(max(ticks, 0), MAX_TICKS), Kind.LOCAL)


def _written(instant: Instant) -> str:
    seconds, fraction = divmod(instant.ticks % TICKS_PER_DAY, TICKS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    shown = f".{fraction:07}".rstrip("0") if fraction else ""
    zone = {Kind.UTC: "Z", Kind.LOCAL: "+00:00", Kind.UNSPECIFIED: ""}[instant.kind]
    return f"{instant.date.isoformat()}T{hour:02}:{minute:02}:{second:02}{shown}{zone}"
