"""Writing numbers by .NET's custom format strings such as `#,##0.00;(#);zero`.

A section of a pattern is read once into a list of steps and some counts, and then filled in from left to right.
Source: "Custom numeric format strings" of the .NET documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Final

from wdl.dotnet.culture import NumberFormat
from wdl.dotnet.digits import Digits

#: A double is first rounded to this many significant digits.
PRECISION: Final = 15
_MAX_EXPONENT_WIDTH: Final = 10
_POSITIVE, _NEGATIVE, _ZERO = 0, 1, 2


@dataclass(slots=True)
class _Section:
    """One section. Steps are (kind, text); kinds: `0` and `#` digits, `.`, `%`, `‰`, `E` exponent, `` literal."""

    steps: list[tuple[str, str]] = field(default_factory=list)
    digits: int = 0
    point: int | None = None
    first_zero: int | None = None
    last_zero: int = 0
    comma: int | None = None
    commas: int = 0
    groups: bool = False
    shift: int = 0
    scientific: bool = False

    @property
    def before_point(self) -> int:
        """How many digit places stand before the decimal point."""
        return self.digits if self.point is None else self.point

    def close(self) -> None:
        """Decide what the last commas mean: right before the point they divide by a thousand, else they group."""
        if self.comma is None:
            return
        if self.comma == self.before_point:
            self.shift -= 3 * self.commas
        else:
            self.groups = True


def write_pattern(number: Digits, pattern: str, culture: NumberFormat) -> str:
    """`number` by a custom pattern. Rounds `number` in place."""
    sections = _sections(pattern)
    kind = _ZERO if not number.text else _NEGATIVE if number.negative else _POSITIVE
    chosen = _choose(sections, kind)
    if number.text and _vanishes(number, sections[chosen]):
        chosen = _choose(sections, _ZERO)
    elif not number.text:
        number.drop_sign()
    return _Writer(sections[chosen], number, culture, signed=chosen == _POSITIVE).write()


def _vanishes(number: Digits, section: _Section) -> bool:
    """Scale and round for the section; whether nothing but zeros is left, for which another section may stand."""
    number.scale += section.shift
    places = section.digits if section.scientific else number.scale + section.digits - section.before_point
    number.round(places)
    return not number.text


def _choose(sections: list[_Section], kind: int) -> int:
    return kind if kind < len(sections) and sections[kind].steps else _POSITIVE


@lru_cache(maxsize=1024)
def _sections(pattern: str) -> list[_Section]:
    sections = [_Section()]
    for kind, text in _tokens(pattern.partition("\0")[0]):
        if kind == ";":
            sections.append(_Section())
        else:
            _add(sections[-1], kind, text)
    for section in sections:
        section.close()
    return sections


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(pattern):
        character = pattern[position]
        kind, text, length = _token(pattern, position, character)
        yield kind, text
        position += length


def _token(pattern: str, position: int, character: str) -> tuple[str, str, int]:
    if character in "'\"":
        end = pattern.find(character, position + 1)
        text = pattern[position + 1 :] if end < 0 else pattern[position + 1 : end]
        return "", text, len(text) + 2
    if character == "\\":
        return "", pattern[position + 1 : position + 2], 2
    if character in "eE":
        return _exponent(pattern, position)
    return (character if character in "0#.,%‰;" else ""), character, 1


def _exponent(pattern: str, position: int) -> tuple[str, str, int]:
    end = position + 1
    if pattern[end : end + 1] in ("+", "-"):
        end += 1
    zeros = len(pattern[end:]) - len(pattern[end:].lstrip("0"))
    if not zeros:
        return "", pattern[position], 1
    return "E", pattern[position : end + zeros], end + zeros - position


def _add(section: _Section, kind: str, text: str) -> None:
    if kind in ("0", "#"):
        _add_digit(section, kind)
    elif kind == "." and section.point is None:
        section.point = section.digits
    elif kind == "," and section.digits and section.point is None:
        _add_comma(section)
    elif kind in ("%", "‰"):
        section.shift += 2 if kind == "%" else 3
    elif kind == "E":
        section.scientific = True
    # A comma writes nothing, but a section of nothing else still counts as given.
    section.steps.append((kind, text))


def _add_digit(section: _Section, kind: str) -> None:
    if kind == "0" and section.first_zero is None:
        section.first_zero = section.digits
    section.digits += 1
    if kind == "0":
        section.last_zero = section.digits


def _add_comma(section: _Section) -> None:
    if section.comma == section.digits:
        section.commas += 1
        return
    section.groups = section.groups or section.comma is not None
    section.comma, section.commas = section.digits, 1


class _Writer:
    """Fills one section. `place` is the decimal place of the next digit, counted from the point: 1 is the units."""

    def __init__(self, section: _Section, number: Digits, culture: NumberFormat, signed: bool) -> None:
        self.section, self.number, self.culture = section, number, culture
        self.signed = signed and number.negative
        before = section.before_point
        self.place = before if section.scientific else max(number.scale, before)
        # Digits more (or fewer) than the pattern has places for before the point.
        self.surplus = 0 if section.scientific else number.scale - before
        self.first_zero = 0 if section.first_zero is None else max(before - section.first_zero, 0)
        self.last_zero = min(before - section.last_zero, 0)
        self.rest = iter(number.text)
        self.left = len(number.text)
        self.exponent_due = section.scientific
        self.separators = self._separators() if section.groups else frozenset()
        self.point_written = False
        self.out: list[str] = []

    def _separators(self) -> frozenset[int]:
        """The places after whose digit a group separator stands."""
        length = max(self.first_zero, self.place + min(self.surplus, 0))
        sizes = self.culture.group_sizes
        places: list[int] = []
        total = 0
        for index in count():
            size = sizes[min(index, len(sizes) - 1)] if sizes else 0
            total += size
            if not size or length <= total:
                return frozenset(places)
            places.append(total + 1)
        raise AssertionError  # pragma: no cover - count() does not end

    def write(self) -> str:
        for kind, text in self.section.steps:
            if kind in ("0", "#", "."):
                self._write_surplus()
            self._write_step(kind, text)
        text = "".join(self.out)
        # A number below one gets its sign only when something was written at all.
        return self.culture.negative_sign + text if self.signed and (text or self.number.scale) else text

    def _write_surplus(self) -> None:
        while self.surplus > 0:
            self._digit(self._next() or "0")
            self.surplus -= 1

    def _write_step(self, kind: str, text: str) -> None:
        match kind:
            case "0" | "#":
                self._place()
            case ".":
                self._point()
            case "%":
                self.out.append(self.culture.percent_symbol)
            case "‰":
                self.out.append(self.culture.per_mille_symbol)
            case "E":
                self._exponent(text)
            case "":
                self.out.append(text)

    def _next(self) -> str:
        self.left = max(self.left - 1, 0)
        return next(self.rest, "")

    def _place(self) -> None:
        if self.surplus < 0:
            self.surplus += 1
            shown = "0" if self.place <= self.first_zero else ""
        else:
            shown = self._next() or ("0" if self.place > self.last_zero else "")
        if shown:
            self._digit(shown)
        else:
            self.place -= 1

    def _digit(self, shown: str) -> None:
        self.out.append(shown)
        if self.place > 1 and self.place in self.separators:
            self.out.append(self.culture.group_separator)
        self.place -= 1

    def _point(self) -> None:
        if self.place or self.point_written:
            return
        if self.last_zero < 0 or (self.section.before_point < self.section.digits and self.left):
            self.out.append(self.culture.decimal_separator)
            self.point_written = True

    def _exponent(self, text: str) -> None:
        if not self.exponent_due:
            self.out.append(text)
            return
        self.exponent_due = False
        exponent = self.number.scale - self.section.before_point if self.number.text else 0
        width = min(len(text.lstrip("eE+-")), _MAX_EXPONENT_WIDTH)
        negative, positive = self.culture.negative_sign, self.culture.positive_sign
        sign = negative if exponent < 0 else positive if text[1] == "+" else ""
        self.out.append(text[0] + sign + str(abs(exponent)).zfill(width))
