"""Finding texts in texts without regard to case, as .NET does in the invariant culture.

Documented for indexOf, lastIndexOf, nthIndexOf, startsWith and endsWith. Letters are compared as Unicode's collation
tells them apart by letter and accent: without case and without most compatibility forms (`ﬁ` is `fi`), but `ß` is not
`ss`, nor are letters of full width the usual ones; characters without weight (controls, joiners) are not seen; a part
is only found where whole characters begin and end.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from wdl.casing import lower

_MAX_FOLDED: Final = 200_000
_KNOWN_CHARACTERS: Final = 20_000
_SEEN_CONTROLS: Final = "\t\n\v\f\r\x85"
# Letters of another width, and accents that stand alone, are characters of their own.
_KEPT: Final = ("<wide>", "<narrow>", "<compat> 0020")
_LONG_S: Final = "\u017f"
_LETTERS: Final = {"\u1e9e": "ß", "ς": "σ", "\u0130": "i\u0307"}


class _Simple(dict[int, str]):
    """For `str.translate`: characters as one comparable character each; those that are not so simple become NUL."""

    def __missing__(self, code: int) -> str:
        if len(self) > _KNOWN_CHARACTERS:
            self.clear()
        character = chr(code)
        folded = unicodedata.normalize("NFC", _fold_one(character))
        simple = len(folded) == 1 and not unicodedata.combining(character)
        self[code] = folded if simple else _NOT_SIMPLE
        return self[code]


_NOT_SIMPLE: Final = "\0"
_SIMPLE: Final = _Simple()


class _Folded(NamedTuple):
    """A text made comparable; `starts[i]` is the offset in it of the i-th character, the last one that of the end."""

    text: str
    starts: list[int]


def find(text: str, part: str) -> int:
    """The index of the first occurrence, or -1."""
    if _is_unseen(text, part):
        return 0
    return next(_occurrences(text, part), -1)


def find_last(text: str, part: str) -> int:
    """The index of the last occurrence, or -1; that of the last character for a part in which nothing is seen."""
    if _is_unseen(text, part):
        return max(len(text) - 1, 0)
    return next(_occurrences(text, part, backwards=True), -1)


def find_nth(text: str, part: str, occurrence: int) -> int:
    """The index of the n-th occurrence, counted from the end when n is negative, or -1."""
    for number, index in enumerate(_occurrences(text, part, backwards=occurrence < 0), start=1):
        if number == abs(occurrence):
            return index
    return -1


def _is_unseen(text: str, part: str) -> bool:
    """Whether nothing of the part is seen: it is empty, or all its characters are without weight."""
    return _simple(text, part) is None and not _fold(part).text


def starts(text: str, part: str) -> bool:
    """Whether the text starts with the part."""
    if (pair := _simple(text, part)) is not None:
        return pair[0].startswith(pair[1])
    folded, wanted = _fold(text), _fold(part).text
    return folded.text.startswith(wanted) and _ends_character(folded, len(wanted))


def ends(text: str, part: str) -> bool:
    """Whether the text ends with the part."""
    if (pair := _simple(text, part)) is not None:
        return pair[0].endswith(pair[1])
    folded, wanted = _fold(text), _fold(part).text
    return folded.text.endswith(wanted) and _ends_character(folded, len(folded.text) - len(wanted))


def _simple(text: str, part: str) -> tuple[str, str] | None:
    """The two texts made comparable character by character; None where that cannot be."""
    if len(text) > _MAX_FOLDED or len(part) > _MAX_FOLDED:
        # Anything else would take too long: only case may differ.
        return lower(text), lower(part)
    if text.isascii() and text.isprintable() and part.isascii() and part.isprintable():
        return text.lower(), part.lower()
    first, second = text.translate(_SIMPLE), part.translate(_SIMPLE)
    return None if _NOT_SIMPLE in first or _NOT_SIMPLE in second else (first, second)


def _occurrences(text: str, part: str, backwards: bool = False) -> Iterator[int]:
    if (pair := _simple(text, part)) is not None:
        yield from _offsets(*pair, backwards)
        return
    folded, wanted = _fold(text), _fold(part).text
    for offset in _offsets(folded.text, wanted, backwards):
        if _ends_character(folded, offset) and _ends_character(folded, offset + len(wanted)):
            yield bisect_right(folded.starts, offset) - 1


def _offsets(text: str, part: str, backwards: bool) -> Iterator[int]:
    """Offsets of a part; backwards, an occurrence ends before the one that was found after it."""
    offset = text.rfind(part) if backwards else text.find(part)
    while offset >= 0:
        yield offset
        offset = text.rfind(part, 0, offset) if backwards else text.find(part, offset + 1)


def _ends_character(folded: _Folded, offset: int) -> bool:
    """Whether a character and all its accents end at `offset`."""
    place = bisect_left(folded.starts, offset)
    if folded.starts[place] != offset:
        return False
    return offset == 0 or offset >= len(folded.text) or not unicodedata.combining(folded.text[offset])


def _fold(text: str) -> _Folded:
    pieces = [_fold_one(character) for character in text]
    offsets = [0]
    for piece in pieces:
        offsets.append(offsets[-1] + len(piece))
    return _Folded("".join(pieces), offsets)


@lru_cache(maxsize=4096)
def _fold_one(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cf") and character not in _SEEN_CONTROLS:
        return ""
    if character == _LONG_S or unicodedata.decomposition(character).startswith(_KEPT):
        return character
    return "".join([_LETTERS.get(letter, letter.lower()) for letter in unicodedata.normalize("NFKD", character)])
