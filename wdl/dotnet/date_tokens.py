"""The words and signs of a culture that may stand in a date, and finding them in a text.

What may follow a number or a month is a separator, everything else a word; one text can be both (`PM`, `.`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from wdl.dotnet.culture import INVARIANT, Culture, DateFormat


class Word(Enum):
    """What a word of a date can be."""

    MONTH = auto()
    WEEKDAY = auto()
    HALF_DAY = auto()
    ERA = auto()
    UTC = auto()
    FILLER = auto()


class Separator(Enum):
    """What can stand behind a number or a month."""

    END = auto()
    SPACE = auto()
    DATE = auto()
    TIME = auto()
    DATE_OR_OFFSET = auto()
    HALF_DAY = auto()
    TIME_MARK = auto()
    DATE_SUFFIX = auto()
    TIME_SUFFIX = auto()


class Found(NamedTuple):
    """A token: its kind, its value (month number, weekday, 0 or 1 for AM or PM, name of a part) and its length."""

    kind: Word | Separator
    value: int | str
    length: int


class Vocabulary:
    """All tokens of one culture."""

    def __init__(self, culture: Culture) -> None:
        self.words: dict[str, list[tuple[str, Found]]] = {}
        self.separators: dict[str, list[tuple[str, Found]]] = {}
        for text, kind, value in _tokens(culture.dates):
            table = self.words if isinstance(kind, Word) else self.separators
            _insert(table, text.lower(), Found(kind, value, len(text)))
        for table in (self.words, self.separators):
            for entries in table.values():
                entries.sort(key=lambda entry: -len(entry[0]))

    def word(self, text: str, position: int) -> Found | None:
        """The longest word at a position; none when a letter follows it."""
        return _find(self.words, text, position)

    def separator(self, text: str, position: int) -> Found | None:
        """The longest separator at a position."""
        return _find(self.separators, text, position)


@lru_cache(maxsize=64)
def vocabulary(culture: Culture) -> Vocabulary:
    """The tokens of a culture and, after them, those of the invariant culture."""
    return Vocabulary(culture)


def _insert(table: dict[str, list[tuple[str, Found]]], text: str, found: Found) -> None:
    entries = table.setdefault(text[0], [])
    if all(known != text for known, _ in entries):
        entries.append((text, found))


def _find(table: dict[str, list[tuple[str, Found]]], text: str, position: int) -> Found | None:
    for token, found in table.get(text[position].lower(), ()):
        end = position + found.length
        if text[position:end].lower() == token:
            breaks_a_word = text[position].isalpha() and text[end : end + 1].isalpha()
            return None if breaks_a_word else found
    return None


_PARTS = {"年": "year", "月": "month", "日": "day", "년": "year", "월": "month", "일": "day"}
_TIME_PARTS = {"時": "hour", "时": "hour", "分": "minute", "秒": "second"}


def _tokens(dates: DateFormat) -> Iterator[tuple[str, Word | Separator, int | str]]:
    return ((text, kind, value) for text, kind, value in _all_tokens(dates) if text)


def _all_tokens(dates: DateFormat) -> Iterator[tuple[str, Word | Separator, int | str]]:
    yield from ((sign, Word.FILLER, 0) for sign in ",.")
    yield dates.time_separator.strip(), Separator.TIME, 0
    yield from _half_days(dates)
    yield from ((text, Separator.DATE_SUFFIX, part) for text, part in _PARTS.items())
    yield from ((text, Separator.TIME_SUFFIX, part) for text, part in _TIME_PARTS.items())
    yield "-", Separator.DATE_OR_OFFSET, 0
    yield from ((word, Word.FILLER, 0) for word in _fillers(dates))
    yield dates.date_separator.strip(), Separator.DATE, 0
    yield from _names(dates)
    yield from ((era, Word.ERA, 1) for era in (dates.era, dates.short_era))
    yield from _half_days(INVARIANT.dates)
    yield from _names(INVARIANT.dates)
    yield from ((era, Word.ERA, 1) for era in (INVARIANT.dates.era, INVARIANT.dates.short_era))
    yield "T", Separator.TIME_MARK, 0
    yield from ((name, Word.UTC, 0) for name in ("GMT", "Z"))
    yield "/", Separator.DATE, 0
    yield ":", Separator.TIME, 0


def _half_days(dates: DateFormat) -> Iterator[tuple[str, Word | Separator, int | str]]:
    for value, text in enumerate((dates.am, dates.pm)):
        yield text, Separator.HALF_DAY, value
        yield text, Word.HALF_DAY, value


def _names(dates: DateFormat) -> Iterator[tuple[str, Word | Separator, int | str]]:
    months = (dates.month_names, dates.short_month_names, dates.genitive_month_names, dates.short_genitive_month_names)
    for names in months:
        yield from ((name, Word.MONTH, number) for number, name in enumerate(names, 1))
    for names in (dates.day_names, dates.short_day_names):
        yield from ((name, Word.WEEKDAY, number) for number, name in enumerate(names))


def _fillers(dates: DateFormat) -> Iterator[str]:
    """Words that the culture writes between the parts of a long date, such as `de`."""
    for pattern in (dates.long_date, dates.month_day, dates.year_month):
        for quotation in re.findall(r"'([^']*)'", pattern):
            yield from (word.strip(".,") for word in quotation.split())
