"""Files that are written as a whole or not at all, whoever else writes them at the same time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def whole(file: Path) -> Iterator[TextIO]:
    """A text file (UTF-8, as given: no line end is changed) that its owner alone can read.

    It takes the place of `file` when the block ends, and not when the block raises: a reader sees the former content
    or the new one. Each writer has a temporary file of its own beside it, so two at once do not disturb each other:
    the last one stays. Half of a character that UTF-16 splits (`\\ud800` in JSON) has no form in UTF-8: its escape is
    written. Raises `OSError`.
    """
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as out:
            yield out
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
