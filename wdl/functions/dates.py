"""The date and time functions but for time zones: what they read, they read as .NET's `DateTime.Parse` does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from wdl.context import Context
from wdl.cultures import find_culture
from wdl.dotnet.culture import INVARIANT, Culture
from wdl.dotnet.date_exact import parse_exact
from wdl.dotnet.date_format import format_instant
from wdl.dotnet.date_parse import parse_date
from wdl.dotnet.errors import FormatError
from wdl.dotnet.instant import (
    MAX_TICKS,
    TICKS_PER_DAY,
    TICKS_PER_HOUR,
    TICKS_PER_MINUTE,
    TICKS_PER_SECOND,
    Instant,
    from_datetime,
)
from wdl.dotnet.timespan import format_span, parse_span, span_text
from wdl.errors import ExpressionError, Fault
from wdl.registry import Parameter, anything, function, integer, string
from wdl.values import Value, type_name

_NOT_A_DATE: Final = (
    "In function '{name}', the value provided for date time string '{text}' was not valid. "
    "The datetime string must match ISO 8601 format."
)
_NOT_A_SPAN: Final = (
    "In function '{name}', the value provided for date time string '{text}' was not valid. "
    "The timespan string must match ISO 8601 format."
)
_BAD_FORMAT: Final = (
    "The template language function '{name}' format parameter '{format}' is not supported. The format must be a valid "
    "single format specifier character (such as 'd' or 'g') or a valid custom format pattern (such as {example}). "
    "For details please review the Standard Date and Time Format Strings and the Custom Date and Time Format Strings "
    "of the .Net framework."
)
_DATE_EXAMPLE: Final = "'MMMM dd, yyyy' or 'hh:mm:ss.ff'"
_SPAN_EXAMPLE: Final = "'hh:mm:ss.ff'"
_PREFIX_NOTE: Final = (
    " Note that it may be necessary to prefix custom format strings with the percent character (%) where they conflict "
    "with standard format strings."
)
_NOT_A_STRING: Final = (
    "The template language function '{name}' expects its {place} parameter to be of type string. "
    "The provided value is of type '{type}'."
)
_NO_LOCALE: Final = (
    "The template language function '{name}' was unable to find the locale associated with '{locale}'. "
    "The provided locale name is either invalid or does not have a locale associated with it."
)
_TOO_FAR: Final = "Value to add was out of range. (Parameter 'value')"
_TOO_MANY: Final = "{units} value must be between +/-{limit}. (Parameter '{parameter}')"
_NO_SUCH_DATE: Final = (
    "The added or subtracted value results in an un-representable DateTime. (Parameter '{parameter}')"
)
_BAD_UNIT: Final = (
    "The template language function '{name}' expects its second parameter to be a string that represents a valid time "
    "unit. The provided value '{unit}' is not a valid time unit."
)
_ROUND_TRIP: Final = "o"
_UNITS: Final = {
    "second": TICKS_PER_SECOND,
    "minute": TICKS_PER_MINUTE,
    "hour": TICKS_PER_HOUR,
    "day": TICKS_PER_DAY,
    "week": 7 * TICKS_PER_DAY,
}
_MONTHS: Final = {"month": 1, "year": 12}
_MOST: Final = {"month": 120_000, "year": 10_000}


def read_date(context: Context, text: str) -> Instant:
    """The instant of a date text under the invariant culture; today's date comes from the run's clock."""
    instant = parse_date(text, INVARIANT, lambda: _today(context))
    if instant is None:
        raise Fault(_NOT_A_DATE, text=text)
    return instant


def _today(context: Context) -> date:
    return from_datetime(context.utc_now()).date


def write_date(instant: Instant, pattern: Value, place: str, usage: str, culture: Culture = INVARIANT) -> str:
    """An instant by a format that came as the parameter at `place`."""
    if pattern == _ROUND_TRIP and type(pattern) is str:
        return format_instant(instant, pattern, culture)
    text = require_text(pattern, place, usage)
    try:
        return format_instant(instant, text, culture)
    except FormatError:
        raise Fault(_BAD_FORMAT, format=text, example=_DATE_EXAMPLE) from None


def require_text(value: Value, place: str, usage: str) -> str:
    """The value when it is a string. For parameters that Azure looks at only after it has read the date."""
    if isinstance(value, str):
        return value
    raise Fault(_NOT_A_STRING, usage=usage, place=place, type=type_name(value))


def require_culture(locale: Value, place: str, usage: str) -> Culture:
    """The culture of a locale parameter."""
    name = require_text(locale, place, usage)
    culture = find_culture(name)
    if culture is None:
        raise Fault(_NO_LOCALE, usage=usage, locale=name)
    return culture


# Moving a time


def _move(instant: Instant, amount: int, unit: str) -> Instant:
    """The messages are those of .NET's `DateTime`, which the engine hands on."""
    parameter = "months" if unit in _MONTHS else "value"
    try:
        return _move_months(instant, amount, unit) if unit in _MONTHS else _move_ticks(instant, amount * _UNITS[unit])
    except OverflowError:
        raise ExpressionError(_NO_SUCH_DATE.format(parameter=parameter)) from None


