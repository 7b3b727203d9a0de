"""One list: docs/unverified.md is generated from it, and every `[unverified]` mark leads to one of its statements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from verify.delivered import form_of
from verify.document import FILE, document
from verify.statement import Statement
from verify.statements import STATEMENTS, TOPICS

ROOT = Path(__file__).resolve().parents[3]
LINK = re.compile(r"\[unverified\]\((?:docs/)?unverified\.md#([a-z0-9-]+)\)")
IN_CODE = re.compile(r"\[unverified: ([a-z0-9-]+)\]")
PACKAGES = ("wdl", "localazure", "leads", "notifier", "stacks", "scripts")


def documents() -> list[Path]:
    return [file for file in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if file != FILE]


def sources() -> Iterator[Path]:
    """The program's modules, but for the one that turns marks into links."""
    yield ROOT / "__main__.py"
    for package in PACKAGES:
        files = sorted((ROOT / package).rglob("*.py"))
        yield from (file for file in files if file != ROOT / "localazure" / "coverage" / "render.py")


def test_the_document_is_the_list() -> None:
    assert FILE.read_text(encoding="utf-8") == document(), "python -m verify.document writes it anew"


def test_every_statement_has_one_entry_with_its_mark() -> None:
    entries = re.findall(r"^### ([a-z0-9-]+)\n\n\[unverified\] ", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert entries == list(STATEMENTS)
    assert Counter(one.id for topic in TOPICS for one in topic.statements).most_common(1)[0][1] == 1


@pytest.mark.parametrize("file", documents(), ids=lambda file: file.name)
def test_every_mark_in_a_document_leads_to_a_statement(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    led = LINK.findall(text)
    bare = len(re.findall(r"\[unverified", text.replace("`[unverified]`", ""))) - len(led)
    assert bare == 0, "write it as [unverified](unverified.md#ID), with an ID of docs/unverified.md"
    assert [id_ for id_ in led if id_ not in STATEMENTS] == []


def test_every_mark_in_the_code_names_a_statement() -> None:
    for file in sources():
        text = file.read_text(encoding="utf-8").replace("`[unverified: ID]`", "")
        named = IN_CODE.findall(text)
        assert text.count("[unverified") == len(named), f"{file}: write it as [unverified: ID]"
        assert [id_ for id_ in named if id_ not in STATEMENTS] == [], file


def test_the_marks_of_the_pipeline_are_found() -> None:
    """The patterns above find what is there: an empty list would satisfy every test."""
    assert LINK.findall((ROOT / "docs" / "pipeline.md").read_text(encoding="utf-8")) == ["no-drift-after-deploy"]


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=list(STATEMENTS))
def test_a_statement_says_all_that_a_reader_needs(statement: Statement) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", statement.id)
    assert statement.text.endswith(".")
    assert not statement.otherwise.endswith(".")
    assert statement.how.endswith(".")
    assert [place for place in statement.places if not (ROOT / place).exists()] == []


def test_a_form_keeps_nothing_of_a_text() -> None:
    assert form_of("11/24/2026 1:05:09 PM") == "9/9/9 9:9:9 a"
    assert form_of("Zoë Müller, 佐藤 123") == "a a, a 9"
