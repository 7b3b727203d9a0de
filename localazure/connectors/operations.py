"""The operations of a connector, declared as data: they route its calls and fill the coverage table of the docs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from localazure.connectors.errors import ConnectorError

_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Operation:
    """`id` is the swagger's operationId, `title` the designer's name. `template` has its parameters in braces; they are
    percent-encoded in a path, those of `twice` two times."""

    id: str
    method: str
    template: str
    title: str
    twice: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """The operation that a call means, and the parameters of its path, decoded."""

    operation: Operation
    parameters: Mapping[str, str]


class OperationTable:
    """All operations of one connector. Paths match in any case."""

    def __init__(self, api: str, operations: Sequence[Operation]) -> None:
        self.operations = tuple(operations)
        self._api = api
        self._patterns = [(operation, _pattern(operation.template)) for operation in operations]

    def match(self, method: str, path: str) -> Match:
        """The operation of a call; raises ConnectorError 404 that names what there is."""
        path = "/" + path.split("?")[0].strip("/")
        for operation, pattern in self._patterns:
            if operation.method == method.upper() and (found := pattern.fullmatch(path)):
                return Match(operation, _decoded(operation, found.groupdict()))
        raise self._no_operation(method, path)

    def _no_operation(self, method: str, path: str) -> ConnectorError:
        known = ", ".join(f"{operation.method} {operation.template}" for operation in self.operations)
        return ConnectorError(
            404,
            f"Resource not found: the local connector '{self._api}' has no operation {method.upper()} {path}; "
            f"it has {known}.",
        )


def _pattern(template: str) -> re.Pattern[str]:
    parts = _PARAMETER.split(template)
    # A parameter between quotes may hold anything (keys are not escaped there); elsewhere it ends at the next slash.
    text = "".join(_piece(parts, index) for index in range(len(parts)))
    return re.compile(text, re.IGNORECASE | re.DOTALL)


def _piece(parts: Sequence[str], index: int) -> str:
    if index % 2 == 0:
        return re.escape(parts[index])
    quoted = parts[index - 1].endswith("'")
    return f"(?P<{parts[index]}>{'.*' if quoted else '[^/]+'})"


def _decoded(operation: Operation, parameters: Mapping[str, str]) -> dict[str, str]:
    once = {name: unquote(value) for name, value in parameters.items()}
    return {name: unquote(value) if name in operation.twice else value for name, value in once.items()}
