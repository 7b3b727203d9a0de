"""One thing that Azure has, and what has become of it here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Status = Literal["done", "deviates", "missing"]


@dataclass(frozen=True)
class Item:
    """`name` is Azure's own; `note` says how it deviates, or what happens to who asks for what is missing."""

    group: str
    name: str
    status: Status
    note: str = ""


@dataclass(frozen=True)
class Table:
    """One part of the coverage; `key` names it in JSON and in `deviations.NOTES`."""

    key: str
    title: str
    items: tuple[Item, ...]

    def of(self, status: Status) -> list[Item]:
        """The items of one status."""
        return [item for item in self.items if item.status == status]


def judged(group: str, name: str, there: bool, notes: Mapping[str, str], missing: str = "") -> Item:
    """An item that is there or not: a note about one that is there is a deviation."""
    if not there:
        return Item(group, name, "missing", notes.get(name, missing))
    return Item(group, name, "deviates" if name in notes else "done", notes.get(name, ""))


def every(group: str, names: Iterable[str], served: Iterable[str], notes: Mapping[str, str]) -> list[Item]:
    """All names of a group, judged by whether they are among what is served."""
    known = set(served)
    return [judged(group, name, name in known, notes) for name in names]