def _move_ticks(instant: Instant, ticks: int) -> Instant:
    if abs(ticks) > MAX_TICKS:
        raise ExpressionError(_TOO_FAR)
    return instant.plus(ticks)


def _move_months(instant: Instant, amount: int, unit: str) -> Instant:
    limit = _MOST[unit]
    if abs(amount) > limit:
        raise ExpressionError(_TOO_MANY.format(units=f"{unit.title()}s", limit=limit, parameter=f"{unit}s"))
    return instant.plus_months(amount * _MONTHS[unit])


def _unit(text: str) -> str:
    unit = text.lower()
    if unit not in _UNITS and unit not in _MONTHS:
        raise Fault(_BAD_UNIT, usage="GetFutureTime", unit=text)
    return unit


_TIME: Final = string("its first parameter to be a string that contains the time")
_FORMAT: Final = anything(optional=True)


def _adder(name: str, unit: str, what: str) -> Callable[[Context, str, int, Value], str]:
    usage = name.lower()

    @function(
        name,
        _TIME,
        integer("its second parameter to be an integer"),
        _FORMAT,
        arity=(
            f"expects a timestamp as the first parameter, the number of {what} to add as the second parameter, and an "
            "optional format string as the third parameter. The function was invoked with '{count}' parameter(s)."
        ),
        usage=usage,
        needs_context=True,
    )
    def add(context: Context, text: str, amount: int, pattern: Value = _ROUND_TRIP) -> str:
        return write_date(_move(read_date(context, text), amount, unit), pattern, "third", usage)

    return add


add_seconds = _adder("addSeconds", "second", "seconds")
add_minutes = _adder("addMinutes", "minute", "minutes")
add_hours = _adder("addHours", "hour", "hours")
add_days = _adder("addDays", "day", "days")


def _mover(name: str, sign: int) -> Callable[[Context, str, int, str, Value], str]:
    @function(
        name,
        _TIME,
        integer("its second parameter to be an integer"),
        string("its third parameter to be a string that contains the time unit"),
        _FORMAT,
        arity=(
            "expects a timestamp as the first parameter, an interval as the second parameter, a time unit as the third "
            "parameter, and an optional format string as the fourth parameter. "
            "The function was invoked with '{count}' parameter(s)."
        ),
        usage=name[0].upper() + name[1:],
        needs_context=True,
    )
    def move(context: Context, text: str, amount: int, unit: str, pattern: Value = _ROUND_TRIP) -> str:
        moved = _move(read_date(context, text), sign * amount, _unit(unit))
        return write_date(moved, pattern, "fourth", name[0].upper() + name[1:])

    return move


add_to_time = _mover("addToTime", 1)
subtract_from_time = _mover("subtractFromTime", -1)


def _now_mover(name: str, sign: int) -> Callable[[Context, int, str, Value], str]:
    usage = name[0].upper() + name[1:]

    @function(
        name,
        integer("its first parameter to be an integer"),
        string("its second parameter to be a string that contains the time unit"),
        _FORMAT,
        arity=(
            "expects an interval as the first parameter, a time unit as the second parameter, and an optional format "
            "string as the third parameter. The function was invoked with '{count}' parameter(s)."
        ),
        usage=usage,
        needs_context=True,
    )
    def move(context: Context, amount: int, unit: str, pattern: Value = _ROUND_TRIP) -> str:
        moved = _move(from_datetime(context.utc_now()), sign * amount, _unit(unit))
        return write_date(moved, pattern, "third", usage)

    return move


get_future_time = _now_mover("getFutureTime", 1)
get_past_time = _now_mover("getPastTime", -1)


@function(
    "utcNow",
    _FORMAT,
    arity=(
        "can be invoked with no parameters or with an optional format parameter. "
        "The function was invoked with '{count}' parameter(s)."
    ),
    usage="utcnow",
    needs_context=True,
)
def utc_now(context: Context, pattern: Value = _ROUND_TRIP) -> str:
    return write_date(from_datetime(context.utc_now()), pattern, "first", "utcnow")


# Parts of a time


