"""Writes `schema.json` from the installed azure-native Python SDK and `declarations.py`.

Run `python -m localazure.pulumi_provider.generate` after either has changed; a test compares the result with the
committed file. The SDK is needed for this only, never to run the provider.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localazure.pulumi_provider.declarations import (
    FUNCTIONS,
    NESTED,
    RESOURCES,
    Facts,
    FunctionDeclaration,
    ResourceDeclaration,
)
from localazure.pulumi_provider.sdk_source import SdkClass, SdkModule

TARGET = Path(__file__).with_name("schema.json")
_PREFIX = "azure-native:"
_ALWAYS_TOP = ("id", "name", "type", "etag")

Json = dict[str, Any]


def generate(sdk: Path | None = None) -> Json:
    """The whole schema in JSON form. `sdk` is the folder of the package pulumi_azure_native."""
    builder = _Builder(sdk or _installed_sdk())
    resources = {_PREFIX + item.token: builder.resource(item) for item in RESOURCES}
    functions: Json = {}
    for declaration in RESOURCES:
        functions[_getter_token(declaration)] = builder.getter(declaration)
    for item in FUNCTIONS:
        functions[_PREFIX + item.token] = builder.function(item)
    return {"resources": resources, "functions": functions, "types": builder.types()}


def render(schema: Json) -> str:
    """The text of `schema.json`."""
    # One line an entry: a change shows as the lines of the types it concerns.
    sections = [f"{json.dumps(name)}: {{\n{_lines(schema[name])}\n}}" for name in sorted(schema)]
    return "{\n" + ",\n".join(sections) + "\n}\n"


def _lines(entries: Json) -> str:
    return ",\n".join(f" {json.dumps(key)}: {json.dumps(raw, sort_keys=True)}" for key, raw in sorted(entries.items()))


def auto_name(path: str) -> str:
    """How the parameter that ends a path is named by default: uuid, random or copy (azure-native's `AutoName`)."""
    last = path.rsplit("/", 1)[-1].strip("{}")
    if last in ("roleAssignmentName", "roleDefinitionId"):
        return "uuid"
    _, separator, rest = path.lower().rpartition("microsoft.")
    return "random" if not separator or rest.count("{") == 1 else "copy"


class _Builder:
    def __init__(self, sdk: Path) -> None:
        self._sdk = sdk
        self._wanted: list[str] = []

    def resource(self, declaration: ResourceDeclaration) -> Json:
        module, name = self._module(declaration.token)
        inputs = module.inputs(name)
        parameters = _path_parameters(declaration)
        raw: Json = {
            "path": declaration.path,
            "apiVersion": module.api_version(name),
            "parameters": parameters,
            "body": self._body(declaration, inputs, parameters),
            "outputs": self._outputs(declaration, module.outputs(name), inputs),
        }
        return raw | _flags(declaration)

    def getter(self, declaration: ResourceDeclaration) -> Json:
        module, name = self._module(declaration.token)
        _, result = module.function(f"get{name}")
        return {
            "method": "GET",
            "path": declaration.path,
            "apiVersion": module.api_version(f"get{name}"),
            "parameters": _path_parameters(declaration, auto_named=False),
            "body": {"properties": {}},
            "outputs": self._outputs(declaration, result, module.inputs(name)),
        }

    def function(self, declaration: FunctionDeclaration) -> Json:
        module, name = self._module(declaration.token)
        arguments, result = module.function(name)
        parameters: Json = {key: {} for key in _names_in(declaration.path)}
        for key, wire in declaration.query.items():
            parameters[key] = {"in": "query", "wire": wire, "required": False}
        body = {key: raw for key, raw in arguments.properties.items() if key not in parameters}
        return {
            "method": "POST",
            "path": declaration.path,
            "apiVersion": module.api_version(name),
            "parameters": parameters,
            "body": self._want({"properties": body}),
            "outputs": self._want({"properties": result.properties}),
        }

    def types(self) -> Json:
        """Every type that anything refers to, directly or through another."""
        done: Json = {}
        while self._wanted:
            ref = self._wanted.pop()
            if ref not in done:
                done[ref] = self._want(_object(self._type(ref), NESTED.get(_bare(ref), {})))
        return done

    def _type(self, ref: str) -> SdkClass:
        module, name = ref.split(".")
        found = SdkModule(self._sdk / module).type(name)
        if ref.endswith("Response") and any(_has_any(raw) for raw in found.properties.values()):
            return _with_unions(found, SdkModule(self._sdk / module).type(name.removesuffix("Response") + "Args"))
        return found

    def _body(self, declaration: ResourceDeclaration, inputs: SdkClass, parameters: Json) -> Json:
        body = SdkClass({name: raw for name, raw in inputs.properties.items() if name not in parameters})
        body.required = [name for name in inputs.required if name in body.properties] + list(declaration.required)
        return self._want(_nest(_object(body, declaration.body), declaration.top_level))

    def _outputs(self, declaration: ResourceDeclaration, outputs: SdkClass, inputs: SdkClass) -> Json:
        modelled = _with_unions(outputs, inputs).properties
        properties = {name: raw for name, raw in modelled.items() if name != "azureApiVersion"}
        facts = {name: {"wire": raw["wire"]} for name, raw in declaration.body.items() if "wire" in raw}
        found = _object(SdkClass({**properties, "id": {"type": "string"}}), facts)
        return self._want(_nest(found, declaration.top_level))

    def _want(self, raw: Json) -> Json:
        for item in raw["properties"].values():
            self._wanted.extend(_refs(item))
        return raw

    def _module(self, token: str) -> tuple[SdkModule, str]:
        module, name = token.split(":")
        return SdkModule(self._sdk / module), name


def _path_parameters(declaration: ResourceDeclaration, *, auto_named: bool = True) -> Json:
    names = _names_in(declaration.path)
    ends_path = declaration.path.endswith("}")
    raw: Json = {name: dict(declaration.parameters.get(name, {})) for name in names}
    if auto_named and ends_path:
        raw[names[-1]]["autoName"] = auto_name(declaration.path)
    # The subscription is the provider's; the SDK of web:Connection takes it as an argument too.
    if "subscriptionId" in raw:
        raw["subscriptionId"]["required"] = False
    return raw


def _has_any(raw: Json) -> bool:
    inner = raw.get("items") or raw.get("values")
    return raw["type"] == "any" or (inner is not None and _has_any(inner))


def _with_unions(outputs: SdkClass, inputs: SdkClass) -> SdkClass:
    """The SDK types an output that is a union as Any: take the members from the input of the same name."""
    pairs = {name: (raw, inputs.properties.get(name)) for name, raw in outputs.properties.items()}
    return SdkClass({name: _union_as_output(raw, given) for name, (raw, given) in pairs.items()}, outputs.required)


def _union_as_output(raw: Json, given: Json | None) -> Json:
    if given is None:
        return raw
    if raw["type"] == "any" and "oneOf" in given:
        return {"type": "object", "oneOf": [name.removesuffix("Args") + "Response" for name in given["oneOf"]]}
    inner = {key: _union_as_output(raw[key], given.get(key)) for key in ("items", "values") if key in raw}
    return raw | inner


def _names_in(path: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", path)


def _object(source: SdkClass, facts: Mapping[str, Facts]) -> Json:
    unknown = set(facts) - set(source.properties)
    if unknown:
        raise LookupError(f"declarations.py names properties that the SDK does not have: {sorted(unknown)}")
    required = set(source.required)
    properties: Json = {}
    for name, raw in source.properties.items():
        declared = dict(facts.get(name, {}))
        if declared.pop("required", False):
            required.add(name)
        properties[name] = raw | declared
    return {"properties": properties} | ({"required": sorted(required)} if required else {})


def _nest(raw: Json, top_level: tuple[str, ...] | None) -> Json:
    if top_level is None:
        return raw
    for name, item in raw["properties"].items():
        if name not in top_level and name not in _ALWAYS_TOP:
            item["containers"] = ["properties"]
    return raw


def _flags(declaration: ResourceDeclaration) -> Json:
    flags: Json = {
        "requiredContainers": list(declaration.required_containers),
        "longRunningPut": declaration.long_running_put,
        "longRunningDelete": declaration.long_running_delete,
        "singleton": declaration.singleton,
        "defaultProperties": dict(declaration.default_properties),
    }
    return {name: value for name, value in flags.items() if value}


def _refs(raw: Json) -> list[str]:
    inner = [ref for key in ("items", "values") if key in raw for ref in _refs(raw[key])]
    return [*inner, *raw.get("oneOf", ()), *([raw["ref"]] if "ref" in raw else ())]


def _bare(ref: str) -> str:
    return ref.removesuffix("Args").removesuffix("Response")


def _getter_token(declaration: ResourceDeclaration) -> str:
    module, name = declaration.token.split(":")
    return f"{_PREFIX}{module}:get{name}"


def _installed_sdk() -> Path:
    found = importlib.util.find_spec("pulumi_azure_native")
    if found is None or found.origin is None:
        raise SystemExit("pulumi-azure-native is not installed: pip install pulumi-azure-native==3.29.0")
    return Path(found.origin).parent


if __name__ == "__main__":
    TARGET.write_text(render(generate()), encoding="utf-8")
