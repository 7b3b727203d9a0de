"""The model of a workflow definition, and what Logic Apps refuses when one is saved.

`parse_definition(definition, parameters)` gives the model or raises `DefinitionError` with the engine's message;
`refusals(definition, parameters)` gives every refusal instead of the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wdl.definition.build import build, parameter_values
from wdl.definition.depth import too_deep
from wdl.definition.errors import INVALID_CONTENT, DefinitionError
from wdl.definition.model import (
    Action,
    Branch,
    Definition,
    Limit,
    Operation,
    Parameter,
    Placed,
    Recurrence,
    Trigger,
    walk,
)
from wdl.definition.positions import Path, json_path
from wdl.definition.rules import check_rules
from wdl.limits import MAX_DEPTH

__all__ = [
    "Action",
    "Branch",
    "Definition",
    "DefinitionError",
    "Limit",
    "Operation",
    "Parameter",
    "Path",
    "Placed",
    "Recurrence",
    "Trigger",
    "json_path",
    "parameter_values",
    "parse_definition",
    "read_definition",
    "walk",
]


def parse_definition(definition: Mapping[str, Any], parameters: Mapping[str, Any] | None = None) -> Definition:
    """The model of a definition that Logic Apps would save.

    `parameters`: the workflow resource's `properties.parameters` (`{"name": {"value": …}}`).
    Raises `DefinitionError` with the first refusal. Source: recorded answers of the engine; service texts as published.
    """
    if too_deep(definition):
        raise _depth_error()
    parsed = build(definition, parameters or {}, _raise)
    for error in check_rules(parsed, parameters or {}):
        raise error
    return parsed


def read_definition(
    definition: Mapping[str, Any], parameters: Mapping[str, Any] | None = None
) -> tuple[Definition, list[DefinitionError]]:
    """The model as far as it can be read, and every refusal, in the engine's order."""
    if too_deep(definition):
        return build({}, {}, lambda _: None), [_depth_error()]
    errors: list[DefinitionError] = []
    parsed = build(definition, parameters or {}, errors.append)
    errors.extend(check_rules(parsed, parameters or {}))
    return parsed, errors


def _depth_error() -> DefinitionError:
    message = f"The reader's MaxDepth of {MAX_DEPTH} has been exceeded."
    return DefinitionError(INVALID_CONTENT, message, rule="nested-too-deep")


def _raise(error: DefinitionError) -> None:
    raise error
