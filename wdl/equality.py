"""When two values are the same, and how numbers are ordered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from wdl.values import Value

_NUMBERS: Final = frozenset((int, float, Decimal))


def same(left: Value, right: Value) -> bool:
    """Newtonsoft's deep equality: kinds must match (1 is not 1.0), members may stand in any order."""
    if left is right:
        return True
    kind = type(left)
    if kind is not type(right):
        return kind in (float, Decimal) and type(right) in (float, Decimal) and left == right
    if kind is list:
        return _same_items(left, right)
    return _same_members(left, right) if kind is dict else left == right


def equal(left: Value, right: Value) -> bool:
    """The `equals` function: as `same`, but numbers of different kinds are compared by value."""
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        return left == right
    return same(left, right)


def order(left: Any, right: Any) -> int:
    """Negative, zero or positive as a number is less than, equal to or greater than another; NaN is least."""
    if left != left or right != right:
        return int(left == left) - int(right == right)
    return int(left > right) - int(left < right)


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
