"""convertTimeZone, convertToUtc, convertFromUtc."""

from __future__ import annotations

from typing import Final

from wdl.context import Context
from wdl.dotnet.date_format import round_trip
from wdl.dotnet.instant import Instant, Kind
from wdl.errors import Fault
from wdl.functions.dates import read_date, write_date
from wdl.registry import anything, function, string
from wdl.timezones import InvalidLocalTimeError, Zone, find_zone
from wdl.values import Value

_NO_ZONE: Final = (
    "In the template language function '{name}', the value provided for the time zone id '{zone}' was not valid. "
)
_NOT_THAT_ZONE: Final = (
    "The template language function '{name}' expects its second parameter to be a time zone matching the time zone "
    "indicated by the timestamp. The provided value '{zone}' is not valid or does not match the timestamp '{time}'."
)
_NOT_UTC: Final = (
    "The template language function '{name}' expects its first parameter to be a string that contains a UTC date time. "
    "The value was '{time}'."
)


def _zone(name: str) -> Zone:
    zone = find_zone(name)
    if zone is None:
        raise Fault(_NO_ZONE, zone=name)
    return zone


def _to_utc(instant: Instant, zone: Zone, usage: str) -> int:
    try:
        return zone.to_utc(instant.ticks)
    except InvalidLocalTimeError:
        raise Fault(_NOT_THAT_ZONE, usage=usage, zone=zone.display_name, time=round_trip(instant)) from None


@function(
    "convertTimeZone",
    string("its first parameter to be a string that contains the time"),
    string("its second parameter to be a string that contains a source time zone"),
    string("its third parameter to be a string that contains the target time zone"),
    anything(optional=True),
    arity=(
        "expects a timestamp as the first parameter, a source time zone as the second parameter, a target time zone as "
        "the third parameter, and an optional format string as the fourth parameter. "
        "The function was invoked with '{count}' parameter(s)."
    ),
    usage="ConvertTimeZone",
    needs_context=True,
)
def convert_time_zone(context: Context, text: str, source: str, target: str, pattern: Value = "o") -> str:
    instant = read_date(context, text)
    source_zone, target_zone = _zone(source), _zone(target)
    # A time that says its zone itself is not read in the source zone.
    known = instant.kind is not Kind.UNSPECIFIED
    utc = instant.ticks if known else _to_utc(instant, source_zone, "ConvertTimeZone")
    return write_date(target_zone.from_utc(utc), pattern, "fourth", "ConvertTimeZone")


@function(
    "convertToUtc",
    string("its first parameter to be a string that contains the time"),
    string("its second parameter to be a string that contains a source time zone"),
    anything(optional=True),
    arity=(
        "expects a timestamp as the first parameter, a source time zone as the second parameter, and an optional "
        "format string as the third parameter. The function was invoked with '{count}' parameter(s)."
    ),
    usage="ConvertToUtc",
    needs_context=True,
)
def convert_to_utc(context: Context, text: str, source: str, pattern: Value = "o") -> str:
    instant = read_date(context, text)
    zone = _zone(source)
    if instant.kind is not (Kind.UTC if zone.is_utc else Kind.UNSPECIFIED) and instant.kind is not Kind.UNSPECIFIED:
        raise Fault(_NOT_THAT_ZONE, usage="ConvertToUtc", zone=zone.display_name, time=round_trip(instant))
    return write_date(Instant(_to_utc(instant, zone, "ConvertToUtc"), Kind.UTC), pattern, "third", "ConvertToUtc")


@function(
    "convertFromUtc",
    string("its first parameter to be a string that contains the time"),
    string("its second parameter to be a string that contains the target time zone"),
    anything(optional=True),
    arity=(
        "expects a timestamp as the first parameter, a target time zone as the second parameter, and an optional "
        "format string as the third parameter. The function was invoked with '{count}' parameter(s)."
    ),
    usage="ConvertFromUtc",
    needs_context=True,
)
def convert_from_utc(context: Context, text: str, target: str, pattern: Value = "o") -> str:
    instant = read_date(context, text)
    zone = _zone(target)
    if instant.kind is not Kind.UTC:
        raise Fault(_NOT_UTC, usage="ConvertFromUtc", time=round_trip(instant))
    return write_date(zone.from_utc(instant.ticks), pattern, "third", "ConvertFromUtc")
