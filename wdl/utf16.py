"""Strings as .NET counts them: in UTF-16 units, two for a character beyond the basic plane.

Half of such a character is a lone surrogate in Python; two halves that meet again are joined (`mend`).
"""

from __future__ import annotations


def _is_wide(text: str) -> bool:
    return not text.isascii() and max(text, default="") > "\uffff"


def _units(text: str) -> str:
    """The text with every wide character as two surrogates."""
    return "".join(map(chr, memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")))


def mend(text: str) -> str:
    """The text with pairs of surrogates joined to the characters they stand for."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def length(text: str) -> int:
    """The number of UTF-16 units."""
    if text.isascii():
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, start: int, end: int | None) -> str:
    """The units from `start` up to `end` (both not negative)."""
    return mend(_units(text)[start:end]) if _is_wide(text) else text[start:end]


def pieces(text: str, size: int) -> list[str]:
    """The text in pieces of `size` units."""
    units = _units(text) if _is_wide(text) else text
    found = [units[start : start + size] for start in range(0, len(units), size)]
    return found if units is text else [mend(piece) for piece in found]


def unit_offset(text: str, index: int) -> int:
    """The offset in units of the character at `index`; -1 stays -1."""
    return length(text[:index]) if index > 0 else index


def encode(text: str) -> bytes:
    """The text in UTF-8; half a character becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
