"""How deeply a JSON value is nested, without descending into it by recursion: definitions may be hostile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wdl.limits import MAX_DEPTH


def too_deep(value: Any) -> bool:
    """Whether objects and arrays are nested more than `MAX_DEPTH` deep."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [item for holder in level for item in _items(holder)]
        if not level:
            return False
    return True


def _items(holder: Any) -> list[Any]:
    values = holder.values() if isinstance(holder, Mapping) else holder if isinstance(holder, list) else ()
    return [item for item in values if isinstance(item, (Mapping, list))]
