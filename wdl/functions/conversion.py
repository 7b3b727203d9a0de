"""Conversions: json, int, string, float, bool, decimal, base64, binary, data URIs, URI components, arrays, lengths."""

from __future__ import annotations

import base64
import binascii
import math
import re
from decimal import Decimal
from typing import Any, Final, NoReturn

from wdl import jsontext, utf16, xmljson
from wdl.cultures import find_culture
from wdl.dotnet.culture import NumberFormat
from wdl.errors import Fault
from wdl.numerals import fit_decimal, parse_decimal, parse_double, parse_int
from wdl.percent import escape_data, unescape_data, url_decode
from wdl.registry import Parameter, alias, anything, function, of, string
from wdl.values import Value, content_of, to_text, type_name

_BINARY: Final = "application/octet-stream"
_INVARIANT: Final = NumberFormat()
_WHITE: Final = str.maketrans("", "", " \t\r\n")


def _not_convertible() -> NoReturn:
    raise Fault(
        "The template language function '{name}' was invoked with a parameter that is not valid. "
        "The value cannot be converted to the target type."
    )


def _one(subject: str, counted: str = "parameters") -> str:
    return f"expects one parameter: {subject}. The function was invoked with '{{count}}' {counted}."


def _text_parameter(usage: str) -> Parameter:
    return string("its parameter to be a string", usage=usage)


# --- numbers and booleans ---------------------------------------------------------------------------------------


@function("int", anything(), arity=_one("the value that is to be converted to an integer"), usage="int")
def int_(value: Value) -> int:
    """The value as an integer; a text may have a decimal point and no fraction."""
    number = _double(value, _INVARIANT)
    if number is None or math.isinf(number) or abs(number) > 2**63 or number == 2**63:
        _not_convertible()
    if math.isnan(number):
        return -(2**63)  # what the engine gives, as .NET casts it
    if number != math.floor(number):
        _not_convertible()
    return int(number)


def _double(value: Any, culture: NumberFormat) -> float | None:
    if type(value) is str:
        return parse_double(value, culture)
    try:
        return float(value) if type(value) in (int, float, bool, Decimal) else None
    except OverflowError:
        return None


@function(
    "float",
    anything(),
    of(None, optional=True),
    arity=_one("the value that is to be converted to a floating point number"),
    usage="float",
)
def float_(value: Value, locale: Value = "") -> float:
    """The value as a double; a text is read with the signs of the locale."""
    culture = find_culture(locale) if isinstance(locale, str) else None
    number = _double(value, culture.numbers) if culture is not None else None
    if number is None:
        _not_convertible()
    return number


@function("decimal", anything(), usage="decimal")
def decimal(value: Any) -> Decimal:
    """The value as a decimal, which keeps its trailing zeros."""
    if type(value) is str:
        number = parse_decimal(value, _INVARIANT)
        if number is None:
            raise Fault(
                "The template language 'decimal' function was invoked with a parameter that is not a valid decimal, "
                "'{value}'. The value cannot be converted to the target type.",
                usage="decimal",
                value=value,
            )
        return number
    exact = _exact(value)
    if exact is None:
        _not_convertible()
    return exact


def _exact(value: Any) -> Decimal | None:
    if type(value) is float:
        return fit_decimal(Decimal(format(value, ".15g"))) if math.isfinite(value) else None
    return fit_decimal(Decimal(value)) if type(value) in (int, bool, Decimal) else None


@function("bool", anything(), arity=_one("the value that is to be converted to a boolean"), usage="bool")
def bool_(value: Any) -> bool:
    """The value as a boolean: `true`, `false` in any case, or a number that is not 0."""
    if type(value) in (bool, int, float, Decimal):
        return bool(value)
    words = {"true": True, "false": False}
    found = words.get(value.strip().lower()) if type(value) is str else None
    if found is None:
        _not_convertible()
    return found


@function(
    "isInt",
    string("its first parameter 'string' to be a string", usage="isInt"),
    arity="expects one parameter, a string which may contain an integer. "
    "The function was invoked with '{count}' parameter(s).",
    usage="isInt",
)
def is_int(text: str) -> bool:
    """Whether a text is an integer."""
    return parse_int(text) is not None


