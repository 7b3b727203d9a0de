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
_TERTIARY: Final[dict[int, int | None]] = {
    code: None if weight is None else ord("1" if chr(code).isupper() else "0") for code, weight in _PRIMARY.items()
}
_MAX_COMPARED: Final = 10_000


def compare(left: str, right: str) -> int:
    """Negative, zero or positive as `left` comes before, at or after `right`."""
    if left == right:
        return 0
    if len(left) > _MAX_COMPARED or len(right) > _MAX_COMPARED:
        # A bound on time; texts that agree so far are told apart by their characters' codes.
        return compare(left[:_MAX_COMPARED], right[:_MAX_COMPARED]) or int(left > right) - int(left < right)
    key = _ascii_key if left.isascii() and right.isascii() else _unicode_key
    first, second = key(left), key(right)
    return int(first > second) - int(first < second)


@lru_cache(maxsize=1024)
def _ascii_key(text: str) -> Any:
    return text.translate(_PRIMARY), text.translate(_TERTIARY)


@lru_cache(maxsize=1024)
def _unicode_key(text: str) -> Any:
    return _collator().sort_key(text)


@cache
def _collator() -> Any:
    from pyuca.collator import Collator_10_0_0

    return Collator_10_0_0()
