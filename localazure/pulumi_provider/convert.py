"""Between the shape of the SDK and the JSON of ARM: flattening, renaming, sets of strings, unions.

Only modelled properties pass; anything else is dropped without a word, as azure-native drops it. Inside `Any` and
untyped maps keys and values stay as they are. Source: azure-native `provider/pkg/convert`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localazure.pulumi_provider.schema import ObjectType, Property, Resource
from localazure.pulumi_provider.values import UNKNOWN, Json

# Converts one typed object; None: the object is not of this type (a constant differs).
ConvertObject = Callable[[ObjectType, Json], "Json | None"]


class Converter:
    """Knows the types that properties refer to by name."""

    def __init__(self, types: Mapping[str, ObjectType]) -> None:
        self._types = types

    def to_request(self, type_: ObjectType, values: Json, previous: Json | None = None) -> Json:
        """SDK inputs as a request body. `previous` are the inputs of the last write: items that a set of strings has
        lost since are sent as null."""
        return self._request(type_, values, previous or {}) or {}

    def to_outputs(self, type_: ObjectType, body: Json) -> Json:
        """An answer of ARM as SDK outputs."""
        return self._from_wire(type_, body) or {}

    def project(self, type_: ObjectType, outputs: Json) -> Json:
        """Outputs in the shape of inputs: what is read-only falls away."""
        return self._project(type_, outputs) or {}

    def to_imported_inputs(self, resource: Resource, path_values: Mapping[str, str], body: Json) -> Json:
        """Inputs that would have made a resource: for import. Empty lists and maps are left out."""
        found: Json = {
            item.name: path_values[item.wire]
            for item in resource.parameters
            if item.location == "path" and item.wire.lower() != "subscriptionid"
        }
        written = self.to_outputs(resource.body, body)
        kept = {name: _without_empty(value) for name, value in written.items() if name != "id"}
        return found | {name: value for name, value in kept.items() if value is not None}

    def preview(self, type_: ObjectType, inputs: Json) -> Json:
        """Outputs before a resource is there: the inputs, and `UNKNOWN` for whatever only Azure can tell."""
        return {name: self._preview(item, inputs.get(name, UNKNOWN)) for name, item in type_.properties.items()}

    def _request(self, type_: ObjectType, values: Json, previous: Json) -> Json | None:
        result: Json = {}
        for name, item in type_.properties.items():
            if name not in values:
                continue
            if _contradicts(item, values[name]):
                return None
            _container(result, item)[item.wire] = self._request_value(item, values[name], previous.get(name))
        return result

    def _request_value(self, item: Property, value: Any, previous: Any) -> Any:
        if item.string_set and isinstance(value, list):
            gone = [name for name in previous or () if name not in value] if isinstance(previous, list) else []
            return {name: {} for name in value} | dict.fromkeys(gone)
        before = previous if isinstance(previous, dict) else {}
        return self._walk(item, value, lambda type_, values: self._request(type_, values, before))

    def _from_wire(self, type_: ObjectType, body: Json) -> Json | None:
        result: Json = {}
        for name, item in type_.properties.items():
            value = _lifted(item, body)
            if value is None:
                continue
            if _contradicts(item, value):
                return None
            result[name] = self._walk(item, value, self._from_wire)
        return result

    def _project(self, type_: ObjectType, outputs: Json) -> Json | None:
        result: Json = {}
        for name, item in type_.properties.items():
            if name not in outputs:
                continue
            if _contradicts(item, outputs[name]):
                return None
            result[name] = self._walk(item, outputs[name], self._project)
        return result

    def _walk(self, item: Property | None, value: Any, convert: ConvertObject) -> Any:
        if item is None:
            return value
        if isinstance(value, dict):
            return self._walk_object(item, value, convert)
        if isinstance(value, list) and item.items is not None and not item.string_set:
            return [self._walk(item.items, element, convert) for element in value]
        return value

    def _walk_object(self, item: Property, value: Json, convert: ConvertObject) -> Any:
        for name in item.one_of:
            found = convert(self._types[name], value)
            if found is not None:
                return found
        if item.ref is not None:
            return convert(self._types[item.ref], value)
        if item.string_set:
            return list(value)
        if item.values is not None:
            return {key: self._walk(item.values, element, convert) for key, element in value.items()}
        return value

    def _preview(self, item: Property | None, value: Any) -> Any:
        if item is None:
            return UNKNOWN
        if item.const is not None:
            return item.const
        if isinstance(value, list) and item.items is not None:
            return [self._preview(item.items, element) for element in value]
        if isinstance(value, dict):
            return self._preview_object(item, value)
        typed = item.ref is not None or item.one_of or item.items is not None or item.values is not None
        return UNKNOWN if typed else value

    def _preview_object(self, item: Property, value: Json) -> Any:
        if item.ref is not None:
            return self.preview(self._types[item.ref], value)
        if item.values is not None:
            return {key: self._preview(item.values, element) for key, element in value.items()}
        # A union may hold unknowns, so its member cannot be told: the input is taken for the output.
        return value if item.one_of or item.kind == "any" else UNKNOWN


def _contradicts(item: Property, value: Any) -> bool:
    return item.const is not None and value != item.const


def _container(body: Json, item: Property) -> Json:
    for name in item.containers:
        body = body.setdefault(name, {})
    return body


def _lifted(item: Property, body: Json) -> Any:
    """The value of a flattened property; where a container is missing, its parent may hold the value itself."""
    for name in item.containers:
        if name not in body:
            break
        if isinstance(body[name], dict):
            body = body[name]
    return body.get(item.wire)


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: found for key, element in value.items() if (found := _without_empty(element)) is not None}
        return kept or None
    if isinstance(value, list):
        return [found for element in value if (found := _without_empty(element)) is not None] or None
    return value
