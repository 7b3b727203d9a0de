"""Values as compact JSON text, as Newtonsoft writes it.

Most values go through Python's own encoder, which is much faster. It writes the same but for decimals and very large
or small doubles: values that hold one are written by the slower code here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final

from wdl.errors import ExpressionError
from wdl.limits import MAX_TEXT
from wdl.numbertext import number_json

_ESCAPED: Final = re.compile("[\x85\u2028\u2029\ud800-\udfff]")
# An exponent, sixteen digits before the point, or a word: .NET may write these numbers otherwise.
_UNUSUAL: Final = re.compile(r"[:\[,]-?(?:[\d.]+e|\d{16,}\.|Infinity|NaN)|\A-?(?:[\d.]+e|\d{16,}\.|Infinity|NaN)")
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def write(value: Any) -> str:
    """Compact JSON text. Raises `ExpressionError` for what is too long or nested too deeply."""
    try:
        _check_size(value)
        return _write_fast(value) or _write_exact(value)
    except RecursionError:
        raise ExpressionError("The value is nested too deeply to be written as JSON.") from None


def write_string(text: str) -> str:
    """A string in quotes."""
    return _escape(encode_basestring(text))


def _write_fast(value: Any) -> str | None:
    try:
        text = _ENCODER.encode(value)
    except TypeError:
        return None
    return None if _UNUSUAL.search(text) else _escape(text)


def _escape(text: str) -> str:
    # Newtonsoft escapes the three line ends that JavaScript does not allow in strings; half of a character has no
    # UTF-8 at all.
    return text if text.isascii() else _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _check_size(value: Any) -> None:
    """Refuse a value whose text would be longer than the service allows, before it is written.

    The same array may stand in a value many times: a short workflow can build one that takes gigabytes as text.
    """
    level, size = [value], 0
    while level:
        size += sum([len(item) for item in level if type(item) is str])
        arrays = [item for item in level if type(item) is list]
        objects = [item for item in level if type(item) is dict]
        size += 2 * sum(map(len, arrays)) + 5 * sum(map(len, objects))
        if size > MAX_TEXT:
            raise ExpressionError(f"The value is longer than '{MAX_TEXT}' characters as JSON.")
        level = [inner for items in arrays for inner in items]
        for members in objects:
            level += members.values()
            level += members


def _write_exact(value: Any) -> str:
    parts: list[str] = []
    _emit(value, parts.append)
    return "".join(parts)


def _emit(value: Any, emit: Callable[[str], None]) -> None:
    kind = type(value)
    if kind is str:
        emit(write_string(value))
    elif kind is dict:
        _emit_object(value, emit)
    elif kind is list:
        _emit_array(value, emit)
    elif kind is float or kind is Decimal:
        emit(number_json(value))
    else:
        emit(json.dumps(value))


def _emit_object(members: dict[str, Any], emit: Callable[[str], None]) -> None:
    opening = "{"
    for key, value in members.items():
        emit(f"{opening}{write_string(key)}:")
        _emit(value, emit)
        opening = ","
    emit("}" if members else "{}")


def _emit_array(items: list[Any], emit: Callable[[str], None]) -> None:
    opening = "["
    for item in items:
        emit(opening)
        _emit(item, emit)
        opening = ","
    emit("]" if items else "[]")
