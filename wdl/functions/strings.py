"""String functions."""

from __future__ import annotations

from wdl.registry import anything, function
from wdl.values import Value, to_text


@function("concat", anything(rest=True), grows=True)
def concat(*values: Value) -> str:
    """The texts of all values, one after the other; null is empty."""
    return "".join([to_text(value) for value in values])
