"""Time as a small interface given from outside, so that the same engine runs on the wall clock and on a virtual one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What every part of the local cloud uses instead of `datetime.now` and `sleep`."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    async def sleep_until(self, when: datetime) -> None:
        """Return when `now()` has reached `when` (at once if it has already)."""
        ...


class WallClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, when: datetime) -> None:
        # Short naps: a wait of hours must notice a suspended laptop or a corrected clock.
        while (left := (when - self.now()).total_seconds()) > 0:
            await asyncio.sleep(min(left, 30.0))
