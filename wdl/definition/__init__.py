"""The model of a workflow definition, and what Logic Apps refuses when one is saved.

`parse_definition(definition, parameters)` gives the model or raises `DefinitionError` with the message of Logic Apps;
`read_definition(definition, parameters)` gives every refusal instead of the first, those of the template engine apart
from those of the service around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, NamedTuple

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
from wdl.definition.rules import engine_refusals, service_refusals
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
    "Reading",
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
    for error in chain(engine_refusals(parsed, parameters or {}), service_refusals(parsed)):
        raise error
    return parsed


class Reading(NamedTuple):
    """A definition as far as it can be read, and what is refused in it.

    `refused`: by the template engine, in its order. `refused_by_service`: on save too, but by the service, which sees a
    definition that the engine has accepted.
    """

    definition: Definition
    refused: list[DefinitionError]
    refused_by_service: list[DefinitionError]


def read_definition(definition: Mapping[str, Any], parameters: Mapping[str, Any] | None = None) -> Reading:
    """The model as far as it can be read, with every refusal."""
    if too_deep(definition):
        return Reading(build({}, {}, lambda _: None), [_depth_error()], [])
    errors: list[DefinitionError] = []
    parsed = build(definition, parameters or {}, errors.append)
    errors.extend(engine_refusals(parsed, parameters or {}))
    return Reading(parsed, errors, list(service_refusals(parsed)))


def _depth_error() -> DefinitionError:
    message = f"The reader's MaxDepth of {MAX_DEPTH} has been exceeded."
    return DefinitionError(INVALID_CONTENT, message, rule="nested-too-deep")


def _raise(error: DefinitionError) -> None:
    raise error
