"""Parameters of a workflow: every one has a value, of the declared type, among the allowed ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wdl.definition.errors import DefinitionError, refused
from wdl.definition.model import Definition, Parameter
from wdl.definition.places import Places
from wdl.definition.positions import AROUND, Path

_KINDS = {
    "String": "String",
    "SecureString": "String",
    "Int": "Integer",
    "Float": "Float",
    "Bool": "Boolean",
    "Array": "Array",
    "Object": "Object",
    "SecureObject": "Object",
}


def parameters(definition: Definition, given: Mapping[str, Any], places: Places) -> Iterator[DefinitionError]:
    """Refusals of declared parameters and of the values given for them (`{"name": {"value": …}}`)."""
    values = {name.lower(): value for name, value in given.items()}
    for parameter in definition.parameters.values():
        yield from _parameter(parameter, values.get(parameter.name.lower()), places)
    known = {name.lower() for name in definition.parameters}
    yield from (_undeclared(name) for name in given if name.lower() not in known)


def _parameter(parameter: Parameter, given: Any, places: Places) -> Iterator[DefinitionError]:
    path = ("parameters", parameter.name)
    if parameter.has_default:
        yield from _typed(parameter, parameter.default, (*path, "defaultValue"), places)
    if isinstance(given, Mapping) and ("value" in given or "reference" in given):
        yield from _typed(parameter, given["value"], (AROUND, *path, "value"), places) if "value" in given else ()
    elif not parameter.has_default:
        where = places.at(path)
        yield refused(
            f"The value for the workflow parameter '{parameter.name}' {where} is not provided.",
            path,
            rule="parameter-value-missing",
        )


def _typed(parameter: Parameter, value: Any, path: Path, places: Places) -> Iterator[DefinitionError]:
    expected, actual = _KINDS[parameter.type], kind_of(value)
    if not _fits(expected, actual):
        message = f"Template parameter JToken type is not valid. Expected '{expected}'. Actual '{actual}'."
        yield refused(message, path, rule="parameter-type")
    elif parameter.allowed is not None and value not in parameter.allowed:
        where = places.at(("parameters", parameter.name))
        yield refused(
            f"The provided value for the template parameter '{parameter.name}' {where} is not valid. "
            "The parameter value is not part of the allowed value(s).",
            path,
            rule="parameter-not-allowed",
        )


def _fits(expected: str, actual: str) -> bool:
    return actual in (expected, "Null") or (expected, actual) == ("Float", "Integer")


def kind_of(value: Any) -> str:
    """The kind of a JSON value as the engine names it."""
    if value is None:
        return "Null"
    if isinstance(value, bool):
        return "Boolean"
    simple = ((int, "Integer"), (str, "String"), (Mapping, "Object"), (list, "Array"))
    return next((name for kind, name in simple if isinstance(value, kind)), "Float")


def _undeclared(name: str) -> DefinitionError:
    return refused(
        f"The workflow parameters '{name}' are not valid: they are not declared in the workflow definition.",
        (AROUND, "parameters", name),
        rule="parameter-not-declared",
    )
