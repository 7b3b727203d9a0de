"""Texts of expressions to trees: the scanner and the parser of what stands behind `@` or inside `@{…}`.

Grammar (from the tests of Microsoft's designer and the recorded answers of its engine)::

    expression  = literal | call
    literal     = 'text' | number | true | false | null          (keywords in any case)
    call        = name "(" [ expression { "," expression } ] ")" { access }
    access      = [ "?" ] ( "." name | "[" expression "]" )

Tokens are read one ahead, no further: which of two faults is reported depends on it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, NoReturn, TypeAlias

from wdl.errors import ExpressionSyntaxError
from wdl.limits import MAX_CALLS, MAX_EXPRESSION
from wdl.values import Value


class Literal(NamedTuple):
    """A constant."""

    value: Value


class Access(NamedTuple):
    """One step behind a call: `.key`, `[key]`, and with `conditional` `?.key`, `?[key]`."""

    key: Node
    conditional: bool


class Call(NamedTuple):
    """A function call, with the steps taken from its result. `position` is that of the name."""

    name: str
    arguments: tuple[Node, ...]
    accesses: tuple[Access, ...]
    position: int


Node: TypeAlias = Literal | Call

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<mark>[.,()\[\]?])
    | (?P<name>[^\W\d]\w*)
    | '(?P<text>[^']*+(?:''[^']*+)*+)'
    | (?P<float>[+-]?\d*(?:\.\d*(?:[eE][+-]?\d*)?|(?<=[\d+-])[eE][+-]?\d*))
    | (?P<integer>[+-]\d*|\d+)
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_MARKS: Final = {
    ".": "Dot",
    ",": "Comma",
    "(": "LeftParenthesis",
    ")": "RightParenthesis",
    "[": "LeftSquareBracket",
    "]": "RightSquareBracket",
    "?": "QuestionMark",
}
_KINDS: Final = {"name": "Identifier", "text": "Literal", "float": "Float", "integer": "Integer", "end": "EndOfData"}
_KEYWORDS: Final[dict[str, Value]] = {"true": True, "false": False, "null": None}
_SPACE: Final = re.compile(r"\s*")


def parse(expression: str) -> Node:
    """The tree of an expression without its `@`. Raises `ExpressionSyntaxError` with Azure's message."""
    return _Parser(expression).whole()


class _Parser:
    __slots__ = ("expression", "kind", "nesting", "number", "offset", "position", "text")

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.offset = self.position = self.nesting = 0
        self.kind = self.text = ""
        self.number: int | float = 0
        if len(expression) > MAX_EXPRESSION:
            self._fail(f"limit exceeded: maximum '{MAX_EXPRESSION}' and actual '{len(expression)}'.", 0, "")
        self._advance()

    def whole(self) -> Node:
        node = self._value()
        self._expect("EndOfData")
        return node

    def _value(self) -> Node:
        kind, text = self.kind, self.text
        if kind == "Identifier":
            keyword = text.lower()
            if keyword not in _KEYWORDS:
                return self._call()
            value = _KEYWORDS[keyword]
        elif kind == "Literal":
            value = text.replace("''", "'")
        elif kind == "Integer" or kind == "Float":
            value = self.number
        else:
            self._unexpected("Identifier")
        self._advance()
        return Literal(value)

    def _call(self) -> Call:
        name, position = self.text, self.position
        self.nesting += 1
        if self.nesting > MAX_CALLS:
            self._fail(f"is not valid: functions are nested more than '{MAX_CALLS}' deep.", position)
        self._advance()
        self._expect("LeftParenthesis")
        arguments = self._arguments()
        accesses = self._accesses() if self.kind in ("Dot", "LeftSquareBracket", "QuestionMark") else ()
        self.nesting -= 1
        return Call(name, arguments, accesses, position)

    def _arguments(self) -> tuple[Node, ...]:
        arguments: list[Node] = []
        if self.kind != "RightParenthesis":
            arguments.append(self._value())
            while self.kind == "Comma":
                self._advance()
                arguments.append(self._value())
        self._expect("RightParenthesis")
        return tuple(arguments)

    def _accesses(self) -> tuple[Access, ...]:
        accesses: list[Access] = []
        while self.kind in ("Dot", "LeftSquareBracket", "QuestionMark"):
            conditional = self.kind == "QuestionMark"
            if conditional:
                self._advance()
            accesses.append(Access(self._property() if self.kind == "Dot" else self._index(), conditional))
        return tuple(accesses)

    def _property(self) -> Node:
        self._advance()
        name = self.text
        self._expect("Identifier")
        return Literal(name)

    def _index(self) -> Node:
        self._expect("LeftSquareBracket")
        key = self._value()
        self._expect("RightSquareBracket")
        return key

    def _expect(self, kind: str) -> None:
        if self.kind != kind:
            self._unexpected(kind)
        if kind != "EndOfData":
            self._advance()

    def _advance(self) -> None:
        match = _TOKEN.match(self.expression, self.offset)
        group = match.lastgroup if match else None
        if match is None or group is None:
            self._bad_character(_SPACE.match(self.expression, self.offset).end())  # type: ignore[union-attr]
        self.text = match[group]
        self.offset = match.end()
        self.kind = _MARKS[self.text] if group == "mark" else _KINDS[group]
        self.position = match.start(group) - (group == "text")
        if group == "float" or group == "integer":
            self._end_of_number()
            self.number = self._number(self.text, self.kind)

    def _end_of_number(self) -> None:
        following = self.expression[self.offset : self.offset + 1]
        if following.isalnum() or following == "_":
            self._bad_character(self.offset)

    def _number(self, text: str, kind: str) -> int | float:
        try:
            number = float(text) if kind == "Float" else int(text)
        except ValueError:
            self._not_a_number(text)
        if type(number) is int and not -(2**63) <= number < 2**63:
            self._not_a_number(text)
        return number

    def _not_a_number(self, text: str) -> NoReturn:
        problem = f"the value '{text}' at position '{self.position}' cannot be converted to number."
        self._fail(f"is not valid: {problem}", self.position)

    def _bad_character(self, position: int) -> NoReturn:
        character = self.expression[position]
        problem = f"the string character '{character}' at position '{position}' is not expected."
        if character == "'":
            problem = (
                f"the string constant at position '{position}' is not terminated. "
                "String constants must be enclosed within a pair of quotes."
            )
        self._fail(f"is not valid: {problem}", position)

    def _unexpected(self, expected: str) -> NoReturn:
        message = (
            f"Unable to parse template language expression '{self.expression}': "
            f"expected token '{expected}' and actual '{self.kind}'."
        )
        raise ExpressionSyntaxError(message, self.expression, self.position)

    def _fail(self, problem: str, position: int, shown: str | None = None) -> NoReturn:
        quoted = f"'{self.expression}' " if shown is None else shown
        raise ExpressionSyntaxError(f"The template language expression {quoted}{problem}", self.expression, position)
