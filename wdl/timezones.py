"""Time zones by Windows or IANA name, and conversions between them as `TimeZoneInfo` makes them.

Windows names are mapped to IANA zones as CLDR maps them (Babel's data); the rules are those of the `tzdata` package,
never the machine's. Names are found without regard to case, as in Azure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from babel.core import get_global

from wdl.dotnet.instant import MAX_TICKS, TICKS_PER_MINUTE, TICKS_PER_SECOND, Instant, Kind

_UTC: Final = "UTC"
_EPOCH: Final = datetime(1, 1, 1)
_MAX_SECONDS: Final = MAX_TICKS // TICKS_PER_SECOND
#: Where the standard offset of a zone is looked up: a fixed day, so that no result depends on the clock.
_REFERENCE_YEAR: Final = 2026


class InvalidLocalTimeError(ValueError):
    """A clock reading that the zone skips when its clocks go forward."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone. `name` is the IANA name, `UTC` for UTC itself."""

    name: str
    rules: ZoneInfo

    @property
    def is_utc(self) -> bool:
        """Whether this is UTC itself, not a zone that merely has its offset."""
        return self.name == _UTC

    @property
    def display_name(self) -> str:
        """The zone in messages, as .NET names it under the invariant culture: `(UTC+01:00) GMT`."""
        if self.is_utc:
            return "(UTC) Coordinated Universal Time"
        minutes = self._standard_offset() // TICKS_PER_MINUTE
        hours, minute = divmod(abs(minutes), 60)
        return f"(UTC{'-' if minutes < 0 else '+'}{hours:02}:{minute:02}) GMT"

    def _standard_offset(self) -> int:
        winter = (self._offset(datetime(_REFERENCE_YEAR, month, 1), 0) for month in (1, 7))
        return min(winter)

    def from_utc(self, ticks: int) -> Instant:
        """The clock reading in this zone at a UTC time; clamped to the years 1 to 9999."""
        if self.is_utc:
            return Instant(ticks, Kind.UTC)
        moment = _datetime(ticks).replace(tzinfo=UTC).astimezone(self.rules)
        return Instant(_clamp(ticks + _minutes(moment.utcoffset())))

    def to_utc(self, ticks: int) -> int:
        """The UTC time of a clock reading, standard time where it occurs twice.

        Raises InvalidLocalTimeError where it does not occur.
        """
        if self.is_utc:
            return ticks
        local = _datetime(ticks)
        earlier, later = self._offset(local, 0), self._offset(local, 1)
        if earlier < later:
            raise InvalidLocalTimeError(f"the clocks of {self.name} skip that time")
        return _clamp(ticks - later)

    def _offset(self, local: datetime, fold: int) -> int:
        return _minutes(self.rules.utcoffset(local.replace(fold=fold)))


def _datetime(ticks: int) -> datetime:
    # A day's distance to the ends keeps Python's conversions within its years.
    seconds = min(max(ticks // TICKS_PER_SECOND, 86_400), _MAX_SECONDS - 86_400)
    return _EPOCH + timedelta(seconds=seconds)


def _minutes(offset: timedelta | None) -> int:
    """An offset in ticks, without the seconds that old local times have: .NET knows none."""
    seconds = offset.days * 86_400 + offset.seconds if offset else 0
    minutes = abs(seconds) // 60
    return (minutes if seconds > 0 else -minutes) * TICKS_PER_MINUTE


def _clamp(ticks: int) -> int:
    return min(max(ticks, 0), MAX_TICKS)


@lru_cache(maxsize=1024)
def find_zone(name: str) -> Zone | None:
    """The zone with a Windows or IANA name, or None."""
    iana = _names().get(name.lower())
    if iana is None:
        return None
    with resources.files("tzdata").joinpath("zoneinfo", *iana.split("/")).open("rb") as file:
        return Zone(_UTC if name.upper() == _UTC else iana, ZoneInfo.from_file(file, key=iana))


@cache
def _names() -> dict[str, str]:
    """All known names in lower case, each with its IANA zone."""
    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    windows = {name.lower(): str(zone) for name, zone in get_global("windows_zone_mapping").items()}
    return {name.lower(): name for name in listed} | windows
