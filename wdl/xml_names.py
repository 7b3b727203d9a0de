"""Names of XML elements for any text, as `XmlConvert.EncodeName` and `DecodeName` make and read them."""

from __future__ import annotations

import re
from typing import Final

_START: Final = (
    r":A-Z_a-zÀ-ÖØ-öø-˿Ͱ-ͽͿ-῿\u200C\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD"
    r"\U00010000-\U000EFFFF"
)
_REST: Final = _START + r"\-.0-9·\u0300-\u036F\u203F\u2040"
#: What must be written as a code: a character that no name has here, and an underscore that would read as a code.
_TO_ENCODE: Final = re.compile(rf"_(?=x(?:[0-9A-Fa-f]{{4}}|[0-9A-Fa-f]{{8}})_)|^[^{_START}]|[^{_REST}]")
_CODE: Final = re.compile("_x([0-9A-Fa-f]{4}|[0-9A-Fa-f]{8})_")


def encode_name(text: str) -> str:
    """A valid name: `new key` becomes `new_x0020_key`."""
    return _TO_ENCODE.sub(lambda match: _code(ord(match[0])), text)


def _code(number: int) -> str:
    return f"_x{number:04X}_" if number <= 0xFFFF else f"_x{number:08X}_"


def decode_name(name: str) -> str:
    """The text that was encoded; a code that is no character stays."""
    return _CODE.sub(_decoded, name)


def _decoded(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if number <= 0x10FFFF else match[0]
