"""Which handler serves a path: templates matched without regard to case, parameters in the caller's spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from localazure.arm.envelope import Route
from localazure.arm.resource_ids import parse_id

# Parameters that hold a whole id with its slashes, as in the paths of extension resources (role assignments, metrics).
_GREEDY = {"scope", "resourceUri"}
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Match:
    """What serves a path: the routes of its template by method, and the path's parameters."""

    routes: Mapping[str, Route]
    parameters: Mapping[str, str]


class Router:
    """The routes of all providers; the same template with several methods counts as one place."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._places: dict[str, tuple[re.Pattern[str], dict[str, Route]]] = {}
        # Templates with a greedy parameter last: a plain template that fits is always meant.
        for route in sorted(routes, key=lambda route: _is_greedy(route.template)):
            shape = _PARAMETER.sub("{}", route.template).lower()
            _, methods = self._places.setdefault(shape, (_pattern(route.template), {}))
            methods[route.method.upper()] = route
        self._types = _collect_types(routes)

    def match(self, path: str) -> Match | None:
        """Find the place of a path that is still percent-encoded; None if nothing serves it."""
        for pattern, methods in self._places.values():
            if found := pattern.fullmatch(path):
                return Match(methods, {name: unquote(value) for name, value in found.groupdict().items()})
        return None

    def types(self, namespace: str) -> dict[str, tuple[str, ...]]:
        """The resource types of one provider namespace and their api-versions, newest first; {} if it is not served."""
        prefix = namespace.lower() + "/"
        return {name: versions for name, versions in self._types.items() if name.lower().startswith(prefix)}

    def all_types(self) -> dict[str, tuple[str, ...]]:
        """Every resource type that is served and its api-versions."""
        return dict(self._types)

    def namespaces(self) -> list[str]:
        """The provider namespaces that are served."""
        return sorted({name.split("/")[0] for name in self._types})


def _is_greedy(template: str) -> bool:
    return any(name in _GREEDY for name in _PARAMETER.findall(template))


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    text = "".join(_group(part) if index % 2 else re.escape(part) for index, part in enumerate(parts))
    return re.compile(text, re.IGNORECASE)


def _group(name: str) -> str:
    return f"(?P<{name}>.+?)" if name in _GREEDY else f"(?P<{name}>[^/]+)"


def _collect_types(routes: Sequence[Route]) -> dict[str, tuple[str, ...]]:
    versions: dict[str, set[str]] = {}
    for route in routes:
        found = parse_id(route.template)
        # A path that ends in a bare word is a list of resources (GET) or an action (POST): only the first names a type.
        if found.types and "{" not in found.namespace and not (route.method == "POST" and _ends_bare(route.template)):
            versions.setdefault(found.type, set()).update(route.api_versions)
    return {name: tuple(sorted(found, reverse=True)) for name, found in sorted(versions.items())}


def _ends_bare(template: str) -> bool:
    found = parse_id(template)
    return len(found.types) > len(found.names)
