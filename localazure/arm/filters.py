"""The few OData filters that ARM's own lists take: by tag, type, name and group, joined with `and`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localazure.arm.envelope import ArmError
from localazure.arm.resource_ids import parse_id

_TERM = re.compile(r"\s*(\w+)\s+(eq|ne)\s+'((?:[^']|'')*)'\s*", re.IGNORECASE)


class TagFilter:
    """`tagName eq 'a' and tagValue eq 'b'` for resource groups. An empty text lets everything through."""

    known: tuple[str, ...] = ("tagname", "tagvalue")

    def __init__(self, text: str) -> None:
        self._terms = _parse(text, self.known)

    def __call__(self, resource: Mapping[str, Any]) -> bool:
        return all(self._holds(resource, *term) for term in self._terms)

    def _holds(self, resource: Mapping[str, Any], name: str, wanted_equal: bool, value: str) -> bool:
        return (value.lower() in self._values(resource, name)) == wanted_equal

    def _values(self, resource: Mapping[str, Any], name: str) -> set[str]:
        tags = resource.get("tags") or {}
        return {str(value).lower() for value in (tags if name == "tagname" else tags.values())}


class ResourceFilter(TagFilter):
    """For resources of any type: also `resourceType`, `name`, `location`, `resourceGroup`."""

    known = ("tagname", "tagvalue", "resourcetype", "name", "location", "resourcegroup")

    def _values(self, resource: Mapping[str, Any], name: str) -> set[str]:
        if name in TagFilter.known:
            return super()._values(resource, name)
        found = {
            "resourcetype": resource.get("type"),
            "resourcegroup": parse_id(str(resource.get("id"))).group,
            "name": resource.get("name"),
            "location": resource.get("location"),
        }
        return {str(found[name]).lower()}


def _parse(text: str, known: tuple[str, ...]) -> list[tuple[str, bool, str]]:
    if not text.strip():
        return []
    return [_term(part, known) for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE)]


def _term(text: str, known: tuple[str, ...]) -> tuple[str, bool, str]:
    match = _TERM.fullmatch(text)
    if match is None or match[1].lower() not in known:
        raise ArmError(
            400,
            "InvalidFilterInQueryString",
            f"Invalid $filter '{text.strip()}' specified in the query string. The local cloud takes terms such as "
            f"name eq 'value', joined with 'and', of: {', '.join(known)}.",
        )
    return match[1].lower(), match[2].lower() == "eq", match[3].replace("''", "'")
