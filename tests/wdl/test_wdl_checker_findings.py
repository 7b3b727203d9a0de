"""Findings: their lines, their order, and that no document breaks the checker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wdl.checker import check
from wdl.checker.odata import Comparison, FilterError, comparisons, hole
from wdl.checker.source import SourceError, read
from wdl.definition import DefinitionError, parse_definition
from wdl.definition.vocabulary import words

FOLDER = Path(__file__).parents[1] / "definitions"
SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
SOURCE = f"""{{
  "$schema": "{SCHEMA}",
  // who is told
  "triggers": {{"Recurrence": {{"type": "Recurrence", "recurrence": {{"frequency": "Hour", "interval": 1}}}}}},
  "actions": {{
    "Late": {{
      "type": "Compose",
      "inputs": "@item()"
    }},
    "Early": {{
      "type": "Compose",
      "inputs": "@outputs('Late')",
      "inputs": "@addWeeks(utcNow(), 1)"
    }}
  }}
}}"""


def test_findings_have_the_line_of_what_they_speak_of_and_come_in_its_order() -> None:
    found = [(finding.line, finding.severity, finding.rule) for finding in check(read(SOURCE), source_text=SOURCE)]
    assert found == [
        (8, "warning", "item-outside-loop"),
        (13, "warning", "unknown-function"),
        (13, "warning", "duplicate-member"),
    ]


def test_without_the_text_there_are_no_lines() -> None:
    assert {finding.line for finding in check(read(SOURCE))} == {None}


def test_a_finding_is_plain_data() -> None:
    finding = check(read(SOURCE), source_text=SOURCE)[0]
    assert finding.as_json() == {
        "rule": "item-outside-loop",
        "severity": "warning",
        "json_path": "$.actions.Late.inputs",
        "line": 8,
        "what": "item() stands outside a loop.",
        "why": "There is no current item there; the expression fails at run time.",
        "cure": "Use item() inside a Foreach, or in Filter array, Select and Table; items('Loop') names the loop.",
        "refused_by": None,
    }


def test_the_same_fault_at_one_place_is_found_once() -> None:
    text = "@concat(addWeeks(), addWeeks())"
    definition = {"$schema": SCHEMA, "triggers": {}, "actions": {"A": {"type": "Compose", "inputs": text}}}
    assert [finding.rule for finding in check(definition)] == ["unknown-function", "no-trigger"]


@pytest.mark.parametrize("depth", [200, 900, 100_000])
def test_a_document_nested_without_end_is_refused(depth: int) -> None:
    text = f'{{"$schema": "{SCHEMA}", "triggers": {{}}, "actions": {"[" * depth + "]" * depth}}}'
    try:
        document = read(text)
    except SourceError as error:
        assert str(error) == "it is nested too deeply to be read"
        return
    assert [(finding.rule, finding.severity) for finding in check(document, source_text=text)] == [
        ("nested-too-deep", "error")
    ]
    with pytest.raises(DefinitionError, match="MaxDepth of 128 has been exceeded"):
        parse_definition(document)


def test_what_is_as_deep_as_allowed_is_read() -> None:
    inputs: Any = []
    for _ in range(110):
        inputs = [inputs]
    definition = {"$schema": SCHEMA, "triggers": {}, "actions": {"A": {"type": "Compose", "inputs": inputs}}}
    text = json.dumps(definition, indent=1)
    assert [finding.rule for finding in check(definition, source_text=text)] == ["no-trigger"]


def test_a_text_that_is_no_json_is_told_with_its_place() -> None:
    with pytest.raises(SourceError, match=r"^line 2, column 3: it is no JSON"):
        read("{\n  oops: 1}")


def test_comments_are_read_over_but_not_in_texts() -> None:
    assert read('{"a": "http://x/*y*/", /* no */ "b": 1} // end') == {"a": "http://x/*y*/", "b": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Timestamp gt datetime'2026-01-01T00:00:00Z'",
            [Comparison("Timestamp", "gt", "datetime'2026-01-01T00:00:00Z'")],
        ),
        (
            "(A eq 'it''s' and not (B lt -1.5)) or C eq true",
            [("A", "eq", "'it''s'"), ("B", "lt", "-1.5"), ("C", "eq", "true")],
        ),
        (f"A ge '{hole()}' and 5L eq B", [("A", "ge", f"'{hole()}'"), ("B", "eq", "5L")]),
        (f"{hole()} and Watched", []),
        (hole(), []),
    ],
)
def test_filters_are_read(text: str, expected: list[Any]) -> None:
    found = [(one.name, one.operator, one.value) for one in comparisons(text)]
    assert found == [tuple(one) if isinstance(one, tuple) else (one.name, one.operator, one.value) for one in expected]


@pytest.mark.parametrize(
    "text",
    ["A B gt 1", "A gt", "A > 1", "(A gt 1", "A gt 1)", "A gt 1 B gt 2", "and A gt 1", "A contains 'x'", "A eq 'open"],
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        comparisons(text)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 200_000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", "@", "@{", "@body('A')", "@item()", "Hour", "If", "Foreach", "Until", "Switch", "[x()]", "PT1H"]
    )
    | st.text(max_size=8)
)
NAMES = st.sampled_from(
    words(
        """
            actions triggers type kind inputs runAfter expression foreach limit count timeout cases case default else
            recurrence frequency interval schedule hours weekDays conditions splitOn runtimeConfiguration concurrency
            runs secureData properties retryPolicy variables name value queries path method host connection parameters
            definition defaultValue staticResult outputs $schema authentication password paginationPolicy
            minimumItemCount
            """
    )
) | st.text(max_size=4)
ANY = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.dictionaries(NAMES, ANY, max_size=4), st.dictionaries(NAMES, ANY, max_size=4))
def test_no_definition_breaks_the_checker(actions: dict[str, Any], members: dict[str, Any]) -> None:
    definition = {"triggers": {}, "actions": actions, **members, "$schema": SCHEMA}
    text = json.dumps(definition)
    for finding in check(json.loads(text), source_text=text):
        assert finding.what and finding.why and finding.cure and finding.line == 1


@st.composite
def _damaged(draw: st.DrawFn) -> dict[str, Any]:
    """A good definition with one value, somewhere, replaced by another."""
    names = sorted(path.name for path in FOLDER.glob("*.json") if path.name != "index.json")
    definition: Any = json.loads((FOLDER / draw(st.sampled_from(names))).read_text(encoding="utf-8"))
    holder: Any = definition
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = draw(st.sampled_from(keys))
        inner = holder[key]
        if not isinstance(inner, (dict, list)) or not inner or draw(st.integers(0, 4)) == 0:
            holder[key] = draw(ANY)
            return {"$schema": SCHEMA, "triggers": {}, "actions": {}, **definition}
        holder = inner


@settings(max_examples=300, deadline=None, derandomize=True)
@given(_damaged())
def test_no_damage_to_a_definition_breaks_the_checker(definition: dict[str, Any]) -> None:
    for finding in check(definition):
        assert finding.json_path.startswith("$")
