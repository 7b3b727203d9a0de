"""Where two JSON values differ, as a person reads it: one line for each place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_PLAIN_NAME = re.compile(r"[A-Za-z_$][\w$]*")
MISSING = object()


@dataclass(frozen=True)
class Difference:
    """One place (JSON path) and its values on both sides; `MISSING` where a side has none."""

    path: str
    left: Any
    right: Any

    def text(self, side: str, length: int = 200) -> str:
        """The value of the `left` or `right` side as compact JSON, cut after so many characters; `-` if missing."""
        value = self.left if side == "left" else self.right
        if value is MISSING:
            return "-"
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        return text if len(text) <= length else f"{text[:length]}…"


def differences(left: Any, right: Any, path: str = "$") -> Iterator[Difference]:
    """The places at which they differ. Members that are empty (`{}`, `[]`) count as missing: services drop them."""
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted({*left, *right}):
            inner = path + (f".{name}" if _PLAIN_NAME.fullmatch(name) else f"[{json.dumps(name, ensure_ascii=False)}]")
            yield from differences(_member(left, name), _member(right, name), inner)
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for number, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from differences(one, other, f"{path}[{number}]")
    elif not _same(left, right):
        yield Difference(path, left, right)


def _member(container: dict[str, Any], name: str) -> Any:
    value = container.get(name, MISSING)
    return MISSING if value in ({}, []) else value


def _same(left: Any, right: Any) -> bool:
    """Equal, but `1` is not `true`."""
    return left is right or (isinstance(left, bool) == isinstance(right, bool) and bool(left == right))
