"""Any JSON value with expressions inside, parsed once and evaluated many times.

A string that starts with `@` is an expression and keeps its type; `@{…}` inside text is turned into text; `@@` at
the start and `@@{` elsewhere are the escapes. Property names are templates too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from wdl.context import Context
from wdl.errors import ExpressionError, ExpressionSyntaxError
from wdl.expressions import compile_expression
from wdl.limits import MAX_EXPRESSION, MAX_TEXT
from wdl.registry import Bound, too_long
from wdl.values import Value, to_text

_BRACES: Final = re.compile("[{}']")
_TOO_DEEP: Final = "The value is nested too deeply to be evaluated."


class Template:
    """A compiled template; make it with `compile_template`."""

    __slots__ = ("_bound", "constant", "source")

    def __init__(self, source: Value, bound: Bound | None) -> None:
        self.source = source
        self._bound = bound
        self.constant = bound is None
        """Whether the value holds no expression and evaluates to itself (unescaped)."""

    def evaluate(self, context: Context) -> Value:
        """The value with every expression replaced by its result. Raises `ExpressionError`."""
        if self._bound is None:
            return self.source
        try:
            return self._bound(context)
        except RecursionError:
            raise ExpressionError(_TOO_DEEP) from None


def compile_template(value: Value) -> Template:
    """Parse all expressions in `value`. Raises `ExpressionSyntaxError` for the first that is not valid."""
    try:
        return Template(value, _compile(value))
    except RecursionError:
        raise ExpressionError(_TOO_DEEP) from None


def clear_compiled() -> None:
    """Forget what was compiled; for measurements."""
    _compile_short.cache_clear()
    compile_expression.cache_clear()


def is_expression(text: str) -> bool:
    """Whether a string as a whole is an expression (`@…`, not `@@…`, `@{…}` or a lone `@`)."""
    return len(text) > 1 and text[0] == "@" and text[1] not in "@{"


def expressions_in(text: str) -> Iterator[tuple[int, str]]:
    """The expressions in a string, each with its offset. Raises `ExpressionSyntaxError` for an open `@{`."""
    if is_expression(text):
        yield 1, text[1:]
    elif not text.startswith("@@"):
        yield from ((offset, piece) for offset, piece, code in _segments(text) if code)


def _compile(value: Any) -> Bound | None:
    if isinstance(value, str):
        return _compile_text(value) if "@" in value else None
    if isinstance(value, dict):
        return _compile_object(value)
    return _compile_array(value) if isinstance(value, list) else None


def _compile_array(items: list[Any]) -> Bound | None:
    bounds = [_compile(item) for item in items]
    if not any(bounds):
        return None
    pairs = list(zip(items, bounds, strict=True))

    def evaluate(context: Context) -> Value:
        return [item if bound is None else bound(context) for item, bound in pairs]

    return evaluate


def _compile_object(members: dict[str, Any]) -> Bound | None:
    rows = [(key, _compile(key), value, _compile(value)) for key, value in members.items()]
    if not any(row[1] or row[3] for row in rows):
        return None

    def evaluate(context: Context) -> Value:
        return {
            _name(key, key_bound, context): value if bound is None else bound(context)
            for key, key_bound, value, bound in rows
        }

    return evaluate


def _name(key: str, bound: Bound | None, context: Context) -> str:
    return key if bound is None else to_text(bound(context))


def _compile_text(text: str) -> Bound | None:
    return _compile_short(text) if len(text) <= MAX_EXPRESSION else _compile_new(text)


@lru_cache(maxsize=4096)
def _compile_short(text: str) -> Bound | None:
    return _compile_new(text)


def _compile_new(text: str) -> Bound | None:
    if is_expression(text):
        return _compile_at(text, 1, text[1:])
    if text.startswith("@@"):
        return _constant(text[1:])
    if "@{" not in text:
        return None
    parts = list(_parts(text))
    if all(isinstance(part, str) for part in parts):
        return _constant("".join(part for part in parts if isinstance(part, str)))
    return _interpolation(parts)


def _compile_at(text: str, offset: int, expression: str) -> Bound:
    try:
        return compile_expression(expression)
    except ExpressionSyntaxError as error:
        raise error.moved(text, offset) from None


def _constant(value: Value) -> Bound:
    def constant(_: Context) -> Value:
        return value

    return constant


def _interpolation(parts: list[str | Bound]) -> Bound:
    def interpolate(context: Context) -> Value:
        text = "".join([part if isinstance(part, str) else to_text(part(context)) for part in parts])
        if len(text) > MAX_TEXT:
            raise too_long("concat")
        return text

    return interpolate


def _parts(text: str) -> Iterator[str | Bound]:
    """The literal pieces and the compiled expressions of a mixed text, in order."""
    for offset, piece, code in _segments(text):
        yield _compile_at(text, offset, piece) if code else piece


def _segments(text: str) -> Iterator[tuple[int, str, bool]]:
    """The pieces of a mixed text: offset, text, and whether it is an expression."""
    start = 0
    while (opening := text.find("@{", start)) >= 0:
        if opening > start and text[opening - 1] == "@":
            yield start, text[start : opening - 1] + "@{", False
            start = opening + 2
            continue
        closing = _closing_brace(text, opening)
        yield start, text[start:opening], False
        yield opening + 2, text[opening + 2 : closing], True
        start = closing + 1
    yield start, text[start:], False


def _closing_brace(text: str, opening: int) -> int:
    depth, quoted = 0, False
    for match in _BRACES.finditer(text, opening + 1):
        if match[0] == "'":
            quoted = not quoted
        elif not quoted:
            depth += 1 if match[0] == "{" else -1
            if depth == 0:
                return match.start()
    problem = (
        f"The template language expression '{text}' is not valid: the string interpolation segment starting at "
        f"position '{opening}' is not terminated. Make sure that every '@{{' is followed by its '}}'."
    )
    raise ExpressionSyntaxError(problem, text, opening)
