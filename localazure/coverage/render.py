"""The coverage as Markdown, and the part of a document that holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from localazure.coverage.deviations import GENERAL
from localazure.coverage.items import Item, Table
from localazure.coverage.tables import versions
from localazure.explained import Explained

BEGIN, END = "<!-- coverage: made by `make coverage-table` -->", "<!-- /coverage -->"


class NoPlace(Explained):
    """A document has no part for the coverage."""


def markdown(tables: Sequence[Table]) -> str:
    """Summary, tables, api-versions and the general deviations."""
    parts = ["\n".join(_summary(tables)), *("\n".join(_table(table)) for table in tables)]
    return _linked("\n\n".join([*parts, "\n".join(_versions()), "\n".join(_general())]))


def renewed(document: str, tables: Sequence[Table]) -> str:
    """The document with the coverage between its marks; raises `NoPlace` if it has none."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise NoPlace(f"The document has no part for the coverage: put {BEGIN} and {END} into it.")
    return f"{before}{BEGIN}\n\n{markdown(tables)}\n\n{END}{after}"


def as_data(tables: Sequence[Table]) -> dict[str, Any]:
    """The same for programs: `{"functions": [{"group", "name", "status", "note"}], …, "apiVersions": {…}}`."""
    found: dict[str, Any] = {table.key: [vars(item) for item in table.items] for table in tables}
    return {**found, "apiVersions": dict(versions()), "deviations": GENERAL}


def _linked(text: str) -> str:
    """A mark `[unverified: ID]` leads to its statement, with the probe that would settle it."""
    return re.sub(r"\[unverified: ([a-z0-9-]+)\]", r"[unverified](unverified.md#\1)", text)


def _summary(tables: Sequence[Table]) -> Iterator[str]:
    yield "| | done | deviates | missing |"
    yield "|---|---|---|---|"
    for table in tables:
        counts = " | ".join(str(len(table.of(status))) for status in ("done", "deviates", "missing"))
        yield f"| {table.title} | {counts} |"


def _table(table: Table) -> Iterator[str]:
    yield f"### {table.title}\n"
    yield "| | | |"
    yield "|---|---|---|"
    for _, items in groupby(table.items, key=lambda item: item.group):
        yield from _rows(list(items))


def _rows(items: Sequence[Item]) -> Iterator[str]:
    """One row for what has the same status and note."""
    rows: dict[tuple[str, str], list[str]] = {}
    for item in items:
        rows.setdefault((item.status, item.note), []).append(item.name)
    group = items[0].group
    for (status, note), names in sorted(rows.items(), key=lambda row: _ORDER[row[0][0]]):
        yield f"| {group} | {status} | {', '.join(map(_code, names))}{'. ' if note else ''}{note} |"
        group = ""


_ORDER: Mapping[str, int] = {"done": 0, "deviates": 1, "missing": 2}


def _code(name: str) -> str:
    return name if " " in name and not name.startswith("Expression") else f"`{name}`"


def _versions() -> Iterator[str]:
    yield "### Types and api-versions of Azure Resource Manager\n"
    yield "| | |"
    yield "|---|---|"
    rows: dict[tuple[str, ...], list[str]] = {}
    for name, known in versions():
        rows.setdefault(known, []).append(name)
    for known, names in rows.items():
        yield f"| {', '.join(map(_code, names))} | {', '.join(known)} |"


def _general() -> Iterator[str]:
    yield "### Deviations beyond single items\n"
    for subject, sentences in GENERAL.items():
        for sentence in sentences:
            yield f"- {subject}: {sentence}"
