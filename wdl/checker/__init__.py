"""The flow checker: what Logic Apps refuses on save, and what it saves although it fails or surprises at run time.

`check(document)` takes a workflow definition, a resource with one in it, or an ARM template.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from wdl.checker.documents import Part, parts
from wdl.checker.finding import Finding, Refuser, Severity
from wdl.checker.flow import Flow
from wdl.checker.refusals import CURES, REFUSED, cure, why
from wdl.checker.rule import Rule, all_rules
from wdl.definition import DefinitionError, Path, json_path, parameter_values, read_definition
from wdl.definition.depth import too_deep
from wdl.definition.positions import AROUND, Position, duplicates, locate
from wdl.limits import MAX_DEPTH

__all__ = ["Finding", "Rule", "Severity", "all_rules", "check"]

_NOTHING = Finding(
    "no-definition",
    "error",
    "$",
    1,
    "There is no workflow definition in it.",
    "Nothing can be checked.",
    "Give a definition (with triggers and actions), a Microsoft.Logic/workflows resource, or an ARM template with one.",
)

_TOO_DEEP = Finding(
    "nested-too-deep",
    "error",
    "$",
    1,
    f"The document is nested more than {MAX_DEPTH} deep.",
    REFUSED.format("InvalidRequestContent"),
    CURES["nested-too-deep"],
    "engine",
)


def check(
    definition: Any,
    *,
    connections: Iterable[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    source_text: str | None = None,
) -> list[Finding]:
    """All findings in a document, in its order; errors first where several have the same place.

    `connections`: the names in `$connections`, and `parameters`: the resource's (`{"name": {"value": …}}`), for a bare
    definition; a resource or template says both itself. `source_text`: the text the document was read from; it gives
    the findings their lines.
    """
    if too_deep(definition):
        return [_TOO_DEEP]
    lines = locate(source_text) if source_text is not None else {}
    found = [finding for part in parts(definition) for finding in _part(part, connections, parameters, lines)]
    if not any(True for _ in parts(definition)):
        return [_NOTHING]
    if source_text is not None:
        found += _duplicates(source_text)
    return sorted(found, key=lambda finding: (finding.line or 0, finding.severity))


def _part(
    part: Part,
    connections: Iterable[str] | None,
    parameters: Mapping[str, Any] | None,
    lines: Mapping[Path, Position],
) -> list[Finding]:
    given = {**part.parameters, **(parameters or {})}
    definition, refused, refused_by_service = read_definition(part.definition, given)
    place = _Place(part, lines)
    found = [
        *(place.refusal(error, "engine") for error in refused if not place.is_open(error.path)),
        *(place.refusal(error, "service") for error in refused_by_service if not place.is_open(error.path)),
    ]
    flow = Flow(definition, parameter_values(definition.parameters, given), _connections(connections, given))
    for rule in all_rules():
        found += [
            place.finding(rule.name, "warning", path, what, rule.why, rule.cure)
            for path, what in rule.check(flow)
            if not place.is_open(path)
        ]
    return list(dict.fromkeys(found))


def _connections(connections: Iterable[str] | None, given: Mapping[str, Any]) -> frozenset[str] | None:
    """The names in `$connections`: those given, else those of the resource, else not known."""
    if connections is not None:
        return frozenset(connections)
    holder = given.get("$connections")
    value = holder.get("value") if isinstance(holder, Mapping) else None
    return frozenset(value) if isinstance(value, Mapping) else None


class _Place:
    """Turns paths in a definition into places in the document."""

    def __init__(self, part: Part, lines: Mapping[Path, Position]) -> None:
        self._part = part
        self._lines = lines

    def is_open(self, path: Path) -> bool:
        """Whether the value there is one that only a deployment knows."""
        return self._whole(path) in self._part.open

    def _whole(self, path: Path) -> Path:
        """The path from the root of the document."""
        if path[:1] == (AROUND,):
            return (*self._part.path[:-1], *path[1:])
        return (*self._part.path, *path)

    def finding(self, rule: str, severity: Severity, path: Path, what: str, why: str, cure: str) -> Finding:
        whole = self._whole(path)
        return Finding(rule, severity, json_path(whole), self._line(whole), what, why, cure)

    def refusal(self, error: DefinitionError, refuser: Refuser) -> Finding:
        """What is refused on save: an error if the template engine does it, a warning if the service does."""
        severity: Severity = "error" if refuser == "engine" else "warning"
        found = self.finding(error.rule, severity, error.path, error.message, why(error, refuser), cure(error))
        return replace(found, refused_by=refuser)

    def _line(self, path: Path) -> int | None:
        """The line of the value, or of the nearest value around it."""
        while path and path not in self._lines:
            path = path[:-1]
        position = self._lines.get(path)
        return position.line if position else None


def _duplicates(text: str) -> list[Finding]:
    return [
        Finding(
            "duplicate-member",
            "warning",
            json_path(path),
            position.line,
            f"The member '{path[-1]}' stands twice in one object.",
            "Only the last one counts; the other is lost without an error.",
            "Rename or remove one of them.",
        )
        for path, position in duplicates(text)
    ]
