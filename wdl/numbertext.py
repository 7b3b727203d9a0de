"""Numbers as text, as .NET writes them in the invariant culture."""

from __future__ import annotations

from decimal import Decimal


def double_text(number: float) -> str:
    """A double as `ToString()`: the shortest text that reads back, `1E+16`, `NaN`, `Infinity`."""
    text = repr(number)
    if text.endswith(".0") and "e" not in text and len(text) <= 17:
        return text[:-2]
    if "n" in text:
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(text, "NaN")
    return _general(Decimal(text))


def _general(number: Decimal) -> str:
    """.NET's G format with as many digits as the number has, at least 15."""
    sign, digits, _ = number.as_tuple()
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    point = number.adjusted() + 1
    prefix = "-" if sign else ""
    if point > max(len(shown), 15) or point < -3:
        return prefix + _scientific(shown, point - 1)
    if point <= 0:
        return f"{prefix}0.{'0' * -point}{shown}"
    whole, fraction = shown[:point].ljust(point, "0"), shown[point:]
    return f"{prefix}{whole}.{fraction}" if fraction else prefix + whole


def _scientific(digits: str, exponent: int) -> str:
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def decimal_text(number: Decimal) -> str:
    """A decimal as `ToString()`: no exponent, its trailing zeros kept."""
    return format(number, "f")


def number_json(number: float | Decimal) -> str:
    """A Float in JSON: always with a decimal point or an exponent; NaN and infinities are strings."""
    text = decimal_text(number) if isinstance(number, Decimal) else double_text(number)
    if "." in text or "E" in text:
        return text
    return f'"{text}"' if text[-1] in "Ny" else text + ".0"
