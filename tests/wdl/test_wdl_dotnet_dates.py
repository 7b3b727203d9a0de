"""Dates by .NET's format strings, and texts read as its `DateTime.Parse` and `ParseExact` read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wdl.cultures import find_culture
from wdl.dotnet.culture import INVARIANT, Culture
from wdl.dotnet.date_exact import parse_exact
from wdl.dotnet.date_format import format_instant, round_trip
from wdl.dotnet.date_parse import parse_date
from wdl.dotnet.errors import FormatError
from wdl.dotnet.instant import MAX_TICKS, TICKS_PER_SECOND, Instant, Kind, from_datetime, of

repeatable = settings(derandomize=True, deadline=None, max_examples=500)
TODAY = date(2026, 11, 24)
MOMENT = of(date(2009, 6, 15), (13 * 3600 + 45 * 60 + 30) * TICKS_PER_SECOND + 6_170_000, Kind.UTC)


def culture(name: str) -> Culture:
    found = find_culture(name)
    assert found is not None
    return found


def read(text: str, name: str = "") -> str | None:
    found = parse_date(text, culture(name), lambda: TODAY)
    return None if found is None else round_trip(found)


def read_exact(text: str, pattern: str, name: str = "") -> str | None:
    found = parse_exact(text, pattern, culture(name), lambda: TODAY)
    return None if found is None else round_trip(found)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("d", "en-US", "6/15/2009"),
        ("d", "fr-FR", "15/06/2009"),
        ("d", "ja-JP", "2009/06/15"),
        ("D", "en-US", "Monday, June 15, 2009"),
        ("D", "de-DE", "Montag, 15. Juni 2009"),
        ("f", "sv-SE", "måndag 15 juni 2009 13:45"),
        ("g", "es-ES", "15/6/2009 13:45"),
        ("G", "zh-CN", "2009/6/15 13:45:30"),
        ("M", "pt-BR", "15 de junho"),
        ("Y", "it-IT", "giugno 2009"),
        ("t", "en-US", "1:45PM"),
        ("T", "da-DK", "13.45.30"),
        ("r", "fr-FR", "Mon, 15 Jun 2009 13:45:30 GMT"),
        ("s", "fr-FR", "2009-06-15T13:45:30"),
        ("u", "fr-FR", "2009-06-15 13:45:30Z"),
        ("U", "", "Monday, 15 June 2009 13:45:30"),
        ("o", "fr-FR", "2009-06-15T13:45:30.6170000Z"),
        ("h:m:s.F t", "", "1:45:30.6 P"),
        ("yyyyy yyy yy y", "", "02009 2009 09 9"),
        ("dd'/'MM/yy H:mm", "de-DE", "15/06.09 13:45"),
        ("HH:mm", "da-DK", "13.45"),
        ("ss.FFFFFFF", "", "30.617"),
        ("'it''s'\\d%d", "", "itsd15"),
        ("gg K zzz", "", "A.D. Z +00:00"),
        ("MMM", "de-DE", "Jun"),
        ("d MMM", "de-DE", "15 Juni"),
        ("MMMM", "pl-PL", "czerwiec"),
        ("d MMMM", "pl-PL", "15 czerwca"),
        ("yyyy", "th-TH", "2552"),
    ],
)
def test_formats(pattern: str, name: str, expected: str) -> None:
    assert format_instant(MOMENT, pattern, culture(name)) == expected


def test_an_optional_fraction_that_is_zero_takes_its_point_along() -> None:
    assert format_instant(of(date(2009, 6, 15)), "HH:mm:ss.FFF", INVARIANT) == "00:00:00"


@pytest.mark.parametrize("pattern", ["K", "x", "%", "%%", "ffffffff", "'open", "a\\", "'a\\"])
def test_a_pattern_that_net_refuses(pattern: str) -> None:
    with pytest.raises(FormatError):
        format_instant(MOMENT, pattern, INVARIANT)


def test_the_kind_shows_in_the_round_trip_format() -> None:
    assert [round_trip(Instant(0, kind))[-2:] for kind in (Kind.UTC, Kind.LOCAL, Kind.UNSPECIFIED)] == [
        "0Z",
        "00",
        "00",
    ]
    assert round_trip(Instant(0, Kind.LOCAL)).endswith("+00:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-03-15", "2018-03-15T00:00:00.0000000"),
        ("2018-03", "2018-03-01T00:00:00.0000000"),
        ("2018-03-15T13:07:09.1234567Z", "2018-03-15T13:07:09.1234567Z"),
        ("2018-03-15T13:07:09.123456789Z", "2018-03-15T13:07:09.1234568Z"),
        ("2018-03-15T13:00:00+02:00", "2018-03-15T11:00:00.0000000+00:00"),
        ("2018-03-15T13:00-0330", "2018-03-15T16:30:00.0000000+00:00"),
        ("  2018-03-15 13:07 ", "2018-03-15T13:07:00.0000000"),
        ("2018-03-15 1:07:09.5 PM", "2018-03-15T13:07:09.5000000"),
        ("03/15/2018 1:00 PM +01:00", "2018-03-15T12:00:00.0000000+00:00"),
        ("1/2/29", "2029-01-02T00:00:00.0000000"),
        ("1/2/30", "1930-01-02T00:00:00.0000000"),
        ("March 15, 2018", "2018-03-15T00:00:00.0000000"),
        ("15 Mar 2018 13:00:00 GMT", "2018-03-15T13:00:00.0000000Z"),
        ("Thu, 15 Mar 2018 13:00:00 GMT", "2018-03-15T13:00:00.0000000Z"),
        ("15-Mar-2018", "2018-03-15T00:00:00.0000000"),
        ("2018 March", "2018-03-01T00:00:00.0000000"),
        ("2018年3月15日", "2018-03-15T00:00:00.0000000"),
        ("#3/15/2018#", "2018-03-15T00:00:00.0000000"),
        ("13:05", "2026-11-24T13:05:00.0000000"),
        ("10 PM", "2026-11-24T22:00:00.0000000"),
        ("12 AM", "2026-11-24T00:00:00.0000000"),
        ("May 5", "2026-05-05T00:00:00.0000000"),
        ("12/31", "2026-12-31T00:00:00.0000000"),
        ("1/10 5 AM", "2026-01-10T05:00:00.0000000"),
    ],
)
def test_texts_that_net_reads(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "12", "3.50", "true", "20180315", "15/03/2018", "2018-02-30", "2/29", "0000-01-01", "24:00"),
        *("2018-03-15T24:00:00", "2018-03-15T1:00:00", "2018-03-15T13:00:00+15:00", "Fri, 15 Mar 2018", "Sat"),
        *("2018-03-15T13:00:00.Z", "2018-03-15Tx", "2018-03-15 13:61", "10:00 AM PM", "1/2 3:04", "1 2 3 4"),
        *("2018-03-15 2018-03-16", "9999-12-31T23:59:59.99999999", "#1/2/2018", "1" * 5000, "2018-03-15T13:00:00ZZ"),
    ],
)
def test_texts_that_net_refuses(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("10/11/2018", "en-US", "2018-10-11"),
        ("10/11/2018", "en-GB", "2018-11-10"),
        ("15.03.2018 10.05", "da-DK", "2018-03-15"),
        ("15. März 2018", "de-DE", "2018-03-15"),
        ("jeudi 15 mars 2018", "fr-FR", "2018-03-15"),
        ("15 de marzo de 2018", "es-ES", "2018-03-15"),
        ("15 czerwca 2018", "pl-PL", "2018-06-15"),
    ],
)
def test_the_order_and_the_words_of_a_culture(text: str, name: str, expected: str) -> None:
    found = read(text, name)
    assert found is not None and found.startswith(expected)


@pytest.mark.parametrize(
    ("text", "pattern", "name", "expected"),
    [
        ("15/03/2018", "dd/MM/yyyy", "fr-FR", "2018-03-15T00:00:00.0000000"),
        ("15.03.2018", "dd/MM/yyyy", "de-DE", "2018-03-15T00:00:00.0000000"),
        ("03/15/2018 1:05 PM", "MM/dd/yyyy h:mm tt", "en-US", "2018-03-15T13:05:00.0000000"),
        ("15. März 2018", "d. MMMM yyyy", "de-DE", "2018-03-15T00:00:00.0000000"),
        ("20180315", "yyyyMMdd", "", "2018-03-15T00:00:00.0000000"),
        ("15 03 18", "dd MM yy", "", "2018-03-15T00:00:00.0000000"),
        ("Thu 15 Mar 2018", "ddd d MMM yyyy", "", "2018-03-15T00:00:00.0000000"),
        ("13:05", "HH:mm", "", "2026-11-24T13:05:00.0000000"),
        ("1.5", "s.F", "", "2026-11-24T00:00:01.5000000"),
        ("1", "s.F", "", "2026-11-24T00:00:01.0000000"),
        ("2018-03-15T13:00:00-05:00", "yyyy-MM-ddTHH:mm:sszzz", "", "2018-03-15T18:00:00.0000000+00:00"),
        ("2018-03-15T13:00:00Z", "yyyy-MM-ddTHH:mm:ssK", "", "2018-03-15T13:00:00.0000000Z"),
        ("2018-03-15T13:00:00.5000000", "o", "fr-FR", "2018-03-15T13:00:00.5000000"),
        ("Thu, 15 Mar 2018 13:00:00 GMT", "R", "fr-FR", "2018-03-15T13:00:00.0000000"),
        ("day 15 of 03 in 2018", "'day' d 'of' MM 'in' yyyy", "", "2018-03-15T00:00:00.0000000"),
        ("2018", "yyyy", "", "2018-01-01T00:00:00.0000000"),
    ],
)
def test_texts_of_a_given_form(text: str, pattern: str, name: str, expected: str) -> None:
    assert read_exact(text, pattern, name) == expected


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        *(("15/3/2018", "dd/MM/yyyy"), ("15/03/2018 ", "dd/MM/yyyy"), ("31/02/2018", "dd/MM/yyyy"), ("15", "x")),
        *(("11 PM", "HH tt"), ("13 AM", "HH tt"), ("Fri 15 Mar 2018", "ddd d MMM yyyy"), ("15 16", "d d"), ("", "d")),
        *(("x", ""), ("1", "'"), ("1", "%"), ("1", "\\"), ("1", "ffffffff"), ("13", "hh")),
    ],
)
def test_texts_that_do_not_have_the_form(text: str, pattern: str) -> None:
    assert read_exact(text, pattern) is None


def test_python_moments_become_utc() -> None:
    there = datetime(2018, 3, 15, 13, 0, 0, 5, timezone(timedelta(hours=2)))
    assert round_trip(from_datetime(there)) == "2018-03-15T11:00:00.0000050Z"
    assert round_trip(from_datetime(datetime(2018, 3, 15, tzinfo=UTC))) == "2018-03-15T00:00:00.0000000Z"


@repeatable
@given(st.integers(0, MAX_TICKS), st.sampled_from(list(Kind)))
def test_what_is_written_reads_back(ticks: int, kind: Kind) -> None:
    instant = Instant(ticks, kind)
    text = round_trip(instant)
    assert parse_date(text, INVARIANT, lambda: TODAY) == instant
    assert parse_exact(text, "o", INVARIANT, lambda: TODAY) == instant


@repeatable
@given(
    st.integers(0, MAX_TICKS // TICKS_PER_SECOND),
    st.sampled_from(["F", "G", "dddd d MMMM yyyy HH:mm:ss", "yyyy.MM.dd hh:mm:ss tt", "ddd, dd MMM yyyy H:m:s"]),
    st.sampled_from(["", "en-US", "de-DE", "fr-FR", "es-ES", "pl-PL", "ja-JP", "da-DK", "ru-RU"]),
)
def test_what_a_culture_writes_it_reads_by_the_same_form(seconds: int, pattern: str, name: str) -> None:
    instant = Instant(seconds * TICKS_PER_SECOND)
    text = format_instant(instant, pattern, culture(name))
    assert parse_exact(text, pattern, culture(name), lambda: TODAY) == instant


PATTERN_PIECES = st.sampled_from([*"dMyhHmsfFtzKgoORrsuUDTY:/.,' \"\\%-ä", "dddd", "MMMM", "yyyy", "FFFFFFF", "GMT"])
TEXT_PIECES = st.one_of(
    st.sampled_from(["2018", "03", "15", "1", "12", "13:07:09", "T", "Z", "+02:00", "AM", "pm", "March", "Thu", "年"]),
    st.sampled_from(["-", "/", ":", ".", ",", " ", "#", "\0", "A.D.", "GMT", "\u200f", "x", "٣", "123456789"]),
)
NAMES = st.sampled_from(["", "en-US", "de-DE", "da-DK", "ja-JP", "ar-EG", "sv-SE", "hu-HU", "ko-KR", "xx"])


@repeatable
@given(st.lists(TEXT_PIECES, max_size=10).map("".join), NAMES)
def test_any_text_is_a_date_or_none(text: str, name: str) -> None:
    found = parse_date(text, culture(name), lambda: TODAY)
    assert found is None or 0 <= found.ticks <= MAX_TICKS


@repeatable
@given(st.lists(TEXT_PIECES, max_size=8).map("".join), st.lists(PATTERN_PIECES, max_size=8).map("".join), NAMES)
def test_any_form_fits_or_not(text: str, pattern: str, name: str) -> None:
    found = parse_exact(text, pattern, culture(name), lambda: TODAY)
    assert found is None or 0 <= found.ticks <= MAX_TICKS
    try:
        written = format_instant(MOMENT, pattern, culture(name))
    except FormatError:
        return
    again = parse_exact(written, pattern, culture(name), lambda: TODAY)
    assert again is None or 0 <= again.ticks <= MAX_TICKS