@function(
    "isFloat",
    string("its first parameter 'string' to be a string", usage="substring"),
    string("its second parameter to be of type string", optional=True),
    arity="expects a string to parse as the first parameter, and an optional RFC4646 culture-identifier string as the "
    "second parameter. The function was invoked with '{count}' parameter(s).",
    usage="isFloat",
)
def is_float(text: str, locale: str = "") -> bool:
    """Whether a text is a number with the signs of the locale."""
    culture = find_culture(locale)
    return culture is not None and parse_double(text, culture.numbers) is not None


# --- text, JSON, arrays -----------------------------------------------------------------------------------------


@function("string", anything(), usage="string", grows=True)
def string_(value: Value) -> str:
    """The value as text; objects and arrays as JSON."""
    return to_text(value)


@function(
    "json",
    of((str, dict), "its parameter to be a string or an XML"),
    arity=_one("the string or XML to be parsed", "parameter(s)"),
    usage="json",
)
def json(value: Any) -> Value:
    """The value that a JSON text holds, or the JSON for an XML document."""
    content = content_of(value)
    if type(value) is dict and content is None:
        raise _no_json(value)
    try:
        if content is None:
            return jsontext.parse(value)
        return xmljson.parse(content) if "xml" in str(value["$content-type"]) else jsontext.parse(to_text(value))
    except (jsontext.JsonTextError, xmljson.XmlTextError) as error:
        raise Fault(
            "The template language function '{name}' parameter is not valid. "
            "The provided value '{value}' cannot be parsed: '{problem}'.",
            usage="json",
            value=to_text(value),
            problem=error,
        ) from None


def _no_json(value: Value) -> Fault:
    return Fault(
        "The template language function '{name}' expects its parameter to be a string or an XML. "
        "The provided value is of type '{kind}'.",
        usage="json",
        kind=type_name(value),
    )


@function("array", anything(), arity=_one("the value that is to be converted to an array"), usage="array")
def array(value: Any) -> list[Any]:
    """An array as it is, anything else as the only item of one."""
    return value if type(value) is list else [value]


@function(
    "createArray",
    anything(rest=True),
    arity="expects a comma separated list of parameters. The function was invoked with no parameters.",
    usage="createArray",
)
def create_array(*values: Value) -> list[Any]:
    """An array of the arguments."""
    return list(values)


@function("utf8Length", _text_parameter("utf8Length"), usage="utf8Length")
def utf8_length(text: str) -> int:
    """The number of bytes of a text in UTF-8."""
    return len(utf16.encode(text))


@function("utf16Length", _text_parameter("utf16Length"), usage="utf16Length")
def utf16_length(text: str) -> int:
    """The number of bytes of a text in UTF-16."""
    return 2 * utf16.length(text)


# --- bytes ------------------------------------------------------------------------------------------------------


def _content(data: bytes, content_type: str = _BINARY) -> dict[str, str]:
    return {"$content-type": content_type, "$content": base64.b64encode(data).decode()}


def _decoded(text: str) -> bytes:
    """The bytes of a Base64 text as .NET reads it: white space is skipped, padding is needed."""
    try:
        return base64.b64decode(text.translate(_WHITE), validate=True)
    except (binascii.Error, ValueError):
        raise Fault(
            "The template language function '{name}' was invoked with a parameter that is not valid. "
            "The value cannot be decoded from base64 representation."
        ) from None


@function(
    "base64",
    of((str, dict, list), "its parameter to be a string, an object or an array"),
    usage="base64",
    grows=True,
)
def base64_(value: Value) -> str:
    """The value's text in Base64."""
    return base64.b64encode(utf16.encode(to_text(value))).decode()


@function("base64ToString", _text_parameter("base64ToString"), usage="base64ToString")
def base64_to_string(text: str) -> str:
    """The text that Base64 stands for."""
    return _decoded(text).decode("utf-8", "replace")


@function("decodeBase64", _text_parameter("decodeBase64"), usage="decodeBase64")
def decode_base64(text: str) -> str:
    """The text that Base64 stands for."""
    return _decoded(text).decode("utf-8", "replace")


