"""Trees to closures: an expression is bound once and evaluated many times.

Each node becomes a function of the context. Nothing of an expression is ever given to Python's own compiler.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, TypeAlias

from wdl.access import bind_accesses
from wdl.context import Context
from wdl.errors import ExpressionError, ExpressionSyntaxError, Fault
from wdl.limits import MAX_RANGES, MAX_TEXT
from wdl.registry import Bound, Declaration, find, too_long
from wdl.syntax import Call, Literal, Node, parse
from wdl.values import Value

_CACHED_EXPRESSIONS: Final = 4096
_RANGE: Final = re.compile(r"\brange\s*\(", re.IGNORECASE)
_Types: TypeAlias = frozenset[type]


@lru_cache(maxsize=_CACHED_EXPRESSIONS)
def compile_expression(expression: str) -> Bound:
    """An expression without its `@`, as a function of the context. Raises `ExpressionSyntaxError`."""
    if expression.count("(") > MAX_RANGES and len(_RANGE.findall(expression)) > MAX_RANGES:
        problem = f"The template language expression '{expression}' calls 'range' more than '{MAX_RANGES}' times."
        raise ExpressionSyntaxError(problem, expression, 0)
    return bind(parse(expression), expression)


def evaluate_expression(expression: str, context: Context) -> Value:
    """Evaluate an expression without its `@` once."""
    return compile_expression(expression)(context)


def bind(node: Node, expression: str) -> Bound:
    """The closure of a node; `expression` is the whole text, which some messages quote."""
    if isinstance(node, Literal):
        return _constant(node.value)
    arguments = tuple(bind(argument, expression) for argument in node.arguments)
    bound = bind_call(node, arguments)
    return bind_accesses(node, bound, expression, bind) if node.accesses else bound


def _constant(value: Value) -> Bound:
    def constant(_: Context) -> Value:
        return value

    return constant


def bind_call(node: Call, arguments: tuple[Bound, ...]) -> Bound:
    declaration = find(node.name)
    if declaration is None:
        # Azure finds this out when it gets there: an untaken branch may hold an unknown function.
        return _failing(f"The template function '{node.name}' is not defined or not valid.")
    if not declaration.accepts_count(len(arguments)):
        return _wrong_count(declaration, node.name, arguments)
    if declaration.lazy:
        return _lazy_call(declaration, node.name, arguments)
    return _eager_call(declaration, node.name, arguments)


def _failing(message: str) -> Bound:
    def fail(_: Context) -> Value:
        raise ExpressionError(message)

    return fail


def _wrong_count(declaration: Declaration, name: str, arguments: tuple[Bound, ...]) -> Bound:
    def fail(context: Context) -> Value:
        if not declaration.lazy:
            for argument in arguments:
                argument(context)
        raise declaration.arity_error(name, len(arguments))

    return fail


def _lazy_call(declaration: Declaration, name: str, arguments: tuple[Bound, ...]) -> Bound:
    implementation = declaration.function

    def call(context: Context) -> Any:
        try:
            return implementation(context, arguments)
        except Fault as fault:
            raise fault.named(name) from None

    return call


def _eager_call(declaration: Declaration, name: str, arguments: tuple[Bound, ...]) -> Bound:
    accepted = declaration.accepted(len(arguments))
    if declaration.needs_context:
        return _call_with_context(declaration, name, arguments, accepted)
    if len(arguments) == 1:
        bound = _call_one(declaration, name, arguments[0], accepted[0])
    elif len(arguments) == 2:
        bound = _call_two(declaration, name, *arguments, *accepted)
    else:
        bound = _call_many(declaration, name, arguments, accepted)
    return _bounded(bound, name) if declaration.grows else bound


def _call_one(declaration: Declaration, name: str, first: Bound, accepts: _Types) -> Bound:
    implementation = declaration.function

    def call(context: Context) -> Any:
        value = first(context)
        if type(value) not in accepts:
            raise declaration.mismatch(name, (value,))
        try:
            return implementation(value)
        except Fault as fault:
            raise fault.named(name) from None

    return call


def _call_two(
    declaration: Declaration, name: str, first: Bound, second: Bound, accepts_first: _Types, accepts_second: _Types
) -> Bound:
    implementation = declaration.function

    def call(context: Context) -> Any:
        value, other = first(context), second(context)
        if type(value) not in accepts_first or type(other) not in accepts_second:
            raise declaration.mismatch(name, (value, other))
        try:
            return implementation(value, other)
        except Fault as fault:
            raise fault.named(name) from None

    return call


def _call_many(
    declaration: Declaration, name: str, arguments: tuple[Bound, ...], accepted: tuple[_Types, ...]
) -> Bound:
    implementation = declaration.function

    def call(context: Context) -> Any:
        values = [argument(context) for argument in arguments]
        for value, accepts in zip(values, accepted, strict=True):
            if type(value) not in accepts:
                raise declaration.mismatch(name, values)
        try:
            return implementation(*values)
        except Fault as fault:
            raise fault.named(name) from None

    return call


def _call_with_context(
    declaration: Declaration, name: str, arguments: tuple[Bound, ...], accepted: tuple[_Types, ...]
) -> Bound:
    implementation = declaration.function

    def call(context: Context) -> Any:
        values = [argument(context) for argument in arguments]
        for value, accepts in zip(values, accepted, strict=True):
            if type(value) not in accepts:
                raise declaration.mismatch(name, values)
        try:
            return implementation(context, *values)
        except Fault as fault:
            raise fault.named(name) from None

    return call


def _bounded(bound: Bound, name: str) -> Bound:
    def call(context: Context) -> Value:
        value = bound(context)
        if type(value) is str and len(value) > MAX_TEXT:
            raise too_long(name)
        return value

    return call


__all__ = [
    "ExpressionError",
    "ExpressionSyntaxError",
    "bind",
    "bind_call",
    "compile_expression",
    "evaluate_expression",
]
