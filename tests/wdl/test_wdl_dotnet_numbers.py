"""Numbers by .NET's format strings; examples of its documentation, and rules told apart one by one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wdl.cultures import find_culture
from wdl.dotnet.culture import NumberFormat
from wdl.dotnet.errors import FormatError
from wdl.dotnet.number_format import MAX_PRECISION, format_number


def culture(name: str) -> NumberFormat:
    found = find_culture(name)
    assert found is not None
    return found.numbers


def written(number: int | float | Decimal, pattern: str, name: str = "en-US") -> str:
    return format_number(number, pattern, culture(name))


@pytest.mark.parametrize(
    ("number", "pattern", "name", "expected"),
    [
        (123.456, "C", "en-US", "$123.46"),
        (-123.456, "C3", "en-US", "-$123.456"),
        (123.456, "C", "fr-FR", "123,46 €"),
        (123, "C", "ja-JP", "￥123"),
        (1234, "D", "en-US", "1234"),
        (-1234, "D6", "en-US", "-001234"),
        (1052.0329112756, "E", "en-US", "1.052033E+003"),
        (-1052.0329112756, "e2", "fr-FR", "-1,05e+003"),
        (1234.567, "F2", "de-DE", "1234,57"),
        (1234, "F1", "de-DE", "1234,0"),
        (-1234.56, "F4", "en-US", "-1234.5600"),
        (-123.456, "G", "sv-SE", "\u2212123,456"),
        (123.4546, "G4", "en-US", "123.5"),
        (-1.234567890e-25, "G", "en-US", "-1.23456789E-25"),
        (1234.567, "N1", "ru-RU", "1\u00a0234,6"),
        (-1234.56, "N3", "ru-RU", "-1\u00a0234,560"),
        (1, "P", "invariant", "100.00 %"),
        (-0.39678, "P1", "en-US", "-39.7%"),
        (123456789.12345678, "R", "en-US", "123456789.12345678"),
        (255, "X", "en-US", "FF"),
        (-1, "x", "en-US", "ffffffffffffffff"),
        (255, "x4", "en-US", "00ff"),
    ],
)
def test_standard_formats(number: float, pattern: str, name: str, expected: str) -> None:
    assert written(number, pattern, "" if name == "invariant" else name) == expected


@pytest.mark.parametrize(
    ("number", "pattern", "expected"),
    [
        (1234.5678, "00000", "01235"),
        (0.45678, "0.00", "0.46"),
        (1234.5678, "#####", "1235"),
        (0.45678, "#.##", ".46"),
        (2147483647, "##,#", "2,147,483,647"),
        (2147483647, "#,#,,", "2,147"),
        (0.3697, "%#0.00", "%36.97"),
        (0.03697, "#0.00‰", "36.97‰"),
        (987654, "#0.0e0", "98.8e4"),
        (1503.92311, "0.0##e+00", "1.504e+03"),
        (1.8901385e-16, "0.0e+00", "1.9e-16"),
        (987654, "\\###00\\#", "#987654#"),
        (68, "# 'degrees'", "68 degrees"),
        (12.345, "#0.0#;(#0.0#);-\\0-", "12.35"),
        (0, "#0.0#;(#0.0#);-\\0-", "-0-"),
        (-12.345, "#0.0#;(#0.0#);-\\0-", "(12.35)"),
        (68, "# °", "68 °"),
        (5, "0;;zero", "5"),
        (-5, "0;;zero", "-5"),
        (0.001, "0.0;-;zero", "zero"),
        (-0.2, "0;(0)", "-0"),
        (-0.2, "#", ""),
        (1234567.0, "0,0.00", "1,234,567.00"),
        (12, "0:0-0", "0:1-2"),
        (1.5, "", "1.5"),
        (7, "'unclosed", "unclosed"),
        (7, "0\\", "7"),
        (7, "E", "7.000000E+000"),
        (7, "0E", "7E"),
        (1234, "0,.0", "1.2"),
    ],
)
def test_custom_formats(number: float, pattern: str, expected: str) -> None:
    assert written(number, pattern) == expected


def test_each_kind_of_number_rounds_its_way() -> None:
    # A double is taken exactly as it is, halves to the even digit; integers and decimals go half away from zero.
    assert [written(value, "F0") for value in (0.5, 1.5, 2.5, 2.675e0)] == ["0", "2", "2", "3"]
    assert [written(Decimal(value), "F0") for value in ("0.5", "1.5", "2.5")] == ["1", "2", "3"]
    assert written(2.675, "F2") == "2.67" and written(Decimal("2.675"), "F2") == "2.68"
    # A custom format first rounds a double to 15 digits.
    assert written(2.675, "0.00") == "2.68"
    assert written(0.1 + 0.2, "0.##################") == "0.3"


def test_only_a_double_has_a_negative_zero() -> None:
    assert (written(-0.0, "F1"), written(-0.04, "F1"), written(Decimal("-0.04"), "F1")) == ("-0.0", "-0.0", "0.0")
    assert written(Decimal("-0.04"), "0.0") == "0.0"


def test_a_decimal_keeps_its_zeros_in_the_general_format() -> None:
    assert written(Decimal("1.50"), "G") == "1.50"
    assert written(Decimal("1.50"), "G2") == "1.5"


def test_64_bit_integers_are_exact() -> None:
    assert written(2**63 - 1, "N0") == "9,223,372,036,854,775,807"
    assert written(-(2**63), "D") == "-9223372036854775808"
    assert written(2**63 - 1, "0%") == "922337203685477580700%"


def test_groups_follow_the_culture() -> None:
    assert written(123456789, "N0", "hi-IN") == "12,34,56,789"
    assert written(123456789, "#,0", "hi-IN") == "12,34,56,789"


def test_numbers_that_are_not_finite_are_words() -> None:
    assert [written(float(value), "0.00") for value in ("nan", "inf", "-inf")] == ["NaN", "∞", "-∞"]
    assert format_number(float("-inf"), "G", NumberFormat()) == "-Infinity"


@pytest.mark.parametrize(
    ("number", "pattern"), [(1.5, "D"), (1.5, "X2"), (1, "R"), (Decimal(1), "R"), (1, "B"), (1, "Q3")]
)
def test_a_format_of_another_type_is_refused(number: float, pattern: str) -> None:
    with pytest.raises(FormatError):
        written(number, pattern)


def test_a_precision_is_bounded() -> None:
    assert len(written(1, f"F{MAX_PRECISION}")) == MAX_PRECISION + 2
    with pytest.raises(FormatError, match="more than"):
        written(1, "F999999999")
