"""JSON as Azure's `json` function reads it: leniently, like Newtonsoft's reader.

Accepted beyond the standard: names without quotes, single quotes, comments, trailing commas, hexadecimal and octal
integers, NaN and infinities, a text that ends after a value whatever is still open, and anything after the first value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, Final

from wdl.dotnet.date_parts import is_space
from wdl.limits import MAX_DEPTH
from wdl.numerals import json_number
from wdl.values import Value

_NUMBER: Final = re.compile(r"[-+.0-9a-fA-FxX]+")
_HALF_CHARACTER: Final = re.compile(r"\\u[dD][89a-fA-F]")
_HEXADECIMAL: Final = re.compile("[0-9a-fA-F]{4}")
_LINE_END: Final = re.compile("\r\n?|\n")
_AFTER_NUMBER: Final = ",}])/\0"
_WORDS: Final[dict[str, tuple[str, Value]]] = {
    "t": ("true", True),
    "f": ("false", False),
    "n": ("null", None),
    "u": ("undefined", None),
    "N": ("NaN", math.nan),
    "I": ("Infinity", math.inf),
    "-": ("-Infinity", -math.inf),
}
_ESCAPES: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", "'": "'", '"': '"', "/": "/"}
_REPLACEMENT: Final = "\ufffd"
_END: Final = "\0"


class JsonTextError(ValueError):
    """A text is not JSON; the message is Newtonsoft's."""


class _EndOfTextError(Exception):
    """The text ended where Newtonsoft is content with what it has."""