def _starter(name: str, cut: Callable[[Instant], int]) -> Callable[[Context, str, Value], str]:
    usage = name.lower()

    @function(
        name,
        string("its first parameter to be a string that represents a timestamp"),
        _FORMAT,
        arity=(
            "expects a timestamp as the first parameter and an optional format string as the second parameter. "
            "The function was invoked with '{count}' parameter(s)."
        ),
        usage=usage,
        needs_context=True,
    )
    def start(context: Context, text: str, pattern: Value = _ROUND_TRIP) -> str:
        instant = read_date(context, text)
        return write_date(Instant(instant.ticks - cut(instant), instant.kind), pattern, "second", usage)

    return start


start_of_hour = _starter("startOfHour", lambda instant: instant.ticks % TICKS_PER_HOUR)
start_of_day = _starter("startOfDay", lambda instant: instant.ticks % TICKS_PER_DAY)
start_of_month = _starter(
    "startOfMonth", lambda instant: instant.ticks % TICKS_PER_DAY + (instant.date.day - 1) * TICKS_PER_DAY
)


def _part(name: str, usage: str, take: Callable[[Instant], int]) -> Callable[[Context, str], int]:
    @function(
        name,
        string("its parameter to be a string that represents a timestamp"),
        arity=("expects a single parameter that is a timestamp. The function was invoked with '{count}' parameter(s)."),
        usage=usage,
        needs_context=True,
    )
    def part(context: Context, text: str) -> int:
        return take(read_date(context, text))

    return part


day_of_week = _part("dayOfWeek", "dayofweek", lambda instant: instant.date.isoweekday() % 7)
# The page's anchor has this misspelling in Azure's messages.
day_of_month = _part("dayOfMonth", "dayofymonth", lambda instant: instant.date.day)
day_of_year = _part("dayOfYear", "dayofyear", lambda instant: instant.date.timetuple().tm_yday)
ticks = _part("ticks", "ticks", lambda instant: instant.ticks)


# Writing and reading

_TEXT: Final[Parameter] = string("its first parameter to be of type string")


@function(
    "formatDateTime",
    _TEXT,
    _FORMAT,
    anything(optional=True),
    arity=(
        "expects a timestamp as the first parameter, an optional format string as the second parameter and an optional "
        "locale as the third parameter. The function was invoked with '{count}' parameter(s)."
    ),
    usage="formatdatetime",
    needs_context=True,
)
def format_date_time(context: Context, text: str, pattern: Value = _ROUND_TRIP, locale: Value = "") -> str:
    instant = read_date(context, text)
    require_text(pattern, "second", "formatdatetime")
    culture = require_culture(locale, "third", "formatdatetime")
    return write_date(instant, pattern, "second", "formatdatetime", culture)


@function(
    "parseDateTime",
    _TEXT,
    string("its second parameter to be of type string", optional=True),
    string("its third parameter to be of type string", optional=True),
    arity=(
        "expects a timestamp as the first parameter, an optional locale string as the second parameter, and an "
        "optional format string as the third parameter. The function was invoked with '{count}' parameter(s)."
    ),
    usage="parsedatetime",
    needs_context=True,
)
def parse_date_time(context: Context, text: str, locale: str = "", pattern: str | None = None) -> str:
    culture = require_culture(locale, "second", "parsedatetime")
    if pattern is None:
        instant = parse_date(text, culture, lambda: _today(context))
    else:
        instant = parse_exact(text, pattern, culture, lambda: _today(context))
    if instant is None:
        raise Fault(_NOT_A_DATE, text=text)
    return format_instant(instant, _ROUND_TRIP, INVARIANT)


@function(
    "dateDifference",
    string("its first parameter to be of type string", usage=None),
    string("its second parameter to be of type string", usage=None),
    arity=(
        "expects a timestamp as the first parameter and timestamp as the second parameter. "
        "The function was invoked with '{count}' parameter(s)."
    ),
    usage=None,
    needs_context=True,
)
def date_difference(context: Context, start: str, end: str) -> str:
    first = read_date(context, start)
    return span_text(read_date(context, end).ticks - first.ticks)


@function(
    "formatTimeSpan",
    _TEXT,
    anything(),
    anything(optional=True),
    arity=(
        "expects a timespan as the first parameter, an optional format string as the second parameter and an optional "
        "locale as the third parameter. The function was invoked with '{count}' parameter(s)."
    ),
    usage="formattimespan",
)
def format_time_span(text: str, pattern: Value, locale: Value = "") -> str:
    span = parse_span(text)
    if span is None:
        raise Fault(_NOT_A_SPAN, text=text)
    form = require_text(pattern, "second", "formattimespan")
    culture = require_culture(locale, "third", "formattimespan")
    try:
        return format_span(span, form, culture.numbers.decimal_separator)
    except FormatError:
        raise Fault(_BAD_FORMAT + _PREFIX_NOTE, format=form, example=_SPAN_EXAMPLE) from None
