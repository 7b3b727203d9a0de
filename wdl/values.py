"""JSON values as the language sees them, and their texts.

Azure's engine holds JSON in Newtonsoft tokens; here a value is a plain Python object:

=============  ==========================================================
JSON           Python
=============  ==========================================================
null           `None`
true, false    `bool`
Integer        `int`
Float          `float` (double) or `decimal.Decimal` (result of `decimal()`; keeps its trailing zeros)
String         `str`
Array, Object  `list`, `dict`
=============  ==========================================================

`1` and `1.0` therefore stay apart. Values are never changed in place by the language: share them freely.
"""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any, Final, TypeAlias

from wdl import jsonwriter
from wdl.errors import ExpressionError
from wdl.numbertext import decimal_text, double_text

Value: TypeAlias = bool | int | float | Decimal | str | list[Any] | dict[str, Any] | None

_TYPE_NAMES: Final[dict[type, str]] = {
    type(None): "Null",
    bool: "Boolean",
    int: "Integer",
    float: "Float",
    Decimal: "Float",
    str: "String",
    list: "Array",
    dict: "Object",
}
VALUE_TYPES: Final = frozenset(_TYPE_NAMES)
"""The Python types of values."""


def type_name(value: Value) -> str:
    """Azure's name of the value's type: Null, Boolean, Integer, Float, String, Array or Object."""
    return _TYPE_NAMES[type(value)]


def loads(text: str | bytes) -> Value:
    """Read strict JSON, keeping the kinds of numbers apart. Raises `ExpressionError`."""
    try:
        value: Value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExpressionError(f"The text is not valid JSON: {error}. Correct it at the named place.") from None
    return value


def dumps(value: Value) -> str:
    """Compact JSON text exactly as Azure writes it (`{"a":1.0}`), non-ASCII characters as they are.

    Raises `ExpressionError` when the text would be longer than `MAX_TEXT` or the value is nested too deeply.
    """
    if type(value) is str:
        return jsonwriter.write_string(value)
    return jsonwriter.write(value)


def to_text(value: Value) -> str:
    """The value inside `@{…}`, `concat` and `string`: null is empty, `True`, `1` for 1.0, JSON for the rest.

    Content with its type (`{"$content-type", "$content"}`) gives the text that it holds.
    """
    kind = type(value)
    if kind is str:
        return value  # type: ignore[return-value]
    if value is None:
        return ""
    if kind is float:
        return double_text(value)  # type: ignore[arg-type]
    if kind is dict:
        content = content_of(value)
        return dumps(value) if content is None else content.decode("utf-8", "replace")
    if kind is list:
        return dumps(value)
    return decimal_text(value) if kind is Decimal else str(value)  # type: ignore[arg-type]


def content_of(value: Value) -> bytes | None:
    """The bytes of `{"$content-type": …, "$content": "<base64>"}`; None for any other value."""
    if not isinstance(value, dict) or "$content" not in value or "$content-type" not in value:
        return None
    try:
        return base64.b64decode(value["$content"], validate=True)
    except (ValueError, TypeError):
        return None


def int32(number: int) -> int:
    """An integer cut to 32 bits with its sign, as Azure's engine does with counts and offsets."""
    return (number + 2**31) % 2**32 - 2**31
