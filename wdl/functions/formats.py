"""formatNumber: numbers as text by .NET's format strings."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from wdl.cultures import find_culture
from wdl.dotnet.errors import FormatError
from wdl.dotnet.number_format import format_number as write_number
from wdl.errors import Fault
from wdl.registry import function, number, string

_USAGE: Final = "FormatNumber"
_DEFAULT_LOCALE: Final = "en-US"
_NO_LOCALE: Final = (
    "The template language function '{name}' was unable to find the locale associated with '{locale}'. "
    "The provided locale name is either invalid or does not have a locale associated with it."
)
_NO_FORMAT: Final = (
    "The template language function '{name}' format string '{format}' is not valid. "
    "The format string should be a numeric format string."
)


@function(
    "formatNumber",
    number("its first parameter to be an integer or a decimal number"),
    string("its second parameter to be a string which indicates how to format the number"),
    string(
        "its third parameter to be a string which indicates the locale for locale-specific formatting", optional=True
    ),
    arity=(
        "expects two parameters, with an optional third parameter. It expects the number to be formatted at the first "
        "parameter, a numeric format string as the second parameter, and an optional locale string, which defaults to "
        "'en-us', as the third parameter. The function was invoked with '{count}' parameter(s)."
    ),
    usage=_USAGE,
    grows=True,
)
def format_number(value: int | float | Decimal, pattern: str, locale: str = _DEFAULT_LOCALE) -> str:
    culture = find_culture(locale)
    if culture is None:
        raise Fault(_NO_LOCALE, usage=_USAGE, locale=locale)
    try:
        return write_number(value, pattern, culture.numbers)
    except FormatError:
        raise Fault(_NO_FORMAT, usage=_USAGE, format=pattern) from None
