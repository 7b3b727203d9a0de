"""JSON and XML as `json` reads them."""

from __future__ import annotations

import math
from base64 import b64encode

import pytest
from wdl_cases import json_of, message_of

from wdl.context import Context
from wdl.jsontext import JsonTextError, parse
from wdl.limits import MAX_DEPTH
from wdl.values import dumps


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", "null"),
        ("  ", "null"),
        ('{"a":1', '{"a":1}'),
        ("{a:1,'b':\"x\",}", '{"a":1,"b":"x"}'),
        ('{"a"', None),
        ("[[1]", "[[1]]"),
        ('[{"a":1},', '[{"a":1}]'),
        ("[,1]", "[null,1]"),
        ('{"a":,}', '{"a":null}'),
        (".5", "0.5"),
        ("[-.5,5.]", "[-0.5,5.0]"),
        ("-010", "-10"),
        ("0xFFFFFFFFFFFFFFFF", "-1"),
        ('{"a":1,"b":2,"a":3}', '{"b":2,"a":3}'),
        ('"\\ud83dx \\ud83d\\ud83d\\ude00 \\ude00"', '"\ufffdx \ufffd😀 \ufffd"'),
        ("[1//\n,2]", "[1,2]"),
        ("\x001\x00", "1"),
        ("[1,2", "[1,2]"),
        ("[1,]", "[1]"),
        ("1 2", "1"),
        ("{} x", "{}"),
        ("0x10", "16"),
        ("010", "8"),
        ("-1.50e2", "-150.0"),
        ("1.", "1.0"),
        ("99999999999999999999", "99999999999999999999"),
        ("/* c */ [1, // d\n 2]", "[1,2]"),
        ("'it\\'s \\u00e9 \\uD83D\\uDE00'", '"it\'s é 😀"'),
        ('"a\nb"', '"a\\nb"'),
        ("undefined", "null"),
        ('{"d":"2018-03-15T00:00:00Z"}', '{"d":"2018-03-15T00:00:00Z"}'),
        ('{"a":1,"a":2}', '{"a":2}'),
    ],
)
def test_lenient_texts(text: str, value: str | None) -> None:
    if value is None:
        with pytest.raises(JsonTextError):
            parse(text)
    else:
        assert dumps(parse(text)) == value


