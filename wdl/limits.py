"""Bounds that keep hostile input harmless. Where Azure has a limit it is Azure's."""

from __future__ import annotations

from typing import Final

MAX_TEXT: Final = 104_857_600
"""Characters of a text or of a value's JSON (Azure: "string length" and "message size" of a variable or action)."""

MAX_EXPRESSION: Final = 8192
"""Characters of one expression (Azure's)."""

MAX_CALLS: Final = 100
"""Functions within functions; a bound of this interpreter, below what Python's stack holds."""

MAX_RANGES: Final = 20
"""Calls of `range` in one expression, each of which may make 100,000 numbers."""

MAX_DEPTH: Final = 128
"""Arrays and objects within each other in a text that is read."""
