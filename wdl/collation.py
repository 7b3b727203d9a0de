"""The order of strings in `greater`, `less` and kin: .NET's invariant culture, i.e. the root order of Unicode.

Letters come before their case and accents are looked at: `_` < `1` < `a` < `A` < `á` < `b`. ASCII has a table of its
own; other texts take the Unicode Collation Algorithm of `pyuca`, which is loaded when the first one comes.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, Final

_ORDER: Final = "\t\n\v\f\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz"
# Control characters have no weight; capitals weigh as their small letters at first.
_PRIMARY: Final[dict[int, int | None]] = {
    code: _ORDER.index(chr(code).lower()) if chr(code).lower() in _ORDER else None for code in range(128)
}


def compare(left: str, right: str) -> int:
    """Negative, zero or positive as `left` comes before, at or after `right`."""
    if left == right:
        return 0
    key = _ascii_key if left.isascii() and right.isascii() else _unicode_key
    first, second = key(left), key(right)
    return int(first > second) - int(first < second)


@lru_cache(maxsize=4096)
def _ascii_key(text: str) -> Any:
    return text.translate(_PRIMARY), [character.isupper() for character in text if _PRIMARY[ord(character)] is not None]


@lru_cache(maxsize=4096)
def _unicode_key(text: str) -> Any:
    return _collator().sort_key(text)


@cache
def _collator() -> Any:
    from pyuca.collator import Collator_10_0_0

    return Collator_10_0_0()
