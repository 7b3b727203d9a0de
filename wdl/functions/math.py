"""Math functions: add, sub, mul, div, mod, min, max, range, rand."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, DecimalException, localcontext
from decimal import Context as DecimalContext
from typing import Any, Final, TypeAlias

from wdl.context import Context
from wdl.errors import Fault
from wdl.functions.logic import not_numbers
from wdl.numerals import decimal_of, fit_decimal
from wdl.registry import anything, function, integer, number
from wdl.values import Value, int32

Number: TypeAlias = int | float | Decimal

_NUMBERS: Final = (int, float, Decimal)
_DECIMALS: Final = DecimalContext(prec=58, rounding=ROUND_HALF_EVEN)
_RANGE_LIMIT: Final = 100_000
_INT32_MAX: Final = 2**31 - 1


def _overflow() -> Fault:
    return Fault("The provided parameters for template language function '{name}' caused arithmetic overflow.")


def _zero_division() -> Fault:
    return Fault("Attempt to divide an integral or decimal value by zero in function '{name}'.")


def _calculate(operation: Callable[[Any, Any], Number], left: Number, right: Number) -> Number:
    """The operation in the wider kind of its operands: decimal, double, or a 64-bit integer."""
    try:
        if type(left) is Decimal or type(right) is Decimal:
            return _in_decimals(operation, left, right)
        if type(left) is float or type(right) is float:
            return operation(float(left), float(right))
        return _int64(operation(left, right))
    except (OverflowError, DecimalException):
        raise _overflow() from None


def _int64(result: Number) -> Number:
    if -(2**63) <= result < 2**63:
        return result
    raise OverflowError


def _as_decimal(value: Number) -> Decimal:
    number = decimal_of(value)
    if not number.is_finite():
        raise OverflowError
    return number


def _in_decimals(operation: Callable[[Any, Any], Number], left: Number, right: Number) -> Number:
    first, second = _as_decimal(left), _as_decimal(right)
    with localcontext(_DECIMALS):
        result = fit_decimal(Decimal(operation(first, second)))
    if result is None:
        raise OverflowError
    return result


def _quotient(left: Any, right: Any) -> Number:
    if type(left) is int:
        whole: int = abs(left) // abs(right)
        return whole if (left < 0) == (right < 0) else -whole
    return left / right  # type: ignore[no-any-return]


def _remainder(left: Any, right: Any) -> Number:
    if type(left) is int:
        if right == -1 and left == -(2**63):
            raise OverflowError
        rest: int = left - right * _quotient(left, right)
        return rest
    if type(left) is float:
        return math.nan if math.isinf(left) else math.fmod(left, right)
    return left % right  # type: ignore[no-any-return]


def _two(first: str, second: str) -> str:
    return (
        f"expects two numeric parameters: the {first} as the first parameter and the {second} as the second parameter. "
        "The function was invoked with '{count}' parameter(s)."
    )


@function(
    "add",
    number("its first parameter to be an integer, a float or a decimal number"),
    number("its second parameter to be an integer or a decimal number"),
    arity=_two("first summand", "seccond summand"),
    usage="add",
)
def add(left: Number, right: Number) -> Number:
    """The sum."""
    return _calculate(lambda one, two: one + two, left, right)


@function(
    "sub",
    number("its first parameter to be an integer or a decimal number"),
    number("its second parameter to be an integer or a decimal number"),
    arity=_two("minuend", "subtrahend"),
    usage="sub",
)
def sub(left: Number, right: Number) -> Number:
    """The first number less the second."""
    return _calculate(lambda one, two: one - two, left, right)


def _product_like(name: str, first: str, second: str, page: str) -> Callable[[Any], Any]:
    # Azure's messages name the page of mul for the first and that of div for the second parameter.
    return function(
        name,
        number("its first parameter to be an integer or a decimal number", usage="mul"),
        number("its second parameter to be an integer or a decimal number", usage="div"),
        arity=_two(first, second),
        usage=page,
    )


@_product_like("mul", "first multiplicand", "second multiplicand", "mul")
def mul(left: Number, right: Number) -> Number:
    """The product."""
    return _calculate(lambda one, two: one * two, left, right)


@_product_like("div", "dividend", "divisor", "div")
def div(left: Number, right: Number) -> Number:
    """The quotient; of two integers without its fraction (-7 by 2 is -3)."""
    if right == 0:
        raise _zero_division()
    return _calculate(_quotient, left, right)


@_product_like("mod", "dividend", "divisor", "div")
def mod(left: Number, right: Number) -> Number:
    """The remainder, with the sign of the first number."""
    if right == 0:
        raise _zero_division()
    return _calculate(_remainder, left, right)


def _numbers(values: tuple[Value, ...], name: str) -> list[Any]:
    listed = values[0] if len(values) == 1 and type(values[0]) is list else values
    if not listed:
        raise Fault(
            "The template language function '{name}' expects either an array of numbers or a comma separated list of "
            "numbers as its parameters. The function was invoked with no parameters.",
            usage=name,
        )
    if not all(type(value) in _NUMBERS for value in listed):
        raise not_numbers(tuple(listed))
    return list(listed)


def _widened(values: list[Any], choose: Callable[[list[Any]], Number]) -> Number:
    """The chosen number in the widest kind among all."""
    kinds = {type(value) for value in values}
    if float not in kinds and Decimal not in kinds:
        return choose(values)
    try:
        if Decimal not in kinds:
            return choose([float(value) for value in values])
        return choose([_as_decimal(value) for value in values])
    except OverflowError:
        raise _overflow() from None


@function("min", anything(optional=True, rest=True), usage="min")
def min_(*values: Value) -> Number:
    """The smallest of the numbers, or of the numbers in one array."""
    return _widened(_numbers(values, "min"), _least)


def _least(values: list[Any]) -> Any:
    return next((value for value in values if value != value), None) or min(values)


@function("max", anything(optional=True, rest=True), usage="max")
def max_(*values: Value) -> Number:
    """The largest of the numbers, or of the numbers in one array."""
    # NaN is less than every number.
    return _widened(_numbers(values, "max"), lambda found: max([each for each in found if each == each] or found))


@function(
    "range",
    integer("its first parameter 'start index' to be an integer"),
    integer("its second parameter 'count' to be an integer"),
    arity="expects two integer parameters: an inclusive start index of the range as the first parameter and a count of "
    "integers to return as the second parameter. The function was invoked with '{count}' parameter(s).",
    usage="range",
)
def range_(start: int, count: int) -> list[int]:
    """`count` integers from `start` on."""
    start, count = int32(start), int32(count)
    if not 0 <= count <= _RANGE_LIMIT or start + count > _INT32_MAX:
        raise Fault(
            "The template language function '{name}' parameters are out of range: 'count' must be a positive integer "
            "no larger than '100000' and the sum of 'start index' and 'count' must be no larger than 2147483647.",
            usage="range",
        )
    return list(range(start, start + count))


@function(
    "rand",
    integer("its first parameter 'minimum value' to be an integer"),
    integer("its second parameter 'maximum value' to be an integer"),
    arity="expects two integer parameters: an inclusive minimum of the range as the first parameter and an inclusive "
    "maximum of the range as the second parameter. The function was invoked with '{count}' parameter(s).",
    usage="rand",
    needs_context=True,
)
def rand(context: Context, lowest: int, highest: int) -> int:
    """A random integer from `lowest` up to, but without, `highest`."""
    if lowest >= highest:
        raise Fault(
            "The template language function '{name}' parameters are out of range: 'minimum value' must be less than "
            "'maximum value'.",
            usage="rand",
        )
    return context.random.randrange(lowest, highest)
