"""docs/checker.md is the golden file of the checker: every rule with its words, its example and what is found in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wdl.checker import Finding, all_rules, check
from wdl.checker.refusals import CURES
from wdl.definition import DefinitionError, parse_definition

DOCUMENT = Path(__file__).parents[2] / "docs" / "checker.md"
BASE = {
    "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
    "contentVersion": "1.0.0.0",
    "triggers": {"Recurrence": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 1}}},
    "actions": {},
    "outputs": {},
}
OF_THE_TEXT = {"duplicate-member", "no-definition"}
BY_SERVICE = {
    "nested-in-loop",
    "nested-variable",
    "response-to-recurrence",
    "response-schemas",
    "variable-initialized-twice",
    "variable-not-initialized",
    "variable-self-reference",
    "concurrency-not-positive",
    "too-many-pages",
}


@dataclass(frozen=True)
class Section:
    rule: str
    words: str
    example: str | None
    found: tuple[tuple[str, str], ...]


def _sections() -> list[Section]:
    text = DOCUMENT.read_text(encoding="utf-8")
    parts = re.split(r"^### `([\w-]+)`$", text, flags=re.MULTILINE)[1:]
    return [_section(name, body) for name, body in zip(parts[::2], parts[1::2], strict=True)]


def _section(name: str, body: str) -> Section:
    body = re.split(r"^## ", body, flags=re.MULTILINE)[0]
    example = re.search(r"^```json\n(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL)
    found = tuple(re.findall(r"^> `([^`]+)` (.*)$", body, flags=re.MULTILINE))
    return Section(name, body.split("```")[0], example[1] if example else None, found)


SECTIONS = _sections()


def _complete(example: Any) -> Any:
    """The document an example stands for: its members over those of a definition with an hourly trigger."""
    if "properties" in example:
        properties = example["properties"]
        return {**example, "properties": {**properties, "definition": _complete(properties["definition"])}}
    return {**BASE, **example}


def _findings(section: Section) -> list[Finding]:
    assert section.example is not None
    return check(_complete(json.loads(section.example)))


def test_every_rule_has_its_section_and_every_section_its_rule() -> None:
    known = {rule.name for rule in all_rules()} | set(CURES) | OF_THE_TEXT
    assert [section.rule for section in SECTIONS] == list(dict.fromkeys(section.rule for section in SECTIONS))
    assert {section.rule for section in SECTIONS} == known


@pytest.mark.parametrize("section", [s for s in SECTIONS if s.rule not in OF_THE_TEXT], ids=lambda s: s.rule)
def test_an_example_has_exactly_the_findings_under_it(section: Section) -> None:
    findings = _findings(section)
    assert {finding.rule for finding in findings} == {section.rule}
    assert tuple((finding.json_path, finding.what) for finding in findings) == section.found


@pytest.mark.parametrize("section", [s for s in SECTIONS if s.rule not in OF_THE_TEXT], ids=lambda s: s.rule)
def test_a_section_says_the_reason_and_the_cure_of_its_rule(section: Section) -> None:
    finding = _findings(section)[0]
    expected = f"Cure: {finding.cure}"
    assert expected in section.words
    if finding.refused_by is None:
        assert section.words.strip().startswith(finding.why)


@pytest.mark.parametrize("section", [s for s in SECTIONS if s.rule in CURES], ids=lambda s: s.rule)
def test_what_is_refused_on_save_says_by_whom_with_the_message(section: Section) -> None:
    document = _complete(json.loads(section.example or "{}"))
    definition = document.get("properties", {}).get("definition", document)
    parameters = document.get("properties", {}).get("parameters")
    with pytest.raises(DefinitionError) as refusal:
        parse_definition(definition, parameters)
    assert (refusal.value.rule, refusal.value.message) == (section.rule, section.found[0][1])
    finding = _findings(section)[0]
    refuser = "service" if section.rule in BY_SERVICE else "engine"
    assert (finding.refused_by, finding.severity) == (refuser, "error" if refuser == "engine" else "warning")
    assert finding.why.startswith(f"Logic Apps refuses the workflow on save ({refusal.value.code})")


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)
def test_what_is_a_warning_is_saved(rule: Any) -> None:
    section = next(section for section in SECTIONS if section.rule == rule.name)
    assert {(finding.severity, finding.refused_by) for finding in _findings(section)} == {("warning", None)}


def test_the_words_end_as_sentences() -> None:
    words = [text for rule in all_rules() for text in (rule.why, rule.cure)] + list(CURES.values())
    assert [text for text in words if not text.endswith((".", "…"))] == []
