"""Conditions: the `expression` of If, Until and triggers, as text (`@greater(…)`) or as an object (`{"and": […]}`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from wdl.context import Context
from wdl.errors import ExpressionError
from wdl.expressions import bind_call
from wdl.jsondates import json_date
from wdl.registry import Bound, find
from wdl.syntax import Call
from wdl.template import compile_template
from wdl.values import Value, dumps, type_name

_TOO_DEEP: Final = "The condition is nested too deeply to be evaluated."


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition; make it with `compile_condition`."""

    source: Value
    _bound: Bound

    def evaluate(self, context: Context) -> bool:
        """True or false. Raises `ExpressionError`, also when the result is no boolean."""
        try:
            result = self._bound(context)
        except RecursionError:
            raise ExpressionError(_TOO_DEEP) from None
        if type(result) is not bool:
            raise ExpressionError(
                f"The condition expression evaluated to a value of type '{type_name(result)}'. "
                "It must evaluate to a value of type 'Boolean'."
            )
        return result


def compile_condition(source: Any) -> Condition:
    """Compile the text or object form. Raises `ExpressionError` for what can never be evaluated."""
    if isinstance(source, dict):
        try:
            return Condition(source, _operator(source))
        except RecursionError:
            raise ExpressionError(_TOO_DEEP) from None
    return Condition(source, compile_template(source).evaluate)


def _operator(members: dict[str, Any]) -> Bound:
    if len(members) != 1:
        raise ExpressionError(f"Sequence contains {'more than one element' if members else 'no elements'}")
    ((name, operands),) = members.items()
    declaration = find(name)
    if declaration is None:
        raise ExpressionError(f"The template function '{name}' is not defined or not valid.")
    listed = operands if isinstance(operands, list) else [operands]
    return bind_call(Call(name, (), (), 0), tuple(_operand(operand) for operand in listed))


def _operand(operand: Any) -> Bound:
    if isinstance(operand, dict):
        return _operator(operand)
    if isinstance(operand, str) and (date := json_date(operand)) is not None:
        raise ExpressionError(f"The expression '{dumps(date)}' of type 'Date' is not supported.")
    return compile_template(operand).evaluate
