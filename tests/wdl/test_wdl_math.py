"""Math functions: kinds of numbers, overflow, signs."""

from __future__ import annotations

import pytest
from wdl_cases import evaluate, json_of, message_of

OVERFLOW = "The provided parameters for template language function '{}' caused arithmetic overflow."


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("add(1,2)", "3"),
        ("add(1,2.0)", "3.0"),
        ("add(0.1,0.2)", "0.30000000000000004"),
        ("sub(-7.75,decimal('-2.25'))", "-5.50"),
        ("mul(decimal('1.10'),decimal('2.0'))", "2.200"),
        ("div(decimal('1'),3)", "0.3333333333333333333333333333"),
        ("mul(-0.25,0)", "-0.0"),
        ("div(-7,2)", "-3"),
        ("div(7,-2)", "-3"),
        ("div(7,2.0)", "3.5"),
        ("mod(-3,2)", "-1"),
        ("mod(3,-2)", "1"),
        ("mod(-5.5,2)", "-1.5"),
        ("div(9223372036854775807,-1)", "-9223372036854775807"),
        ("min(3,1.5,2)", "1.5"),
        ("min(3,2.5,1)", "1.0"),
        ("max(createArray(1,3,2))", "3"),
        ("max(1,decimal('0.50'))", "1.0"),
        ("min(1,float('NaN'),-1)", '"NaN"'),
        ("max(1,float('NaN'),-1)", "1.0"),
        ("range(-1,3)", "[-1,0,1]"),
        ("range(5,0)", "[]"),
        ("range(457525698906,1)", "[-2035801766]"),
    ],
)
def test_values(expression: str, value: str) -> None:
    assert json_of(f"@{expression}") == value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("add(9223372036854775807,1)", OVERFLOW.format("add")),
        ("SUB(-9223372036854775808,1)", OVERFLOW.format("SUB")),
        ("mul(9223372036854775807,2)", OVERFLOW.format("mul")),
        ("div(-9223372036854775808,-1)", OVERFLOW.format("div")),
        ("mod(-9223372036854775808,-1)", OVERFLOW.format("mod")),
        ("mul(decimal('79228162514264337593543950335'),2)", OVERFLOW.format("mul")),
        ("div(1,0)", "Attempt to divide an integral or decimal value by zero in function 'div'."),
        ("mod(1.5,0.0)", "Attempt to divide an integral or decimal value by zero in function 'mod'."),
        ("div(float('Infinity'),decimal('1'))", "caused arithmetic overflow."),
        ("add(decimal('1'),float('NaN'))", "caused arithmetic overflow."),
        ("max(decimal('1'),float('Infinity'))", "caused arithmetic overflow."),
        ("min()", "either an array of numbers or a comma separated list of numbers as its parameters."),
        ("max(1,'a',null,'b')", "Found invalid parameter types: 'String,Null'."),
        ("add('1',2)", "expects its first parameter to be an integer, a float or a decimal number."),
        ("mul(1,'2')", "Please see https://aka.ms/logicexpressions#div for usage details."),
        ("range(0,100001)", "'count' must be a positive integer no larger than '100000'"),
        ("range(2147483647,1)", "must be no larger than 2147483647"),
        ("rand(2,2)", "'minimum value' must be less than 'maximum value'"),
    ],
)
def test_errors(expression: str, message: str) -> None:
    assert message in message_of(f"@{expression}")


def test_rand_stays_below_its_upper_bound() -> None:
    assert {evaluate("@rand(1,4)") for _ in range(200)} == {1, 2, 3}
