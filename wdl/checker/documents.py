"""Where workflow definitions stand in a document: bare, in a resource, in ARM templates (nested ones too)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wdl.checker.arm import Resolver, holds_template
from wdl.definition import Path


@dataclass(frozen=True)
class Part:
    """One definition in a document: where it stands, the values of its parameters, what an ARM template leaves open.

    `parameters` are the resource's (`{"name": {"value": …}}`); `open` are the paths, from the document's root, of
    values that only a deployment computes.
    """

    path: Path
    definition: Any
    parameters: Mapping[str, Any]
    open: frozenset[Path] = field(default_factory=frozenset)


def parts(document: Any) -> Iterator[Part]:
    """Every definition in a document, in order."""
    if is_definition(document):
        yield Part((), document, {})
    else:
        yield from _within(document, (), None)


def is_definition(value: Any) -> bool:
    """Whether an object is a workflow definition itself."""
    if not isinstance(value, Mapping) or "resources" in value or isinstance(value.get("definition"), Mapping):
        return False
    schema = str(value.get("$schema", "")).lower()
    named = "workflowdefinition" in schema or "microsoft.logic" in schema
    return named or ("triggers" in value and "actions" in value)


def _within(value: Any, path: Path, resolver: Resolver | None) -> Iterator[Part]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _within(item, (*path, index), resolver)
    if not isinstance(value, Mapping):
        return
    if holds_template(value):
        resolver = Resolver(value)
    for name, member in value.items():
        if name == "definition" and is_definition(member):
            yield _part(value, member, path, resolver)
        else:
            yield from _within(member, (*path, name), resolver)


def _part(holder: Mapping[str, Any], definition: Any, path: Path, resolver: Resolver | None) -> Part:
    given = holder.get("parameters")
    given = given if isinstance(given, Mapping) else {}
    where = (*path, "definition")
    if resolver is None:
        return Part(where, definition, given)
    found: set[Path] = set()
    resolved = resolver.resolve(definition, where, found)
    values = {name: resolver.parameter(holder) for name, holder in given.items()}
    return Part(where, resolved, values, frozenset(found))
