"""Differences between old and new inputs, and what they force: update or replacement.

Source: azure-native `provider/pkg/provider/diff.go`. Keys that begin with `__` are the provider's own and ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from localazure.pulumi_provider.check import CREATE_BEFORE_DELETE
from localazure.pulumi_provider.schema import ObjectType, Property, Resource
from localazure.pulumi_provider.values import Json, same

ADD, DELETE, UPDATE = "add", "delete", "update"


@dataclass(frozen=True)
class Change:
    """One difference. `path` is shown to the user (`rules[0].name`), `pattern` is without indexes (`rules[].name`)."""

    path: str
    pattern: str
    kind: str


@dataclass(frozen=True)
class Difference:
    """What Diff answers. `detailed`: path -> (add, delete or update; does it force a replacement)."""

    detailed: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    delete_before_replace: bool = False
    input_paths: frozenset[str] = frozenset()


class Differ:
    """Compares inputs of the resources of one schema."""

    def __init__(self, types: Mapping[str, ObjectType]) -> None:
        self._types = types

    def diff(self, resource: Resource, old_inputs: Json, new_inputs: Json, old_outputs: Json) -> Difference:
        """Old inputs against new inputs; the old outputs soften a replacement that would change nothing."""
        olds = old_inputs
        # Imported resources have no API version among their inputs yet.
        if "azureApiVersion" not in olds and "azureApiVersion" in old_outputs:
            olds = {**olds, "azureApiVersion": old_outputs["azureApiVersion"]}
        found = self._objects(_Place("", ""), resource.body.properties, olds, new_inputs)
        changes = [item for item in found if not _insignificant(item, olds, new_inputs)]
        return _answer(resource, changes, self._replacing(resource), olds, new_inputs, old_outputs)

    def _objects(self, place: _Place, known: Mapping[str, Property], old: Json, new: Json) -> Iterator[Change]:
        for name in sorted(old.keys() | new.keys()):
            if name.startswith("__"):
                continue
            inner = place.property(name)
            if name not in new:
                yield inner.change(DELETE)
            elif name not in old:
                yield inner.change(ADD)
            else:
                yield from self._values(inner, known.get(name), old[name], new[name])

    def _values(self, place: _Place, item: Property | None, old: Any, new: Any) -> Iterator[Change]:
        if isinstance(old, list) and isinstance(new, list):
            yield from self._lists(place, item, old, new)
        elif isinstance(old, dict) and isinstance(new, dict):
            type_ = self._types.get(item.ref) if item is not None and item.ref is not None else None
            yield from self._objects(place, type_.properties if type_ else {}, old, new)
        elif not same(old, new):
            yield place.change(UPDATE)

    def _lists(self, place: _Place, item: Property | None, old: list[Any], new: list[Any]) -> Iterator[Change]:
        if item is not None and item.identifiers:
            yield from self._keyed_lists(place, item, old, new)
            return
        element = item.items if item is not None else None
        for index in range(max(len(old), len(new))):
            inner = place.element(index)
            if index >= len(old):
                yield inner.change(ADD)
            elif index >= len(new):
                yield inner.change(DELETE)
            else:
                yield from self._values(inner, element, old[index], new[index])

    def _keyed_lists(self, place: _Place, item: Property, old: list[Any], new: list[Any]) -> Iterator[Change]:
        """Lists that the specification declares to be sets (`x-ms-identifiers`): their order does not matter."""
        before = {_key(element, item.identifiers): element for element in old}
        seen = set()
        for index, element in enumerate(new):
            key = _key(element, item.identifiers)
            seen.add(key)
            if key in before:
                yield from self._values(place.element(index), item.items, before[key], element)
            else:
                yield place.element(index).change(ADD)
        for index, element in enumerate(old):
            if _key(element, item.identifiers) not in seen:
                yield place.element(index).change(DELETE)

    def _replacing(self, resource: Resource) -> set[str]:
        patterns = {item.name for item in resource.parameters if item.location == "path"}
        for name, item in resource.body.properties.items():
            if item.force_new:
                patterns.add(name)
            patterns.update(f"{name}.{inner}" for inner in self._force_new_inside(item))
            patterns.update(f"{name}[].{inner}" for inner in self._force_new_inside(item.items))
        return patterns

    def _force_new_inside(self, item: Property | None) -> list[str]:
        if item is None or item.ref is None:
            return []
        return [name for name, inner in self._types[item.ref].properties.items() if inner.force_new]


@dataclass(frozen=True)
class _Place:
    path: str
    pattern: str

    def property(self, name: str) -> _Place:
        return _Place(f"{self.path}.{name}", f"{self.pattern}.{name}") if self.path else _Place(name, name)

    def element(self, index: int) -> _Place:
        return _Place(f"{self.path}[{index}]", f"{self.pattern}[]")

    def change(self, kind: str) -> Change:
        return Change(self.path, self.pattern, kind)


def _insignificant(change: Change, old: Json, new: Json) -> bool:
    """Spelling that Azure does not distinguish."""
    if change.kind != UPDATE or change.path not in ("location", "resourceGroupName"):
        return False
    first, second = old[change.path], new[change.path]
    if not (isinstance(first, str) and isinstance(second, str)):
        return False
    if change.path == "location":
        return _plain_location(first) == _plain_location(second)
    return first.lower() == second.lower()


def _plain_location(location: str) -> str:
    return location.replace(" ", "").lower()


def _answer(
    resource: Resource, changes: list[Change], replacing: set[str], old: Json, new: Json, old_outputs: Json
) -> Difference:
    detailed = {item.path: (item.kind, _replaces(item, replacing, new, old_outputs)) for item in changes}
    counted = [item for item in changes if not _is_default(resource, item, new)]
    replaces = tuple(sorted(item.path for item in counted if detailed[item.path][1]))
    delete_first = bool(replaces)
    if isinstance(old.get(CREATE_BEFORE_DELETE), bool):
        delete_first = not old[CREATE_BEFORE_DELETE]
    changed = tuple(sorted({item.path.split(".")[0].split("[")[0] for item in counted}))
    return Difference(detailed, changed, replaces, delete_first, frozenset(item.path for item in counted))


def _replaces(change: Change, replacing: set[str], new: Json, old_outputs: Json) -> bool:
    within = change.kind == UPDATE and any(change.pattern.startswith(f"{name}.") for name in replacing)
    if change.pattern not in replacing and not within:
        return False
    added_as_it_was = (
        change.kind == ADD and change.path in old_outputs and same(new.get(change.path), old_outputs[change.path])
    )
    return not added_as_it_was


def _is_default(resource: Resource, change: Change, new: Json) -> bool:
    item = resource.body.properties.get(change.path)
    return change.kind == ADD and item is not None and item.default is not None and same(new[change.path], item.default)


def _key(element: Any, identifiers: tuple[str, ...]) -> str:
    return repr([element.get(name) for name in identifiers]) if isinstance(element, dict) else ""
