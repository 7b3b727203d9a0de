"""Time spans: reading them as `TimeSpan.Parse` does, writing them by .NET's standard and custom format strings.

A span is its number of ticks (100 ns). Source: "Standard TimeSpan format strings" and "Custom TimeSpan format
strings" of the .NET documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from wdl.dotnet.date_format import quoted, run_length
from wdl.dotnet.errors import FormatError
from wdl.dotnet.instant import TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND

_MAX_TICKS: Final = 2**63 - 1
_MAX_NUMBER: Final = 0xFFF_FFFF
_MAX_DIGITS: Final = 9
_FRACTION_DIGITS: Final = 7
_LIMITS: Final[dict[str, int]] = {"d": 10_675_199, "h": 23, "m": 59, "s": 59, "f": _MAX_NUMBER}
_UNITS: Final[dict[str, int]] = {
    "d": TICKS_PER_DAY,
    "h": TICKS_PER_HOUR,
    "m": TICKS_PER_MINUTE,
    "s": TICKS_PER_SECOND,
    "f": 1,
}
#: Tried in this order; a number too large for its place makes .NET try the next, so that `24:00:00` is 24 days.
_FORMS: Final = (
    *("d", "h:m", "h:m:s", "d.h:m", "h:m:.f", "h:m:s.f", "d.h:m:s", "d.h:m:.f", "d.h:m:s.f"),
    *("d:h:m", "d:h:m:s", "d:h:m:.f", "d:h:m:s.f"),
)
_PATTERNS: Final = tuple(
    re.compile("(?P<sign>-?)" + re.sub("[a-z]", lambda match: rf"(?P<{match[0]}>[0-9]+)", form.replace(".", r"\.")))
    for form in _FORMS
)


def parse_span(text: str) -> int | None:
    """The ticks of a span such as `1.02:03:04.5`, `1:2` or `7` (days); None where .NET refuses the text."""
    stripped = text.strip()
    for pattern in _PATTERNS:
        match = pattern.fullmatch(stripped)
        ticks = _ticks(match) if match else None
        if match and ticks is not None:
            return -ticks if match["sign"] else ticks
    return None


def _ticks(match: re.Match[str]) -> int | None:
    total = 0
    for place, digits in match.groupdict().items():
        if place == "sign":
            continue
        amount = _amount(place, digits)
        if amount is None:
            return None
        total += amount
    return total if total <= _MAX_TICKS else None


def _amount(place: str, digits: str) -> int | None:
    significant = digits.lstrip("0")
    if len(significant) > _MAX_DIGITS:
        return None
    number = int(significant or "0")
    if number > _LIMITS[place]:
        return None
    return _fraction(number, len(digits), digits[0] == "0") if place == "f" else number * _UNITS[place]


def _fraction(number: int, length: int, starts_with_zero: bool) -> int | None:
    """Ticks of a fraction; beyond seven digits only one that starts with a zero is taken, and rounded."""
    if length <= _FRACTION_DIGITS:
        return number * int(10 ** (_FRACTION_DIGITS - length))
    if not starts_with_zero:
        return None
    divisor = int(10 ** min(length - _FRACTION_DIGITS, _MAX_DIGITS + 1))
    return (2 * number + divisor) // (2 * divisor)


def span_text(ticks: int) -> str:
    """The constant format `c`: `[-][d.]hh:mm:ss[.fffffff]`."""
    days, hours, minutes, seconds, fraction = _parts(ticks)
    day = f"{days}." if days else ""
    rest = f".{fraction:07}" if fraction else ""
    return f"{'-' if ticks < 0 else ''}{day}{hours:02}:{minutes:02}:{seconds:02}{rest}"


def _parts(ticks: int) -> tuple[int, int, int, int, int]:
    seconds, fraction = divmod(abs(ticks), TICKS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return days, hour, minute, second, fraction


def format_span(ticks: int, pattern: str, decimal_separator: str) -> str:
    """A span as `TimeSpan.ToString(pattern, culture)` writes it; FormatError for a pattern that .NET refuses."""
    if pattern in ("", "c", "t", "T"):
        return span_text(ticks)
    if len(pattern) == 1:
        return _general(ticks, pattern, decimal_separator)
    parts = dict(zip("dhmsf", _parts(ticks), strict=True))
    return "".join(_written(kind, length, parts) if length else kind for kind, length in _steps(pattern))


def _general(ticks: int, pattern: str, decimal_separator: str) -> str:
    days, hours, minutes, seconds, fraction = _parts(ticks)
    sign = "-" if ticks < 0 else ""
    if pattern == "G":
        return f"{sign}{days}:{hours:02}:{minutes:02}:{seconds:02}{decimal_separator}{fraction:07}"
    if pattern != "g":
        raise FormatError(f"'{pattern}' is no standard format of a time span")
    day = f"{days}:" if days else ""
    rest = decimal_separator + f"{fraction:07}".rstrip("0") if fraction else ""
    return f"{sign}{day}{hours}:{minutes:02}:{seconds:02}{rest}"


_MAX_LENGTHS: Final = {"d": 8, "h": 2, "m": 2, "s": 2, "f": 7, "F": 7}


@lru_cache(maxsize=256)
def _steps(pattern: str) -> tuple[tuple[str, int], ...]:
    return tuple(_read(pattern))


def _read(pattern: str) -> Iterator[tuple[str, int]]:
    """(letter, length) for a part of the span, (text, 0) for a literal."""
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character in "'\"":
            text, position = quoted(pattern, position)
            yield text, 0
        elif character == "\\" and position + 1 < len(pattern):
            yield pattern[position + 1], 0
            position += 2
        elif character == "%" and pattern[position + 1 : position + 2] not in ("", "%"):
            yield from _read(pattern[position + 1])
            position += 2
        else:
            length = run_length(pattern, position)
            if length > _MAX_LENGTHS.get(character, 0):
                raise FormatError(f"'{pattern}' is no format of a time span")
            yield character, length
            position += length


def _written(letter: str, length: int, parts: dict[str, int]) -> str:
    if letter in "fF":
        text = f"{parts['f']:07}"[:length]
        return text.rstrip("0") if letter == "F" else text
    return f"{parts[letter]:0{length}}"
