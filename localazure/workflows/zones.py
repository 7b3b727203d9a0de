"""Time zones by the names that workflows use: Windows' and IANA's."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global


def find_zone(name: str | None) -> tzinfo:
    """The zone; UTC where none is named; ValueError for an unknown one."""
    if not name:
        return UTC
    windows = {key.lower(): value for key, value in get_global("windows_zone_mapping").items()}
    try:
        return ZoneInfo(windows.get(name.lower(), name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"the time zone '{name}' is not known: use a Windows name such as 'W. Europe Standard Time'"
        ) from None
