"""Every recorded answer of Microsoft's engine: same result as JSON text, an error where it has an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from wdl_vectors import FILES, VECTORS, Case, all_cases, answer, cases

SLICES = 8
SHARE_OF_EQUAL_TEXTS = 0.98

# Each entry: {"rule": …, "reason": …, "differs": "result" | "error", "cases": [sources]}.
EXCLUSIONS: list[dict[str, Any]] = json.loads((VECTORS / "exclusions.json").read_text(encoding="utf-8"))


def excluded(kind: str) -> set[str]:
    return {json.dumps(source) for entry in EXCLUSIONS if entry["differs"] == kind for source in entry["cases"]}


def agrees(case: Case) -> bool:
    given = answer(case)
    return given.error is not None if case.error is not None else given.result == case.result


def test_all_cases_are_here() -> None:
    assert [len(cases(name)) for name in FILES] == [9000, 11899, 1133]


@pytest.mark.parametrize("part", range(SLICES))
@pytest.mark.parametrize("name", FILES)
def test_results_equal_the_recorded_ones(name: str, part: int) -> None:
    known = excluded("result")
    wrong = [
        (case.source, case.result or case.error, answer(case))
        for case in cases(name)[part::SLICES]
        if json.dumps(case.source) not in known and not agrees(case)
    ]
    assert wrong == []


def test_error_texts_equal_the_recorded_ones(record_property: Callable[[str, object], None]) -> None:
    failing = [case for case in all_cases() if case.error is not None]
    different = [case for case in failing if answer(case).error != case.error]
    share = 1 - len(different) / len(failing)
    equal = len(failing) - len(different)
    record_property("figure", f"error texts equal to Azure's: {equal} of {len(failing)} ({share:.2%})")
    for entry in EXCLUSIONS:
        record_property("figure", f"  {entry['rule']}: {len(entry['cases'])} differ, because {entry['reason']}")
    unlisted = [
        (case.source, case.error, answer(case).error)
        for case in different
        if json.dumps(case.source) not in excluded("error")
    ]
    assert unlisted == []
    assert share >= SHARE_OF_EQUAL_TEXTS


def test_every_exclusion_is_still_needed() -> None:
    by_source = {json.dumps(case.source): case for case in all_cases()}
    needless = [source for source in excluded("result") if agrees(by_source[source])]
    needless += [source for source in excluded("error") if answer(by_source[source]).error == by_source[source].error]
    assert needless == []


def test_every_exclusion_has_a_rule_and_a_reason() -> None:
    assert all(entry["rule"] and entry["reason"] and entry["differs"] in ("result", "error") for entry in EXCLUSIONS)
