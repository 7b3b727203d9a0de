"""Logical functions, and the order of strings."""

from __future__ import annotations

from itertools import pairwise

import pytest
from wdl_cases import evaluate, json_of, message_of

from wdl.collation import compare


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("and(false,nofn())", "false"),
        ("or(true,nofn())", "true"),
        ("and(true,true)", "true"),
        ("not(false)", "true"),
        ("if(true,1,nofn())", "1"),
        ("if(false,nofn(),null)", "null"),
        ("coalesce(null,'',nofn())", '""'),
        ("coalesce(null)", "null"),
        ("equals(1,1.0)", "true"),
        ("equals(1,1,1.0)", "true"),
        ("equals(1,1,2)", "false"),
        ("equals(add(0.1,0.2),0.3)", "true"),
        ("equals(createArray(0.3),createArray(add(0.1,0.2)))", "true"),
        ("equals(decimal('0.1'),0.1)", "true"),
        ("equals(json('[1e400]')[0],float('Infinity'))", "true"),
        ("less(add(0.1,0.2),0.3)", "false"),
        (f"less(1.5,json('1{'0' * 400}'))", "true"),
        ("less(float('NaN'),float('-Infinity'))", "true"),
        ("equals(1,'1')", "false"),
        ("equals(true,1)", "false"),
        ("equals('a','A')", "false"),
        ('equals(json(\'{"a":1,"b":[2]}\'),json(\'{"b":[2],"a":1}\'))', "true"),
        ("equals(json('{\"a\":1}'),json('{\"A\":1}'))", "false"),
        ("equals(createArray(1,2),createArray(2,1))", "false"),
        ("equals(decimal('1.0'),1)", "true"),
        ("greater(2,1.5)", "true"),
        ("greater('A','a')", "true"),
        ("less('Z','a')", "false"),
        ("lessOrEquals(1,1.0)", "true"),
        ("greaterOrEquals('b','a')", "true"),
        ("less(json('NaN'),decimal('1'))", "true"),
    ],
)
def test_values(expression: str, value: str) -> None:
    assert json_of(f"@{expression}") == value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("and()", "expects at least one boolean parameter. The function was invoked with '0' parameters."),
        ("or('true')", "expects all of its parameters to be booleans. Found invalid parameter types: 'String'."),
        ("if('true',1,2)", "expects its first parameter to be of type boolean."),
        ("not(1)", "expects its parameter to be a boolean. The provided value is of type 'Integer'."),
        ("greater('2',1)", "invoked with values of type 'String' and 'Integer' that do not match."),
        ("greater(null,true)", "Found invalid parameter types: 'Null,Boolean'."),
        ("nofn()", "The template function 'nofn' is not defined or not valid."),
    ],
)
def test_errors(expression: str, message: str) -> None:
    assert message in message_of(f"@{expression}")


def test_the_order_of_strings_is_that_of_the_invariant_culture() -> None:
    ordered = [
        "",
        " ",
        "_",
        "-",
        ",",
        "1",
        "10",
        "2",
        "a",
        "A",
        "a-b",
        "aa",
        "ab",
        "á",
        "æ",
        "B",
        "naïve",
        "ss",
        "ß",
        "Zoë",
        "東",
    ]
    for before, after in pairwise(sorted(ordered, key=ordered.index)):
        if (before, after) != ("ab", "á"):  # accents are looked at after all letters
            assert compare(before, after) < 0, (before, after)
            assert compare(after, before) > 0, (before, after)
    assert compare("á", "ab") < 0 < compare("á", "a")


def test_long_strings_are_compared_in_reasonable_time() -> None:
    assert compare("é" * 1_000_000 + "a", "é" * 1_000_000 + "b") < 0
    assert evaluate("@greater('b','a')") is True
