"""What the stand-in knows of each resource type and function: paths, properties, constraints.

The data is `schema.json`, made by `localazure.pulumi_provider.generate` from the azure-native Python SDK and the
small tables of `declarations.py`. It plays the part of the real provider's metadata file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

TARGET_NAME = "schema.json"


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a type. `kind` is string, integer, number, boolean, array, object, or any (kept verbatim).

    `wire` is its name in ARM's JSON, `containers` the objects there that it was lifted out of (flattening).
    `string_set`: a list in the SDK, an object with empty values on the wire.
    """

    kind: str
    wire: str
    containers: tuple[str, ...] = ()
    ref: str | None = None
    items: Property | None = None
    values: Property | None = None
    one_of: tuple[str, ...] = ()
    const: str | None = None
    default: Any = None
    force_new: bool = False
    string_set: bool = False
    identifiers: tuple[str, ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A typed object: its properties under their SDK names, and which of them must be there."""

    properties: Mapping[str, Property]
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A path or query parameter. `wire` is its name in the path template or query string."""

    name: str
    wire: str
    location: str
    required: bool
    value: Property
    skip_encoding: bool = False
    auto_name: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource type: how Check, Create, Read, Update, Delete and Diff treat it."""

    token: str
    path: str
    api_version: str
    parameters: tuple[Parameter, ...]
    body: ObjectType
    outputs: ObjectType
    required_containers: tuple[str, ...] = ()
    long_running_put: bool = False
    long_running_delete: bool = False
    singleton: bool = False
    default_properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the provider: `get<Resource>` (GET) or `list…` (POST)."""

    token: str
    method: str
    path: str
    api_version: str
    parameters: tuple[Parameter, ...]
    body: ObjectType
    outputs: ObjectType


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything, by token (`azure-native:storage:StorageAccount`) or by type name (`storage.EncryptionArgs`)."""

    resources: Mapping[str, Resource]
    functions: Mapping[str, Function]
    types: Mapping[str, ObjectType]


@cache
def load() -> Schema:
    """The schema that comes with the package."""
    return parse(json.loads(files(__package__).joinpath(TARGET_NAME).read_text(encoding="utf-8")))


def parse(data: Mapping[str, Any]) -> Schema:
    """A schema from the JSON form (tests add types that only recordings need)."""
    return Schema(
        resources={token: _resource(token, raw) for token, raw in data["resources"].items()},
        functions={token: _function(token, raw) for token, raw in data["functions"].items()},
        types={name: _object_type(raw) for name, raw in data["types"].items()},
    )


def _resource(token: str, raw: Mapping[str, Any]) -> Resource:
    return Resource(
        token=token,
        path=raw["path"],
        api_version=raw["apiVersion"],
        parameters=tuple(_parameter(name, item) for name, item in raw["parameters"].items()),
        body=_object_type(raw["body"]),
        outputs=_object_type(raw["outputs"]),
        required_containers=tuple(raw.get("requiredContainers", ())),
        long_running_put=raw.get("longRunningPut", False),
        long_running_delete=raw.get("longRunningDelete", False),
        singleton=raw.get("singleton", False),
        default_properties=raw.get("defaultProperties", {}),
    )


def _function(token: str, raw: Mapping[str, Any]) -> Function:
    return Function(
        token=token,
        method=raw["method"],
        path=raw["path"],
        api_version=raw["apiVersion"],
        parameters=tuple(_parameter(name, item) for name, item in raw["parameters"].items()),
        body=_object_type(raw["body"]),
        outputs=_object_type(raw["outputs"]),
    )


def _parameter(name: str, raw: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=name,
        wire=raw.get("wire", name),
        location=raw.get("in", "path"),
        required=raw.get("required", True),
        value=_property(name, {"type": "string", **raw}),
        skip_encoding=raw.get("skipEncoding", False),
        auto_name=raw.get("autoName"),
    )


def _object_type(raw: Mapping[str, Any]) -> ObjectType:
    properties = {name: _property(name, item) for name, item in raw["properties"].items()}
    return ObjectType(properties, tuple(raw.get("required", ())))


def _property(name: str, raw: Mapping[str, Any]) -> Property:
    return Property(
        kind=raw["type"],
        wire=raw.get("wire", name),
        containers=tuple(raw.get("containers", ())),
        ref=raw.get("ref"),
        items=_property(name, raw["items"]) if "items" in raw else None,
        values=_property(name, raw["values"]) if "values" in raw else None,
        one_of=tuple(raw.get("oneOf", ())),
        const=raw.get("const"),
        default=raw.get("default"),
        force_new=raw.get("forceNew", False),
        string_set=raw.get("stringSet", False),
        identifiers=tuple(raw.get("identifiers", ())),
        min_length=raw.get("minLength"),
        max_length=raw.get("maxLength"),
        pattern=raw.get("pattern"),
        minimum=raw.get("minimum"),
        maximum=raw.get("maximum"),
    )
