"""What Logic Apps refuses when a workflow is saved."""

from __future__ import annotations

from wdl.definition.positions import Path

INVALID_TEMPLATE = "InvalidTemplate"
INVALID_CONTENT = "InvalidRequestContent"
INVALID_ACTION = "InvalidWorkflowRunAction"
INVALID_INPUTS = "WorkflowRunActionInputsInvalidProperty"
INVALID_VARIABLE = "InvalidVariableOperation"
INVALID_INITIALIZATION = "InvalidVariableInitialization"

_WRAPPED = {
    INVALID_TEMPLATE: "The template validation failed: '{}'.",
    INVALID_CONTENT: "The request content is not valid and could not be deserialized: '{}'.",
}


class DefinitionError(Exception):
    """A definition that Logic Apps refuses on save.

    `code` is the service's error code, `message` the engine's own text, `path` the place in the definition
    (keys and indexes from its root), `within` the trigger or action around it where the service names one.
    `service_message` is the text as the REST API answers it with status 400.
    `rule` is the checker's name for this kind of refusal (docs/checker.md).
    """

    def __init__(self, code: str, message: str, path: Path = (), within: str | None = None, *, rule: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.path = path
        self.within = within
        self.rule = rule

    @property
    def service_message(self) -> str:
        inner = f'The {self.within} is not valid: "{self.message}".' if self.within else self.message
        return _WRAPPED.get(self.code, "{}").replace("{}", inner)


def refused(message: str, path: Path = (), within: str | None = None, *, rule: str) -> DefinitionError:
    """A refusal by the template engine."""
    return DefinitionError(INVALID_TEMPLATE, message, path, within, rule=rule)
