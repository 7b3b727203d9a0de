"""ParseJson: a text (or a value) read as JSON, leniently, and held against a schema."""

from __future__ import annotations

from typing import Any

from localazure.workflows.outcome import ActionError, Outcome
from localazure.workflows.schemas import has_patterns, schema_errors
from localazure.workflows.turn import Turn
from wdl.jsontext import JsonTextError, parse


def parse_json(turn: Turn) -> Outcome:
    """Inputs: `{"content", "schema"?}`; outputs `{"body": <the value as read>}`, or `{"errors"}`."""
    inputs = turn.object_inputs()
    value = _read(turn, inputs.get("content"))
    schema = inputs.get("schema")
    if has_patterns(schema):
        raise _patterns()
    if schema not in (None, {}):
        _check(turn, schema, value)
    return Outcome(outputs={"body": value})


def _read(turn: Turn, content: Any) -> Any:
    if content is None or content == "":
        message = (
            f"Unable to process template language expressions in action '{turn.node.name}' inputs at line '0' and "
            "column '0': 'Required property 'content' expects a value but got null. Path ''.'."
        )
        raise ActionError("BadRequest", message, error_code="InvalidTemplate")
    if isinstance(content, dict) and "$content-type" in content and "$content" in content:
        message = (
            "The property 'content' must be of type JSON in the 'ParseJson' action inputs, "
            f"but was of type '{content['$content-type']}'."
        )
        raise ActionError("BadRequest", message)
    return _read_text(content) if isinstance(content, str) else content


def _read_text(text: str) -> Any:
    try:
        return parse(text)
    except JsonTextError as error:
        message = (
            "The 'content' property of actions of type 'ParseJson' must be valid JSON. "
            f"The provided value cannot be parsed: '{error}'."
        )
        raise ActionError("InvalidJSON", message) from None


def _check(turn: Turn, schema: Any, value: Any) -> None:
    try:
        errors = schema_errors(schema, value)
    except ValueError as error:
        message = f"The 'schema' property of action '{turn.node.name}' inputs is not valid: {error}."
        raise ActionError("BadRequest", message) from None
    if errors:
        raise ActionError("ValidationFailed", "The schema validation failed.", outputs={"errors": errors})


def _patterns() -> ActionError:
    return ActionError(
        "ActionSchemaNotSupported",
        "The 'schema' property of action 'ParseJson' inputs contains 'pattern' or 'patternProperties' properties. "
        "'Pattern' or 'patternProperties' properties are not supported in the action json schema.",
    )
