"""Property values between Pulumi's wire form (protobuf Struct) and plain Python JSON.

Source: pulumi/pulumi `sdk/go/common/resource/plugin/rpc.go`. A value not known yet is `UNKNOWN`; secrets are taken out
of their wrapper, since azure-native does not accept secrets; nulls in objects are dropped, as it drops them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value

Json = dict[str, Any]

_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_TEXTS = frozenset(
    {
        _UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a marker of the protocol, no secret
# JSON numbers are doubles: beyond this, integers are no longer exact.
_EXACT = 2**53


class Unknown:
    """The only value of this class is `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: object) -> Unknown:
        return self


UNKNOWN: Final = Unknown()


def decode(struct: Struct) -> Json:
    """A property map as plain values, with `UNKNOWN` for what is not known yet."""
    return {key: _decode(value) for key, value in struct.fields.items() if not _is_null(value)}


def encode(values: Mapping[str, Any]) -> Struct:
    """The wire form of a property map; nulls in objects are left out."""
    struct = Struct()
    for key, value in values.items():
        if value is not None:
            struct.fields[key].CopyFrom(_encode(value))
    return struct


def contains_unknown(value: Any) -> bool:
    """Whether any part of a value is not known yet."""
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN


def same(first: Any, second: Any) -> bool:
    """Equality of JSON values: `True` is not `1`; what is unknown equals only what is unknown too."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same, first, second))
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)


def _is_null(value: Value) -> bool:
    return value.WhichOneof("kind") in (None, "null_value")


def _decode(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _decode_object(value.struct_value)
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "number_value":
        return _number(value.number_value)
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWN_TEXTS else value.string_value
    return value.bool_value if kind == "bool_value" else None


def _decode_object(struct: Struct) -> Any:
    if _SIGNATURE in struct.fields and struct.fields[_SIGNATURE].string_value == _SECRET:
        return _decode(struct.fields["value"])
    return decode(struct)


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) <= _EXACT else value


def _encode(value: Any) -> Value:
    if value is None:
        return Value(null_value=NULL_VALUE)
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, int | float):
        return Value(number_value=value)
    if isinstance(value, str | Unknown):
        return Value(string_value=_UNKNOWN_TEXT if isinstance(value, Unknown) else value)
    if isinstance(value, Mapping):
        return Value(struct_value=encode(value))
    return Value(list_value=ListValue(values=[_encode(item) for item in value]))
