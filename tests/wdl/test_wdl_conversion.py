"""Conversions between kinds of values, bytes, data URIs and URI components."""

from __future__ import annotations

import pytest
from wdl_cases import json_of, message_of

NOT_CONVERTIBLE = "was invoked with a parameter that is not valid. The value cannot be converted to the target type."


def octets(text: str) -> str:
    return f'{{"$content-type":"application/octet-stream","$content":"{text}"}}'


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("int('1.0')", "1"),
        ("int(' 1,000 ')", "1000"),
        ("int('5.')", "5"),
        ("int(true)", "1"),
        ("int('NaN')", "-9223372036854775808"),
        ("float('1.10')", "1.1"),
        ("float('1.234,5','de-DE')", "1234.5"),
        ("float(1)", "1.0"),
        ("float('-0')", "-0.0"),
        ("decimal('1.50')", "1.50"),
        ("decimal('79228162514264337593543950335')", "79228162514264337593543950335.0"),
        ("decimal('1,000.5-')", "-1000.5"),
        ("decimal(0.1)", "0.1"),
        ("bool(' TRUE ')", "true"),
        ("bool(0)", "false"),
        ("isInt('007')", "true"),
        ("isInt('1.0')", "false"),
        ("isFloat('1e5')", "true"),
        ("isFloat('1.5','sv-SE')", "false"),
        ("string(json('{\"a\":1.0}'))", '"{\\"a\\":1.0}"'),
        ("string(null)", '""'),
        ("string(true)", '"True"'),
        ("array('a')", '["a"]'),
        ("array(createArray(1))", "[1]"),
        ("createArray(null)", "[null]"),
        ("utf8Length('é東😀')", "9"),
        ("utf16Length('é😀')", "6"),
        ("base64('é')", '"w6k="'),
        ("base64(json('[1.0]'))", '"WzEuMF0="'),
        ("base64ToString('w6\n k=')", '"é"'),
        ("base64ToString('/w==')", '"\ufffd"'),
        ("decodeBase64('eA==')", '"x"'),
        ("base64ToBinary('eA==')", octets("eA==")),
        ("binary(1.0)", octets("MQ==")),
        ("binary(dataUriToBinary('data:text/plain;base64,eA=='))", octets("eA==")),
        ("dataUri('x')", '"data:text/plain;charset=utf-8;base64,eA=="'),
        ("dataUri(true)", '"data:application/json;charset=utf-8;base64,VHJ1ZQ=="'),
        ("dataUri(binary('x'))", '"data:application/octet-stream;base64,eA=="'),
        ("dataUriToString('data:,a%20b+c')", '"a b+c"'),
        ("dataUriToBinary('data:text/csv;base64,eA==')", '{"$content-type":"text/csv","$content":"eA=="}'),
        ("decodeDataUri('DATA:text/plain;base64,eA==')", '"x"'),
        ("decodeDataUri('data:text/plain;charset=iso-8859-1;base64,6Q==')", '"é"'),
        ("decodeDataUri('data:application/json;base64,eyJhIjoxfQ==')", '{"a":1}'),
        ("decodeDataUri('data:application/problem+json,no%20json')", '"no json"'),
        ("decodeDataUri('data:a/b;base64,eA==')", '{"$content-type":"a/b;charset=us-ascii","$content":"eA=="}'),
        ("dataUriToString('data:text/plain;charset=rot13,uryyb')", '"uryyb"'),
        ("dataUriToBinary('data:,x')", '{"$content-type":"text/plain","$content":"eA=="}'),
        ("uriComponent('a b',1,true,null)", '"a%20b1True"'),
        ("encodeUriComponent('a b/é~')", '"a%20b%2F%C3%A9~"'),
        ("uriComponent(null)", '""'),
        ("decodeUriComponent('a+%C3%A9%ff%zz')", '"a+é%FF%zz"'),
        ("uriComponentToString('a+%C3%A9')", '"a é"'),
        ("uriComponentToBinary('%ff+')", octets("/yA=")),
    ],
)  # fmt: skip
def test_values(expression: str, value: str) -> None:
    assert json_of(f"@{expression}") == value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("int(1.5)", NOT_CONVERTIBLE),
        ("int('')", NOT_CONVERTIBLE),
        ("int(null)", NOT_CONVERTIBLE),
        ("int('Infinity')", NOT_CONVERTIBLE),
        ("int(9223372036854775807)", NOT_CONVERTIBLE),
        ("float('1,5x')", NOT_CONVERTIBLE),
        ("float('1','not a culture name')", NOT_CONVERTIBLE),
        ("bool('1')", NOT_CONVERTIBLE),
        ("binary(null)", NOT_CONVERTIBLE),
        ("Decimal('1e5')", "'decimal' function was invoked with a parameter that is not a valid decimal, '1e5'."),
        ("base64(1)", "expects its parameter to be a string, an object or an array."),
        ("base64ToString('a')", "The value cannot be decoded from base64 representation."),
        ("dataUriToString('x')", "The provided value 'x' was not formatted correctly."),
        ("dataUriToString('data:;base64,?')", "was not formatted correctly."),
        ("int()", "expects one parameter: the value that is to be converted to an integer."),
    ],
)
def test_errors(expression: str, message: str) -> None:
    assert message in message_of(f"@{expression}")
