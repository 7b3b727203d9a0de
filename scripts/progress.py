"""Progress for steps that take longer than a person likes to wait. Standard library only: it runs before set-up."""

import sys
import threading
import time
from contextlib import contextmanager
from typing import Iterator


class Step:
    """One line on the screen: what is being done, for how long, and the last news of it."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.news = ""
        self.note = ""
        self._started = time.monotonic()
        self._tty = sys.stderr.isatty()
        self._done = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        if self._tty:
            self._write(f"… {title}")
        self._ticker.start()

    def finish(self, mark: str) -> None:
        """Replace the running line by its result."""
        self._done.set()
        self._ticker.join()
        note = f"  {self.note}" if self.note else ""
        self._write(f"{self._line_start()}{mark} {self.title} ({self._seconds():.1f} s){note}\n")

    def _tick(self) -> None:
        # On a terminal the line is redrawn each second; in a log a line every 15 seconds shows that it is alive.
        while not self._done.wait(1.0 if self._tty else 15.0):
            line = f"… {self.title} ({self._seconds():.0f} s)  {self.news}"
            self._write(self._line_start() + line[:118] if self._tty else f"  {line}\n")

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _line_start(self) -> str:
        return "\r\033[K" if self._tty else ""

    @staticmethod
    def _write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show `title` while the block runs; yields the Step, whose `news` and `note` the block may set."""
    current = Step(title)
    try:
        yield current
    except BaseException:
        current.finish("✗")
        raise
    current.finish("✓")
