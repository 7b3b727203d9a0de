"""Lines and columns of values in JSON texts."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wdl.definition import json_path
from wdl.definition.positions import Position, duplicates, locate, locate_value

TEXT = """{
  // a comment, as ARM templates have them
  "a": {"b": [1, "x\\"y", true]},
  /* and
     another */ "c": null
}"""


def test_objects_and_arrays_stand_behind_their_bracket_and_other_values_at_their_end() -> None:
    assert locate(TEXT) == {
        (): Position(1, 1),
        ("a",): Position(3, 8),
        ("a", "b"): Position(3, 14),
        ("a", "b", 0): Position(3, 15),
        ("a", "b", 1): Position(3, 23),
        ("a", "b", 2): Position(3, 29),
        ("c",): Position(5, 25),
    }


def test_a_value_is_placed_on_one_line() -> None:
    assert locate_value({"a": {"b": []}})[("a", "b")] == Position(1, len('{"a": {"b": ['))


def test_members_that_stand_twice_are_told() -> None:
    assert duplicates('{"a": 1,\n "b": {"c": 1, "c": 2},\n "a": 3}') == [
        (("b", "c"), Position(2, 21)),
        (("a",), Position(3, 7)),
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "$"),
        (("actions", "Send_an_email_(V2)", "runAfter"), "$.actions['Send_an_email_(V2)'].runAfter"),
        (("parameters", "$connections"), "$.parameters.$connections"),
        (("resources", 3, "it's"), "$.resources[3]['it\\'s']"),
    ],
)
def test_a_path_is_written_as_json_path(path: tuple[str | int, ...], text: str) -> None:
    assert json_path(path) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, derandomize=True)
@given(JSON, st.sampled_from([None, 0, 2]))
def test_every_value_of_any_json_is_placed(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    places = locate(text)
    assert places[()].line == 1
    assert len(places) == _count(value)


def _count(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(_count(item) for item in inner)
