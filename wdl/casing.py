"""Upper and lower case as .NET's invariant culture: one character for one, so `ß` and `İ` stay as they are."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

# .NET on ICU keeps these two as Windows does.
_KEPT: Final = "\u0130\u0131"


def upper(text: str) -> str:
    """The text in upper case."""
    changed = text.upper()
    if len(changed) == len(text) and "\u0131" not in text:
        return changed
    return "".join([_upper(character) for character in text])


def lower(text: str) -> str:
    """The text in lower case."""
    changed = text.lower()
    # Python writes a sigma at the end of a word in another way.
    if len(changed) == len(text) and "\u03a3" not in text:
        return changed
    return "".join([_lower(character) for character in text])


@lru_cache(maxsize=2048)
def _upper(character: str) -> str:
    for changed in (character.upper(), character.title()):
        if len(changed) == 1 and character not in _KEPT:
            return changed
    return character


@lru_cache(maxsize=2048)
def _lower(character: str) -> str:
    changed = character.lower()
    return changed if len(changed) == 1 and character not in _KEPT else character
