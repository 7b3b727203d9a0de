"""Reads the generated Python SDK of azure-native as source text: classes, property names, types, defaults.

Source text rather than the imported classes, because annotations of unions lose their members at run time.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_SCALARS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_API_VERSION = re.compile(r"Uses Azure REST API version (\S+?)\.\s")
_EXPECTED = re.compile(r"Expected value is '([^']*)'")


@dataclass
class SdkClass:
    """One class: its properties in JSON schema form (refs are `module.Class`) and which are required."""

    properties: dict[str, dict[str, Any]] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)


class SdkModule:
    """One module of the SDK, such as `storage`."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._folder = folder

    def type(self, name: str) -> SdkClass:
        """An input (`…Args`, or of a function) or output (`…Response`) class."""
        for classes in (_classes(self._folder / "_inputs.py"), _classes(self._folder / "outputs.py")):
            if name in classes:
                return self._read(classes[name])
        raise LookupError(f"azure-native's Python SDK has no class {self.name}.{name}")

    def inputs(self, resource: str) -> SdkClass:
        """The arguments of a resource."""
        classes = _classes(self._folder / f"{_snake(resource)}.py")
        # `…InitArgs` where an object inside some resource took the plain name.
        return self._read(classes.get(f"{resource}InitArgs") or classes[f"{resource}Args"])

    def outputs(self, resource: str) -> SdkClass:
        """The outputs of a resource."""
        return self._read(_classes(self._folder / f"{_snake(resource)}.py")[resource])

    def function(self, name: str) -> tuple[SdkClass, SdkClass]:
        """Arguments and result of a function (`listStorageAccountKeys`)."""
        file = self._folder / f"{_snake(name)}.py"
        result = self._read(_classes(file)[f"{name[0].upper()}{name[1:]}Result"])
        return SdkClass(dict(self._arguments(file, _snake(name)))), result

    def api_version(self, name: str) -> str:
        """The API version that the documentation of a resource or function names."""
        found = _API_VERSION.search((self._folder / f"{_snake(name)}.py").read_text(encoding="utf-8"))
        if found is None:
            raise LookupError(f"azure-native's Python SDK does not tell the API version of {self.name}.{name}")
        return found[1]

    def _arguments(self, file: Path, function: str) -> Iterator[tuple[str, dict[str, Any]]]:
        definition = next(n for n in _tree(file).body if isinstance(n, ast.FunctionDef) and n.name == function)
        names = dict(_assigned_arguments(definition))
        for argument in definition.args.args:
            if argument.arg in names and argument.annotation is not None:
                yield names[argument.arg], self._property(argument.annotation)

    def _read(self, source: ast.ClassDef) -> SdkClass:
        read, names = SdkClass(), {}
        for getter in _getters(source):
            assert getter.returns is not None
            name = names[getter.name] = _pulumi_name(getter)
            read.properties[name] = self._property(getter.returns) | _constant(getter)
        read.required = [names[python] for python in _required(source) if python in names]
        return read

    def _property(self, annotation: ast.expr) -> dict[str, Any]:
        members = [item for item in _members(annotation) if not _is_none(item)]
        if all(self._class_name(item) for item in members) and len(members) > 1:
            return self._union([self._class_name(item) for item in members])
        # `Union[str, 'SomeEnum']`: what is not the enumeration decides.
        scalars = [item for item in members if _scalar(item)]
        return self._single((scalars or members)[0])

    def _union(self, names: list[str]) -> dict[str, Any]:
        classes = [name for name in names if not name.endswith("Dict")]
        if len(classes) == 1:
            return {"type": "object", "ref": f"{self.name}.{classes[0]}"}
        return {"type": "object", "oneOf": [f"{self.name}.{name}" for name in classes]}

    def _single(self, item: ast.expr) -> dict[str, Any]:
        if scalar := _scalar(item):
            return {"type": scalar}
        if isinstance(item, ast.Subscript) and _last_name(item.value) == "Sequence":
            return {"type": "array", "items": self._property(item.slice)}
        if isinstance(item, ast.Subscript) and _last_name(item.value) == "Mapping":
            assert isinstance(item.slice, ast.Tuple)
            return {"type": "object", "values": self._property(item.slice.elts[1])}
        if name := self._class_name(item):
            return {"type": "object", "ref": f"{self.name}.{name}"} if self._is_object(name) else {"type": "string"}
        return {"type": "any"}

    def _class_name(self, item: ast.expr) -> str:
        text = item.value if isinstance(item, ast.Constant) and isinstance(item.value, str) else ""
        return text.removeprefix("outputs.")

    def _is_object(self, name: str) -> bool:
        return name in _classes(self._folder / "_inputs.py") or name in _classes(self._folder / "outputs.py")


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def _classes(file: Path) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in _tree(file).body if isinstance(node, ast.ClassDef)}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _getters(source: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    for node in source.body:
        if isinstance(node, ast.FunctionDef) and any(_is_getter(item) for item in node.decorator_list):
            yield node


def _is_getter(decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return _last_name(target) == "getter"


def _pulumi_name(getter: ast.FunctionDef) -> str:
    for decorator in getter.decorator_list:
        if isinstance(decorator, ast.Call) and _is_getter(decorator):
            return str(ast.literal_eval(decorator.keywords[0].value))
    return getter.name


def _constant(getter: ast.FunctionDef) -> dict[str, Any]:
    found = _EXPECTED.search(ast.get_docstring(getter) or "")
    return {"const": found[1]} if found else {}


def _required(source: ast.ClassDef) -> list[str]:
    for node in source.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            return [argument.arg for argument, default in pairs if default is None]
    return []


def _assigned_arguments(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """`__args__['accountName'] = account_name` as (account_name, accountName)."""
    for node in function.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Subscript)
            and isinstance(node.value, ast.Name)
        ):
            yield node.value.id, str(ast.literal_eval(node.targets[0].slice))


def _members(annotation: ast.expr) -> list[ast.expr]:
    """The alternatives of a type, with pulumi.Input, pulumi.Output, Optional and Union taken off."""
    if isinstance(annotation, ast.Subscript):
        outer = _last_name(annotation.value)
        if outer in ("Input", "Output", "Optional"):
            return _members(annotation.slice)
        if outer == "Union":
            assert isinstance(annotation.slice, ast.Tuple)
            return [member for item in annotation.slice.elts for member in _members(item)]
    return [annotation]


def _scalar(item: ast.expr) -> str | None:
    return _SCALARS.get(_last_name(item)) if isinstance(item, ast.Attribute | ast.Name) else None


def _is_none(item: ast.expr) -> bool:
    return isinstance(item, ast.Constant) and item.value is None


def _last_name(item: ast.expr) -> str:
    if isinstance(item, ast.Attribute):
        return item.attr
    return item.id if isinstance(item, ast.Name) else ""
