"""Time as a small interface given from outside, so that the same engine runs on the wall clock and on a virtual one."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

T = TypeVar("T")


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
        while (left := (when - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - time, not an event
            await asyncio.sleep(min(left, 30.0))


class VirtualClock:
    """A clock that stands still while anything goes on and jumps to the next due time when nothing can.

    Nobody sleeps: a month of hourly runs takes as long as its work. Time moves only inside `advance`, `run_until` and
    `drive`. Sleepers that are due at the same instant wake in the order in which they fell asleep, so that the same
    work on the same start gives the same history. Work that awaits something other than this clock (a socket, a child
    process) says so with `hold`, else time may jump meanwhile.
    """

    _SPINS = 4

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start.astimezone(UTC)
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._asleep = 0
        self._holds = 0
        self._stirred = 0
        self._released = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, when: datetime) -> None:
        if when <= self._now:
            return
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asleep += 1
        self._stirred += 1
        heapq.heappush(self._sleepers, (when, self._asleep, alarm))
        await alarm

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep time from moving while the block goes on."""
        self._holds += 1
        self._stirred += 1
        try:
            yield
        finally:
            self._holds -= 1
            if not self._holds:
                self._released.set()

    async def advance(self, by: timedelta) -> None:
        """Let `by` pass; everything that falls due in it happens at its time."""
        await self.run_until(self._now + by)

    async def run_until(self, when: datetime) -> None:
        """Let time pass until `when`; what is due exactly then still happens."""
        await self._settle()
        while (due := self._next_due()) is not None and due <= when:
            await self._jump(due)
        self._now = max(self._now, when)

    async def drive(self, work: Awaitable[T]) -> T:
        """Let as much time pass as `work` needs, and return its result. Raises RuntimeError if it can never end."""
        task = asyncio.ensure_future(work)
        try:
            await self._settle()
            while not task.done():
                if (due := self._next_due()) is None:
                    raise RuntimeError("nothing is due on the virtual clock, and the work awaited has not ended")
                await self._jump(due)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
        return await task

    async def _jump(self, due: datetime) -> None:
        self._now = max(self._now, due)
        heapq.heappop(self._sleepers)[2].set_result(None)
        await self._settle()

    def _next_due(self) -> datetime | None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def _settle(self) -> None:
        """Return when no one holds the clock and a few turns of the event loop started nothing new."""
        quiet = 0
        while quiet < self._SPINS:
            if self._holds:
                self._released.clear()
                await self._released.wait()
            before = self._stirred
            await asyncio.sleep(0)
            quiet = quiet + 1 if before == self._stirred and not self._holds else 0


def hold(clock: Clock) -> AbstractContextManager[None]:
    """Keep a virtual clock from moving while the block goes on; on any other clock, nothing."""
    return clock.hold() if isinstance(clock, VirtualClock) else nullcontext()
