"""Steps into values: `.key`, `[key]`, `?.key`, `?[key]`, and paths such as `?['body/value']`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from wdl.context import Context
from wdl.errors import ExpressionError, usage_sentence
from wdl.registry import Bound
from wdl.syntax import Access, Call, Literal, Node
from wdl.values import Value, to_text, type_name

_Step: TypeAlias = tuple[Bound, bool, bool]
_Binder: TypeAlias = Callable[[Node, str], Bound]
_MISSING: Final[Any] = object()


def bind_accesses(node: Call, target: Bound, expression: str, bind: _Binder) -> Bound:
    """The closure that takes the steps of `node` from the result of `target`."""
    steps = [_step(access, expression, bind) for access in node.accesses]

    def select(context: Context) -> Value:
        value = target(context)
        for key_of, conditional, is_path in steps:
            key = key_of(context)
            if value is None and conditional and type(key) in (str, int):
                # As in C#, a null before `?` ends the whole chain.
                return None
            value = _take(value, key, conditional, is_path, expression)
        return value

    return select


def _step(access: Access, expression: str, bind: _Binder) -> _Step:
    key = access.key
    is_path = isinstance(key, Literal) and isinstance(key.value, str) and "/" in key.value
    return bind(key, expression), access.conditional, is_path


def _take(value: Value, key: Value, conditional: bool, is_path: bool, expression: str) -> Value:
    if type(value) is dict and type(key) is str:
        found = _member(value, key)
        if found is _MISSING and is_path:
            found = _path(value, key)
        if found is not _MISSING:
            return found  # type: ignore[no-any-return]
        if conditional:
            return None
        raise _absent(value, key, expression)
    if type(value) is list and type(key) is int:
        if 0 <= key < len(value):
            return value[key]  # type: ignore[no-any-return]
        if conditional:
            return None
        raise _out_of_bounds(value, key, expression)
    raise _refusal(expression, f"property '{to_text(key)}' cannot be selected.{_why_not(value, key)}")


def _member(members: dict[str, Any], key: str) -> Any:
    if key in members:
        return members[key]
    folded = key.lower()
    return next((value for name, value in members.items() if name.lower() == folded), _MISSING)


def _path(value: Any, path: str) -> Any:
    for key in path.split("/"):
        if type(value) is not dict:
            return _MISSING
        value = _member(value, key)
        if value is _MISSING:
            return _MISSING
    return value


def _why_not(value: Value, key: Value) -> str:
    if value is None or type(key) not in (str, int):
        return ""
    if type(value) is dict:
        return " Object properties can only be selected by names."
    if type(value) is list:
        return " Array elements can only be selected using an integer index."
    return f" Property selection is not supported on values of type '{type_name(value)}'."


def _absent(members: dict[str, Any], key: str, expression: str) -> ExpressionError:
    content_type = members.get("$content-type")
    if isinstance(content_type, str):
        hint = f". Property selection is not supported on content of type '{content_type}'."
    else:
        hint = f", available properties are '{', '.join(members)}'."
    return _refusal(expression, f"property '{key}' doesn't exist{hint}")


def _out_of_bounds(items: list[Any], index: int, expression: str) -> ExpressionError:
    if not items:
        return _refusal(expression, f"array index '{index}' cannot be selected from empty array.")
    return _refusal(expression, f"array index '{index}' is outside bounds (0, {len(items) - 1}) of array.")


def _refusal(expression: str, problem: str) -> ExpressionError:
    message = f"The template language expression '{expression}' cannot be evaluated because {problem}"
    return ExpressionError(message + usage_sentence(""))
