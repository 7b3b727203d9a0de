"""Writing dates by .NET's standard and custom format strings.

Source: "Standard date and time format strings" and "Custom date and time format strings" of the .NET documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from wdl.dotnet.culture import INVARIANT, Culture, DateFormat
from wdl.dotnet.errors import FormatError
from wdl.dotnet.instant import TICKS_PER_DAY, TICKS_PER_SECOND, Instant, Kind

_MAX_FRACTION_DIGITS = 7
_ROUND_TRIP = "yyyy'-'MM'-'dd'T'HH':'mm':'ss.fffffffK"
#: Standard formats that no culture changes.
_FIXED_PATTERNS = {
    "o": _ROUND_TRIP,
    "O": _ROUND_TRIP,
    "r": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
    "s": "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
    "u": "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
}


class _Fields(NamedTuple):
    """The parts of an instant that pieces of a pattern write."""

    year: int
    month: int
    day: int
    weekday: int
    hour: int
    minute: int
    second: int
    fraction: int
    kind: Kind


class _Piece(NamedTuple):
    """One part of a pattern: a %-format and the value for it, or a literal. `optional`: a fraction that may be none."""

    form: str
    value: Callable[[_Fields], object] | None = None
    optional: bool = False


def format_instant(instant: Instant, pattern: str, culture: Culture) -> str:
    """`instant` as `DateTime.ToString(pattern, culture)` writes it; FormatError for a pattern that .NET refuses."""
    if pattern in ("o", "O"):
        return round_trip(instant)
    return _compiled(pattern, culture)(_fields(instant))


def round_trip(instant: Instant) -> str:
    """The format `o`: seven decimals, and `Z`, `+00:00` or nothing by the kind."""
    seconds, fraction = divmod(instant.ticks % TICKS_PER_DAY, TICKS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    day = instant.date.isoformat()
    return f"{day}T{hour:02}:{minute:02}:{second:02}.{fraction:07}{_ZONES[instant.kind]}"


_ZONES = {Kind.UTC: "Z", Kind.LOCAL: "+00:00", Kind.UNSPECIFIED: ""}


def _fields(instant: Instant) -> _Fields:
    seconds, fraction = divmod(instant.ticks % TICKS_PER_DAY, TICKS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    day = instant.date
    return _Fields(day.year, day.month, day.day, day.isoweekday() % 7, hour, minute, second, fraction, instant.kind)


@lru_cache(maxsize=1024)
def _compiled(pattern: str, culture: Culture) -> Callable[[_Fields], str]:
    if len(pattern) == 1 and pattern in _FIXED_PATTERNS:
        return _sequence(list(_pieces(_FIXED_PATTERNS[pattern], INVARIANT.dates)))
    return _sequence(list(_pieces(expand(pattern, culture.dates), culture.dates)))


def expand(pattern: str, dates: DateFormat) -> str:
    """The custom pattern that a standard format character of a culture stands for; custom patterns as they are."""
    if len(pattern) > 1:
        return pattern
    expanded = _standard_patterns(dates).get(pattern or "G")
    if expanded is None:
        raise FormatError(f"'{pattern}' is no standard date format")
    return expanded


def _standard_patterns(dates: DateFormat) -> dict[str, str]:
    long_with_seconds = f"{dates.long_date} {dates.long_time}"
    return {
        "d": dates.short_date,
        "D": dates.long_date,
        "f": f"{dates.long_date} {dates.short_time}",
        "F": long_with_seconds,
        "g": f"{dates.short_date} {dates.short_time}",
        "G": f"{dates.short_date} {dates.long_time}",
        "m": dates.month_day,
        "M": dates.month_day,
        "t": dates.short_time,
        "T": dates.long_time,
        "U": long_with_seconds,
        "y": dates.year_month,
        "Y": dates.year_month,
        **_FIXED_PATTERNS,
    }


def _sequence(pieces: list[_Piece]) -> Callable[[_Fields], str]:
    if any(piece.optional for piece in pieces):
        return lambda fields: _with_optional_fractions(pieces, fields)
    form = "".join(piece.form for piece in pieces)
    values = [piece.value for piece in pieces if piece.value]
    return lambda fields: form % tuple([value(fields) for value in values])


def _with_optional_fractions(pieces: list[_Piece], fields: _Fields) -> str:
    text = ""
    for piece in pieces:
        part = piece.form % ((piece.value(fields),) if piece.value else ())
        # A fraction that is zero takes back the point before it.
        text = text.removesuffix(".") if piece.optional and not part else text + part
    return text


def _pieces(pattern: str, dates: DateFormat) -> Iterator[_Piece]:
    position = 0
    while position < len(pattern):
        character = pattern[position]
        length = 1
        if character in "'\"":
            text, end = quoted(pattern, position)
            length = end - position
            yield _literal(text)
        elif character == "\\":
            yield _literal(_at(pattern, position + 1))
            length = 2
        elif character == "%":
            yield from _pieces(_single(pattern, position + 1), dates)
            length = 2
        else:
            length = run_length(pattern, position)
            yield _piece(pattern, position, length, dates)
        position += length


def _single(pattern: str, position: int) -> str:
    character = _at(pattern, position)
    if character == "%":
        raise FormatError("'%%' is no date format")
    return character


def run_length(pattern: str, start: int) -> int:
    """How often the character at `start` stands there in a row."""
    end = start
    while end < len(pattern) and pattern[end] == pattern[start]:
        end += 1
    return end - start


def quoted(pattern: str, start: int) -> tuple[str, int]:
    """The text of the quotation that opens at `start`, and where it ends; FormatError when it does not end."""
    quote, text, position = pattern[start], "", start + 1
    while _at(pattern, position) != quote:
        if pattern[position] == "\\":
            position += 1
        text += _at(pattern, position)
        position += 1
    return text, position + 1


def _at(pattern: str, position: int) -> str:
    if position >= len(pattern):
        raise FormatError("the date format ends too early")
    return pattern[position]


def _literal(text: str) -> _Piece:
    return _Piece(text.replace("%", "%%"))


def _piece(pattern: str, start: int, length: int, dates: DateFormat) -> _Piece:
    match pattern[start]:
        case "d":
            return _day(length, dates)
        case "M":
            return _month(length, dates, _beside_day_number(pattern, start, length))
        case "y":
            return _year(length, dates.year_offset)
        case "H" | "h" | "m" | "s":
            return _clock(pattern[start], min(length, 2))
        case "f" | "F":
            return _fraction(length, optional=pattern[start] == "F")
        case "t":
            return _half_day(dates, whole=length > 1)
        case "z":
            return _literal(("+0", "+00", "+00:00")[min(length, 3) - 1])
        case "K":
            return _Piece("%s", lambda fields: _ZONES[fields.kind] * length)
        case _:
            return _literal(_fixed(pattern[start], length, dates))


def _fixed(character: str, length: int, dates: DateFormat) -> str:
    if character == "g":
        return dates.era
    separators = {":": dates.time_separator, "/": dates.date_separator}
    return separators.get(character, character) * length


def _number(length: int, field: str) -> _Piece:
    return _Piece(f"%0{length}d", itemgetter(_Fields._fields.index(field)))


def _day(length: int, dates: DateFormat) -> _Piece:
    if length <= 2:
        return _number(length, "day")
    names = dates.short_day_names if length == 3 else dates.day_names
    return _Piece("%s", lambda fields: names[fields.weekday])


def _month(length: int, dates: DateFormat, genitive: bool) -> _Piece:
    if length <= 2:
        return _number(length, "month")
    names = month_names(dates, short=length == 3, genitive=genitive)
    return _Piece("%s", lambda fields: names[fields.month - 1])


def month_names(dates: DateFormat, short: bool, genitive: bool) -> tuple[str, ...]:
    """The month names that `MMM` (short) or `MMMM` write, `genitive` beside a day number."""
    if short:
        return dates.short_genitive_month_names if genitive else dates.short_month_names
    return dates.genitive_month_names if genitive else dates.month_names


def _beside_day_number(pattern: str, start: int, length: int) -> bool:
    """Whether the nearest `d` before or after the month is a day number (`d`, `dd`), which asks for the genitive."""
    before = pattern.rfind("d", 0, start)
    if before >= 0 and len(pattern[: before + 1]) - len(pattern[: before + 1].rstrip("d")) <= 2:
        return True
    after = pattern.find("d", start + length)
    return after >= 0 and run_length(pattern, after) <= 2


def _year(length: int, offset: int) -> _Piece:
    if length <= 2:
        return _Piece(f"%0{length}d", lambda fields: (fields.year + offset) % 100)
    return _Piece(f"%0{length}d", lambda fields: fields.year + offset) if offset else _number(length, "year")


def _clock(letter: str, length: int) -> _Piece:
    if letter == "h":
        return _Piece(f"%0{length}d", lambda fields: fields.hour % 12 or 12)
    return _number(length, {"H": "hour", "m": "minute", "s": "second"}[letter])


def _fraction(length: int, optional: bool) -> _Piece:
    if length > _MAX_FRACTION_DIGITS:
        raise FormatError("a fraction of a second has at most 7 digits")
    if optional:
        return _Piece("%s", lambda fields: f"{fields.fraction:07}"[:length].rstrip("0"), optional=True)
    return _Piece(f"%0{length}d", lambda fields: fields.fraction // 10 ** (_MAX_FRACTION_DIGITS - length))


def _half_day(dates: DateFormat, whole: bool) -> _Piece:
    am, pm = (dates.am, dates.pm) if whole else (dates.am[:1], dates.pm[:1])
    return _Piece("%s", lambda fields: am if fields.hour < 12 else pm)
