"""Bytes as text and content: base64, binary, data URIs, URI components."""

from __future__ import annotations

import base64
import binascii
import re
from email.message import Message
from functools import lru_cache
from typing import Final, NamedTuple

from wdl import jsontext, utf16
from wdl.errors import Fault
from wdl.functions.conversion import not_convertible, one, text_parameter
from wdl.percent import escape_data, unescape_data, url_decode
from wdl.registry import anything, function, of
from wdl.values import Value, content_of, to_text

_BINARY: Final = "application/octet-stream"
_WHITE: Final = str.maketrans("", "", " \t\r\n")
#: The character sets of .NET without further packages, by Python's names.
_CHARSETS: Final = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32",
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
}


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
    arity=one("the string to encode into base64 representation"),
    usage="base64",
    grows=True,
)
def base64_(value: Value) -> str:
    """The value's text in Base64."""
    return base64.b64encode(utf16.encode(to_text(value))).decode()


@function(
    "base64ToString",
    text_parameter("base64ToString"),
    arity=one("the base64 string to decode"),
    usage="base64ToString",
)
def base64_to_string(text: str) -> str:
    """The text that Base64 stands for."""
    return _decoded(text).decode("utf-8", "replace")


@function(
    "decodeBase64",
    text_parameter("decodeBase64"),
    arity=one("the string to decode from base64 representation"),
    usage="decodeBase64",
)
def decode_base64(text: str) -> str:
    """The text that Base64 stands for."""
    return _decoded(text).decode("utf-8", "replace")


@function(
    "base64ToBinary",
    text_parameter("base64ToBinary"),
    arity=one("the string to decode from base64 representation"),
    usage="base64ToBinary",
)
def base64_to_binary(text: str) -> dict[str, str]:
    """The bytes that Base64 stands for, as content."""
    return _content(_decoded(text))


@function("binary", anything(), arity=one("the value that is to be converted to binary"), usage="binary")
def binary(value: Value) -> dict[str, str]:
    """The value's text as bytes, as content."""
    if value is None:
        not_convertible()
    content = content_of(value)
    return _content(utf16.encode(to_text(value)) if content is None else content)


# --- data URIs --------------------------------------------------------------------------------------------------

_DATA_URI: Final = re.compile(r"data:(?P<type>[^,]*?)(?P<base64>;base64)?,(?P<data>.*)\Z", re.DOTALL | re.IGNORECASE)


@function("dataUri", anything(), arity=one("the value to be converted to a data URI"), usage="dataUri", grows=True)
def data_uri(value: Value) -> str:
    """The value as a data URI: text as text/plain, content with its own type, the rest as application/json."""
    if value is None:
        not_convertible()
    content = content_of(value)
    if isinstance(value, dict) and content is not None:
        return f"data:{value['$content-type']};base64,{base64.b64encode(content).decode()}"
    content_type = "text/plain" if type(value) is str else "application/json"
    return f"data:{content_type};charset=utf-8;base64,{base64.b64encode(utf16.encode(to_text(value))).decode()}"


def _read_data_uri(text: str, page: str) -> tuple[str, bytes]:
    """The type and the bytes of a data URI."""
    match = _DATA_URI.match(text)
    if match:
        content_type = match["type"] or "text/plain"
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


@function(
    "dataUriToBinary",
    text_parameter("dataUriToBinary"),
    arity=one("the data URI that is to be converted to binary"),
    usage="dataUriToBinary",
)
def data_uri_to_binary(text: str) -> dict[str, str]:
    """The bytes in a data URI, as content of its type."""
    content_type, data = _read_data_uri(text, "dataUriToBinary")
    return _content(data, content_type)


@function(
    "dataUriToString",
    text_parameter("dataUriToString"),
    arity=one("the data URI that is to be converted to string"),
    usage="dataUriToString",
)
def data_uri_to_string(text: str) -> str:
    """The text in a data URI."""
    content_type, data = _read_data_uri(text, "dataUriToString")
    return data.decode(_media_type(content_type).charset or "utf-8", "replace")


class _MediaType(NamedTuple):
    """A content type taken apart; `charset` is one that .NET knows, "" for another or none."""

    name: str
    charset: str
    has_charset: bool


@lru_cache(maxsize=256)
def _media_type(content_type: str) -> _MediaType:
    header = Message()
    header["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")
    given = str(header.get_param("charset") or "")
    return _MediaType(header.get_content_type(), _CHARSETS.get(given.lower(), ""), bool(given))


@function("decodeDataUri", text_parameter(""), arity=one("the data URI"), usage="decodeDataUri")
def decode_data_uri(text: str) -> Value:
    """What a data URI holds, read by its type: text, the value of JSON, content of any other type."""
    content_type, data = _read_data_uri(text, "decodeDataUri")
    kind = _media_type(content_type)
    if kind.name.startswith("text/"):
        return data.decode(kind.charset or "utf-8", "replace")
    if kind.name == "application/json" or kind.name.endswith("+json"):
        return _as_json(data.decode(kind.charset or "utf-8", "replace"))
    return _content(data, content_type if kind.has_charset else f"{content_type};charset=us-ascii")


def _as_json(text: str) -> Value:
    try:
        return jsontext.parse(text)
    except jsontext.JsonTextError:
        return text


# --- URI components ---------------------------------------------------------------------------------------------


def _encoder(name: str, subject: str) -> None:
    @function(
        name,
        anything(rest=True),
        arity=f"expects at least one parameter: {subject}. The function was invoked with '{{count}}' parameters.",
        usage=name,
        grows=True,
    )
    def encode(*values: Value) -> str:
        """The texts of all values with everything but letters, digits and `-_.~` as %XX."""
        return "".join([escape_data(to_text(value)) for value in values])


_encoder("encodeUriComponent", "the string to URL encode")
_encoder("uriComponent", "the value to convert to URI component")


@function("decodeUriComponent", text_parameter(""), arity=one("the string to decode"), usage="decodeUriComponent")
def decode_uri_component(text: str) -> str:
    """The text with every %XX decoded; a plus sign stays."""
    return unescape_data(text)


@function(
    "uriComponentToBinary",
    text_parameter("uriComponentToBinary"),
    arity=one("the URI component to convert to binary"),
    usage="uriComponentToBinary",
)
def uri_component_to_binary(text: str) -> dict[str, str]:
    """The bytes of a URI component (a plus sign is a space), as content."""
    return _content(url_decode(text))


@function(
    "uriComponentToString",
    text_parameter("uriComponentToString"),
    arity=one("the URI component to convert to binary"),
    usage="uriComponentToString",
)
def uri_component_to_string(text: str) -> str:
    """The text of a URI component (a plus sign is a space)."""
    return url_decode(text).decode("utf-8", "replace")
