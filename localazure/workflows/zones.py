"""Time zones by the names that workflows use: Windows' and IANA's."""

from __future__ import annotations

from datetime import UTC, tzinfo

from wdl import timezones


def find_zone(name: str | None) -> tzinfo:
    """The zone; UTC where none is named; ValueError for an unknown one."""
    if not name:
        return UTC
    zone = timezones.find_zone(name)
    if zone is None:
        raise ValueError(f"the time zone '{name}' is not known: use a name such as 'W. Europe Standard Time'")
    return zone.rules
