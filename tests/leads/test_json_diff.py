"""Differences are told by their places."""

from __future__ import annotations

from typing import Any

import pytest

from leads.json_diff import MISSING, Difference, differences


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [Difference("$.a.b", 1, 2)]),
        ({"a": 1}, {}, [Difference("$.a", 1, MISSING)]),
        ({}, {"odd name": 1}, [Difference('$["odd name"]', MISSING, 1)]),
        ({"$connections": 1}, {"$connections": 2}, [Difference("$.$connections", 1, 2)]),
        ([1, 2], [1, 3], [Difference("$[1]", 2, 3)]),
        ([1], [1, 2], [Difference("$", [1], [1, 2])]),
        ({"a": {}, "b": []}, {}, []),
        ({"a": {}}, {"a": None}, [Difference("$.a", MISSING, None)]),
        ({"a": 1}, {"a": True}, [Difference("$.a", 1, True)]),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": "1"}, {"a": 1}, [Difference("$.a", "1", 1)]),
        ({"a": [1]}, {"a": {"b": 1}}, [Difference("$.a", [1], {"b": 1})]),
    ],
)
def test_each_place_that_differs_is_found(left: Any, right: Any, found: list[Difference]) -> None:
    assert list(differences(left, right)) == found


def test_a_value_is_told_as_json_and_cut() -> None:
    one = Difference("$", {"b": "ü", "a": 1}, MISSING)
    assert (one.text("left"), one.text("right")) == ('{"a": 1, "b": "ü"}', "-")
    assert one.text("left", length=5) == '{"a":…'
