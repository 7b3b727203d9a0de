"""JSON as Azure's `json` function reads it: leniently, like Newtonsoft's reader.

Accepted beyond the standard: names without quotes, single quotes, comments, trailing commas, hexadecimal and octal
integers, NaN and infinities, a text that ends too early, and anything after the first value.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from wdl.limits import MAX_DEPTH
from wdl.values import Value

_NUMBER: Final = re.compile(r"[-+.0-9a-fA-FxX]+")
_AFTER_NUMBER: Final = " \t\r\n,}])/"
_WORDS: Final[dict[str, Value]] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": None,
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
}
_ESCAPES: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", "'": "'", '"': '"', "/": "/"}
_END: Final = "\0"


class JsonTextError(ValueError):
    """A text is not JSON; the message is Newtonsoft's."""


def parse(text: str) -> Value:
    """The first value in a text, null for an empty one. Raises `JsonTextError`."""
    try:
        value: Value = json.loads(text)
        if text.count("[") + text.count("{") <= MAX_DEPTH or _depth(value) <= MAX_DEPTH:
            return value
    except (ValueError, RecursionError):
        pass
    return _Reader(text).root()


def _depth(value: Any) -> int:
    """How deeply arrays and objects are nested, found level by level."""
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, list | dict)]:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


class _Reader:
    __slots__ = ("path", "position", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.path: list[str | int] = []

    def root(self) -> Value:
        self._skip()
        return None if self._peek() == _END else self._value()

    def _peek(self) -> str:
        return self.text[self.position] if self.position < len(self.text) else _END

    def _skip(self) -> None:
        """Step over white space and comments."""
        while (character := self._peek()).isspace() or character == "/":
            if character == "/":
                self._comment()
            else:
                self.position += 1

    def _comment(self) -> None:
        opening = self.text[self.position : self.position + 2]
        if opening == "//":
            end = self.text.find("\n", self.position)
        elif opening == "/*":
            end = self.text.find("*/", self.position + 2)
            end += 1 if end >= 0 else 0
            if end < 0:
                raise self._error("Unexpected end while parsing comment.", len(self.text))
        else:
            raise self._error(f"Error parsing comment. Expected: *, got {opening[1:] or _END}.", self.position + 1)
        self.position = len(self.text) if end < 0 else end + 1

    def _value(self) -> Value:
        character = self._peek()
        if character in "{[":
            return self._container(character)
        if character in "\"'":
            return self._string(character)
        if character in "tfnuNI" or self.text.startswith("-I", self.position):
            return self._word()
        if character == "-" or character.isdigit():
            return self._number()
        raise self._error(f"Unexpected character encountered while parsing value: {character}.")

    def _container(self, opening: str) -> Value:
        if len(self.path) >= MAX_DEPTH:
            raise self._error(f"The reader's MaxDepth of {MAX_DEPTH} has been exceeded.")
        self.position += 1
        return self._object() if opening == "{" else self._array()

    def _object(self) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while True:
            self._skip()
            if self._peek() in "}\0":
                self.position += 1
                return members
            name = self._name()
            self.path.append(name)
            members[name] = self._member()
            if not self._next("}"):
                return members

    def _member(self) -> Value:
        self._skip()
        if self._peek() != ":":
            problem = "Invalid character after parsing property name. Expected ':' but got: "
            raise self._error(f"{problem}{self._peek()}.")
        self.position += 1
        self._skip()
        return None if self._peek() in "\0,}" else self._value()

    def _name(self) -> str:
        character = self._peek()
        if character in "\"'":
            return self._string(character)
        start = self.position
        while (following := self._peek()).isalnum() or following in "_$":
            self.position += 1
        if start == self.position:
            raise self._error(f"Invalid property identifier character: {character}.")
        return self.text[start : self.position]

    def _array(self) -> list[Any]:
        items: list[Any] = []
        while True:
            self._skip()
            if self._peek() in "]\0":
                self.position += 1
                return items
            self.path.append(len(items))
            items.append(None if self._peek() == "," else self._value())
            if not self._next("]"):
                return items

    def _next(self, closing: str) -> bool:
        """Step over the comma to the next item; False at the end."""
        self._skip()
        character = self._peek()
        if character in (closing, ",", _END):
            self.position += 1
            self.path.pop()
            return character == ","
        if character in "]}":
            self.path.pop()
            kind, place = ("Object", "Array") if character == "}" else ("Array", "Object")
            raise self._error(f"JsonToken End{kind} is not valid for closing JsonType {place}.", self.position + 1)
        raise self._error(f"After parsing a value an unexpected character was encountered: {character}.")

    def _word(self) -> Value:
        for word, value in _WORDS.items():
            end = self.position + len(word)
            if self.text.startswith(word, self.position) and self._ends_word(end):
                self.position = end
                return value
        kinds = {"t": "boolean", "f": "boolean", "n": "null", "u": "undefined", "N": "NaN"}
        raise self._error(f"Error parsing {kinds.get(self._peek(), 'Infinity')} value.")

    def _ends_word(self, end: int) -> bool:
        following = self.text[end : end + 1]
        return not following or following.isspace() or following in ",}])/"

    def _number(self) -> int | float:
        match = _NUMBER.match(self.text, self.position)
        digits = match[0] if match else ""
        self.position += len(digits)
        following = self._peek()
        if following != _END and not following.isspace() and following not in _AFTER_NUMBER:
            raise self._error(f"Unexpected character encountered while parsing number: {following}.")
        number = _to_number(digits)
        if number is None:
            raise self._error(f"Input string '{digits}' is not a valid number.")
        return number

    def _string(self, quote: str) -> str:
        self.position += 1
        parts: list[str] = []
        while (character := self._peek()) != quote:
            if self.position >= len(self.text):
                raise self._error(f"Unterminated string. Expected delimiter: {quote}.")
            self.position += 1
            parts.append(self._escape() if character == "\\" else character)
        self.position += 1
        return "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")

    def _escape(self) -> str:
        character = self._peek()
        self.position += 1
        if character in _ESCAPES:
            return _ESCAPES[character]
        if character != "u":
            raise self._error(f"Bad JSON escape sequence: \\{character}.")
        digits = self.text[self.position : self.position + 4]
        if not re.fullmatch("[0-9a-fA-F]{4}", digits):
            raise self._error(f"Invalid Unicode escape sequence: \\u{digits}.")
        self.position += 4
        return chr(int(digits, 16))

    def _error(self, problem: str, position: int | None = None) -> JsonTextError:
        place = self.position if position is None else position
        before = self.text[:place]
        line = before.count("\n") + 1 if place else 0
        column = place - (before.rfind("\n") + 1)
        return JsonTextError(f"{problem} Path '{self._path()}', line {line}, position {column}.")

    def _path(self) -> str:
        shown = ""
        for step in self.path:
            if isinstance(step, int):
                shown += f"[{step}]"
            elif re.search(r"[ .'/\"\[\]()\t\n\r\f\b\\\u0085\u2028\u2029]", step):
                escaped = step.replace("\\", "\\\\").replace("'", "\\'")
                shown += f"['{escaped}']"
            else:
                shown += f".{step}" if shown else step
        return shown


def _to_number(digits: str) -> int | float | None:
    """A number as Newtonsoft reads it: `0x` is hexadecimal, a leading zero octal."""
    unsigned = digits.removeprefix("-")
    try:
        if re.fullmatch(r"0[^.eE].*", digits):
            return int(digits, 16) if digits[1] in "xX" else int(digits, 8)
        if re.fullmatch("[0-9]+", unsigned):
            return int(digits)
        if re.fullmatch(r"[0-9]*(\.[0-9]*)?([eE][-+]?[0-9]+)?", unsigned) and re.search("[0-9]", unsigned):
            return float(digits)
    except ValueError:
        return None
    return None
