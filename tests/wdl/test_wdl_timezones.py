"""Time zones by Windows and IANA names, from packaged data, and conversions at the edges of their rules."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest
from babel.core import get_global
from hypothesis import given, settings
from hypothesis import strategies as st

from wdl.dotnet.date_format import round_trip
from wdl.dotnet.instant import MAX_TICKS, TICKS_PER_HOUR, TICKS_PER_MINUTE, Instant, Kind, of
from wdl.timezones import InvalidLocalTimeError, Zone, find_zone


def zone(name: str) -> Zone:
    found = find_zone(name)
    assert found is not None
    return found


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return of(date(year, month, day), hour * TICKS_PER_HOUR + minute * TICKS_PER_MINUTE).ticks


def local(name: str, ticks: int) -> str:
    return round_trip(zone(name).from_utc(ticks))[:16]


def utc(name: str, ticks: int) -> str:
    return round_trip(Instant(zone(name).to_utc(ticks)))[:16]


def test_every_windows_name_is_known() -> None:
    assert all(find_zone(name) for name in get_global("windows_zone_mapping"))


@pytest.mark.parametrize(
    ("name", "summer", "winter"),
    [
        ("Pacific Standard Time", "2018-07-01T05:00", "2018-01-01T04:00"),
        ("america/los_angeles", "2018-07-01T05:00", "2018-01-01T04:00"),
        ("W. Europe Standard Time", "2018-07-01T14:00", "2018-01-01T13:00"),
        ("India Standard Time", "2018-07-01T17:30", "2018-01-01T17:30"),
        ("Nepal Standard Time", "2018-07-01T17:45", "2018-01-01T17:45"),
        ("Newfoundland Standard Time", "2018-07-01T09:30", "2018-01-01T08:30"),
        ("E. South America Standard Time", "2018-07-01T09:00", "2018-01-01T10:00"),
        ("utc", "2018-07-01T12:00", "2018-01-01T12:00"),
    ],
)
def test_the_clock_of_a_zone(name: str, summer: str, winter: str) -> None:
    assert (local(name, at(2018, 7, 1, 12)), local(name, at(2018, 1, 1, 12))) == (summer, winter)


def test_only_utc_itself_gives_utc_times() -> None:
    assert zone("UTC").from_utc(0).kind is Kind.UTC
    assert zone("Etc/UTC").from_utc(at(2018, 1, 1)).kind is Kind.UNSPECIFIED


def test_a_time_that_occurs_twice_is_standard_time() -> None:
    assert utc("W. Europe Standard Time", at(2018, 10, 28, 2, 30)) == "2018-10-28T01:30"


def test_a_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(InvalidLocalTimeError):
        zone("W. Europe Standard Time").to_utc(at(2018, 3, 25, 2, 30))
    assert utc("W. Europe Standard Time", at(2018, 3, 25, 3, 0)) == "2018-03-25T01:00"


def test_rules_go_on_after_the_listed_years() -> None:
    assert (local("Romance Standard Time", at(2099, 7, 1, 12)), local("Romance Standard Time", at(2099, 1, 1, 12))) == (
        "2099-07-01T14:00",
        "2099-01-01T13:00",
    )


def test_old_local_times_have_whole_minutes() -> None:
    # Paris was 9 minutes and 21 seconds ahead.
    assert local("Romance Standard Time", at(1900, 1, 1, 12)) == "1900-01-01T12:09"
    assert zone("Romance Standard Time").from_utc(at(1900, 1, 1, 12)).ticks % TICKS_PER_MINUTE == 0


def test_the_ends_of_time_are_not_passed() -> None:
    assert zone("Tokyo Standard Time").from_utc(MAX_TICKS).ticks == MAX_TICKS
    assert zone("Pacific Standard Time").from_utc(0).ticks == 0
    assert zone("Tokyo Standard Time").to_utc(0) == 0


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Newfoundland Standard Time", "(UTC-03:30) GMT"),
        ("AUS Eastern Standard Time", "(UTC+10:00) GMT"),
        ("GMT Standard Time", "(UTC+00:00) GMT"),
        ("UTC", "(UTC) Coordinated Universal Time"),
    ],
)
def test_names_in_messages_have_the_standard_offset(name: str, shown: str) -> None:
    assert zone(name).display_name == shown


@pytest.mark.parametrize("name", ["", "Nowhere", "../UTC", "Europe", "/etc/passwd", "\0", "America/New York"])
def test_other_names_are_no_zones(name: str) -> None:
    assert find_zone(name) is None


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    st.integers(0, MAX_TICKS), st.sampled_from(["Eastern Standard Time", "Europe/Dublin", "Lord Howe Standard Time"])
)
def test_any_time_converts(ticks: int, name: str) -> None:
    there = zone(name).from_utc(ticks)
    back = zone(name).to_utc(there.ticks)
    # Only in the hour that occurs twice, and at the ends of time, the way back differs.
    assert abs(back - ticks) <= 24 * TICKS_PER_HOUR


def test_neither_the_machines_zone_nor_its_zone_files_matter() -> None:
    program = (
        "from wdl.template import compile_template; from wdl.context import Context; "
        "print(compile_template(\"@concat(convertFromUtc('2018-07-01T12:00:00Z','Romance Standard Time'),"
        "parseDateTime('2018-03-15T13:00:00+02:00'),formatDateTime('2018-03-15','D','fr-FR'))\").evaluate(Context()))"
    )
    results = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"TZ": machine, "PYTHONTZPATH": "/nowhere", "LC_ALL": language, "PYTHONUTF8": "1"},
            capture_output=True,
            check=True,
        ).stdout
        for machine, language in [("America/New_York", "C"), ("Asia/Tokyo", "de_DE.UTF-8")]
    }
    assert results == {b"2018-07-01T14:00:00.00000002018-03-15T11:00:00.0000000+00:00jeudi 15 mars 2018\n"}
