"""Texts of expressions: trees, and faults with their places."""

from __future__ import annotations

import pytest

from wdl.errors import ExpressionError, ExpressionSyntaxError
from wdl.limits import MAX_CALLS, MAX_EXPRESSION
from wdl.syntax import Access, Call, Literal, parse
from wdl.template import compile_template


def test_a_call_with_its_arguments_and_steps() -> None:
    assert parse(" body('X')?['a'][0].b ") == Call(
        "body",
        (Literal("X"),),
        (Access(Literal("a"), True), Access(Literal(0), False), Access(Literal("b"), False)),
        1,
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [("'it''s'", "it's"), ("''", ""), ("-7", -7), ("+1", 1), ("01", 1), ("1.", 1.0), ("1e5", 100000.0), ("TRUE", True),
     ("Null", None), ("9223372036854775807", 2**63 - 1)],
)  # fmt: skip
def test_literals(text: str, value: object) -> None:
    node = parse(text)
    assert isinstance(node, Literal)
    assert node.value == value
    assert type(node.value) is type(value)


@pytest.mark.parametrize(
    ("template", "position", "message"),
    [
        ("@concat('a',", 12, "expected token 'Identifier' and actual 'EndOfData'."),
        ("@concat", 7, "expected token 'LeftParenthesis' and actual 'EndOfData'."),
        ("@'a'.b", 4, "expected token 'EndOfData' and actual 'Dot'."),
        ("@concat('a", 8, "the string constant at position '7' is not terminated."),
        ("@concat(\"a\")", 8, "the string character '\"' at position '7' is not expected."),
        ("@1x", 2, "the string character 'x' at position '1' is not expected."),
        ("@add(1,9223372036854775808)", 7, "the value '9223372036854775808' at position '6' cannot be converted"),
        ("text @{f(}", 9, "expected token 'Identifier' and actual 'EndOfData'."),
        ("text @{f(1)", 5, "the string interpolation segment starting at position '5' is not terminated."),
    ],
)  # fmt: skip
def test_faults_say_where_they_are(template: str, position: int, message: str) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_template(template)
    assert message in caught.value.message
    assert (caught.value.text, caught.value.position) == (template, position)


def test_the_length_of_an_expression_is_bounded() -> None:
    assert parse("'" + "x" * (MAX_EXPRESSION - 2) + "'")
    with pytest.raises(ExpressionSyntaxError, match="maximum '8192' and actual '8193'"):
        parse("'" + "x" * (MAX_EXPRESSION - 1) + "'")


def test_the_depth_of_an_expression_is_bounded() -> None:
    deep = "not(" * MAX_CALLS + "true" + ")" * MAX_CALLS
    assert compile_template(f"@{deep}")
    with pytest.raises(ExpressionSyntaxError, match="nested more than"):
        parse(f"not({deep})")


def test_the_numbers_that_one_expression_makes_are_bounded() -> None:
    with pytest.raises(ExpressionError, match="calls 'range' more than"):
        compile_template("@createArray(" + ",".join(["range(0,100000)"] * 30) + ")")
