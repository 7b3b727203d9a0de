"""`$filter` of the Table service: comparisons of properties with literals, `and`, `or`, `not`, brackets.

Values compare within their kind only; a comparison with a property that a row lacks, or has of another kind, is false.
Dates count in ticks of 100 ns, the resolution of `Timestamp`.
Source: Azure page "Querying tables and entities", supported operators and literals.
"""

from __future__ import annotations

import base64
import binascii
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wdl.checker.odata import FilterError, tokens

Comparable = tuple[str, Any]
"""Kind (`text`, `number`, `truth`, `time`, `guid`, `binary`) and a value that orders within it; times are ticks."""
Row = Mapping[str, Comparable]
Predicate = Callable[[Row], bool]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_MIRRORED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)?")
_FIRST = datetime(1, 1, 1, tzinfo=UTC)


def compile_filter(text: str) -> Predicate:
    """What says of a row whether it matches; FilterError if the text is no filter."""
    return _Parser(text).whole() if text.strip() else lambda _: True


def comparable(value: Any, kind: str | None) -> Comparable:
    """A property's JSON value and its `odata.type` (None: as JSON has it); ValueError if they do not fit."""
    return _READ[kind or _KIND_OF[type(value)]](value)


def ticks(at: datetime) -> int:
    """100 ns since the year 1."""
    return (at - _FIRST) // timedelta(microseconds=1) * 10


def parse_time(text: str) -> int:
    """The ticks of `2026-01-01T00:00:00.1234567Z`; ValueError if it is none."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a date and time")
    at = datetime.fromisoformat(match[1] + (match[3] or "Z"))
    return ticks(at.astimezone(UTC)) + int((match[2] or "0").ljust(7, "0"))


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens, self._at = tokens(text), 0

    def whole(self) -> Predicate:
        found = self._or()
        if self._token[0] != "end":
            raise FilterError(f"'{self._token[1]}' is not expected there")
        return found

    @property
    def _token(self) -> tuple[str, str]:
        return self._tokens[self._at]

    def _takes(self, text: str) -> bool:
        taken = self._token in (("name", text), ("mark", text))
        self._at += taken
        return taken

    def _or(self) -> Predicate:
        parts = [self._and()]
        while self._takes("or"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def _and(self) -> Predicate:
        parts = [self._unary()]
        while self._takes("and"):
            parts.append(self._unary())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _unary(self) -> Predicate:
        if self._takes("not"):
            inner = self._unary()
            return lambda row: not inner(row)
        if not self._takes("("):
            return self._comparison()
        inside = self._or()
        if not self._takes(")"):
            raise FilterError("')' is missing")
        return inside

    def _comparison(self) -> Predicate:
        left = self._operand()
        if self._token[1] not in _COMPARE:
            return _compared(left, "eq", ("truth", True))  # a Boolean property stands alone
        sign = self._operand()
        right = self._operand()
        if isinstance(left, str):
            return _compared(left, str(sign), right)
        return _compared(right, _MIRRORED.get(str(sign), str(sign)), left)

    def _operand(self) -> str | Comparable:
        """The name of a property, or a literal."""
        kind, text = self._token
        if kind in ("end", "mark"):
            raise FilterError("a property or a value is missing")
        self._at += 1
        return text if kind == "name" and text not in ("true", "false") else _literal(kind, text)


def _compared(name: str | Comparable, sign: str, other: str | Comparable) -> Predicate:
    if not isinstance(name, str) or isinstance(other, str):
        raise FilterError("a comparison has a property on one side and a value on the other")
    compare, (kind, value) = _COMPARE[sign], other
    return lambda row: name in row and row[name][0] == kind and compare(row[name][1], value)


def _literal(kind: str, text: str) -> Comparable:
    if kind == "number":
        digits = text.rstrip("LlDdFf")
        return "number", float(digits) if re.search(r"[.eE]", digits) else int(digits)
    if kind == "name":
        return "truth", text == "true"
    prefix, _, quoted = text.partition("'")
    inside = quoted[:-1].replace("''", "'")
    try:
        return _LITERALS[prefix](inside)
    except ValueError:
        raise FilterError(f"{text} is not valid") from None


def _base64(value: Any) -> Comparable:
    try:
        return "binary", base64.b64decode(_text(value), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is expected")
    return value


def _int64(value: Any) -> Comparable:
    return "number", int(_text(value))


_KIND_OF = {str: "Edm.String", bool: "Edm.Boolean", int: "Edm.Int32", float: "Edm.Double"}
_READ: dict[str, Callable[[Any], Comparable]] = {
    "Edm.String": lambda value: ("text", _text(value)),
    "Edm.Boolean": lambda value: ("truth", bool(value)),
    "Edm.Int32": lambda value: ("number", int(value)),
    "Edm.Int64": _int64,
    "Edm.Double": lambda value: ("number", float(value)),
    "Edm.DateTime": lambda value: ("time", parse_time(_text(value))),
    "Edm.Guid": lambda value: ("guid", _text(value).lower()),
    "Edm.Binary": _base64,
}
_LITERALS: dict[str, Callable[[str], Comparable]] = {
    "": lambda text: ("text", text),
    "datetime": lambda text: ("time", parse_time(text)),
    "guid": lambda text: ("guid", text.lower()),
    "X": lambda text: ("binary", bytes.fromhex(text)),
    "binary": lambda text: ("binary", bytes.fromhex(text)),
}