@function("base64ToBinary", _text_parameter("base64ToBinary"), usage="base64ToBinary")
def base64_to_binary(text: str) -> dict[str, str]:
    """The bytes that Base64 stands for, as content."""
    return _content(_decoded(text))


@function("binary", anything(), usage="binary")
def binary(value: Value) -> dict[str, str]:
    """The value's text as bytes, as content."""
    if value is None:
        _not_convertible()
    content = content_of(value)
    return _content(utf16.encode(to_text(value)) if content is None else content)


# --- data URIs --------------------------------------------------------------------------------------------------

_DATA_URI: Final = re.compile(r"data:(?P<type>[^,]*?)(?P<base64>;base64)?,(?P<data>.*)\Z", re.DOTALL | re.IGNORECASE)


@function("dataUri", anything(), arity=_one("the value to be converted to a data URI"), usage="dataUri", grows=True)
def data_uri(value: Value) -> str:
    """The value as a data URI: text as text/plain, content with its own type, the rest as application/json."""
    if value is None:
        _not_convertible()
    content = content_of(value)
    if isinstance(value, dict) and content is not None:
        return f"data:{value['$content-type']};base64,{base64.b64encode(content).decode()}"
    content_type = "text/plain" if type(value) is str else "application/json"
    return f"data:{content_type};charset=utf-8;base64,{base64.b64encode(utf16.encode(to_text(value))).decode()}"


def _read_data_uri(text: str, page: str) -> tuple[str, bytes]:
    """The type and the bytes of a data URI."""
    match = _DATA_URI.match(text)
    if match:
        content_type = match["type"] or "text/plain;charset=US-ASCII"
        if not match["base64"]:
            return content_type, url_decode(match["data"].replace("+", "%2B"))
        try:
            return content_type, _decoded(match["data"])
        except Fault:
            pass
    raise Fault(
        "The template language function '{name}' expects its parameter to be formatted as a valid data URI. "
        "The provided value '{value}' was not formatted correctly.",
        usage=page,
        value=text,
    )


@function("dataUriToBinary", _text_parameter("dataUriToBinary"), usage="dataUriToBinary")
def data_uri_to_binary(text: str) -> dict[str, str]:
    """The bytes in a data URI, as content of its type."""
    content_type, data = _read_data_uri(text, "dataUriToBinary")
    return _content(data, content_type)


@function("dataUriToString", _text_parameter("dataUriToString"), usage="dataUriToString")
def data_uri_to_string(text: str) -> str:
    """The text in a data URI."""
    return _read_data_uri(text, "dataUriToString")[1].decode("utf-8", "replace")


@function("decodeDataUri", _text_parameter(""), usage="decodeDataUri")
def decode_data_uri(text: str) -> str:
    """The text in a data URI."""
    return _read_data_uri(text, "decodeDataUri")[1].decode("utf-8", "replace")


# --- URI components ---------------------------------------------------------------------------------------------


@function("encodeUriComponent", anything(), usage="encodeUriComponent", grows=True)
def encode_uri_component(value: Value) -> str:
    """The value's text with everything but letters, digits and `-_.~` as %XX."""
    return escape_data(to_text(value))


alias("uriComponent", "encodeUriComponent")


@function("decodeUriComponent", _text_parameter(""), arity=_one("the string to decode"), usage="decodeUriComponent")
def decode_uri_component(text: str) -> str:
    """The text with every %XX decoded; a plus sign stays."""
    return unescape_data(text)


@function(
    "uriComponentToBinary",
    _text_parameter("uriComponentToBinary"),
    arity=_one("the URI component to convert to binary"),
    usage="uriComponentToBinary",
)
def uri_component_to_binary(text: str) -> dict[str, str]:
    """The bytes of a URI component (a plus sign is a space), as content."""
    return _content(url_decode(text))


@function(
    "uriComponentToString",
    _text_parameter("uriComponentToString"),
    arity=_one("the URI component to convert to binary"),
    usage="uriComponentToString",
)
def uri_component_to_string(text: str) -> str:
    """The text of a URI component (a plus sign is a space)."""
    return url_decode(text).decode("utf-8", "replace")
