"""Time spans, read and written as .NET's `TimeSpan` does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wdl.dotnet.errors import FormatError
from wdl.dotnet.timespan import format_span, parse_span, span_text

repeatable = settings(derandomize=True, deadline=None, max_examples=500)


def read(text: str) -> str | None:
    ticks = parse_span(text)
    return None if ticks is None else span_text(ticks)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6", "6.00:00:00"),
        ("6:12", "06:12:00"),
        ("6:12:14", "06:12:14"),
        ("6:12:14:45", "6.12:14:45"),
        ("6.12:14:45", "6.12:14:45"),
        ("6:12:14:45.3448", "6.12:14:45.3448000"),
        ("6:34:14.5", "06:34:14.5000000"),
        ("24:00:00", "24.00:00:00"),
        ("1:2:.5", "01:02:00.5000000"),
        (" -3 ", "-3.00:00:00"),
        ("0:0:0.0123456789", "00:00:00.0123457"),
        ("10675199.02:48:05.4775807", "10675199.02:48:05.4775807"),
    ],
)
def test_spans_that_net_reads(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "1:60",
        "1:2:60",
        "25:00",
        "10675200",
        "1.2",
        "6,12",
        "+1",
        "--1",
        "0:0:0.12345678",
        "9" * 6000,
        "1:2:3:4:5",
    ],
)
def test_spans_that_net_refuses(text: str) -> None:
    assert read(text) is None


SPAN = -(parse_span("1.02:03:04.056") or 0)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", "-1.02:03:04.0560000"),
        ("c", "-1.02:03:04.0560000"),
        ("g", "-1:2:03:04,056"),
        ("G", "-1:02:03:04,0560000"),
        ("%d", "1"),
        ("dd\\.hh\\:mm", "01.02:03"),
        ("h'h 'm'm'", "2h 3m"),
        ("s\\.FFF", "4.056"),
        ("ff", "05"),
        ("dddddddd", "00000001"),
    ],
)
def test_formats(pattern: str, expected: str) -> None:
    assert format_span(SPAN, pattern, ",") == expected


@pytest.mark.parametrize("pattern", ["x", "hh:mm", "hhh", "%", "%%", "'a", "\\", "ddddddddd", "ffffffff", "H", "%g"])
def test_a_pattern_that_net_refuses(pattern: str) -> None:
    with pytest.raises(FormatError):
        format_span(SPAN, pattern, ".")


@repeatable
@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_what_is_written_reads_back(ticks: int) -> None:
    assert parse_span(span_text(ticks)) == ticks
    assert parse_span(format_span(ticks, "G", ".")) == ticks


@repeatable
@given(st.text(alphabet="0123456789.:- ,x\u0663", max_size=20), st.text(alphabet="dhmsfFgGct%\\'\" :x", max_size=8))
def test_any_text_and_any_pattern(text: str, pattern: str) -> None:
    ticks = parse_span(text)
    try:
        format_span(ticks or 0, pattern, ".")
    except FormatError as error:
        assert str(error)
