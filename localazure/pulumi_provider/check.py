"""Check: defaults (name, location, API version) and validation of a resource's inputs.

Only what azure-native checks is checked: required properties, array/string/number types, lengths, patterns, ranges.
Unknown properties, booleans, enumerations and values inside `Any` pass. Source: azure-native `provider.go`
(`applyDefaults`, `validateType`, `validateProperty`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localazure.pulumi_provider.names import NameRequest, default_name
from localazure.pulumi_provider.schema import ObjectType, Parameter, Property, Resource
from localazure.pulumi_provider.values import UNKNOWN, Json, contains_unknown

CREATE_BEFORE_DELETE = "__createBeforeDelete"
_LOCATION_HINT = ". Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'."

# The location of a resource group by its name, or None where it cannot be told.
GroupLocation = Callable[[str], "str | None"]


class Checker:
    """Checks the resources of one schema."""

    def __init__(self, types: Mapping[str, ObjectType]) -> None:
        self._types = types

    def failures(self, resource: Resource, inputs: Json) -> list[str]:
        """Every reason why the inputs cannot be deployed."""
        found = [reason for item in resource.parameters for reason in self._parameter(item, inputs)]
        return [*found, *self._object("", resource.body, inputs)]

    def _parameter(self, item: Parameter, inputs: Json) -> Iterator[str]:
        if item.wire in ("subscriptionId", "api-version"):
            return
        if item.name in inputs:
            yield from self._value(item.name, item.value, inputs[item.name])
        elif item.required:
            yield f"missing required property '{item.name}'"

    def _object(self, place: str, type_: ObjectType, values: Json) -> Iterator[str]:
        for name in type_.required:
            if name not in values:
                missing = f"missing required property '{_join(place, name)}'"
                yield missing + (_LOCATION_HINT if _join(place, name) == "location" else "")
        for name, item in type_.properties.items():
            if name in values:
                yield from self._value(_join(place, name), item, values[name])

    def _value(self, place: str, item: Property | None, value: Any) -> Iterator[str]:
        if item is None or item.kind == "any" or value is UNKNOWN:
            return
        if isinstance(value, dict):
            if item.ref is not None:
                yield from self._object(place, self._types[item.ref], value)
        elif isinstance(value, list):
            yield from self._array(place, item, value)
        elif isinstance(value, str):
            yield from _string(place, item, value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield from _number(place, item, value)

    def _array(self, place: str, item: Property, value: list[Any]) -> Iterator[str]:
        if item.kind != "array" and not item.string_set:
            yield f"'{place}' should be of type '{_type_name(item)}' but got an array"
            return
        for index, element in enumerate(value):
            yield from self._value(f"{place}[{index}]", item.items, element)


def apply_defaults(
    resource: Resource,
    olds: Json,
    news: Json,
    name_request: NameRequest,
    configured_location: str | None,
    group_location: GroupLocation,
) -> None:
    """Fill in the new inputs what the program left out: name, location, API version."""
    for item in resource.parameters:
        if item.auto_name is not None and item.name not in news:
            _apply_name(item.name, item.auto_name, olds, news, name_request)
    if "location" in resource.body.properties and "location" not in news:
        location = _default_location(olds, news, configured_location, group_location)
        if location is not None:
            news["location"] = location
    news.setdefault("azureApiVersion", resource.api_version)


def _apply_name(name: str, strategy: str, olds: Json, news: Json, request: NameRequest) -> None:
    if name in olds:
        found: tuple[Any, bool] | None = (olds[name], olds.get(CREATE_BEFORE_DELETE) is True)
    else:
        found = default_name(strategy, request)
    if found is not None:
        news[name], random = found
        if random:
            news[CREATE_BEFORE_DELETE] = True


def _default_location(olds: Json, news: Json, configured: str | None, group_location: GroupLocation) -> Any:
    if "location" in olds:
        return olds["location"]
    if configured is not None:
        return configured
    group = news.get("resourceGroupName")
    if contains_unknown(group):
        return UNKNOWN
    return group_location(group) if isinstance(group, str) else None


def _string(place: str, item: Property, value: str) -> Iterator[str]:
    if item.kind != "string":
        yield f"'{place}' should be of type '{_type_name(item)}' but got a string"
        return
    length = len(value.encode())
    if item.min_length is not None and length < item.min_length:
        yield f"'{place}' is too short ({length}): at least {item.min_length} characters required"
    if item.max_length is not None and length > item.max_length:
        yield f"'{place}' is too long ({length}): at most {item.max_length} characters allowed"
    if item.pattern is not None and not re.search(item.pattern, value, re.ASCII):
        yield f"'{place}' does not match expression '{item.pattern}'"


def _number(place: str, item: Property, value: float) -> Iterator[str]:
    if item.kind not in ("number", "integer"):
        yield f"'{place}' should be of type '{_type_name(item)}' but got a number"
        return
    if item.kind == "integer" and not float(value).is_integer():
        yield f"'{place}' must be an integer but got {value:f}"
    if item.minimum is not None and value < item.minimum:
        yield f"'{place}' is too low ({value:f} < {item.minimum:f})"
    if item.maximum is not None and value > item.maximum:
        yield f"'{place}' is too high ({value:f} > {item.maximum:f})"


def _type_name(item: Property) -> str:
    # A union has no plain type in the provider's metadata.
    return "" if item.one_of else item.kind


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
