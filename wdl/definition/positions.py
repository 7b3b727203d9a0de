"""Places in JSON text: which line and column a value stands at, as the engine counts them (both from 1).

The engine's reader names the position just behind the opening bracket of an object or array, and behind the last
character of any other value.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Path = tuple[str | int, ...]


# The first step of a path that does not lead into the definition but into the resource around it: a value given for a
# parameter stands at `("..", "parameters", name)`, beside the definition.
AROUND = ".."


class Position(NamedTuple):
    line: int
    column: int


_BLANK = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_JSON = json.JSONDecoder(strict=False)
_ATOM = re.compile(r"[^\s,\]}/]+")


def locate(text: str) -> dict[Path, Position]:
    """The position of every value of a JSON text (comments allowed), by its path from the root."""
    scanner = _Scanner(text)
    scanner.value(0, ())
    return scanner.found


def duplicates(text: str) -> list[tuple[Path, Position]]:
    """The members of a JSON text that stand in their object once more, with the place of the later one."""
    scanner = _Scanner(text)
    scanner.value(0, ())
    return scanner.repeated


def locate_value(value: Any) -> dict[Path, Position]:
    """The positions in the text that the engine is given when it is handed this value: one line, `", "` and `": "`."""
    return locate(json.dumps(value, default=_plain))


def json_path(path: Path) -> str:
    """A path as JSON path: `$.actions['Send_an_email_(V2)'].runAfter`."""
    return "$" + "".join(_step(key) for key in path)


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    if re.fullmatch(r"[A-Za-z_$][\w$]*", key):
        return f".{key}"
    return "['" + key.replace("'", "\\'") + "']"


def _plain(value: Any) -> Any:
    """Mappings and number types of our own, as `json` takes them."""
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, Sequence) else float(value)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.found: dict[Path, Position] = {}
        self.repeated: list[tuple[Path, Position]] = []
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def value(self, at: int, path: Path) -> int:
        """Reads one value, returns where it ends."""
        at = self._blank(at)
        opening = self.text[at : at + 1]
        if opening == "{":
            return self._members(at, path)
        if opening == "[":
            return self._items(at, path)
        end = _JSON.raw_decode(self.text, at)[1] if opening == '"' else self._atom(at)
        self._mark(path, end)
        return end

    def _members(self, at: int, path: Path) -> int:
        self._mark(path, at + 1)
        at = self._blank(at + 1)
        seen = set()
        while self.text[at] != "}":
            key, at = _JSON.raw_decode(self.text, at)
            member = (*path, key)
            at = self._next(self.value(self._blank(at) + 1, member))
            if key in seen:
                self.repeated.append((member, self.found[member]))
            seen.add(key)
        return at + 1

    def _items(self, at: int, path: Path) -> int:
        self._mark(path, at + 1)
        at, index = self._blank(at + 1), 0
        while self.text[at] != "]":
            at = self._next(self.value(at, (*path, index)))
            index += 1
        return at + 1

    def _next(self, at: int) -> int:
        at = self._blank(at)
        return self._blank(at + 1) if self.text[at] == "," else at

    def _blank(self, at: int) -> int:
        match = _BLANK.match(self.text, at)
        return match.end() if match else at

    def _atom(self, at: int) -> int:
        match = _ATOM.match(self.text, at)
        return match.end() if match else at + 1

    def _mark(self, path: Path, end: int) -> None:
        line = bisect_right(self._starts, end - 1)
        self.found[path] = Position(line, end - self._starts[line - 1])
