"""Waiting: how long for something to happen, and how long until "nothing happened" is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Seconds. `long` for what should happen, `quiet` after which what has not happened will not, `pause` between two
    looks, `monitor` for Azure Monitor, which is minutes late. `now` and `sleep` are given from outside."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    long: float = 180
    quiet: float = 90
    pause: float = 3
    monitor: float = 15 * 60

    def until(self, look: Callable[[], T | None], seconds: float | None = None) -> T | None:
        """What `look` finds, tried again until then; None after `seconds` (else `long`)."""
        end = self.now() + (self.long if seconds is None else seconds)
        while (found := look()) is None:
            if self.now() >= end:
                return None
            self.sleep(self.pause)
        return found

    def stays(self, look: Callable[[], bool], seconds: float | None = None) -> bool:
        """Whether `look` is true all the time for `seconds` (else `quiet`)."""
        return self.until(lambda: None if look() else True, self.quiet if seconds is None else seconds) is None
