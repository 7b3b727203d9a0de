"""Percent-encoding as .NET does it."""

from __future__ import annotations

import codecs
from typing import Final
from urllib.parse import quote_from_bytes, unquote, unquote_to_bytes

from wdl import utf16

_UNRESERVED: Final = "-_.~"
_KEEP: Final = "wdl-percent"


def _keep_percent(error: UnicodeError) -> tuple[str, int]:
    """Leave bytes that are no UTF-8 as the escapes that they were."""
    assert isinstance(error, UnicodeDecodeError)
    return "".join(f"%{byte:02X}" for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_KEEP, _keep_percent)


def escape_data(text: str) -> str:
    """`Uri.EscapeDataString`: everything but letters, digits and `-_.~` as %XX of UTF-8."""
    return quote_from_bytes(utf16.encode(text), safe=_UNRESERVED)


def unescape_data(text: str) -> str:
    """`Uri.UnescapeDataString`: %XX decoded where it is UTF-8."""
    return unquote(text, errors=_KEEP)


def url_decode(text: str) -> bytes:
    """`HttpUtility.UrlDecodeToBytes`: a plus sign is a space, %XX a byte."""
    return unquote_to_bytes(utf16.encode(text.replace("+", " ")))
