"""Conditions as text and as objects."""

from __future__ import annotations

from typing import Any

import pytest

from wdl.conditions import compile_condition
from wdl.context import Context
from wdl.errors import ExpressionError, ExpressionSyntaxError

CONTEXT = Context(variables={"n": 2, "list": [1, 2]})


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("@greater(variables('n'),1)", True),
        ({"and": [{"greater": ["@length(variables('list'))", 0]}, {"not": {"equals": ["@variables('n')", 3]}}]}, True),
        ({"OR": [{"equals": ["@{variables('n')}", "2"]}, {"nofn": []}]}, None),
        ({"or": [{"equals": ["@{variables('n')}", "2"]}, {"equals": ["@nofn()", 1]}]}, True),
        ({"and": {"greater": [2, 1]}}, True),
        ({"equals": ["@@x", "@concat('@','x')"]}, True),
        ({"equals": [["@variables('n')"], [2]]}, True),
        ({"equals": ["2018-01-01", "2018-01-01"]}, True),
        ({"not": ["@false"]}, True),
    ],
)
def test_results(source: Any, result: bool | None) -> None:
    if result is None:
        with pytest.raises(ExpressionError, match="'nofn' is not defined or not valid"):
            compile_condition(source)
    else:
        assert compile_condition(source).evaluate(CONTEXT) is result


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, "Sequence contains no elements"),
        ({"and": [], "or": []}, "Sequence contains more than one element"),
        ({"equals": [{"a": 1}, 1]}, "The template function 'a' is not defined or not valid."),
        ({"and": []}, "expects at least one boolean parameter. The function was invoked with '0' parameters."),
        ({"greater": ["@length(variables('list'))", "0"]}, "values of type 'Integer' and 'String' that do not match."),
        ({"or": ["@true", {"equals": ["2018-01-01T00:00:00Z", 1]}]}, "of type 'Date' is not supported."),
        ("@variables('n')", "evaluated to a value of type 'Integer'."),
        ("text", "evaluated to a value of type 'String'."),
        (None, "evaluated to a value of type 'Null'."),
    ],
)
def test_errors(source: Any, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_condition(source).evaluate(CONTEXT)
    assert message in caught.value.message


def test_syntax_is_checked_when_a_condition_is_compiled() -> None:
    for source in ("@greater(1", {"not": ["@greater(1"]}):
        with pytest.raises(ExpressionSyntaxError):
            compile_condition(source)


def test_deep_conditions_are_an_error() -> None:
    source: Any = True
    for _ in range(20_000):
        source = {"not": [source]}
    with pytest.raises(ExpressionError, match="nested too deeply"):
        compile_condition(source)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2018-01-01T00:00:00Z", "2018-01-01T00:00:00Z"),
        ("2018-01-01T13:00:00.500+02:00", "2018-01-01T11:00:00.5+00:00"),
        ("2018-01-01T00:00:00.1234567", "2018-01-01T00:00:00.1234567"),
        ("2018-01-01T24:00:00z", "2018-01-02T00:00:00Z"),
        ("2018-01-01T00:00:00-05", "2018-01-01T05:00:00+00:00"),
        ("0001-01-01T00:00:00+0200", "0001-01-01T00:00:00+00:00"),
        ("/Date(1198908717056+0100)/", "2007-12-29T06:11:57.056+00:00"),
        ("/Date(0)/", "1970-01-01T00:00:00Z"),
        ("2018-01-01", None),
        ("2018-01-01T00:00", None),
        ("2018-02-30T00:00:00Z", None),
        ("2018-01-01T24:00:01Z", None),
        ("2018-01-01T00:00:60Z", None),
        ("2018-01-01T00:00:00.12345678Z", None),
        ("2018-01-01 00:00:00Z", None),
        ("٢٠١٨-01-01T00:00:00Z", None),
    ],
)
def test_which_literals_of_a_condition_are_dates(text: str, date: str | None) -> None:
    condition = {"equals": [text, "x"]}
    if date is None:
        assert compile_condition(condition).evaluate(Context()) is False
    else:
        with pytest.raises(ExpressionError) as caught:
            compile_condition(condition)
        assert caught.value.message == f"The expression '\"{date}\"' of type 'Date' is not supported."
