"""xml, xpath, and the functions that make names and values safe for XML and read them back."""

from __future__ import annotations

import base64
import re
from typing import Any, Final

from wdl import utf16
from wdl.errors import Fault
from wdl.registry import anything, function, of, string
from wdl.values import Value, content_of, type_name
from wdl.xml_document import Document, XmlTextError, outer_xml, parse_xml
from wdl.xml_names import decode_name, encode_name
from wdl.xmljson import to_document
from wdl.xpath import Markup, XPathError, evaluate

_CONTENT_TYPE: Final = "application/xml;charset=utf-8"
_NOT_CONVERTIBLE: Final = (
    "The template language function '{name}' parameter is not valid. "
    "The provided value cannot be converted to XML: '{problem}'."
)
_NOT_XML: Final = (
    "The template language function '{name}' expects its first parameter to be an XML object. "
    "The provided value is of type '{type}'."
)
_NOT_A_STRING: Final = (
    "The template language function '{name}' expects its second parameter to be a string that contains an XPath "
    "expression. The provided value is of type '{type}'."
)
_BAD_XPATH: Final = (
    "The template language function '{name}' parameters are invalid: the 'xpath' parameter must be a supported, "
    "well formed XPath expression."
)


def _content(markup: str) -> dict[str, str]:
    return {"$content-type": _CONTENT_TYPE, "$content": base64.b64encode(utf16.encode(markup)).decode()}


@function(
    "xml",
    of((str, dict), "its parameter to be a string or an object"),
    arity=(
        "expects one parameter: the string or object to be converted. "
        "The function was invoked with '{count}' parameter(s)."
    ),
    usage="xml",
)
def xml(value: str | dict[str, Any]) -> dict[str, str]:
    """The XML in a text or content, or for a JSON object, as content."""
    try:
        return _content(outer_xml(_document(value)))
    except XmlTextError as error:
        raise Fault(_NOT_CONVERTIBLE, usage="xml", problem=error) from None


def _document(value: str | dict[str, Any]) -> Document:
    content = content_of(value)
    if content is not None:
        return parse_xml(content)
    return parse_xml(value) if isinstance(value, str) else to_document(value)


@function(
    "xpath",
    of((dict,), "its first parameter to be an XML object"),
    anything(),
    arity=(
        "expects two parameters: an XML object and an XPath expression. "
        "The function was invoked with '{count}' parameter(s)."
    ),
    usage="xpath",
)
def xpath(document: dict[str, Any], expression: Value) -> Value:
    """What an XPath expression selects in XML content: elements as XML content, other nodes as texts."""
    content = content_of(document)
    if content is None or "xml" not in str(document["$content-type"]).lower():
        raise Fault(_NOT_XML, usage="xpath", type=type_name(document))
    if not isinstance(expression, str):
        raise Fault(_NOT_A_STRING, usage="xpath", type=type_name(expression))
    try:
        found = evaluate(content, expression)
    except XPathError:
        raise Fault(_BAD_XPATH, usage="xpath") from None
    except XmlTextError as error:
        raise Fault(_NOT_CONVERTIBLE, usage="xpath", problem=error) from None
    if isinstance(found, list):
        return [_content(item) if isinstance(item, Markup) else item for item in found]
    return found


# Names and values


def _one(what: str) -> str:
    return f"expects one parameter: {what}. The function was invoked with '{{count}}' parameter(s)."


_TEXT: Final = string("its parameter to be a string")
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_TO_ESCAPE: Final = re.compile("[&<>\"']")
_REFERENCE: Final = re.compile("&(amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});")
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


@function("encodeXmlValue", _TEXT, arity=_one("the value to be encoded"), usage="encodeXmlValue", grows=True)
def encode_xml_value(text: str) -> str:
    """The text with the five characters escaped that mean something in XML."""
    return _TO_ESCAPE.sub(lambda match: _ESCAPES[match[0]], text)


@function("decodeXmlValue", _TEXT, arity=_one("the value to be decoded"), usage="decodeXmlValue")
def decode_xml_value(text: str) -> str:
    """The text with XML's own entities and character references replaced; others stay."""
    return _REFERENCE.sub(_referred, text)


def _referred(match: re.Match[str]) -> str:
    name = match[1]
    if name in _NAMED:
        return _NAMED[name]
    number = int(name[2:], 16) if name[1] == "x" else int(name[1:])
    return chr(number) if number <= 0x10FFFF else match[0]


@function("encodeXmlName", _TEXT, arity=_one("the name to be encoded"), usage="encodeXmlName", grows=True)
def encode_xml_name(text: str) -> str:
    """A valid element name: other characters as `_xHHHH_`."""
    return encode_name(text)


@function("decodeXmlName", _TEXT, arity=_one("the name to be decoded"), usage="decodeXmlName")
def decode_xml_name(text: str) -> str:
    """The text that an encoded element name stands for."""
    return decode_name(text)
