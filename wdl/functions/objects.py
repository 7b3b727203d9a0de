"""Objects: addProperty, setProperty, removeProperty, mergeObjects."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from wdl.errors import Fault
from wdl.registry import Parameter, anything, function, mapping, string

_OBJECT: Final[Parameter] = mapping("its first parameter to be of type object", usage=None)
_NAME: Final[Parameter] = string("its second parameter to be of type string", usage=None)
_FORBIDDEN: Final = "[]."


@function("addProperty", _OBJECT, _NAME, anything(), usage="addProperty")
def add_property(members: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The object with one property more; it must not have it yet."""
    if name in members:
        raise Fault(
            "The template language function '{name}' expects the property to not exist in the object. "
            "Unable to add property '{property}' to '{object}'.",
            property=name,
            object=json.dumps(members, indent=2, ensure_ascii=False, default=str),
        )
    return {**members, name: value}


@function("setProperty", _OBJECT, _NAME, anything(), usage="setProperty")
def set_property(members: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The object with a property set; it comes last."""
    return {**{key: old for key, old in members.items() if key != name}, name: value}


@function("removeProperty", _OBJECT, _NAME, usage="removeProperty")
def remove_property(members: dict[str, Any], name: str) -> dict[str, Any]:
    """The object without a property, whether it had it or not."""
    invalid = dict.fromkeys(re.findall(r"[\[\].]", name))
    if invalid:
        raise Fault(
            "The provided property name '{property}' has these invalid characters '{invalid}'. "
            "The name cannot contain any of the following symbols: '[, ], .'.",
            property=name,
            invalid=", ".join(invalid),
        )
    return {key: value for key, value in members.items() if key != name}


@function("mergeObjects", mapping("its parameters to be of type object", rest=True), usage="mergeObjects")
def merge_objects(*objects: dict[str, Any]) -> dict[str, Any]:
    """One object with the properties of all, objects within them merged too; the later value stays."""
    merged: dict[str, Any] = {}
    for members in objects:
        merged = _merge(merged, members)
    return merged


def _merge(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    result = dict(left)
    for name, value in right.items():
        old = result.get(name)
        result[name] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result
