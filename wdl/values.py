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
import re
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final, TypeAlias

from wdl.errors import ExpressionError

Value: TypeAlias = bool | int | float | Decimal | str | list[Any] | dict[str, Any] | None

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
MAX_TEXT: Final = 104_857_600
"""Azure's bound of a string's length, in characters (limits of the service, "variable size")."""

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
    """Compact JSON text exactly as Azure writes it (`{"a":1.0}`), non-ASCII characters as they are."""
    if type(value) is str:
        return _json_string(value)
    parts: list[str] = []
    try:
        _write(value, parts.append)
    except RecursionError:
        raise ExpressionError("The value is nested too deeply to be written as JSON.") from None
    return "".join(parts)


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


def double_text(number: float) -> str:
    """A double as .NET's invariant `ToString()`: the shortest text that reads back, `1E+16`, `NaN`, `Infinity`."""
    text = repr(number)
    if text.endswith(".0") and "e" not in text and len(text) <= 17:
        return text[:-2]
    if "n" in text:
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(text, "NaN")
    return _general(Decimal(text))


def _general(number: Decimal) -> str:
    """.NET's G format with as many digits as the number has, at least 15."""
    sign, digits, _ = number.as_tuple()
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    point = number.adjusted() + 1
    prefix = "-" if sign else ""
    if point > max(len(shown), 15) or point < -4:
        return prefix + _scientific(shown, point - 1)
    if point <= 0:
        return f"{prefix}0.{'0' * -point}{shown}"
    whole, fraction = shown[:point].ljust(point, "0"), shown[point:]
    return f"{prefix}{whole}.{fraction}" if fraction else prefix + whole


def _scientific(digits: str, exponent: int) -> str:
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def decimal_text(number: Decimal) -> str:
    """A decimal as .NET's `ToString()`: no exponent, its trailing zeros kept."""
    return format(number, "f")


def number_json(number: float | Decimal) -> str:
    """A Float in JSON: always with a decimal point or an exponent."""
    text = decimal_text(number) if isinstance(number, Decimal) else double_text(number)
    if "." in text or "E" in text:
        return text
    return f'"{text}"' if text[-1] in "Ny" else text + ".0"


def _json_string(text: str) -> str:
    quoted = encode_basestring(text)
    # Newtonsoft also escapes the three line ends that JavaScript does not allow in strings.
    if not text.isascii():
        for line_end in "\x85\u2028\u2029":
            quoted = quoted.replace(line_end, f"\\u{ord(line_end):04x}")
        # Half of a character has no UTF-8.
        quoted = _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
    return quoted


def _write(value: Value, emit: Any) -> None:
    kind = type(value)
    if kind is str:
        emit(_json_string(value))  # type: ignore[arg-type]
    elif kind is dict:
        _write_object(value, emit)  # type: ignore[arg-type]
    elif kind is list:
        _write_array(value, emit)  # type: ignore[arg-type]
    elif value is None:
        emit("null")
    elif kind is bool:
        emit("true" if value else "false")
    else:
        emit(str(value) if kind is int else number_json(value))  # type: ignore[arg-type]


def _write_object(members: dict[str, Any], emit: Any) -> None:
    opening = "{"
    for key, value in members.items():
        emit(f"{opening}{_json_string(key)}:")
        _write(value, emit)
        opening = ","
    emit("}" if members else "{}")


def _write_array(items: list[Any], emit: Any) -> None:
    opening = "["
    for item in items:
        emit(opening)
        _write(item, emit)
        opening = ","
    emit("]" if items else "[]")
