"""xml, xpath, XML as JSON and back, and the functions for names and values."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wdl_cases import evaluate, message_of

from wdl import xmljson
from wdl.context import Context
from wdl.errors import ExpressionError
from wdl.template import compile_template
from wdl.xml_document import MAX_DEPTH, Element, XmlTextError, outer_xml, parse_xml
from wdl.xml_names import decode_name, encode_name
from wdl.xpath import XPathError
from wdl.xpath import evaluate as select

repeatable = settings(derandomize=True, deadline=None, max_examples=400)


def text_of(value: Any) -> str:
    assert value["$content-type"] == "application/xml;charset=utf-8"
    return base64.b64decode(value["$content"]).decode()


def written(value: Any) -> str:
    return outer_xml(xmljson.to_document(value))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a/>", "<a />"),
        ("<a></a>", "<a></a>"),
        ("<a> <b> x </b> </a>", "<a><b> x </b></a>"),
        ("<a xml:space='preserve'> <b/> </a>", '<a xml:space="preserve"> <b /> </a>'),
        ("<?xml version='1.0'  encoding='utf-8'?>\n<a/>\n", '<?xml version="1.0" encoding="utf-8"?><a />'),
        ("<a b='x\"&amp;&lt;'>&gt;&#233;</a>", '<a b="x&quot;&amp;&lt;">&gt;é</a>'),
        ("<a><!--c--><?p d?><![CDATA[<x>]]></a>", "<a><!--c--><?p d?><![CDATA[<x>]]></a>"),
        ("<p:a xmlns:p='u' p:b='1'/>", '<p:a xmlns:p="u" p:b="1" />'),
        ("\ufeff<a/>", "<a />"),
    ],
)
def test_documents_are_written_as_net_writes_them(text: str, expected: str) -> None:
    assert outer_xml(parse_xml(text)) == expected
    assert outer_xml(parse_xml(text.encode())) == expected


def test_bytes_say_their_encoding() -> None:
    for encoding in ("utf-16", "iso-8859-1"):
        text = f'<?xml version="1.0" encoding="{encoding}"?><a>é</a>'
        assert outer_xml(parse_xml(text.encode(encoding))) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Root element is missing."),
        (" \n x", "Data at the root level is invalid. Line 2, position 2."),
        ("<a/>x", "Data at the root level is invalid. Line 1, position 5."),
        ("<a/><b/>", "There are multiple root elements. Line 1, position 6."),
        ("<a>", "Unexpected end of file has occurred. The following elements are not closed: a. Line 1, position 4."),
        ("<a></b>", "The 'a' start tag on line 1 position 2 does not match the end tag of 'b'. Line 1, position 6."),
        ("<a>1 & 2</a>", "An error occurred while parsing EntityName. Line 1, position 7."),
        ("<a>&x;</a>", "Reference to undeclared entity 'x'. Line 1, position 4."),
        ("<a x='1' x='2'/>", "'x' is a duplicate attribute name. Line 1, position 10."),
        ("<p:a/>", "'p' is an undeclared prefix. Line 1, position 2."),
        ("<a><1/></a>", "Name cannot begin with the '1' character, hexadecimal value 0x31. Line 1, position 5."),
        ("<a>\x01</a>", "'\x01', hexadecimal value 0x01, is an invalid character. Line 1, position 4."),
    ],
)
def test_messages_are_nets(text: str, problem: str) -> None:
    with pytest.raises(XmlTextError) as caught:
        parse_xml(text)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>',
    ],
)
def test_document_types_are_refused(text: str) -> None:
    with pytest.raises(XmlTextError, match="DTD is prohibited"):
        parse_xml(text)


def test_depth_is_bounded() -> None:
    assert outer_xml(parse_xml("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH))
    with pytest.raises(XmlTextError, match="nested deeper"):
        parse_xml("<a>" * 100_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a/>", {"a": None}),
        ("<a></a>", {"a": ""}),
        ("<a x='1'/>", {"a": {"@x": "1"}}),
        ("<a x='1'>t</a>", {"a": {"@x": "1", "#text": "t"}}),
        ("<r><i>1</i><j/><i>2</i></r>", {"r": {"i": ["1", "2"], "j": None}}),
        ("<r>a<b/>c</r>", {"r": {"#text": ["a", "c"], "b": None}}),
        ("<r><![CDATA[x]]></r>", {"r": {"#cdata-section": "x"}}),
        ("<?xml version='1.0'?><!--c--><r><!--c--></r>", {"?xml": {"@version": "1.0"}, "r": {}}),
        ("<r xmlns='u' xmlns:p='v'><p:b/></r>", {"r": {"@xmlns": "u", "@xmlns:p": "v", "p:b": None}}),
        ("<a_x0020_b/>", {"a b": None}),
    ],
)
def test_xml_as_json(text: str, expected: Any) -> None:
    assert xmljson.parse(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, ""),
        ({"r": {"@id": 7, "#text": "Ann"}}, '<r id="7">Ann</r>'),
        (
            {"r": {"n": 1.5, "i": 2.0, "t": True, "z": None, "e": "", "o": {}}},
            "<r><n>1.5</n><i>2</i><t>true</t><z /><e></e><o /></r>",
        ),
        ({"r": {"b": ["x", None, {"c": 1}]}}, "<r><b>x</b><b /><b><c>1</c></b></r>"),
        ({"r": {"b": [[1, 2], 3]}}, "<r><b><b>1</b><b>2</b></b><b>3</b></r>"),
        ({"new key": {"1a": "<"}}, "<new_x0020_key><_x0031_a>&lt;</_x0031_a></new_x0020_key>"),
        ({"?xml": {"@version": "1.0", "@encoding": "utf-8"}, "r": None}, '<?xml version="1.0" encoding="utf-8"?><r />'),
        ({"r": {"#cdata-section": "<x>"}}, "<r><![CDATA[<x>]]></r>"),
    ],
)
def test_json_as_xml(value: Any, expected: str) -> None:
    assert written(value) == expected


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"a": 1, "b c": 2}, "JSON root object has multiple properties."),
        ({"a": 1, "b c": 2}, "Path '['b c']'."),
        ({"@a": 1}, "JSON root object has property '@a'"),
        ({"r": [1, 2]}, "This document already has a 'DocumentElement' node."),
        ({"#text": "x"}, "cannot be inserted"),
        ({"r": {"": 1}}, "empty property name"),
        ({"r": {"@x": {"y": 1}}}, "token type 'StartObject'. Path 'r.@x'."),
    ],
)
def test_json_that_is_no_xml(value: Any, problem: str) -> None:
    with pytest.raises(XmlTextError) as caught:
        xmljson.to_document(value)
    assert problem in str(caught.value)


DOCUMENT = (
    '<?xml version="1.0"?><!--t--><r xmlns="u:d" xmlns:p="u:p"><p:a p:x="1" y="2&lt;">t<b/></p:a>'
    "<c><d>1</d><e></e><!--k--><f>x &amp; y</f></c></r>"
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("name(/*)", "r"),
        ("count(//*)", 7.0),
        ("string(//*[local-name()='f'])", "x & y"),
        ("boolean(//z)", False),
        ("//text()", ["t", "1", "x &amp; y"]),
        ("//@*", ['p:x="1"', 'y="2<"']),
        ("//comment()", ["<!--t-->", "<!--k-->"][1:]),
        ("//*[local-name()='a']", ['<p:a p:x="1" y="2&lt;" xmlns:p="u:p">t<b xmlns="u:d" /></p:a>']),
        ("//*[local-name()='e']", ['<e xmlns="u:d"></e>']),
        (
            "//*[local-name()='c']",
            ['<c xmlns="u:d">\n  <d>1</d>\n  <e></e>\n  <!--k-->\n  <f>x &amp; y</f>\n</c>'],
        ),
        ("/*/*[1]/@y", ['y="2<"']),
        ("//*[local-name()='d']/text() = 1", True),
    ],
)
def test_xpath_gives_what_a_navigator_writes(expression: str, expected: Any) -> None:
    assert select(DOCUMENT.encode(), expression) == expected


def test_the_root_is_the_whole_document() -> None:
    assert select(b"<?xml version='1.0'?><!--t--><r><i/></r>", "/") == ["<!--t-->\n<r>\n  <i />\n</r>"]


@pytest.mark.parametrize(
    "expression", ["", "1+", "//p:a", "$x", "foo()", "document('/etc/passwd')", "re:test('a','a')", "//a[", "/" * 9000]
)
def test_an_expression_that_is_not_supported(expression: str) -> None:
    with pytest.raises(XPathError):
        select(b"<a/>", expression)


@pytest.mark.parametrize(
    "expression",
    [
        "//*[//*[//*[//*]]]",
        "//*/following::*/preceding::*",
        "//*[count(//*[count(//*)>0])>0]",
        "count(//*/../*/../*/../*[../*[../*]])",
        f"translate(string(/), '{'ab' * 4000}', '')",
        "//*[concat(/,/,/,/,/)]",
        "//*//*//*[.//* = //*]",
    ],
)
def test_an_expression_that_would_hang_is_refused_at_once(expression: str) -> None:
    content = f"<r>{'<i><j>text</j></i>' * 20_000}</r>".encode()
    with pytest.raises(XPathError, match="too long"):
        select(content, expression)


@pytest.mark.parametrize(
    "expression",
    ["//j", "count(//i)", "//i[j='text']", "//i//j", "//j|//k", "//i[position()<10]/j/text()", "sum(//k)", "//i[.//k]"],
)
def test_usual_expressions_on_a_large_document(expression: str) -> None:
    select(f"<r>{'<i><j>text</j></i>' * 10_000}</r>".encode(), expression)


def test_the_functions_in_an_expression() -> None:
    assert text_of(evaluate("@xml('<a/>')")) == "<a />"
    assert text_of(evaluate('@xml(json(\'{"a":{"b":[1,2]}}\'))')) == "<a><b>1</b><b>2</b></a>"
    assert evaluate("@json(xml('<a x=\"1\"><b>1</b></a>'))") == {"a": {"@x": "1", "b": "1"}}
    assert [text_of(item) for item in evaluate("@xpath(xml('<a><b>1</b></a>'),'//b')")] == ["<b>1</b>"]
    assert evaluate("@xpath(xml('<a><b>1</b></a>'),'//b/text()')") == ["1"]
    assert evaluate("@string(xml(binary('<é/>')))") == "<é />"


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("xml(1)", "expects its parameter to be a string or an object."),
        ('xml(json(\'{"a":1,"b":2}\'))', "Path 'b'."),
        ("xpath('<a/>','//a')", "expects its first parameter to be an XML object."),
        ("xpath(binary('<a/>'),'//a')", "expects its first parameter to be an XML object."),
        ("xpath(xml('<a/>'),1)", "expects its second parameter to be a string that contains an XPath expression."),
        ("xpath(xml('<a/>'),'//[')", "must be a supported, well formed XPath expression."),
        ("xpath(xml(json('{}')),'//a')", "Root element is missing."),
    ],
)
def test_errors(expression: str, part: str) -> None:
    assert part in message_of(f"@{expression}")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("encodeXmlValue('<a b=\"1\">''&</a>')", "&lt;a b=&quot;1&quot;&gt;&apos;&amp;&lt;/a&gt;"),
        ("decodeXmlValue('&lt;a&gt;&#65;&#x42;&amp;lt;&nbsp;')", "<a>AB&lt;&nbsp;"),
        ("encodeXmlName('new key')", "new_x0020_key"),
        ("decodeXmlName('new_x0020_key')", "new key"),
        ("encodeXmlName('1a')", "_x0031_a"),
        ("encodeXmlName('_x0020_')", "_x005F_x0020_"),
        ("encodeXmlName('😀')", "😀"),
    ],
)
def test_names_and_values(expression: str, expected: str) -> None:
    assert evaluate(f"@{expression}") == expected


@repeatable
@given(st.text(max_size=12))
def test_any_name_and_value_comes_back(text: str) -> None:
    assert decode_name(encode_name(text)) == text
    literal = text.replace("'", "''")
    assert evaluate(f"@decodeXmlValue(encodeXmlValue('{literal}'))") == text


NAMES = st.sampled_from(["a", "b", "new key", "@id", "#text", "1", "p:q", "é"])
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(alphabet="ab <&\n", max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=10,
)


@repeatable
@given(st.dictionaries(NAMES, JSON, max_size=2))
def test_any_object_is_xml_or_not(value: dict[str, Any]) -> None:
    try:
        text = written(value)
    except XmlTextError as error:
        assert str(error)
        return
    if text and "p:" not in text and "é" not in text:
        assert outer_xml(parse_xml(text)) is not None


TAGS = st.sampled_from(["<a>", "</a>", "<b x='1'>", "</b>", "<c/>", "<!--x-->", "<![CDATA[y]]>", "<?p q?>"])
MARKUP = st.lists(st.one_of(TAGS, st.sampled_from(["t", " ", "&amp;", "&", "\0"])), max_size=10).map("".join)


@repeatable
@given(MARKUP)
def test_any_markup_is_read_or_refused_and_reads_back(text: str) -> None:
    try:
        document = parse_xml(text)
    except XmlTextError as error:
        assert str(error)
        return
    assert isinstance(document.root, Element)
    again = outer_xml(parse_xml(outer_xml(document)))
    assert again == outer_xml(document)
    xmljson.parse(text)


STEPS = st.sampled_from(["/", "//", "a", "b", "*", "@x", "..", ".", "text()", "::", "following", "descendant"])
REST = st.sampled_from(["[", "]", "(", ")", "1", "'t'", "=", "|", "count(", " and "])
XPATH = st.lists(st.one_of(STEPS, REST), max_size=9).map("".join)


@repeatable
@given(XPATH)
def test_any_xpath_selects_or_is_refused(expression: str) -> None:
    literal = expression.replace("'", "''")
    try:
        compile_template(f"@xpath(xml('<a><b x=\"1\">t</b><b/></a>'),'{literal}')").evaluate(Context())
    except ExpressionError as error:
        assert "xpath" in error.message
