"""Context files of `localazure evaluate`: what a run knows, as JSON.

Either finished actions by their names, each as `actions('Name')` returns it, or an object with some of the fields that
`FIELDS` lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from wdl.context import ABSENT, Context
from wdl.errors import ExpressionError
from wdl.values import loads

FIELDS: Final = {
    "actions": "actions",
    "trigger": "trigger",
    "parameters": "parameters",
    "variables": "variables",
    "workflow": "workflow",
    "items": "items",
    "iterationIndexes": "iteration_indexes",
    "item": "item",
}
_RECORD: Final = frozenset({"status", "outputs", "inputs", "code", "error", "startTime"})


class ContextFileError(ValueError):
    """A context file cannot be used; the message says why and what it should hold."""


def read_context(path: Path | None) -> Context:
    """The context in a JSON file; an empty one without a file. Raises `ContextFileError`."""
    if path is None:
        return Context()
    try:
        content = loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, ExpressionError) as error:
        raise ContextFileError(f"{path} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise ContextFileError(f"{path} must hold an object: finished actions by their names.")
    fields = [name for name, value in content.items() if name in FIELDS and not _is_record(name, value)]
    others = [name for name in content if name not in FIELDS]
    if fields and others:
        raise ContextFileError(
            f"{path} holds '{fields[0]}', as a whole context does, and beside it '{others[0]}'. A whole context holds "
            f"some of {', '.join(FIELDS)}; finished actions stand in 'actions' then."
        )
    if not fields:
        return Context(actions=_actions(path, content))
    return _whole(path, content)


def _is_record(name: str, value: Any) -> bool:
    """Whether this is a finished action that happens to be called like a field; `trigger` is one in any case."""
    return name != "trigger" and isinstance(value, dict) and bool(_RECORD & set(value))


def _whole(path: Path, content: Mapping[str, Any]) -> Context:
    for name, value in content.items():
        if name != "item" and not isinstance(value, dict):
            raise ContextFileError(f"{path}: '{name}' must be an object.")
    for loop, index in content.get("iterationIndexes", {}).items():
        if isinstance(index, bool) or not isinstance(index, int):
            raise ContextFileError(f"{path}: the index of the loop '{loop}' must be a whole number.")
    if "trigger" in content:
        _check_record(path, "trigger", content["trigger"])
    fields = {FIELDS[name]: value for name, value in content.items()}
    if "actions" in fields:
        fields["actions"] = _actions(path, fields["actions"])
    return Context(**{"item": ABSENT, **fields})


def _actions(path: Path, content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    for name, record in content.items():
        if not isinstance(record, dict):
            raise ContextFileError(f"{path}: the action '{name}' must be an object such as {{'outputs': {{…}}}}.")
        _check_record(path, f"action '{name}'", record)
    return dict(content)


def _check_record(path: Path, what: str, record: Mapping[str, Any]) -> None:
    if "body" in record and "outputs" not in record:
        raise ContextFileError(f"{path}: the body of the {what} stands in its outputs: {{'outputs': {{'body': …}}}}.")
