"""Finding texts without regard to case in the invariant culture."""

from __future__ import annotations

import pytest

from wdl.search import ends, find, find_last, find_nth, starts


@pytest.mark.parametrize(
    ("text", "part", "index"),
    [
        ("Hello", "LO", 3),
        ("straße", "SS", -1),
        ("straße", "\u1e9e", 4),
        ("\ufb01x", "FI", 0),
        ("ΟΔΟΣ", "ς", 3),
        ("a\uff21", "\uff41", -1),
        ("\u00b4a", " ", -1),
        ("\u0308a", "\u0308", 0),
        ("\u200da", "a", 1),
        ("ab", "\u200d", 0),
        ("\u017f", "s", -1),
        ("straße x", "X", 7),
        ("strasse", "ß", -1),
        ("İstanbul", "i", -1),
        ("e\u0301x", "é", 0),
        ("e\u0301x", "e", -1),
        ("a\u00adb", "AB", 0),
        ("Łódź", "ÓDŹ", 1),
        ("ａ", "a", -1),
        ("Zoë", "zoe", -1),
    ],
)
def test_first_occurrence(text: str, part: str, index: int) -> None:
    assert find(text, part) == index


def test_occurrences_from_either_end() -> None:
    assert find_last("aXbxc", "X") == 3
    assert [find_nth("éAéaéA", "a", n) for n in (1, 2, 3, 4, -1, -3, -4)] == [1, 3, 5, -1, 5, 1, -1]


def test_starts_and_ends() -> None:
    assert starts("ßab", "ẞA")
    assert not starts("e\u0301", "e")
    assert ends("Fußé", "SSÉ") is False
    assert not ends("fuß", "s")
    assert ends("ca\ufb03", "FFI")
    assert find_last("abé", "\u200d") == 2


def test_long_texts_take_reasonable_time() -> None:
    assert find("é" * 3_000_000 + "Ab", "aB") == 3_000_000