def test_not_a_number_and_infinities() -> None:
    read = parse("[NaN,Infinity,-Infinity]")
    assert isinstance(read, list)
    assert math.isnan(read[0])
    assert read[1:] == [math.inf, -math.inf]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abc", "Unexpected character encountered while parsing value: a. Path '', line 0, position 0."),
        (" abc", "Unexpected character encountered while parsing value: a. Path '', line 1, position 1."),
        ("2018-03-15T", "Unexpected character encountered while parsing number: T. Path '', line 1, position 10."),
        ("2018-03-15", "Input string '2018-03-15' is not a valid number. Path '', line 1, position 10."),
        ('{"a":[1,{"x y":?', "while parsing value: ?. Path 'a[1]['x y']', line 1, position 15."),
        ("[1 2]", "After parsing a value an unexpected character was encountered: 2. Path '[0]'"),
        ("[1}", "JsonToken EndObject is not valid for closing JsonType Array."),
        ("]", "JsonToken EndArray is not valid for closing JsonType None. Path '', line 1, position 1."),
        ('{"a":]', "JsonToken EndArray is not valid for closing JsonType Object. Path '', line 1, position 6."),
        ("[}", "Unexpected character encountered while parsing value: }. Path '', line 1, position 1."),
        ("{", "Unexpected end when reading token. Path ''."),
        ("[1,", "Unexpected end when reading token. Path ''."),
        ('{"a":1,', "Unexpected end when reading token. Path ''."),
        ('{"a":[1,{"b":', "Unexpected end when reading token. Path 'a[1]'."),
        ("[tr", "Unexpected end when reading JSON. Path '', line 1, position 3."),
        ("[1,tru]", "Error parsing boolean value. Path '[0]', line 1, position 6."),
        ("nope", "Unexpected character encountered while parsing value: n. Path '', line 0, position 0."),
        ("n", "Unexpected end when reading JSON. Path '', line 1, position 1."),
        ("-Inf ]......", "Error parsing -Infinity value. Path '', line 1, position 4."),
        ("[1.2.3]", "Input string '1.2.3' is not a valid number. Path '[0]', line 1, position 6."),
        ("[1,08]", "Input string '08' is not a valid number. Path '[1]', line 1, position 5."),
        ("[" + "9" * 5000 + "]", "is not a valid number. Path '[0]', line 1, position 5001."),
        ("{?", "Invalid property identifier character: ?. Path '', line 1, position 1."),
        ('{"a":1,,', "Invalid property identifier character: ,. Path 'a', line 1, position 7."),
        ("{a-b:1}", "Invalid JavaScript property identifier character: -. Path '', line 1, position 2."),
        ("{ab", "Unexpected end while parsing unquoted property name. Path '', line 1, position 3."),
        ("[1 /* c", "Unexpected end while parsing comment. Path '[0]', line 1, position 7."),
        ("[1 /c]", "Error parsing comment. Expected: *, got c. Path '[0]', line 1, position 4."),
        ("'\\u12G4'", "Invalid Unicode escape sequence: \\u12G4. Path '', line 1, position 3."),
        ("'\\u12'", "Unexpected end while parsing Unicode escape sequence. Path '', line 1, position 3."),
        ("{a 1}", "Invalid character after parsing property name. Expected ':' but got: 1."),
        ("'abc", "Unterminated string. Expected delimiter: '."),
        ("'\\x'", "Bad JSON escape sequence: \\x."),
        ("truex", "Error parsing boolean value. Path '', line 1, position 4."),
        ("[1,\r\n2,\r@", "Unexpected character encountered while parsing value: @. Path '[1]', line 3, position 0."),
    ],
)  # fmt: skip
def test_faults_say_where_they_are(text: str, message: str) -> None:
    with pytest.raises(JsonTextError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_depth_is_bounded() -> None:
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    for deep in ("[" * 129 + "]" * 129, "[" * 100_000, '{"a":' * 100_000):
        with pytest.raises(JsonTextError, match="MaxDepth of 128 has been exceeded"):
            parse(deep)


def test_many_flat_arrays_are_not_deep() -> None:
    assert len(parse("[" + ",".join(["[]"] * 500) + "]")) == 500  # type: ignore[arg-type]


def test_the_message_of_the_function_quotes_the_text() -> None:
    expected = (
        "The template language function 'JSON' parameter is not valid. The provided value 'x' cannot be parsed: "
        "'Unexpected character encountered while parsing value: x. Path '', line 0, position 0.'. "
        "Please see https://aka.ms/logicexpressions#json for usage details."
    )
    assert message_of("@JSON('x')") == expected
    assert "expects its parameter to be a string or an XML" in message_of("@json(json('{}'))")


@pytest.mark.parametrize(
    ("document", "value"),
    [
        ('<a x="1"><b>1</b></a>', '{"a":{"@x":"1","b":"1"}}'),
        ('<r><i n="1">x</i><i>y</i><j/></r>', '{"r":{"i":[{"@n":"1","#text":"x"},"y"],"j":null}}'),
        ("<a></a>", '{"a":""}'),
        (
            '<a xmlns:j="http://james.newtonking.com/projects/json">'
            '<b j:Array="true">1</b><c j:Array="1" d="2"/><e j:Array="false"/></a>',
            '{"a":{"b":["1"],"c":[{"@d":"2"}],"e":{}}}',
        ),
        ('<a xmlns:j="u" j:Array="true">1</a>', '{"a":{"@xmlns:j":"u","@j:Array":"true","#text":"1"}}'),
        ('<a xmlns="u" xmlns:p="v" p:b="1"><p:c/></a>', '{"a":{"@xmlns":"u","@xmlns:p":"v","@p:b":"1","p:c":null}}'),
        ('<?xml version="1.0" encoding="utf-8"?><a>é</a>', '{"?xml":{"@version":"1.0","@encoding":"utf-8"},"a":"é"}'),
    ],
)
def test_xml_as_json(document: str, value: str) -> None:
    assert json_of(f"@json(xml('{document}'))") == value


def test_document_types_of_xml_are_refused() -> None:
    document = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    context = Context(variables={"v": {"$content-type": "text/xml", "$content": b64encode(document.encode()).decode()}})
    assert "DTD is prohibited" in message_of("@json(variables('v'))", context)
