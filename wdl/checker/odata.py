"""The grammar of `$filter` in the Table service, as far as a filter's text is fixed before the run.

Source: Azure page "Querying tables and entities", supported operators and literals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")

# An expression inside a filter stands for a value; inside quotes it is part of the literal.
_HOLE = "\ufffc"
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<typed>(?:datetime|guid|binary|X)'(?:[^']|'')*')
    | (?P<text>'(?:[^']|'')*')
    | (?P<mark>[()])
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[LlDdFf]?(?![\w-]))
    | (?P<name>(?:[^\W\d]|{_HOLE})(?:\w|{_HOLE})*)
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Comparison:
    """One comparison of a filter: a property, the operator, and the other side's text."""

    name: str
    operator: str
    value: str


class FilterError(Exception):
    """A filter that the Table service answers with 400."""


def comparisons(text: str) -> list[Comparison]:
    """The comparisons of a filter in which `@{…}` were replaced by `hole()`. Raises `FilterError`."""
    if text.strip(_HOLE + " ") == "":
        return []
    return _Parser(text).whole()


def hole() -> str:
    """The character that stands for an expression."""
    return _HOLE


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.at = 0
        self.found: list[Comparison] = []

    def whole(self) -> list[Comparison]:
        self._or()
        if self._token[0] != "end":
            raise FilterError(f"'{self._token[1]}' is not expected there")
        return self.found

    @property
    def _token(self) -> tuple[str, str]:
        return self.tokens[self.at]

    def _or(self) -> None:
        self._unary()
        while self._token[1] in ("and", "or"):
            self.at += 1
            self._unary()

    def _unary(self) -> None:
        if self._token == ("name", "not"):
            self.at += 1
        if self._token[1] == "(":
            self.at += 1
            self._or()
            self._expect(")")
        else:
            self._comparison()

    def _comparison(self) -> None:
        left = self._operand()
        operator = self._token[1]
        if operator not in COMPARISONS:
            # A whole condition may come from an expression, and a Boolean property stands alone.
            if _HOLE in left[1] or self._token[1] in (")", "and", "or", ""):
                return
            raise FilterError(f"after '{left[1]}' comes '{operator}' instead of one of {', '.join(COMPARISONS)}")
        self.at += 1
        right = self._operand()
        self._keep(left, operator, right)

    def _keep(self, left: tuple[str, str], operator: str, right: tuple[str, str]) -> None:
        if left[0] == "name":
            self.found.append(Comparison(left[1], operator, right[1]))
        elif right[0] == "name":
            self.found.append(Comparison(right[1], operator, left[1]))

    def _operand(self) -> tuple[str, str]:
        token = self._token
        if token[0] in ("end", "mark"):
            raise FilterError("a property or a value is missing" + (f" before '{token[1]}'" if token[1] else ""))
        self.at += 1
        return token

    def _expect(self, mark: str) -> None:
        if self._token[1] != mark:
            raise FilterError(f"'{mark}' is missing")
        self.at += 1


def tokens(text: str) -> list[tuple[str, str]]:
    """Kind (`typed`, `text`, `mark`, `number`, `name`, `end`) and text of each. Raises `FilterError`."""
    found: list[tuple[str, str]] = []
    at = 0
    while not found or found[-1][0] != "end":
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise FilterError(f"'{text[at:].strip()[:20]}' cannot be read")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found
