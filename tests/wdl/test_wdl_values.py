"""Values and their texts."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from wdl.errors import ExpressionError
from wdl.limits import MAX_TEXT
from wdl.values import content_of, dumps, int32, loads, to_text, type_name


@pytest.mark.parametrize(
    ("number", "text", "as_json"),
    [
        (1, "1", "1"),
        (1.0, "1", "1.0"),
        (1.5, "1.5", "1.5"),
        (-0.0, "-0", "-0.0"),
        (Decimal("1.50"), "1.50", "1.50"),
        (Decimal("100"), "100", "100.0"),
        (Decimal("1E-7"), "0.0000001", "0.0000001"),
        (0.0001, "0.0001", "0.0001"),
        (0.00001, "1E-05", "1E-05"),
        (1e14, "100000000000000", "100000000000000.0"),
        (1e15, "1E+15", "1E+15"),
        (9223372036854776.0, "9223372036854776", "9223372036854776.0"),
        (9.223372036854776e18, "9.223372036854776E+18", "9.223372036854776E+18"),
        (5e-324, "5E-324", "5E-324"),
        (float("nan"), "NaN", '"NaN"'),
        (float("-inf"), "-Infinity", '"-Infinity"'),
        (2**63, "9223372036854775808", "9223372036854775808"),
    ],
)
def test_numbers_keep_their_kind_in_text(number: float, text: str, as_json: str) -> None:
    assert (to_text(number), dumps(number), dumps([number]), dumps({"a": number})) == (
        text,
        as_json,
        f"[{as_json}]",
        f'{{"a":{as_json}}}',
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("é東😀", '"é東😀"'),
        ('"\\/\b\f\n\r\t', '"\\"\\\\/\\b\\f\\n\\r\\t"'),
        ("\0\x1f\x7f", '"\\u0000\\u001f\x7f"'),
        ("\x85\u2028\u2029", '"\\u0085\\u2028\\u2029"'),
        ("\ud83d", '"\\ud83d"'),
    ],
)
def test_strings_are_escaped_as_newtonsoft_does(text: str, written: str) -> None:
    assert dumps(text) == written
    assert dumps([text]) == f"[{written}]"
    assert dumps({text: Decimal("1.0")}) == f"{{{written}:1.0}}"


def test_numbers_in_text_do_not_change_how_it_is_written() -> None:
    assert dumps(["[1e5", ":1e5", 1e22]) == '["[1e5",":1e5",1E+22]'


def test_what_is_written_is_read_again() -> None:
    value = {"a": [1, 1.0, None, True, {"b": "x"}], "c": -2.5}
    assert loads(dumps(value)) == value
    assert json.loads(dumps(value)) == value
    assert [type(item) for item in loads("[1,1.0]")] == [int, float]  # type: ignore[union-attr]


def test_null_and_booleans_as_text() -> None:
    assert (to_text(None), to_text(True), to_text([1, None]), to_text({"a": 2.0})) == (
        "",
        "True",
        "[1,null]",
        '{"a":2.0}',
    )


def test_content_with_its_type_gives_its_text() -> None:
    assert to_text({"$content-type": "text/plain", "$content": "w6k="}) == "é"
    assert content_of({"$content-type": "x", "$content": "?"}) is None
    assert content_of({"$content": "w6k="}) is None


def test_type_names() -> None:
    values = [None, True, 1, 1.0, Decimal(1), "", [], {}]
    assert [type_name(value) for value in values] == [
        "Null", "Boolean", "Integer", "Float", "Float", "String", "Array", "Object",
    ]  # fmt: skip


def test_integers_are_cut_to_32_bits() -> None:
    assert [int32(number) for number in (5, -5, 2**31, 457525698906)] == [5, -5, -(2**31), -2035801766]


def test_not_json_is_an_error_that_says_where() -> None:
    with pytest.raises(ExpressionError, match="line 1 column 5"):
        loads('{"a"')


def test_deep_values_are_an_error() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ExpressionError, match="nested too deeply"):
        dumps(value)


def test_values_that_would_be_huge_as_text_are_refused_before_they_are_written() -> None:
    value: object = "x" * 1000
    for _ in range(30):
        value = [value, value]
    with pytest.raises(ExpressionError, match=str(MAX_TEXT)):
        dumps(value)  # type: ignore[arg-type]
