"""When two values are the same, and how numbers are ordered."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from sys import float_info
from typing import Any, Final

from wdl.numerals import decimal_of
from wdl.values import Value

_NUMBERS: Final = frozenset((int, float, Decimal))


def same(left: Value, right: Value) -> bool:
    """Newtonsoft's deep equality: kinds must match (1 is not 1.0), members may stand in any order."""
    if left is right:
        return True
    kind = type(left)
    if kind is float or kind is Decimal:
        return type(right) in (float, Decimal) and order(left, right) == 0
    if kind is not type(right):
        return False
    if kind is list:
        return _same_items(left, right)
    return _same_members(left, right) if kind is dict else left == right


def equal(left: Value, right: Value) -> bool:
    """The `equals` function: as `same`, but numbers of different kinds are compared by value."""
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        return order(left, right) == 0
    return same(left, right)


def order(left: Any, right: Any) -> int:
    """Negative, zero or positive as a number is less than, equal to or greater than another; NaN is least.

    Where one is a double the two are compared as doubles, and such as differ by their last bits only are equal, as
    Newtonsoft has it: 0.1 + 0.2 is 0.3.
    """
    if type(left) is float or type(right) is float:
        if left != left or right != right:
            return int(left == left) - int(right == right)
        left, right = _alike(left, right)
        if type(left) is float and type(right) is float:
            tolerance = (abs(left) + abs(right) + 10) * float_info.epsilon
            return 0 if abs(left - right) < tolerance else int(left > right) - int(left < right)
    return int(left > right) - int(left < right)


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Two numbers, one of them a double, as two decimals or two doubles; as they are where one is too large."""
    try:
        if not isfinite(left) or not isfinite(right):
            return left, right
        if type(left) is Decimal or type(right) is Decimal:
            return decimal_of(left), decimal_of(right)
        return float(left), float(right)
    except OverflowError:
        return left, right


def key(value: Value) -> Any:
    """A hashable that is equal for the same values, and only for these."""
    kind = type(value)
    if kind is list:
        return ("[", tuple(key(item) for item in value))  # type: ignore[union-attr]
    if kind is dict:
        return ("{", frozenset((name, key(member)) for name, member in value.items()))  # type: ignore[union-attr]
    return (float if kind is Decimal else kind, value)


def _same_items(left: Any, right: Any) -> bool:
    return len(left) == len(right) and all(map(same, left, right))


def _same_members(left: Any, right: Any) -> bool:
    return len(left) == len(right) and all(name in right and same(value, right[name]) for name, value in left.items())
