"""ARM templates around definitions: `[…]` is evaluated by the deployment, before Logic Apps sees the definition.

What follows from the template alone (parameters with a default, variables, `concat`, `format` without its options) is
put in; the rest stays open, and nothing is said about it. Source: "Syntax and expressions in ARM templates".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wdl.definition import Path
from wdl.errors import ExpressionError
from wdl.syntax import Access, Literal, Node, parse

_OPEN = object()
_DEPTH = 20


def holds_template(value: Mapping[str, Any]) -> bool:
    """Whether an object is an ARM template."""
    return isinstance(value.get("resources"), (list, Mapping)) and "$schema" in value


class Resolver:
    """Evaluates the expressions of one template as far as it can."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self._parameters = _members(template.get("parameters"))
        self._variables = _members(template.get("variables"))
        self._depth = 0

    def resolve(self, value: Any, path: Path, found: set[Path]) -> Any:
        """A value with its expressions evaluated; the paths of those left open are added to `found`."""
        if isinstance(value, str):
            return self._text(value, path, found)
        if isinstance(value, list):
            return [self.resolve(item, (*path, index), found) for index, item in enumerate(value)]
        if isinstance(value, Mapping):
            return {name: self.resolve(member, (*path, name), found) for name, member in value.items()}
        return value

    def parameter(self, holder: Any) -> Any:
        """A workflow parameter's `{"value": …}`; `{"reference": …}` where the deployment alone knows the value."""
        found: set[Path] = set()
        resolved = self.resolve(holder, (), found)
        typed = isinstance(resolved, Mapping) and isinstance(resolved.get("value"), (Mapping, list))
        return resolved if not found or typed else {"reference": holder}

    def _text(self, text: str, path: Path, found: set[Path]) -> Any:
        if text.startswith("[["):
            return text[1:]
        if not (text.startswith("[") and text.endswith("]")):
            return text
        value = self._expression(text[1:-1])
        if value is _OPEN:
            found.add(path)
            return text
        return value

    def _expression(self, text: str) -> Any:
        try:
            node = parse(text)
        except ExpressionError:
            return _OPEN
        if self._depth >= _DEPTH:
            return _OPEN
        self._depth += 1
        try:
            return self._node(node)
        finally:
            self._depth -= 1

    def _node(self, node: Node) -> Any:
        if isinstance(node, Literal):
            return node.value
        function = _FUNCTIONS.get(node.name.lower())
        arguments = [self._node(argument) for argument in node.arguments]
        if function is None or any(argument is _OPEN for argument in arguments):
            return _OPEN
        value = function(self, arguments)
        for access in node.accesses:
            value = self._access(value, access)
        return value

    def _access(self, value: Any, access: Access) -> Any:
        key = self._node(access.key)
        if isinstance(value, Mapping) and isinstance(key, str):
            return value.get(key, _OPEN)
        if isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            return value[key]
        return _OPEN

    def named(self, holders: Mapping[str, Any], name: Any) -> Any:
        """The value under a name, in any case, itself resolved."""
        key = next((key for key in holders if key.lower() == str(name).lower()), None)
        if key is None:
            return _OPEN
        found: set[Path] = set()
        value = self.resolve(holders[key], (), found)
        return _OPEN if found else value

    def default(self, name: Any) -> Any:
        """The default of a template parameter."""
        holders = {key: _members(holder).get("defaultValue", _OPEN) for key, holder in self._parameters.items()}
        return self.named(holders, name)

    def variable(self, name: Any) -> Any:
        return self.named(self._variables, name)


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _concat(_: Resolver, arguments: Sequence[Any]) -> Any:
    return "".join(map(str, arguments)) if all(isinstance(a, (str, int)) for a in arguments) else _OPEN


def _format(_: Resolver, arguments: Sequence[Any]) -> Any:
    form, values = (arguments[0] if arguments else _OPEN), arguments[1:]
    if not isinstance(form, str) or re.search(r"\{\d+[,:]", form):
        return _OPEN
    return (
        re.sub(r"\{(\d+)\}", lambda match: str(_at(values, int(match[1]))), form).replace("{{", "{").replace("}}", "}")
    )


def _at(values: Sequence[Any], index: int) -> Any:
    return values[index] if index < len(values) else ""


def _first(call: Callable[[Resolver, Any], Any]) -> Callable[[Resolver, Sequence[Any]], Any]:
    return lambda resolver, arguments: call(resolver, arguments[0]) if len(arguments) == 1 else _OPEN


_FUNCTIONS: Mapping[str, Callable[[Resolver, Sequence[Any]], Any]] = {
    "parameters": _first(Resolver.default),
    "variables": _first(Resolver.variable),
    "concat": _concat,
    "format": _format,
    "string": _first(lambda _, value: value if isinstance(value, str) else _OPEN),
    "int": _first(lambda _, value: int(value) if re.fullmatch(r"-?\d+", str(value)) else _OPEN),
    "tolower": _first(lambda _, value: value.lower() if isinstance(value, str) else _OPEN),
    "toupper": _first(lambda _, value: value.upper() if isinstance(value, str) else _OPEN),
}
