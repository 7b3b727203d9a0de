"""What Logic Apps refuses when a workflow is saved."""

from __future__ import annotations

from wdl.definition.positions import Path

INVALID_TEMPLATE = "InvalidTemplate"
INVALID_CONTENT = "InvalidRequestContent"
INVALID_ACTION = "InvalidWorkflowRunAction"
INVALID_VARIABLE = "InvalidVariableOperation"

_WRAPPED = {
    INVALID_TEMPLATE: "The template validation failed: '{}'.",
    INVALID_CONTENT: "The request content is not valid and could not be deserialized: '{}'.",
}


class DefinitionError(Exception):
    """A definition that Logic Apps refuses on save.

    `code` is the service's error code, `message` the engine's own text, `path` the place in the definition
    (keys and indexes from its root), `service_message` the text as the REST API answers it with status 400.
    """

    def __init__(self, code: str, message: str, path: Path = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.path = path

    @property
    def service_message(self) -> str:
        return _WRAPPED.get(self.code, "{}").format(self.message.rstrip("."))


def refused(message: str, path: Path = ()) -> DefinitionError:
    """A refusal by the template engine."""
    return DefinitionError(INVALID_TEMPLATE, message, path)
