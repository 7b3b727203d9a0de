"""The Pulumi package schema of the served types: `pulumi import` writes a program from it, YAML programs need it.

Made from `schema.json` alone, so it holds names and types but neither descriptions nor enumerations.
Source: pulumi/pulumi `pkg/codegen/schema` (the metaschema).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localazure.pulumi_provider.schema import Function, ObjectType, Property, Resource, Schema

Json = dict[str, Any]
_NAME = "azure-native"
_ANY = {"$ref": "pulumi.json#/Any"}


def package_schema(schema: Schema, version: str) -> str:
    """The package schema as JSON text."""
    package = {
        "name": _NAME,
        "version": version,
        "language": {"python": {"usesIOClasses": True, "compatibility": "kubernetes20"}},
        "provider": {"inputProperties": {"location": {"type": "string"}, "subscriptionId": {"type": "string"}}},
        "resources": {token: _resource(item) for token, item in schema.resources.items()},
        "types": {_type_token(name): _object(item) for name, item in schema.types.items()},
        "functions": {token: _function(item) for token, item in schema.functions.items()},
    }
    return json.dumps(package, sort_keys=True)


def _resource(item: Resource) -> Json:
    addressed = {parameter.name: {"type": "string"} for parameter in item.parameters if parameter.required}
    # A parameter or region that Check fills in need not be given.
    required = [p.name for p in item.parameters if p.required and p.auto_name is None]
    required += [
        name for name in item.body.required if name != "location" and item.body.properties[name].default is None
    ]
    outputs = {name: raw for name, raw in _properties(item.outputs).items() if name != "id"}
    return {
        "inputProperties": addressed | _properties(item.body),
        "requiredInputs": sorted(required),
        "properties": outputs | {"azureApiVersion": {"type": "string"}},
        "required": ["azureApiVersion"],
    }


def _function(item: Function) -> Json:
    given = {parameter.name: {"type": "string"} for parameter in item.parameters if parameter.wire != "subscriptionId"}
    required = [name for name in given if any(p.name == name and p.required for p in item.parameters)]
    return {
        "inputs": {"type": "object", "properties": given | _properties(item.body), "required": sorted(required)},
        "outputs": {"type": "object", "properties": _properties(item.outputs)},
    }


def _object(item: ObjectType) -> Json:
    return {"type": "object", "properties": _properties(item), "required": sorted(item.required)}


def _properties(item: ObjectType) -> Json:
    return {name: _property(inner) for name, inner in item.properties.items()}


def _property(item: Property) -> Json:
    constant: Mapping[str, Any] = {} if item.const is None else {"const": item.const}
    return {**_type(item), **constant}


def _type(item: Property) -> Json:
    if item.string_set:
        return {"type": "array", "items": {"type": "string"}}
    if item.one_of:
        return {"oneOf": [_reference(name) for name in item.one_of]}
    if item.ref is not None:
        return _reference(item.ref)
    if item.items is not None:
        return {"type": "array", "items": _type(item.items)}
    if item.values is not None:
        return {"type": "object", "additionalProperties": _type(item.values)}
    return _ANY if item.kind == "any" else {"type": item.kind}


def _reference(name: str) -> Json:
    return {"type": "object", "$ref": f"#/types/{_type_token(name)}"}


def _type_token(name: str) -> str:
    module, class_name = name.split(".")
    return f"{_NAME}:{module}:{class_name.removesuffix('Args')}"
