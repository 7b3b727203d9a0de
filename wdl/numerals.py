"""Numbers out of texts, as .NET's `Parse` reads them with a culture's signs and separators, and as JSON has them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Final

from wdl.dotnet.culture import NumberFormat

_SPACE: Final = "[\t\n\v\f\r ]*"
_TRAILING: Final = "[\t\n\v\f\r ]*\0*"
_DECIMAL_LIMIT: Final = 2**96
_MAX_DECIMALS: Final = 28
_MAX_DIGITS: Final = 900
_EXACT: Final = Context(prec=1000, rounding=ROUND_HALF_EVEN)
# Spaces that a culture writes between groups may be typed as plain ones.
_SPACES: Final = "\u00a0\u202f"
_HYPHENS: Final = "\u2012\u207b\u208b\u2212\u2796\ufe63\uff0d"


def parse_double(text: str, culture: NumberFormat) -> float | None:
    """A double (`NumberStyles.Float | AllowThousands`), or None for what is none."""
    match = _pattern(culture, exponent=True).match(text)
    if match is None:
        return _symbol(text, culture)
    if not match["whole"] and not match["fraction"]:
        return None
    number = float(_plain(match) + (match["exponent"] or ""))
    return -number if _is_negative(match["sign"]) else number


def parse_decimal(text: str, culture: NumberFormat) -> Decimal | None:
    """A decimal (`NumberStyles.Number`: no exponent, a sign at either end), or None for what is none or too large."""
    match = _pattern(culture, exponent=False).match(text)
    if match is None or (match["sign"] and match["last"]) or not (match["whole"] or match["fraction"]):
        return None
    number = fit_decimal(Decimal(plain)) if len(plain := _plain(match)) <= _MAX_DIGITS else None
    if number is None:
        return None
    return number.copy_negate() if number and _is_negative(match["sign"] or match["last"]) else number


def parse_int(text: str) -> int | None:
    """A 64-bit integer (`NumberStyles.Integer`, invariant), or None for what is none."""
    match = _INTEGER.match(text)
    if match is None:
        return None
    number = int(match[1])
    return number if -(2**63) <= number < 2**63 else None


_INTEGER: Final = re.compile(rf"{_SPACE}([+-]?[0-9]{{1,400}}){_TRAILING}\Z")


@lru_cache(maxsize=256)
def _pattern(culture: NumberFormat, exponent: bool) -> re.Pattern[str]:
    point = re.escape(culture.decimal_separator)
    group = _group(culture.group_separator)
    minus = re.escape(culture.negative_sign)
    plus = re.escape(culture.positive_sign)
    hyphen = "|-" if culture.negative_sign in _HYPHENS or culture.negative_sign.endswith("-") else ""
    sign = f"{minus}|{plus}{hyphen}"
    digits = rf"(?P<whole>[0-9](?:[0-9]|{group})*+)?(?:{point}(?P<fraction>[0-9]*))?"
    tail = rf"(?P<exponent>[eE](?:{sign})?[0-9]+)?" if exponent else rf"{_SPACE}(?P<last>{sign})?"
    return re.compile(rf"{_SPACE}(?P<sign>{sign})?{digits}{tail}{_TRAILING}\Z")


def _group(separator: str) -> str:
    spaces = "| " if separator in _SPACES else ""
    return f"(?:{re.escape(separator)}{spaces})"


def _plain(match: re.Match[str]) -> str:
    """The digits with a decimal point, without groups."""
    whole = "".join(character for character in match["whole"] or "0" if character in "0123456789")
    return f"{whole}.{match['fraction']}" if match["fraction"] else whole


def _is_negative(sign: str | None) -> bool:
    return bool(sign) and "+" not in (sign or "")


def _symbol(text: str, culture: NumberFormat) -> float | None:
    shown = text.strip().lower()
    for symbol, number in (
        (culture.infinity_symbol, "inf"),
        (culture.negative_infinity_symbol, "-inf"),
        (culture.nan_symbol, "nan"),
    ):
        if shown == symbol.lower() or shown == f"{culture.positive_sign}{symbol}".lower():
            return float(number)
    return float("nan") if shown == f"{culture.negative_sign}{culture.nan_symbol}".lower() else None


def decimal_of(number: float | Decimal) -> Decimal:
    """A number as a decimal; .NET takes 15 significant digits of a double."""
    return Decimal(format(number, ".15g")) if type(number) is float else Decimal(number)


def fit_decimal(number: Decimal) -> Decimal | None:
    """The number as .NET's decimal holds it (96 bits, at most 28 decimals), rounded; None when it is too large."""
    if number.adjusted() > _MAX_DECIMALS:
        return None
    decimals = min(max(-int(number.as_tuple().exponent), 0), _MAX_DECIMALS)
    while decimals >= 0:
        rounded = number.quantize(Decimal((0, (1,), -decimals)), context=_EXACT)
        if int(rounded.copy_abs().scaleb(decimals, context=_EXACT)) < _DECIMAL_LIMIT:
            return rounded
        decimals -= 1
    return None


def json_number(digits: str) -> int | float | None:
    """A number as Newtonsoft reads it in JSON: `0x` is hexadecimal, a leading zero octal, both of 64 bits.

    None for what is none, or has more digits than Python reads (4,300; Newtonsoft refuses 381).
    """
    try:
        if re.fullmatch(r"0[^.eE].*", digits):
            bits = int(digits, 16) if digits[1] in "xX" else int(digits, 8)
            return (bits if bits < 2**63 else bits - 2**64) if bits < 2**64 else None
        if re.fullmatch("-?[0-9]+", digits):
            return int(digits)
        if re.fullmatch(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", digits):
            return float(digits)
    except ValueError:
        return None
    return None
