"""What the scripts say: steps as they happen on standard output, errors in one line on standard error."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console as Terminal
from rich.table import Table
from rich.text import Text

_UNLIMITED = 10_000
# What steers a terminal, and what turns the direction of a text: both could make a text look like another.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """A text from outside (a lead, an answer of a service) that cannot steer the terminal."""
    return _STEERING.sub("\ufffd", text.replace("\r\n", "\n"))


class Console:
    """`quiet` keeps standard output free for JSON."""

    def __init__(self, quiet: bool = False) -> None:
        width = None if sys.stdout.isatty() else _UNLIMITED
        self._out = Terminal(quiet=quiet, highlight=False, soft_wrap=True, width=width)
        self._errors = Terminal(stderr=True, highlight=False, soft_wrap=True)

    def step(self, text: str) -> None:
        """Something was done."""
        self._out.print(Text.assemble(("✓ ", "green"), text))

    def note(self, text: str) -> None:
        """Something worth knowing."""
        self._out.print(Text(text))

    def warn(self, text: str) -> None:
        """Something that a person should look at."""
        self._out.print(Text.assemble(("! ", "yellow"), text))

    def fault(self, text: str) -> None:
        """Something is wrong, and is told with other things: no reason to stop."""
        self._out.print(Text.assemble(("✗ ", "red"), text))

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Rows under headings; on a terminal long texts are folded, in a file or pipe every row is one line."""
        is_terminal = self._out.is_terminal
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for number, heading in enumerate(headings):
            table.add_column(heading, no_wrap=number == 0 or not is_terminal, overflow="fold")
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self._out.print(table, soft_wrap=False)

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
