"""JSON schemas of ParseJson and Request triggers: checked by jsonschema, worded as the service's own validator does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft4Validator, Draft7Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for

from localazure.workflows.history import encode
from wdl.values import dumps, type_name

_NAMES = {
    "string": "String",
    "number": "Number",
    "integer": "Integer",
    "boolean": "Boolean",
    "object": "Object",
    "array": "Array",
    "null": "Null",
}


def _is_integer(_: Any, value: Any) -> bool:
    """1.0 passes as an integer, in every draft."""
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


_DRAFT4: Any = extend(  # type: ignore[no-untyped-call]
    Draft4Validator, type_checker=Draft4Validator.TYPE_CHECKER.redefine("integer", _is_integer)
)


def schema_errors(schema: Any, value: Any) -> list[dict[str, Any]]:
    """What of `value` does not match, in the shape of a ParseJson action's `errors`; ValueError for a bad schema."""
    if not isinstance(schema, Mapping | bool):
        raise ValueError("the schema is not an object")
    validator = _validator(encode(schema))
    return [_entry(error) for error in _flat(validator, value)]


def has_patterns(schema: Any) -> bool:
    """Whether a schema uses `pattern` or `patternProperties` as keywords."""
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key in ("pattern", "patternProperties") and not isinstance(value, list | bool):
                return True
            inner = value.values() if key in ("properties", "definitions") and isinstance(value, Mapping) else [value]
            if any(has_patterns(one) for one in inner):
                return True
    return isinstance(schema, list) and any(has_patterns(one) for one in schema)


@lru_cache(maxsize=256)
def _validator(text: str) -> Validator:
    schema = json.loads(text)
    kind = validator_for(schema, default=Draft7Validator)
    kind = _DRAFT4 if kind is Draft4Validator else kind
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"the schema is not valid: {error.message}") from None
    return kind(schema)


def _flat(validator: Validator, value: Any) -> Iterator[ValidationError]:
    """One error for each place; missing properties of one object make one error."""
    missing = set()
    for error in validator.iter_errors(value):
        place = tuple(error.absolute_schema_path)
        if error.validator == "required" and (place, tuple(error.absolute_path)) in missing:
            continue
        missing.add((place, tuple(error.absolute_path)))
        yield error


def _entry(error: ValidationError) -> dict[str, Any]:
    entry = {"message": _message(error), "lineNumber": 0, "linePosition": 0, "path": _path(error.absolute_path)}
    if _instance(error) is not None and not isinstance(_instance(error), dict | list):
        entry["value"] = _instance(error)
    schema = "#/" + "/".join(str(part) for part in list(error.absolute_schema_path)[:-1])
    kind = str(error.validator)
    return entry | {"schemaId": "#" if schema == "#/" else schema, "errorType": kind, "childErrors": []}


def _instance(error: ValidationError) -> Any:
    return error.instance


def _wanted(error: ValidationError) -> Any:
    return error.validator_value


def _path(parts: Any) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _message(error: ValidationError) -> str:
    make = _MESSAGES.get(str(error.validator))
    return make(error) if make else f"{error.message[:1].upper()}{error.message[1:]}."


def _wrong_type(error: ValidationError) -> str:
    wanted = _wanted(error) if isinstance(_wanted(error), list) else [_wanted(error)]
    names = ", ".join(_NAMES.get(str(one), str(one)) for one in wanted)
    actual = type_name(_instance(error))
    return f"Invalid type. Expected {names} but got {'Number' if actual == 'Float' else actual}."


def _required(error: ValidationError) -> str:
    names = [name for name in _wanted(error) if name not in _instance(error)]
    return f"Required properties are missing from object: {', '.join(names)}."


def _additional(error: ValidationError) -> str:
    known = (error.schema.get("properties") or {}) if isinstance(error.schema, Mapping) else {}
    extra = next((name for name in _instance(error) if name not in known), "")
    return f"Property '{extra}' has not been defined and the schema does not allow additional properties."


def _value(error: ValidationError) -> str:
    return dumps(_instance(error))


_MESSAGES: dict[str, Any] = {
    "type": _wrong_type,
    "required": _required,
    "additionalProperties": _additional,
    "enum": lambda error: f"Value {_value(error)} is not defined in enum.",
    "const": lambda error: f"Value {_value(error)} does not match const.",
    "minimum": lambda error: _bound(error, "is less than minimum value of"),
    "maximum": lambda error: _bound(error, "exceeds maximum value of"),
    "minLength": lambda error: f"String {_value(error)[1:-1]!r} is less than minimum length of {_wanted(error)}.",
    "maxLength": lambda error: f"String {_value(error)[1:-1]!r} exceeds maximum length of {_wanted(error)}.",
    "pattern": lambda error: f"String {_value(error)[1:-1]!r} does not match regex pattern '{_wanted(error)}'.",
    "minItems": lambda error: (
        f"Array item count {len(_instance(error))} is less than minimum count of {_wanted(error)}."
    ),
    "maxItems": lambda error: f"Array item count {len(_instance(error))} exceeds maximum count of {_wanted(error)}.",
    "anyOf": lambda _: "JSON does not match any schemas from 'anyOf'.",
    "allOf": lambda _: "JSON does not match all schemas from 'allOf'.",
    "oneOf": lambda _: "JSON is valid against no schemas from 'oneOf'.",
    "not": lambda _: "JSON is valid against schema from 'not'.",
}


def _bound(error: ValidationError, what: str) -> str:
    kind = "Integer" if isinstance(_instance(error), int) else "Float"
    return f"{kind} {_value(error)} {what} {dumps(_wanted(error))}."
