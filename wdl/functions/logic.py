"""Logical functions: and, or, not, if, equals, less, greater and kin, coalesce."""

from __future__ import annotations

from wdl.context import Context
from wdl.registry import Bound, anything, boolean, function
from wdl.values import Value


@function(
    "not",
    boolean("its parameter to be a boolean"),
    usage="not",
    arity="expects one parameter: the boolean value to negate. The function was invoked with '{count}' parameters.",
)
def not_(value: bool) -> bool:
    """The other boolean."""
    return not value


@function(
    "coalesce",
    anything(rest=True),
    usage="coalesce",
    lazy=True,
    arity="expects at least one parameter: the value to coalesce. "
    "The function was invoked with '{count}' parameter(s).",
)
def coalesce(context: Context, arguments: tuple[Bound, ...]) -> Value:
    """The first value that is not null; the rest is not evaluated."""
    for argument in arguments:
        value = argument(context)
        if value is not None:
            return value
    return None
