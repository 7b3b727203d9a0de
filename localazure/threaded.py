"""A local cloud on a thread of its own, for programs and tests that do not run an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self, TypeVar

from localazure.clock import Clock
from localazure.cloud import Cloud, Settings

T = TypeVar("T")


class ThreadedCloud:
    """`with ThreadedCloud() as cloud: ...`. `start` returns when everything answers; `stop` when all is on disk."""

    def __init__(self, data: Path | None = None, settings: Settings | None = None, clock: Clock | None = None) -> None:
        self.cloud = Cloud(data, settings, clock)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="localazure", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Raises what `Cloud.start` raises."""
        self._thread.start()
        try:
            self.call(self.cloud.start)
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Stop the cloud and its thread; the object cannot be started again."""
        try:
            self.call(self.cloud.stop)
        finally:
            self._end()

    def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run a coroutine function on the cloud's event loop and return its result."""

        async def run() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def environment(self) -> dict[str, str]:
        """The variables that lead clients to this cloud, as `localazure env` prints them."""
        return self.cloud.environment()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
