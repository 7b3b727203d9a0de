"""How messages name a place."""

from __future__ import annotations

from functools import cached_property

from wdl.definition.model import Operation, Raw
from wdl.definition.positions import Path, Position, locate_value


class Places:
    """Lines and columns of a definition, worked out only when a message needs them."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw

    @cached_property
    def _found(self) -> dict[Path, Position]:
        return locate_value(self._raw)

    def at(self, path: Path) -> str:
        position = self._found.get(path, Position(1, 1))
        return f"at line '{position.line}' and column '{position.column}'"

    def action(self, action: Operation) -> str:
        return f"template action '{action.name}' {self.at(action.path)}"

    def trigger(self, trigger: Operation) -> str:
        return f"template trigger '{trigger.name}' {self.at(trigger.path)}"
