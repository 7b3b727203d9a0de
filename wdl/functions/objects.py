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


def _three(what: str) -> str:
    return (
        f"expects three parameters: the object as the first parameter, the name of the property to {what} as the "
        "second parameter, and the value as the third parameter. "
        "The function was invoked with '{count}' parameter(s)."
    )


@function("addProperty", _OBJECT, _NAME, anything(), arity=_three("add"))
def add_property(members: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The object with one property more; it must not have it yet, in any case."""
    if _known(members, name) is not None:
        raise Fault(
            "The template language function '{name}' expects the property to not exist in the object. "
            "Unable to add property '{property}' to '{object}' as it already exists.",
            property=name,
            object=json.dumps(members, indent=2, ensure_ascii=False, default=str),
        )
    return {**members, name: value}


@function("setProperty", _OBJECT, _NAME, anything(), arity=_three("set"))
def set_property(members: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The object with a property set; it comes last, under the name it had in any case."""
    known = _known(members, name)
    if known is None:
        return {**members, name: value}
    return {**{key: old for key, old in members.items() if key != known}, known: value}


def _known(members: dict[str, Any], name: str) -> str | None:
    """The name of a property as the object has it, looked for without regard to case; None for none."""
    if name in members:
        return name
    folded = name.lower()
    return next((key for key in members if key.lower() == folded), None)


@function(
    "removeProperty",
    _OBJECT,
    _NAME,
    arity="expects two parameters: the object as the first parameter and the name of the property to remove as the "
    "second parameter. The function was invoked with '{count}' parameter(s).",
)
def remove_property(members: dict[str, Any], name: str) -> dict[str, Any]:
    """The object without a property (in any case), whether it had it or not."""
    invalid = dict.fromkeys(re.findall(r"[\[\].]", name))
    if invalid:
        raise Fault(
            "The provided property name '{property}' has these invalid characters '{invalid}'. "
            "The name cannot contain any of the following symbols: '[, ], .'.",
            property=name,
            invalid=", ".join(invalid),
        )
    known = _known(members, name)
    return {key: value for key, value in members.items() if key != known}


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
