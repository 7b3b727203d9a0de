"""Writing numbers by .NET's standard format strings; custom ones are in `number_pattern`.

Source: "Standard numeric format strings" of the .NET documentation.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final, TypeAlias

from wdl.dotnet import digits
from wdl.dotnet.culture import NumberFormat
from wdl.dotnet.digits import Digits
from wdl.dotnet.errors import FormatError
from wdl.dotnet.number_pattern import PRECISION, write_pattern

Number: TypeAlias = int | float | Decimal

_STANDARD = re.compile(r"([A-Za-z])([0-9]*)")
#: A bound of our own: .NET would write a billion digits.
MAX_PRECISION: Final = 100_000
_EXPONENTIAL_DECIMALS: Final = 6
_DOUBLE_DIGITS: Final = 15


def format_number(number: Number, pattern: str, culture: NumberFormat) -> str:
    """`number` as `ToString(pattern, culture)` of Int64, Double or Decimal writes it.

    Raises FormatError for a pattern that .NET refuses for that type.
    """
    if isinstance(number, float) and not math.isfinite(number):
        return _not_finite(number, culture)
    standard = _STANDARD.fullmatch(pattern or "G")
    if standard is None:
        return write_pattern(_for_pattern(number), pattern, culture)
    precision = int(standard[2]) if standard[2] else None
    if precision is not None and precision > MAX_PRECISION:
        raise FormatError(f"the format '{pattern}' asks for more than {MAX_PRECISION} digits")
    return _standard(number, standard[1], precision, culture)


def _not_finite(number: float, culture: NumberFormat) -> str:
    if math.isnan(number):
        return culture.nan_symbol
    return culture.infinity_symbol if number > 0 else culture.negative_infinity_symbol


def _for_pattern(number: Number) -> Digits:
    return digits.significant(number, PRECISION) if isinstance(number, float) else _exact(number)


def _exact(number: int | Decimal) -> Digits:
    return digits.of_integer(number) if isinstance(number, int) else digits.of_decimal(number)


def _standard(number: Number, letter: str, precision: int | None, culture: NumberFormat) -> str:
    match letter.upper():
        case "C":
            return _currency(number, culture.currency_decimal_digits if precision is None else precision, culture)
        case "D" | "X":
            return _integer(number, letter, precision or 0, culture)
        case "E":
            return _exponential(number, letter, _EXPONENTIAL_DECIMALS if precision is None else precision, culture)
        case "F" | "N":
            return _decimals(number, letter, culture.decimal_digits if precision is None else precision, culture)
        case "G":
            return _general(number, letter, precision or 0, culture)
        case "P":
            return _percent(number, culture.decimal_digits if precision is None else precision, culture)
        case "R" if isinstance(number, float):
            return _general(number, "G" if letter == "R" else "g", 0, culture)
        case _:
            raise FormatError(f"'{letter}' is no format for this number")


def _rounded(number: Number, decimals: int, shift: int = 0) -> Digits:
    """The digits for `decimals` places of `number * 10^shift`."""
    exact = isinstance(number, float)
    found = digits.fixed(number, decimals + shift) if isinstance(number, float) else _exact(number)
    if found.text:
        found.scale += shift
    found.round(found.scale + decimals, exact=exact)
    return found


def _currency(number: Number, decimals: int, culture: NumberFormat) -> str:
    found = _rounded(number, decimals)
    text = _fixed_point(
        found,
        decimals,
        culture.currency_decimal_separator,
        culture.currency_group_separator,
        culture.currency_group_sizes,
    )
    pattern = culture.currency_negative_pattern if found.negative else culture.currency_positive_pattern
    return _filled(pattern, text, culture)


def _decimals(number: Number, letter: str, decimals: int, culture: NumberFormat) -> str:
    found = _rounded(number, decimals)
    if letter in "fF":
        text = _fixed_point(found, decimals, culture.decimal_separator)
        return culture.negative_sign + text if found.negative else text
    text = _fixed_point(found, decimals, culture.decimal_separator, culture.group_separator, culture.group_sizes)
    return _filled(culture.negative_pattern, text, culture) if found.negative else text


def _percent(number: Number, decimals: int, culture: NumberFormat) -> str:
    found = _rounded(number, decimals, shift=2)
    text = _fixed_point(found, decimals, culture.decimal_separator, culture.group_separator, culture.group_sizes)
    pattern = culture.percent_negative_pattern if found.negative else culture.percent_positive_pattern
    return _filled(pattern, text, culture)


def _filled(pattern: str, text: str, culture: NumberFormat) -> str:
    symbols = {"n": text, "$": culture.currency_symbol, "%": culture.percent_symbol, "-": culture.negative_sign}
    return "".join(symbols.get(character, character) for character in pattern)


def _fixed_point(found: Digits, decimals: int, point: str, group: str = "", sizes: tuple[int, ...] = ()) -> str:
    whole = found.text[: max(found.scale, 0)].ljust(found.scale, "0") or "0"
    if group:
        whole = grouped(whole, group, sizes)
    if not decimals:
        return whole
    fraction = "0" * max(-found.scale, 0) + found.text[max(found.scale, 0) :]
    return whole + point + fraction[:decimals].ljust(decimals, "0")


def grouped(whole: str, group: str, sizes: tuple[int, ...]) -> str:
    """Digits parted from the right by the group sizes of a culture; the last size repeats, 0 ends the parting."""
    parts: list[str] = []
    index = 0
    while sizes and (size := sizes[min(index, len(sizes) - 1)]) and len(whole) > size:
        whole, part = whole[:-size], whole[-size:]
        parts.append(part)
        index += 1
    return group.join([whole, *reversed(parts)])


def _integer(number: Number, letter: str, width: int, culture: NumberFormat) -> str:
    if not isinstance(number, int):
        raise FormatError(f"'{letter}' formats integers only")
    if letter in "dD":
        text = str(abs(number)).zfill(width)
        return culture.negative_sign + text if number < 0 else text
    text = f"{number & 0xFFFF_FFFF_FFFF_FFFF:{letter}}"
    return text.zfill(width)


def _exponential(number: Number, letter: str, decimals: int, culture: NumberFormat) -> str:
    found = digits.significant(number, decimals + 1) if isinstance(number, float) else _exact(number)
    found.round(decimals + 1, exact=isinstance(number, float))
    text = _scientific(found, found.text.ljust(decimals + 1, "0"), letter, 3, culture)
    return culture.negative_sign + text if found.negative else text


def _scientific(found: Digits, shown: str, letter: str, width: int, culture: NumberFormat) -> str:
    exponent = found.scale - 1 if found.text else 0
    mantissa = shown[0] + (culture.decimal_separator + shown[1:] if len(shown) > 1 else "")
    return mantissa + letter + exponent_text(exponent, width, culture, positive_sign=True)


def exponent_text(exponent: int, width: int, culture: NumberFormat, positive_sign: bool) -> str:
    """The exponent with at least `width` digits and its sign."""
    sign = culture.negative_sign if exponent < 0 else culture.positive_sign if positive_sign else ""
    return sign + str(abs(exponent)).zfill(width)


def _general(number: Number, letter: str, precision: int, culture: NumberFormat) -> str:
    """The shorter of plain and scientific notation, with `precision` significant digits (0: as many as needed)."""
    found = _general_digits(number, precision)
    limit = precision or _general_limit(number, found)
    shown = found.text or "0"
    sign = culture.negative_sign if found.negative else ""
    if limit is not None and (found.scale > limit or found.scale < -3):
        return sign + _scientific(found, shown, "E" if letter == "G" else "e", 2, culture)
    if isinstance(number, Decimal) and not precision:
        return sign + f"{abs(number):f}".replace(".", culture.decimal_separator)
    whole = found.text[: max(found.scale, 0)].ljust(found.scale, "0") or "0"
    fraction = "0" * max(-found.scale, 0) + found.text[max(found.scale, 0) :]
    return sign + whole + (culture.decimal_separator + fraction if fraction else "")


def _general_digits(number: Number, precision: int) -> Digits:
    if isinstance(number, float):
        found = digits.significant(number, precision) if precision else digits.shortest(number)
        found.round(max(precision, len(found.text)), exact=True)
        return found
    found = _exact(number)
    found.round(precision or len(found.text))
    return found


def _general_limit(number: Number, found: Digits) -> int | None:
    """How many digits before the point are written plainly; None: always all."""
    return max(len(found.text), _DOUBLE_DIGITS) if isinstance(number, float) else None
