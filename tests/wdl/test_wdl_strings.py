"""String functions."""

from __future__ import annotations

import random
import re

import pytest
from wdl_cases import evaluate, json_of, message_of

from wdl.context import Context


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("concat('a',1,true,null,1.50,json('[1,2.0]'))", '"a1True1.5[1,2.0]"'),
        ("concat(base64ToBinary('w6k='))", '"é"'),
        ("substring('hello',1)", '"ello"'),
        ("substring('hello',1,3)", '"ell"'),
        ("substring('hello',1,0)", '""'),
        ("slice('Hello, World',-6,-1)", '" Worl"'),
        ("slice('abc',1,0)", '""'),
        ("replace('aXaXa','X','_')", '"a_a_a"'),
        ("replace('axa','X','_')", '"axa"'),
        ("replace('','','x')", '""'),
        ("toUpper('straße ı')", '"STRAßE ı"'),
        ("toLower('İSTANBUL')", '"İstanbul"'),
        ("toLower('ΣΑΣ')", '"σασ"'),
        ("indexOf('Hello','LO')", "3"),
        ("indexOf('Hello','')", "0"),
        ("indexOf('Hello','x')", "-1"),
        ("lastIndexOf('abcABC','b')", "4"),
        ("lastIndexOf('abc','')", "2"),
        ("nthIndexOf('123456789123465789','1',2)", "9"),
        ("nthIndexOf('a-A-a','a',-2)", "2"),
        ("nthIndexOf('aaa','a',4)", "-1"),
        ("startsWith('Hello','he')", "true"),
        ("endsWith('Hello','LO')", "true"),
        ("split('a,b,',',')", '["a","b",""]'),
        ("split('abc','')", '["abc"]'),
        ("trim(' \u00a0a b\u3000')", '"a b"'),
        ("trimByteOrderMark('\ufeffa\ufeff')", '"a\ufeff"'),
        ("length('😀')", "2"),
        ("substring('a😀b',1,2)", '"😀"'),
        ("substring('a😀b',1,1)", '"\\ud83d"'),
        ("concat(substring('😀',0,1),substring('😀',1,1),'')", '"\\ud83d\\ude00"'),
        ("indexOf('😀x','X')", "2"),
    ],
)
def test_values(expression: str, value: str) -> None:
    assert json_of(f"@{expression}") == value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("substring('abc',3)", "'start index' must be non-negative integer and should be less than the length"),
        ("substring('abc',1,5)", "their sum must be no larger than the length of the string."),
        ("substring('abc',-1)", "The template language function 'substring' parameter is out of range"),
        ("replace('a','','b')", "String cannot be of zero length. (Parameter 'oldValue')"),
        ("nthIndexOf('a','b',0)", "expects its third parameter to be a non-zero integer. The provided value is '0'."),
        ("trim(1)", "The provided parameters for template language function 'trim' are not valid."),
        ("trim()", "The template language function 'trim' must have only one parameter."),
        (
            "toUpper()",
            "expects one parameter: the string to convert to upper casing. The function was invoked with '0'",
        ),
        ("TOLOWER(1)", "The template language function 'TOLOWER' expects its parameter to be a string."),
        ("guid('Q')", "format specifier"),
    ],
)
def test_errors(expression: str, message: str) -> None:
    assert message in message_of(f"@{expression}")


@pytest.mark.parametrize(
    ("style", "shape"),
    [
        ("", r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"),
        ("'N'", "[0-9a-f]{32}"),
        ("'b'", r"\{[0-9a-f-]{36}\}"),
        ("'P'", r"\([0-9a-f-]{36}\)"),
        ("'X'", r"\{0x[0-9a-f]{8},0x[0-9a-f]{4},0x[0-9a-f]{4},\{(0x[0-9a-f]{2},){7}0x[0-9a-f]{2}\}\}"),
    ],
)
def test_guid_has_the_shape_that_is_asked_for(style: str, shape: str) -> None:
    assert re.fullmatch(shape, str(evaluate(f"@guid({style})")))


def test_guid_and_rand_follow_the_random_source_of_the_context() -> None:
    template = "@{guid()} @{rand(1,1000)}"
    first, again = (evaluate(template, Context(random=random.Random(7))) for _ in range(2))
    assert first == again
    assert first != evaluate(template, Context(random=random.Random(8)))


def test_texts_longer_than_the_service_allows_are_refused_before_they_are_made() -> None:
    growing = "@" + "replace(" * 60 + "'a'" + ",'a','aaaaaaaaaa')" * 60
    assert "longer than '104857600'" in message_of(growing)
    joined = "@join(range(0,100000),'" + "x" * 5000 + "')"
    assert "'join' produced a text longer" in message_of(joined)
    big = Context(variables={"big": "x" * 60_000_000})
    assert "'concat' produced a text longer" in message_of("@concat(variables('big'),variables('big'))", big)
    assert "longer than" in message_of("@{variables('big')}@{variables('big')}", big)