def parse(text: str) -> Value:
    """The first value in a text, null for an empty one. Raises `JsonTextError`."""
    try:
        value: Value = _STRICT.decode(text)
        flat = text.count("[") + text.count("{") <= MAX_DEPTH or _depth(value) <= MAX_DEPTH
        if flat and not _HALF_CHARACTER.search(text):
            return value
    except (ValueError, RecursionError):
        pass
    return _Reader(text).root()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of its members; of two with one name the later stays, at its own place."""
    members = dict(pairs)
    if len(members) != len(pairs):
        members.clear()
        for name, value in pairs:
            members.pop(name, None)
            members[name] = value
    return members


_STRICT: Final = json.JSONDecoder(object_pairs_hook=_members)


def _depth(value: Any) -> int:
    """How deeply arrays and objects are nested, found level by level."""
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, list | dict)]:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


class _Scope:
    """An open array or object; `step` is the index or the name of the value read last, None before the first."""

    __slots__ = ("is_array", "step")

    def __init__(self, is_array: bool) -> None:
        self.is_array = is_array
        self.step: str | int | None = None


class _Reader:
    """One pass over a text. `started`: a token was read; `closed`: the last one closed an array or object."""

    __slots__ = ("closed", "outermost", "position", "scopes", "started", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.scopes: list[_Scope] = []
        self.started = self.closed = False
        self.outermost: Value = None

    def root(self) -> Value:
        try:
            self._skip()
            if self._at_end():
                return None
            if self._peek() == "]":
                self._close()
            self._value(self._keep)
        except _EndOfTextError:
            pass
        return self.outermost

    def _keep(self, value: Value) -> None:
        self.outermost = value

    def _at_end(self) -> bool:
        return self.position >= len(self.text)

    def _peek(self) -> str:
        return self.text[self.position] if self.position < len(self.text) else _END

    def _token(self) -> str:
        """The first character of the next token, which must come."""
        self._skip()
        if not self._at_end():
            return self._peek()
        if self.closed and len(self.scopes) == 1:
            raise _EndOfTextError
        raise JsonTextError(f"Unexpected end when reading token. Path '{_path(self.scopes[:-1])}'.")

    def _skip(self) -> None:
        """Step over white space and comments."""
        while not self._at_end():
            character = self._peek()
            if character == "/":
                self._comment()
            elif is_space(character) or character == _END:
                self.position += 1
            else:
                return

    def _comment(self) -> None:
        self.position += 1
        if self.position + 1 >= len(self.text):
            raise self._error("Unexpected end while parsing comment.")
        kind = self._peek()
        if kind == "/":
            end = _LINE_END.search(self.text, self.position)
            self.position = end.start() if end else len(self.text)
        elif kind == "*":
            close = self.text.find("*/", self.position + 1)
            if close < 0:
                self.position = len(self.text)
                raise self._error("Unexpected end while parsing comment.")
            self.position = close + 2
        else:
            raise self._error(f"Error parsing comment. Expected: *, got {kind}.")
        self.started, self.closed = True, False

    def _value(self, put: Callable[[Any], None]) -> None:
        """Read the value that starts here and hand it on: an array or object before what is in it."""
        character = self._peek()
        if character == "{":
            members: dict[str, Any] = {}
            put(members)
            self._open(is_array=False)
            self._object(members)
        elif character == "[":
            items: list[Any] = []
            put(items)
            self._open(is_array=True)
            self._array(items)
        elif character == ",":
            self._finish()  # nothing before a comma is null; the comma is read as what follows a value
            put(None)
        else:
            put(self._scalar(character))

    def _scalar(self, character: str) -> Value:
        if character in "\"'":
            self.position += 1
            text = self._string(character)
            self._finish()
            return text
        following = self.text[self.position + 1 : self.position + 2]
        if character in "tfuNI" or (character + following) in ("nu", "-I"):
            return self._word(*_WORDS[character])
        if character == "n" and not following:
            self.position += 1
            raise self._error("Unexpected end when reading JSON.")
        if character in "-." or character.isnumeric():
            return self._number()
        raise self._error(f"Unexpected character encountered while parsing value: {character}.")

    def _open(self, is_array: bool) -> None:
        self.position += 1
        self._finish()
        self.scopes.append(_Scope(is_array))
        if len(self.scopes) > MAX_DEPTH:
            raise self._error(f"The reader's MaxDepth of {MAX_DEPTH} has been exceeded.")

    def _close(self) -> None:
        """Step over a closing bracket, which must be that of the innermost array or object."""
        token = "Array" if self._peek() == "]" else "Object"
        self.position += 1
        self.started = self.closed = True
        kind = "None"
        if self.scopes:
            kind = "Array" if self.scopes.pop().is_array else "Object"
        if kind != token:
            raise self._error(f"JsonToken End{token} is not valid for closing JsonType {kind}.")

    def _finish(self) -> None:
        """Count a value of an array."""
        self.started, self.closed = True, False
        if self.scopes and self.scopes[-1].is_array:
            step = self.scopes[-1].step
            self.scopes[-1].step = step + 1 if isinstance(step, int) else 0

    def _array(self, items: list[Any]) -> None:
        while self._token() != "]":
            self._value(items.append)
            if not self._goes_on():
                return
        self._close()

    def _object(self, members: dict[str, Any]) -> None:
        while self._token() != "}":
            name = self._name()
            members.pop(name, None)
            self.scopes[-1].step = name
            self.closed = False
            if self._token() == "]":
                self._close()
            self._value(lambda value, name=name: members.__setitem__(name, value))  # type: ignore[misc]
            if not self._goes_on():
                return
        self._close()

    def _goes_on(self) -> bool:
        """Step over the comma behind a value; False at the end of the array or object."""
        self._skip()
        if self._at_end():
            raise _EndOfTextError
        character = self._peek()
        if character in "]}":
            self._close()
            return False
        if character != ",":
            raise self._error(f"After parsing a value an unexpected character was encountered: {character}.")
        self.position += 1
        return True

    def _name(self) -> str:
        character = self._peek()
        if character in "\"'":
            self.position += 1
            name = self._string(character)
        else:
            name = self._bare_name(character)
        while is_space(self._peek()):
            self.position += 1
        if self._peek() != ":":
            problem = "Invalid character after parsing property name. Expected ':' but got: "
            raise self._error(f"{problem}{self._peek()}.")
        self.position += 1
        return name

    def _bare_name(self, first: str) -> str:
        start = self.position
        if not _in_name(first):
            raise self._error(f"Invalid property identifier character: {first}.")
        while _in_name(self._peek()):
            self.position += 1
        if self._at_end():
            raise self._error("Unexpected end while parsing unquoted property name.")
        if not is_space(self._peek()) and self._peek() not in ":\0":
            raise self._error(f"Invalid JavaScript property identifier character: {self._peek()}.")
        return self.text[start : self.position]

    def _word(self, word: str, value: Value) -> Value:
        start, end = self.position, self.position + len(word)
        if end > len(self.text):
            self.position = len(self.text)
            raise self._error("Unexpected end when reading JSON.")
        while self.position < end and self.text[self.position] == word[self.position - start]:
            self.position += 1
        if self.position < end or not self._ends_word():
            raise self._error(f"Error parsing {'boolean' if word in ('true', 'false') else word} value.")
        self._finish()
        return value

    def _ends_word(self) -> bool:
        following = self._peek()
        if following == "/":
            return self.text[self.position + 1 : self.position + 2] in ("/", "*")
        return following in "}],\0" or is_space(following)

    def _number(self) -> int | float:
        match = _NUMBER.match(self.text, self.position)
        digits = match[0] if match else ""
        self.position += len(digits)
        following = self._peek()
        if not (self._at_end() or is_space(following) or following in _AFTER_NUMBER):
            raise self._error(f"Unexpected character encountered while parsing number: {following}.")
        self._finish()
        number = json_number(digits)
        if number is None:
            raise self._error(f"Input string '{digits}' is not a valid number.")
        return number

    def _string(self, quote: str) -> str:
        """The text up to the closing quote."""
        parts: list[str] = []
        while (character := self._peek()) != quote or self._at_end():
            if self._at_end():
                raise self._error(f"Unterminated string. Expected delimiter: {quote}.")
            self.position += 1
            parts.append(self._escape(quote) if character == "\\" else character)
        self.position += 1
        return "".join(parts)

    def _escape(self, quote: str) -> str:
        if self._at_end():
            raise self._error(f"Unterminated string. Expected delimiter: {quote}.")
        character = self._peek()
        self.position += 1
        if character in _ESCAPES:
            return _ESCAPES[character]
        if character == "u":
            return self._unicode()
        raise self._error(f"Bad JSON escape sequence: \\{character}.")

    def _unicode(self) -> str:
        """The character of an escape, of two where they are its halves; half a character alone is replaced."""
        first = self._code()
        if not 0xD800 <= first < 0xE000:
            return chr(first)
        if first >= 0xDC00 or not self.text.startswith("\\u", self.position):
            return _REPLACEMENT
        self.position += 2
        second = self._code()
        if 0xDC00 <= second < 0xE000:
            return chr(0x10000 + ((first - 0xD800) << 10) + second - 0xDC00)
        self.position -= 6
        return _REPLACEMENT

    def _code(self) -> int:
        digits = self.text[self.position : self.position + 4]
        if self.position + 4 >= len(self.text):
            raise self._error("Unexpected end while parsing Unicode escape sequence.")
        if not _HEXADECIMAL.fullmatch(digits):
            raise self._error(f"Invalid Unicode escape sequence: \\u{digits}.")
        self.position += 4
        return int(digits, 16)

    def _error(self, problem: str) -> JsonTextError:
        line, start = 1, 0
        for match in _LINE_END.finditer(self.text, 0, self.position):
            line, start = line + 1, match.end()
        column = self.position - start
        shown = line if self.started or column else 0
        return JsonTextError(f"{problem} Path '{_path(self.scopes)}', line {shown}, position {column}.")


def _in_name(character: str) -> bool:
    return character.isalpha() or character.isdecimal() or character in "_$"


def _path(scopes: list[_Scope]) -> str:
    shown = ""
    for scope in scopes:
        step = scope.step
        if isinstance(step, int):
            shown += f"[{step}]"
        elif step is not None and re.search(r"[ .'/\"\[\]()\t\n\r\f\b\\\u0085\u2028\u2029]", step):
            escaped = step.replace("\\", "\\\\").replace("'", "\\'")
            shown += f"['{escaped}']"
        elif step is not None:
            shown += f".{step}" if shown else step
    return shown
