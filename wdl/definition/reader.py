"""Reading JSON into the types of a definition, as the engine's deserialiser does: wrong kinds and unknown enum values.

Every complaint goes to `report`, which raises (parsing) or collects (checking); reading then goes on with a harmless
value in the place of the wrong one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from wdl.definition.errors import INVALID_CONTENT, DefinitionError
from wdl.definition.positions import Path
from wdl.definition.vocabulary import canonical

Report = Callable[[DefinitionError], None]


class Reader:
    """Typed access to the members of one JSON object of the definition."""

    def __init__(self, raw: Any, path: Path, report: Report) -> None:
        self.path = path
        self._report = report
        if raw is not None and not isinstance(raw, Mapping):
            self._wrong(raw, "object", path)
        self.raw: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}

    def get(self, name: str) -> Any:
        return self.raw.get(name)

    def at(self, name: str) -> Path:
        return (*self.path, name)

    def child(self, name: str) -> Reader:
        return Reader(self.raw.get(name), self.at(name), self._report)

    def children(self) -> dict[str, Reader]:
        """One reader for each member, for objects that hold objects."""
        return {name: self.child(name) for name in self.raw}

    def present(self, name: str) -> bool:
        return self.raw.get(name) is not None

    def text(self, name: str) -> str | None:
        """A string member; numbers and booleans are taken as their text, as the engine does."""
        value = self.raw.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, (Mapping, list)):
            self._wrong(value, "string", self.at(name))
            return None
        return json.dumps(value)

    def integer(self, name: str) -> int | None:
        """An integer member; text that reads as an integer is taken."""
        value = self.raw.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        return self._integer_of(value, name)

    def _integer_of(self, value: Any, name: str) -> int | None:
        try:
            return int(value) if isinstance(value, str) else round(float(value)) if _number(value) else int("x")
        except ValueError:
            shown = value if isinstance(value, str) else json.dumps(value, default=str)
            message = f"Could not convert string to integer: {shown}. Path '{name}'."
            self._report(DefinitionError(INVALID_CONTENT, message, self.at(name), rule="not-an-integer"))
            return None

    def enum(self, name: str, among: tuple[str, ...]) -> str | None:
        """An enum member in the engine's spelling, None when absent."""
        value = self.text(name)
        return None if value is None else self.enum_value(value, among, self.at(name))

    def enum_value(self, value: str, among: tuple[str, ...], path: Path) -> str | None:
        known = canonical(value, among)
        if known is None:
            self._report(
                DefinitionError(
                    INVALID_CONTENT, f"Requested value '{value}' was not found.", path, rule="unknown-value"
                )
            )
        return known

    def flags(self, name: str, among: tuple[str, ...]) -> frozenset[str]:
        """A member that holds enum values separated by commas; `None` counts as none."""
        parts = (self.text(name) or "").split(",")
        known = (self.enum_value(part, among, self.at(name)) for part in parts if part.strip())
        return frozenset(value for value in known if value and value != "None")

    def items(self, name: str) -> list[Any]:
        value = self.raw.get(name)
        if value is not None and not isinstance(value, list):
            self._wrong(value, "array", self.at(name))
        return value if isinstance(value, list) else []

    def refuse(self, error: DefinitionError) -> None:
        self._report(error)

    def _wrong(self, value: Any, expected: str, path: Path) -> None:
        shown = value if isinstance(value, str) else json.dumps(value, default=str)
        message = f"Error converting value '{shown[:100]}' to type '{expected}'. Path '{path[-1] if path else ''}'."
        self._report(DefinitionError(INVALID_CONTENT, message, path, rule="wrong-kind"))


def _number(value: Any) -> bool:
    return not isinstance(value, (str, bool, Mapping, list)) and value is not None
