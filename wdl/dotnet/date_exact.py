"""Reading dates of a given form, as `DateTime.ParseExact` with the style RoundtripKind reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from wdl.dotnet.culture import INVARIANT, Culture, DateFormat
from wdl.dotnet.date_format import expand, quoted, run_length
from wdl.dotnet.date_parts import Parts, Unreadable, four_digit_year
from wdl.dotnet.errors import FormatError
from wdl.dotnet.instant import Instant

_MAX_FRACTION_DIGITS = 7
_MAX_DIGITS = 9
_INVARIANT_FORMATS = "oOrRsu"
_CLOCK = {"H": "hour", "h": "hour", "m": "minute", "s": "second"}


def parse_exact(text: str, pattern: str, culture: Culture, today: Callable[[], date]) -> Instant | None:
    """The instant that a text of the form `pattern` names; None where text or pattern do not fit."""
    if not text or not pattern:
        return None
    dates = (INVARIANT if pattern in _INVARIANT_FORMATS else culture).dates
    try:
        reader = _Reader(text, dates)
        if pattern == "U":
            reader.zone(0, utc=True)
        return reader.read(expand(pattern, dates)).complete(today)
    except (Unreadable, FormatError):
        return None


class _Reader:
    """Matches a text against a pattern. `seen` holds what was read, by pattern letter, for repetitions."""

    def __init__(self, text: str, dates: DateFormat) -> None:
        self.text = text
        self.dates = dates
        self.position = 0
        self.parts = Parts()
        self.seen: dict[str, float] = {}
        self.two_digit_year = False

    def read(self, pattern: str) -> Parts:
        index = 0
        while index < len(pattern):
            index = self._piece(pattern, index)
        if self.position != len(self.text):
            raise Unreadable
        self._finish()
        return self.parts

    def _finish(self) -> None:
        self.parts.year = self._seen("year")
        self.parts.month = self._seen("month")
        self.parts.day = self._seen("day")
        self.parts.weekday = self._seen("weekday")
        self.parts.minute = self._seen("minute") or 0
        self.parts.second = self._seen("second") or 0
        self.parts.fraction = self.seen.get("fraction", 0.0)
        self.parts.hour = self._hour(self._seen("hour"), self._seen("half day"))
        if self.two_digit_year and self.parts.year is not None:
            if self.parts.year >= 100:
                raise Unreadable
            self.parts.year = four_digit_year(self.parts.year)

    def _seen(self, name: str) -> int | None:
        return int(self.seen[name]) if name in self.seen else None

    def _hour(self, hour: int | None, half_day: int | None) -> int:
        given = hour or 0
        if "hour of 12" in self.seen:
            if given > 12:
                raise Unreadable
            return given % 12 + (12 if half_day == 1 else 0)
        if (half_day == 0 and given >= 12) or (half_day == 1 and given < 12):
            raise Unreadable
        return given

    def _keep(self, name: str, value: float) -> None:
        if self.seen.setdefault(name, value) != value:
            raise Unreadable

    # Pieces of the pattern

    def _piece(self, pattern: str, index: int) -> int:
        """Match the piece of the pattern at `index`; where the next one starts."""
        character = pattern[index]
        if character in "'\"":
            text, end = quoted(pattern, index)
            self._literal(text)
            return end
        if character == "\\":
            self._literal(_following(pattern, index))
            return index + 2
        if character == "%":
            if _following(pattern, index) == "%":
                raise Unreadable
            return index + 1
        if character in _LETTERS:
            length = run_length(pattern, index)
            _LETTERS[character](self, character, length)
            return index + length
        return self._sign(pattern, index)

    def _sign(self, pattern: str, index: int) -> int:
        character = pattern[index]
        if character == "K":
            self._round_trip_zone()
        elif character in ":/":
            own = self.dates.time_separator if character == ":" else self.dates.date_separator
            self._separator(character, own)
        elif character == "." and not self.text.startswith(".", self.position):
            if pattern[index + 1 : index + 2] != "F":
                raise Unreadable
            return index + 1 + run_length(pattern, index + 1)
        elif pattern[index : index + 3].upper() == "GMT":
            self.zone(0)
            self._literal("GMT")
            return index + 3
        else:
            self._literal(character)
        return index + 1

    def _literal(self, text: str) -> None:
        if not self.text.startswith(text, self.position):
            raise Unreadable
        self.position += len(text)

    def _separator(self, usual: str, own: str) -> None:
        if len(own) > 1 and own[0] == usual:
            self._literal(own)
        else:
            self._literal(usual if self.text.startswith(usual, self.position) else own)

    def _digits(self, length: int) -> int:
        """Exactly `length` digits; one or two where the length is one."""
        return self._digits_between(length, 2 if length == 1 else length)

    def _digits_between(self, least: int, most: int) -> int:
        end = self.position
        while end < len(self.text) and end - self.position < min(most, _MAX_DIGITS) and "0" <= self.text[end] <= "9":
            end += 1
        digits = self.text[self.position : end]
        if len(digits) < least:
            raise Unreadable
        self.position = end
        return int(digits)

    def _year(self, _: str, length: int) -> None:
        self.two_digit_year = self.two_digit_year or length <= 2
        self._keep("year", self._digits(length))

    def _month(self, _: str, length: int) -> None:
        if length <= 2:
            self._keep("month", self._digits(length))
        elif length == 3:
            self._keep("month", self._name(self.dates.short_month_names, self.dates.short_genitive_month_names) + 1)
        else:
            self._keep("month", self._name(self.dates.month_names, self.dates.genitive_month_names) + 1)

    def _day(self, _: str, length: int) -> None:
        if length <= 2:
            self._keep("day", self._digits(length))
        else:
            self._keep("weekday", self._name(self.dates.short_day_names if length == 3 else self.dates.day_names))

    def _name(self, *lists: Sequence[str]) -> int:
        """The index of the longest name at the position."""
        matches = [
            (len(name), -index)
            for names in lists
            for index, name in enumerate(names)
            if name and self.text[self.position : self.position + len(name)].lower() == name.lower()
        ]
        if not matches:
            raise Unreadable
        length, index = max(matches)
        self.position += length
        return -index

    def _era(self, _: str, __: int) -> None:
        self._name((self.dates.era,), (self.dates.short_era,))

    def _clock(self, letter: str, length: int) -> None:
        if letter == "h":
            self.seen["hour of 12"] = 1
        self._keep(_CLOCK[letter], self._digits(min(length, 2)))

    def _fraction(self, letter: str, length: int) -> None:
        if length > _MAX_FRACTION_DIGITS:
            raise Unreadable
        start = self.position
        value = float(self._digits_between(1 if letter == "f" else 0, length)) if self._digit_here() else 0.0
        count = self.position - start
        if letter == "f" and count != length:
            raise Unreadable
        self._keep("fraction", value / 10**count)

    def _digit_here(self) -> bool:
        return "0" <= self.text[self.position : self.position + 1] <= "9"

    def _half_day(self, _: str, length: int) -> None:
        names = [self.dates.am, self.dates.pm]
        rest = self.text[self.position :]
        for value, name in enumerate(names):
            shown = name if length > 1 else name[:1]
            if shown and (rest[: len(shown)].lower() == shown.lower() if length > 1 else rest.startswith(shown)):
                self.position += len(shown)
                self._keep("half day", value)
                return
        if all(names):
            raise Unreadable
        self._keep("half day", 0 if not names[0] else 1)

    def _offset(self, _: str, length: int) -> None:
        sign = self.text[self.position : self.position + 1]
        if sign not in ("+", "-") or not sign:
            raise Unreadable
        self.position += 1
        hours = self._digits(length if length <= 2 else 1)
        minutes = 0
        if length > 2:
            if self.text.startswith(":", self.position):
                self.position += 1
            minutes = self._digits(2)
        if minutes >= 60:
            raise Unreadable
        self.zone((hours * 60 + minutes) * (-1 if sign == "-" else 1))

    def _zone_name(self, _: str, length: int) -> None:
        for _repeat in range(length):
            self.zone(0, utc=True)
            rest = self.text[self.position :].upper()
            name = next((name for name in ("GMT", "Z") if rest.startswith(name)), None)
            if name is None or rest[len(name) : len(name) + 1].isalpha():
                raise Unreadable
            self.position += len(name)

    def _round_trip_zone(self) -> None:
        here = self.text[self.position : self.position + 1]
        if here == "Z":
            self.position += 1
            self.zone(0, utc=True)
        elif here in ("+", "-") and here:
            self._offset("z", 3)

    def zone(self, offset: int, utc: bool = False) -> None:
        """An offset in minutes was read; a second one must equal it."""
        if self.parts.offset not in (None, offset):
            raise Unreadable
        self.parts.offset, self.parts.utc = offset, self.parts.utc or utc


def _following(pattern: str, index: int) -> str:
    if index + 1 >= len(pattern):
        raise Unreadable
    return pattern[index + 1]


_LETTERS: dict[str, Callable[[_Reader, str, int], None]] = {
    "y": _Reader._year,
    "M": _Reader._month,
    "d": _Reader._day,
    "g": _Reader._era,
    "H": _Reader._clock,
    "h": _Reader._clock,
    "m": _Reader._clock,
    "s": _Reader._clock,
    "f": _Reader._fraction,
    "F": _Reader._fraction,
    "t": _Reader._half_day,
    "z": _Reader._offset,
    "Z": _Reader._zone_name,
}
