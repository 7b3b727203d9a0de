"""Cultures as .NET gets them from ICU 72, with which the engine's answers were recorded.

`recorded/icu72.json` holds, for 63 cultures, what .NET keeps of ICU 72's data (CLDR 42). Babel's data is newer:
where CLDR has changed since, the difference is listed here, and must be taken off when it is none any more.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from wdl.cultures import find_culture
from wdl.dotnet.culture import INVARIANT, Culture

#: Fields of which CLDR has changed its mind since CLDR 42, by culture.
CHANGED_IN_CLDR = {
    "en-CA": {"date_separator", "short_date"},
    "en-AU": {"short_month_names"},
    "en-IN": {"long_date"},
    "en-NZ": {"short_date"},
    "de-AT": {"group_separator"},
    "es-MX": {"short_month_names", "short_genitive_month_names", "am", "pm", "short_time", "long_time"},
    "es-AR": {
        *("short_time", "long_time", "currency_positive_pattern", "currency_negative_pattern"),
        *("percent_positive_pattern", "percent_negative_pattern"),
    },
    "pt-PT": {"era"},
    "nb-NO": {"short_genitive_month_names", "currency_positive_pattern", "currency_negative_pattern"},
    "nn-NO": {"am", "pm"},
    "fi-FI": {"short_genitive_month_names"},
    "bg-BG": {"short_time", "long_time"},
    "sr-Latn-RS": {"date_separator", "short_date"},
    "sl-SI": {"short_date"},
    "uk-UA": {"short_month_names"},
    "ca-ES": {"long_date", "year_month"},
    "gl-ES": {"month_names", "short_month_names", "day_names", "short_day_names"},
    "he-IL": {"am", "pm"},
    "ar-EG": {"nan_symbol"},
    "hi-IN": {"month_names", "genitive_month_names", "short_month_names", "short_genitive_month_names"},
    "vi-VN": {"short_month_names", "era", "short_date"},
    "ko-KR": {"long_date"},
}


@cache
def recorded() -> dict[str, dict[str, dict[str, Any]]]:
    text = (Path(__file__).parent / "recorded" / "icu72.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def culture(name: str) -> Culture:
    found = find_culture(name)
    assert found is not None
    return found


def differences(name: str) -> set[str]:
    ours, theirs = culture(name), recorded()[name]
    pairs = [(ours.dates, theirs["dates"]), (ours.numbers, theirs["numbers"])]
    return {
        field
        for format_info, fields in pairs
        for field, value in fields.items()
        if getattr(format_info, field) != (tuple(value) if isinstance(value, list) else value)
    }


@pytest.mark.parametrize("name", sorted(recorded()))
def test_a_culture_is_as_recorded_but_for_what_cldr_has_changed(name: str) -> None:
    assert differences(name) == CHANGED_IN_CLDR.get(name, set())


def test_the_share_of_equal_cultures(record_property: Any) -> None:
    equal = len(recorded()) - len(CHANGED_IN_CLDR)
    record_property("figure", f"cultures equal to ICU 72's: {equal} of {len(recorded())}")
    assert not differences("en-US") and equal > len(recorded()) // 2


def test_names_are_found_in_any_case_and_the_invariant_culture_has_none() -> None:
    assert culture("EN-us") is culture("en-US")
    assert culture("") is INVARIANT
    assert culture("zh-CN").dates.long_date == "yyyy年M月d日dddd"


@pytest.mark.parametrize("name", ["Hello, World", "abcdefghijkl", "é", "en@x", "a" * 200])
def test_a_name_that_is_not_well_formed_is_no_culture(name: str) -> None:
    assert find_culture(name) is None


def test_an_unknown_but_well_formed_name_has_the_data_of_its_nearest_parent() -> None:
    assert culture("de-ZZ").dates.long_date == culture("de-DE").dates.long_date
    assert culture("qq").dates.month_names[0] == "M01"


def test_one_culture_does_not_change_another() -> None:
    before = culture("de-DE").dates.day_names
    for name in recorded():
        culture(name)
    find_culture.__globals__["_named"].cache_clear()
    assert culture("de-DE").dates.day_names == before == tuple(recorded()["de-DE"]["dates"]["day_names"])
