"""Decimal digits of a number as .NET's formatting sees them, and their rounding."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class NumberKind(Enum):
    """Which .NET type a number is: they round and show a negative zero differently."""

    INTEGER = "Int64"
    DECIMAL = "Decimal"
    DOUBLE = "Double"


@dataclass(slots=True)
class Digits:
    """The number `0.DIGITS x 10^scale`; digits without leading zeros, empty for zero."""

    text: str
    scale: int
    negative: bool
    kind: NumberKind

    def round(self, position: int, exact: bool = False) -> None:
        """Keep `position` digits, half away from zero; `exact`: the digits are already rounded, only cut them."""
        kept, rest = self.text[: max(position, 0)], self.text[max(position, 0) :]
        if position >= 0 and rest[:1] >= "5" and not exact:
            kept = self._up(kept)
        self.text = kept.rstrip("0")
        if not self.text:
            self.drop_sign()

    def _up(self, digits: str) -> str:
        raised = str(int(digits or "0") + 1).zfill(len(digits))
        if len(raised) > len(digits):
            self.scale += 1
        return raised

    def drop_sign(self) -> None:
        """What becomes of a number whose digits are all zero: only a double keeps its sign."""
        self.scale = 0
        if self.kind is not NumberKind.DOUBLE:
            self.negative = False


def of_integer(number: int) -> Digits:
    """The digits of an Int64."""
    text = str(abs(number)) if number else ""
    return Digits(text.rstrip("0"), len(text), number < 0, NumberKind.INTEGER)


def of_decimal(number: Decimal) -> Digits:
    """The digits of a Decimal."""
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    scale = len(text) + int(exponent) if text else 0
    return Digits(text.rstrip("0"), scale, bool(sign), NumberKind.DECIMAL)


def significant(number: float, count: int) -> Digits:
    """A double correctly rounded to `count` significant digits."""
    return _of_text(f"{number:.{count - 1}e}")


def fixed(number: float, decimals: int) -> Digits:
    """A double correctly rounded to `decimals` digits after the point."""
    return _of_text(f"{number:.{decimals}f}")


def shortest(number: float) -> Digits:
    """The fewest digits that read back as the same double."""
    return _of_text(repr(number))


def _of_text(text: str) -> Digits:
    mantissa, _, exponent = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole) - (len(whole + fraction) - len(digits))
    scale = leading + int(exponent or 0) if digits else 0
    return Digits(digits.rstrip("0"), scale, text.startswith("-"), NumberKind.DOUBLE)
