"""Instants and names as the service writes them: 100 ns time stamps, run names that sort newest first, GUIDs."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_TIE = 100_000  # names of one instant are spread over at most 10 ms
_LONGEST = 2**63 - 1


def stamp(at: datetime) -> str:
    """`2026-11-24T10:00:00.1234560Z`: seven decimals, as .NET's round-trip format."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z" if at.year > 999 else at.isoformat()


def unstamp(text: str) -> datetime:
    """The instant of a time stamp (at most microseconds are kept); text without a zone is UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def short(text: str) -> str:
    """The same time stamp as the REST API returns it: without trailing zeros."""
    head, dot, fraction = text.removesuffix("Z").partition(".")
    fraction = fraction.rstrip("0")
    return f"{head}{dot}{fraction}Z" if fraction else f"{head}Z"


def ticks(at: datetime) -> int:
    """100 ns units since year 1."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 10


def version_name(at: datetime) -> str:
    """20 digits that fall with time: `08586677515911718341`."""
    return f"{_LONGEST - ticks(at):020d}"


def run_name(at: datetime, chance: random.Random, before: str = "") -> str:
    """The name of a run triggered at `at`: version digits, nine random digits, `CU` and two digits.

    `before`: the name given last; the new one sorts before it even within one tick, as newer names do.
    """
    digits = version_name(at)
    if before[:20] == digits or (before and 0 < int(digits) - int(before[:20]) < _TIE):
        digits = f"{int(before[:20]) - 1:020d}"
    return f"{digits}{chance.randrange(10**9):09d}CU{chance.randrange(100):02d}"


def guid(chance: random.Random) -> str:
    """A version 4 GUID drawn from `chance`."""
    return str(UUID(int=chance.getrandbits(128), version=4))
