"""What the scripts say: steps as they happen on standard output, errors in one line on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console as Terminal
from rich.text import Text


class Console:
    """`quiet` keeps standard output free for JSON."""

    def __init__(self, quiet: bool = False) -> None:
        self._out = Terminal(quiet=quiet, highlight=False, soft_wrap=True)
        self._errors = Terminal(stderr=True, highlight=False, soft_wrap=True)

    def step(self, text: str) -> None:
        """Something was done."""
        self._out.print(Text.assemble(("✓ ", "green"), text))

    def note(self, text: str) -> None:
        """Something worth knowing."""
        self._out.print(Text(text))

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Show on a terminal that something is going on, as long as the block runs."""
        with self._out.status(Text(text)):
            yield

    def error(self, text: str) -> None:
        """What went wrong, in one line; repeats of white space are joined."""
        self._errors.print(Text.assemble(("error: ", "red"), " ".join(text.split())))

    def fail(self, text: str, code: int = 1) -> NoReturn:
        """End the command with an error."""
        self.error(text)
        sys.exit(code)
