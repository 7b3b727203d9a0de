"""No cell of a CSV file is run or shortened by a spreadsheet, and no hostile text takes long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.csv_cells import safe_cell

FORMULA = "=+-@＝＋－＠"


@pytest.mark.parametrize("sign", FORMULA)
@pytest.mark.parametrize("before", ["", " ", "\t", "\n", '"', "'", ' \n "'])
def test_no_cell_begins_a_formula(sign: str, before: str) -> None:
    assert safe_cell(f"{before}{sign}cmd|' /C calc'!A0").startswith("'")


@pytest.mark.parametrize("separator", [",", ";", "\t", "\n", "\r\n", '","', '" ; "'])
def test_no_formula_begins_where_another_separator_is_expected(separator: str) -> None:
    cell = safe_cell(f"Contoso{separator}=1+1")
    assert re.search(r"'=1\+1$", cell), cell
    assert "Contoso" in cell


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Contoso",
        "O'Neill",
        "Fabrikam & Söhne",
        "a-b",
        "a = b",
        "1234567890",
        "0",
        "sales@contoso.com",
        "two\nlines",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize("digits", ["004930123", "01", "491512345678901", " 0123 "])
def test_digits_are_not_lost(digits: str) -> None:
    assert safe_cell(digits) == f"'{digits}"


def test_control_characters_and_line_ends_are_tamed() -> None:
    assert safe_cell("a\x00b\x1b[31mc\r\nd\re") == "a b [31mc\nd\ne"


@given(st.text(alphabet=st.sampled_from(list("=+-@,;\t\n\r \"'a0＝")), max_size=40))
def test_whatever_the_text_every_split_of_it_is_harmless(text: str) -> None:
    """Split at any separator, with or without quotes, no piece is a formula."""
    for piece in re.split(r"[,;\t\n]", safe_cell(text)):
        assert not re.match(rf"[\s\"]*[{re.escape(FORMULA)}]", piece), piece


@pytest.mark.parametrize("text", ["\n" * 32_000, '"' * 32_000, " " * 32_000 + "x", "0" * 32_000 + "x", "\n=" * 16_000])
def test_a_hostile_text_takes_no_longer_than_its_length(text: str) -> None:
    began = time.process_time()
    safe_cell(text)
    assert time.process_time() - began < 1
