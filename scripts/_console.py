"""What the scripts say: steps as they happen on standard output, errors in one line on standard error."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import NoReturn

from rich.cells import cell_len
from rich.console import Console as Terminal
from rich.table import Table
from rich.text import Text

_UNLIMITED = 10_000
_GAP = 2  # between columns
# What steers a terminal, and what turns the direction of a text: both could make a text look like another.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """A text from outside (a lead, an answer of a service) that cannot steer the terminal."""
    return _STEERING.sub("\ufffd", text.replace("\r\n", "\n"))


def speak_utf8() -> None:
    """A locale of another encoding must not end a command in the middle of its work, at the first `✓`.

    Files and pipes get UTF-8 (half a character as JSON's escape); a terminal gets `?` for what it cannot show.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.isatty():
            stream.reconfigure(errors="replace")
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


class Console:
    """`quiet` keeps standard output free for JSON. No text steers the terminal, whoever wrote it."""

    def __init__(self, quiet: bool = False) -> None:
        speak_utf8()
        width = None if sys.stdout.isatty() else _UNLIMITED
        self._out = Terminal(quiet=quiet, highlight=False, soft_wrap=True, width=width)
        self._errors = Terminal(stderr=True, highlight=False, soft_wrap=True)

    def step(self, text: str) -> None:
        """Something was done."""
        self._out.print(Text.assemble(("✓ ", "green"), printable(text)))

    def note(self, text: str) -> None:
        """Something worth knowing."""
        self._out.print(Text(printable(text)))

    def warn(self, text: str) -> None:
        """Something that a person should look at."""
        self._out.print(Text.assemble(("! ", "yellow"), printable(text)))

    def fault(self, text: str) -> None:
        """Something is wrong, and is told with other things: no reason to stop."""
        self._out.print(Text.assemble(("✗ ", "red"), printable(text)))

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Rows under headings. In a file or pipe every row is one line.

        On a terminal cells are folded between words; where a word would have to be broken (a run's name, an address:
        nobody could copy it), each row is shown as lines of heading and cell.
        """
        cells = [[printable(" ".join(cell.split())) for cell in row] for row in rows]
        widths = _widths([list(headings), *cells], self._out.width if self._out.is_terminal else _UNLIMITED)
        if widths is None:
            self._records(headings, cells)
            return
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, _GAP, 0, 0))
        for heading, width in zip(headings, widths, strict=True):
            table.add_column(heading, width=width)
        for row in cells:
            table.add_row(*map(Text, row))
        self._out.print(table, soft_wrap=False)

    def _records(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        longest = max(map(cell_len, headings))
        for number, row in enumerate(rows):
            if number:
                self._out.print()
            for heading, cell in zip(headings, row, strict=True):
                if cell:
                    self._out.print(Text.assemble((f"{heading:<{longest}}", "bold"), f"  {cell}"))

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Show on a terminal that something is going on, as long as the block runs."""
        with self._out.status(Text(text)):
            yield

    def error(self, text: str) -> None:
        """What went wrong, in one line; repeats of white space are joined."""
        self._errors.print(Text.assemble(("error: ", "red"), printable(" ".join(text.split()))))

    def fail(self, text: str, code: int = 1) -> NoReturn:
        """End the command with an error."""
        self.error(text)
        sys.exit(code)


def _widths(rows: Sequence[Sequence[str]], available: int) -> list[int] | None:
    """How wide each column is: as its longest cell, or narrower where cells can be folded between words; else None."""
    columns = list(zip(*rows, strict=True))
    wanted = [max(map(cell_len, column)) for column in columns]
    widths = [max(_longest_word(cell) for cell in column) for column in columns]
    widths[0] = wanted[0]  # what the rows are called by
    spare = available - sum(widths) - _GAP * (len(widths) - 1)
    if spare < 0:
        return None
    while spare and (narrow := [number for number, width in enumerate(widths) if width < wanted[number]]):
        for number in narrow[:spare]:
            widths[number] += 1
        spare -= min(spare, len(narrow))
    return widths


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)
