"""The order of JSON values of any kind, as Newtonsoft's `JValue.CompareTo` has it: that of `sort`.

Null comes first. Otherwise the kind of the left value, or of the right one where the left is a string, says how both
are compared: numbers by value, strings by their UTF-16 units, booleans false first; the other value is converted.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from wdl.dotnet.culture import NumberFormat
from wdl.equality import order
from wdl.numerals import decimal_of, parse_decimal, parse_double, parse_int
from wdl.values import Value, dumps

_INVARIANT: Final = NumberFormat()
_BOOLEANS: Final = {"true": True, "false": False}


def compare_tokens(left: Value, right: Value) -> int:
    """Negative, zero or positive as a value comes before, at or after another; ValueError where .NET throws."""
    if left is None or right is None:
        return (left is not None) - (right is not None)
    if isinstance(left, list | dict):
        if isinstance(right, list | dict):
            raise ValueError("arrays and objects have no order")
        return -compare_tokens(right, left)
    kind = type(right) if isinstance(left, str) and not isinstance(right, list | dict) else type(left)
    if kind is str:
        return _sign(ordinal(_as_text(left)), ordinal(_as_text(right)))
    if kind is bool:
        return _sign(_as_boolean(left), _as_boolean(right))
    kinds = (type(left), type(right))
    convert = _as_decimal if Decimal in kinds else _as_double if float in kinds else _as_integer
    return order(convert(left), convert(right))


def ordinal(text: str) -> Any:
    """What strings are compared by, of one type for all strings."""
    return text.encode("utf-16-be", "surrogatepass")


def _sign(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else dumps(value)


def _as_boolean(value: Any) -> bool:
    return _not_none(_BOOLEANS.get(value.strip().lower())) if isinstance(value, str) else bool(_number(value))


def _as_integer(value: Any) -> int:
    return _not_none(parse_int(value)) if isinstance(value, str) else int(_number(value))


def _as_double(value: Any) -> float:
    try:
        return _not_none(parse_double(value, _INVARIANT)) if isinstance(value, str) else float(_number(value))
    except OverflowError:
        raise ValueError("the number is too large") from None


def _as_decimal(value: Any) -> Decimal:
    number = _not_none(parse_decimal(value, _INVARIANT)) if isinstance(value, str) else decimal_of(_number(value))
    if not number.is_finite():
        raise ValueError("a decimal is finite")
    return number


def _number(value: Any) -> Any:
    if isinstance(value, list | dict):
        raise ValueError("arrays and objects are no numbers")
    return value


def _not_none(value: Any) -> Any:
    if value is None:
        raise ValueError("the text cannot be converted")
    return value
