"""Steps into values."""

from __future__ import annotations

import pytest
from wdl_cases import json_of, message_of

from wdl.context import Context

CONTEXT = Context(variables={"v": {"a": {"b": [1, {"c": None}]}, "B": 2, "x/y": 3, "s": "text", "none": None, "e": []}})
END = " Please see https://aka.ms/logicexpressions for usage details."


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        (".a.b[0]", "1"),
        ("['a']['b'][1]", '{"c":null}'),
        (".b", "2"),
        ("?['A/B']", '[1,{"c":null}]'),
        ("['x/y']", "3"),
        ("?['nope']", "null"),
        ("?['nope']?['x']['y'][0]", "null"),
        ("['none']?['x'].y", "null"),
        ("?['a']?['b']?[7]", "null"),
        ("?['a']?['b']?[-1]", "null"),
        ("[concat('s')]", '"text"'),
    ],
)
def test_what_is_found(steps: str, value: str) -> None:
    assert json_of(f"@variables('v'){steps}", CONTEXT) == value


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        (".nope", "property 'nope' doesn't exist, available properties are 'a, B, x/y, s, none, e'."),
        ("?['nope'].x", "property 'x' cannot be selected."),
        ("[0]", "property '0' cannot be selected. Object properties can only be selected by names."),
        (
            "?['a']?['b']['x']",
            "property 'x' cannot be selected. Array elements can only be selected using an integer index.",
        ),
        (
            "['s']?['x']",
            "property 'x' cannot be selected. Property selection is not supported on values of type 'String'.",
        ),
        (".a.b[2]", "array index '2' is outside bounds (0, 1) of array."),
        (".e[0]", "array index '0' cannot be selected from empty array."),
        ("?[true]", "property 'True' cannot be selected."),
        ("?[null]", "property '' cannot be selected."),
    ],
)
def test_what_cannot_be_selected(steps: str, problem: str) -> None:
    expression = f"variables('v'){steps}"
    expected = f"The template language expression '{expression}' cannot be evaluated because {problem}{END}"
    assert message_of(f"@{expression}", CONTEXT) == expected


def test_content_says_that_it_has_no_properties() -> None:
    assert "not supported on content of type 'application/octet-stream'" in message_of("@binary('x').a")
