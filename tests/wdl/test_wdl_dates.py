"""The 23 date functions as expressions use them; the recorded answers are held against in test_wdl_conformance."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from wdl_cases import evaluate, message_of

from wdl.context import Context
from wdl.registry import declarations

NOW = datetime(2026, 11, 24, 10, 11, 12, 345678, UTC)
DATE_FUNCTIONS = (
    *("utcNow", "getFutureTime", "getPastTime", "addToTime", "subtractFromTime", "addSeconds", "addMinutes"),
    *("addHours", "addDays", "dateDifference", "convertTimeZone", "convertToUtc", "convertFromUtc"),
    *("formatDateTime", "parseDateTime", "startOfHour", "startOfDay", "startOfMonth", "dayOfWeek", "dayOfMonth"),
    *("dayOfYear", "ticks", "formatTimeSpan"),
)


def now(expression: str) -> object:
    return evaluate(f"@{expression}", Context(utc_now=lambda: NOW))


def test_all_23_functions_are_there() -> None:
    assert len(DATE_FUNCTIONS) == 23
    assert {name.lower() for name in DATE_FUNCTIONS} <= set(declarations())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("utcNow()", "2026-11-24T10:11:12.3456780Z"),
        ("utcNow('D')", "Tuesday, 24 November 2026"),
        ("getFutureTime(1,'Month')", "2026-12-24T10:11:12.3456780Z"),
        ("getPastTime(5,'DAY','yyyy-MM-dd')", "2026-11-19"),
        ("getPastTime(1,'Hour')", "2026-11-24T09:11:12.3456780Z"),
        ("formatDateTime('13:05','o')", "2026-11-24T13:05:00.0000000"),
        ("addDays('May 5',1,'d')", "05/06/2026"),
    ],
)
def test_now_comes_from_the_run(expression: str, expected: str) -> None:
    assert now(expression) == expected


def test_today_is_asked_for_each_time() -> None:
    days = iter([datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)])
    context = Context(utc_now=lambda: next(days))
    years = [evaluate("@formatDateTime('13:05','yyyy')", context) for _ in range(2)]
    assert years == ["2026", "2027"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("addToTime('2018-01-31T00:00:00Z',1,'Month')", "2018-02-28T00:00:00.0000000Z"),
        ("addToTime('2016-02-29',1,'year')", "2017-02-28T00:00:00.0000000"),
        ("subtractFromTime('2018-03-15T13:00:00+02:00',1,'Week','o')", "2018-03-08T11:00:00.0000000+00:00"),
        ("addSeconds('2018-03-15T00:00:00Z',-1)", "2018-03-14T23:59:59.0000000Z"),
        ("dateDifference('2018-02-08 10:30:00','2018-02-08 11:30:00')", "01:00:00"),
        ("dateDifference('2019-01-02','2018-01-01T12:00:00Z')", "-365.12:00:00"),
        (
            "convertTimeZone('2018-01-01T08:00:00.0000000Z','UTC','Pacific Standard Time')",
            "2018-01-01T00:00:00.0000000",
        ),
        (
            "convertTimeZone('2018-01-01T08:00:00.0000000Z','UTC','Pacific Standard Time','D')",
            "Monday, 01 January 2018",
        ),
        ("convertFromUtc('2018-01-01T08:00:00.0000000Z','Pacific Standard Time')", "2018-01-01T00:00:00.0000000"),
        ("convertToUtc('01/01/2018 00:00:00','Pacific Standard Time')", "2018-01-01T08:00:00.0000000Z"),
        ("convertToUtc('01/01/2018 00:00:00','Pacific Standard Time','D')", "Monday, 01 January 2018"),
        ("convertTimeZone('2018-01-01T09:00:00+01:00','UTC','Tokyo Standard Time')", "2018-01-01T17:00:00.0000000"),
        ("convertTimeZone('2018-01-01','Tokyo Standard Time','UTC')", "2017-12-31T15:00:00.0000000Z"),
        ("startOfDay('2018-03-15T13:30:30Z','R')", "Thu, 15 Mar 2018 00:00:00 GMT"),
        ("startOfHour('2018-03-15T13:30:30Z')", "2018-03-15T13:00:00.0000000Z"),
        ("startOfMonth('2018-03-15')", "2018-03-01T00:00:00.0000000"),
        ("formatDateTime('03/15/2018 12:00:00','D','fr-FR')", "jeudi 15 mars 2018"),
        ("parseDateTime('20/10/2014','fr-FR')", "2014-10-20T00:00:00.0000000"),
        ("parseDateTime('20 octobre 2010','fr-FR','d MMMM yyyy')", "2010-10-20T00:00:00.0000000"),
        ("parseDateTime('martes 20 octubre 2020','es-ES','dddd d MMMM yyyy')", "2020-10-20T00:00:00.0000000"),
        ("parseDateTime('10/20/2014 15h','en-US','MM/dd/yyyy HH\\h')", "2014-10-20T15:00:00.0000000"),
        ("formatTimeSpan('1.02:03:04.5','g','fr-FR')", "1:2:03:04,5"),
    ],
)
def test_texts(expression: str, expected: str) -> None:
    assert evaluate(f"@{expression}") == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("dayOfWeek('2018-03-18T13:27:36Z')", 0),
        ("dayOfMonth('2018-03-15T13:27:36Z')", 15),
        ("dayOfYear('2020-12-31')", 366),
        ("ticks('0001-01-01T00:00:00Z')", 0),
        ("ticks('2018-03-15T13:07:09.1234567Z')", 636567160291234567),
    ],
)
def test_numbers(expression: str, expected: int) -> None:
    assert evaluate(f"@{expression}") == expected


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("addDays('9999-12-31',1)", "un-representable DateTime. (Parameter 'value')"),
        ("addDays('2018-03-15',9223372036854775807)", "Value to add was out of range. (Parameter 'value')"),
        ("addToTime('0001-01-01',-1,'Month')", "un-representable DateTime. (Parameter 'months')"),
        ("addToTime('2018-03-15',10001,'Year')", "Years value must be between +/-10000. (Parameter 'years')"),
        ("addToTime('2018-03-15',120001,'Month')", "Months value must be between +/-120000. (Parameter 'months')"),
        ("getFutureTime(1,'Days')", "'Days' is not a valid time unit."),
        ("getFutureTime('1','Day')", "expects its first parameter to be an integer."),
        ("addDays('2018-03-15',1,1)", "expects its third parameter to be of type string."),
        ("formatDateTime('2018-03-15','D','Hello, World')", "the locale associated with 'Hello, World'."),
        ("formatDateTime('2018-03-15','D',1)", "expects its third parameter to be of type string."),
        ("parseDateTime('31/02/2018','fr-FR','dd/MM/yyyy')", "'31/02/2018' was not valid."),
        ("convertToUtc('2018-03-25T02:30:00','W. Europe Standard Time')", "does not match the timestamp"),
        ("convertTimeZone('2018-03-25T02:30:00','W. Europe Standard Time','UTC')", "does not match the timestamp"),
        ("convertToUtc('2018-03-25T02:30:00+01:00','W. Europe Standard Time')", "does not match the timestamp"),
        ("convertFromUtc('2018-03-25T02:30:00+01:00','UTC')", "a UTC date time. The value was"),
        ("convertFromUtc('2018-03-25T02:30:00Z','Mars')", "the time zone id 'Mars' was not valid."),
        ("formatTimeSpan('1:00:00','x')", "percent character (%)"),
        ("utcNow('K')", "format parameter 'K' is not supported."),
    ],
)
def test_errors(expression: str, part: str) -> None:
    assert part in message_of(f"@{expression}")


def test_a_function_is_named_as_it_was_written() -> None:
    assert message_of("@ADDdays('x',1)").startswith("In function 'ADDdays', the value provided")
