"""Logical functions: and, or, not, if, equals, less, greater and kin, isInt, isFloat, coalesce."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from wdl.collation import compare
from wdl.context import Context
from wdl.equality import equal, order
from wdl.errors import Fault
from wdl.registry import Bound, anything, boolean, function
from wdl.values import Value, type_name

_NUMBERS: Final = (int, float, Decimal)


@function(
    "not",
    boolean("its parameter to be a boolean"),
    arity="expects one parameter: the boolean value to negate. The function was invoked with '{count}' parameters.",
    usage="not",
)
def not_(value: bool) -> bool:
    """The other boolean."""
    return not value


@function(
    "and",
    anything(rest=True),
    arity="expects at least one boolean parameter. The function was invoked with '{count}' parameters.",
    usage="and",
    lazy=True,
)
def and_(context: Context, arguments: tuple[Bound, ...]) -> bool:
    """True when all are; what follows the first false is not evaluated."""
    return all(_boolean(argument(context)) for argument in arguments)


@function(
    "or",
    anything(rest=True),
    arity="expects at least one boolean parameter. The function was invoked with '{count}' parameters.",
    usage="or",
    lazy=True,
)
def or_(context: Context, arguments: tuple[Bound, ...]) -> bool:
    """True when one is; what follows the first true is not evaluated."""
    return any(_boolean(argument(context)) for argument in arguments)


def _boolean(value: Value) -> bool:
    if type(value) is not bool:
        raise Fault(
            "The template language function '{name}' expects all of its parameters to be booleans. "
            "Found invalid parameter types: '{kind}'.",
            kind=type_name(value),
        )
    return value


@function(
    "if",
    anything(),
    anything(),
    anything(),
    arity="expects three parameter: the condition to test as the first parameter, the value to return if the condition "
    "is true as the second parameter, and the value to return if the condition is false as the third parameter. "
    "The function was invoked with '{count}' parameter(s).",
    usage="if",
    lazy=True,
)
def if_(context: Context, arguments: tuple[Bound, ...]) -> Value:
    """The second value when the first is true, else the third; the other one is not evaluated."""
    condition, yes, no = arguments
    chosen = condition(context)
    if type(chosen) is not bool:
        raise Fault(
            "The template language function '{name}' expects its first parameter to be of type boolean. "
            "The provided value is of type '{kind}'.",
            usage="if",
            kind=type_name(chosen),
        )
    return yes(context) if chosen else no(context)


@function(
    "equals",
    anything(),
    anything(rest=True),
    arity="expects two parameters: the values to test for deep equality. "
    "The function was invoked with '{count}' parameter(s).",
    usage="equals",
)
def equals(first: Value, second: Value, *others: Value) -> bool:
    """Whether all values equal the first; 1 equals 1.0, text is compared exactly."""
    return equal(first, second) and all(equal(first, other) for other in others)


@function(
    "coalesce",
    anything(rest=True),
    arity="expects at least one parameter: the value to coalesce. "
    "The function was invoked with '{count}' parameter(s).",
    usage="coalesce",
    lazy=True,
)
def coalesce(context: Context, arguments: tuple[Bound, ...]) -> Value:
    """The first value that is not null; the rest is not evaluated."""
    for argument in arguments:
        value = argument(context)
        if value is not None:
            return value
    return None


def _comparison(name: str, words: str, test: Callable[[int], bool]) -> None:
    @function(
        name,
        anything(),
        anything(),
        arity="expects two parameter of matching types. The function was invoked with '{count}' parameter(s).",
    )
    def ordered(left: Any, right: Any) -> bool:
        if type(left) is str and type(right) is str:
            return test(compare(left, right))
        if type(left) in _NUMBERS and type(right) in _NUMBERS:
            return test(order(left, right))
        raise _not_comparable(left, right)

    ordered.__doc__ = f"Whether the first of two numbers or two texts is {words} the second."


def _not_comparable(left: Value, right: Value) -> Fault:
    if type(left) is str or type(right) is str:
        return Fault(
            "The template language function '{name}' expects two parameter of matching types. "
            "The function was invoked with values of type '{left}' and '{right}' that do not match.",
            left=type_name(left),
            right=type_name(right),
        )
    return not_numbers((left, right))


def not_numbers(values: tuple[Value, ...]) -> Fault:
    """The fault for arguments that are not all numbers, naming the types of those that are not."""
    kinds = dict.fromkeys(type_name(value) for value in values if type(value) not in _NUMBERS)
    return Fault(
        "The template language function '{name}' expects all of its parameters to be either integer or decimal "
        "numbers. Found invalid parameter types: '{kinds}'.",
        kinds=",".join(kinds),
    )


_comparison("less", "less than", lambda sign: sign < 0)
_comparison("lessOrEquals", "less than or equal to", lambda sign: sign <= 0)
_comparison("greater", "greater than", lambda sign: sign > 0)
_comparison("greaterOrEquals", "greater than or equal to", lambda sign: sign >= 0)
