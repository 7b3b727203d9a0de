"""What the service refuses beyond the template engine: places of actions, variables, concurrency, pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wdl.definition.errors import (
    INVALID_ACTION,
    INVALID_INITIALIZATION,
    INVALID_INPUTS,
    INVALID_VARIABLE,
    DefinitionError,
    refused,
)
from wdl.definition.expressions import literal_name, of_operation
from wdl.definition.model import Action, Definition, Operation, Placed
from wdl.definition.places import Places
from wdl.definition.vocabulary import LOOP_TYPES, words

VARIABLE_ACTIONS = frozenset(
    words("""
    SetVariable IncrementVariable DecrementVariable AppendToArrayVariable AppendToStringVariable
    """)
)
_NOT_IN_LOOPS = frozenset({"Terminate", "Response"})
MAXIMUM_PAGED_ITEMS = 100_000


def service(definition: Definition, places: Places) -> Iterator[DefinitionError]:
    """Refusals of the service, which sees a definition after the engine has accepted it."""
    for placed in definition.all_actions():
        yield from _nested(placed)
        yield from _initialization(placed)
    yield from _responses(definition)
    yield from _variables(definition)
    for operation in (*definition.triggers.values(), *(placed.action for placed in definition.all_actions())):
        yield from _concurrency(operation, places)
        yield from _pages(operation, places)


def _nested(placed: Placed) -> Iterator[DefinitionError]:
    loop = next((parent for parent in reversed(placed.parents) if parent.type in LOOP_TYPES), None)
    if loop and placed.action.type in _NOT_IN_LOOPS:
        yield DefinitionError(
            INVALID_ACTION,
            f"The workflow run action '{placed.action.name}' has type '{placed.action.type}' "
            f"that could not be nested under an action of type '{loop.type.lower()}'.",
            placed.action.path,
            rule="nested-in-loop",
        )


def _initialization(placed: Placed) -> Iterator[DefinitionError]:
    if placed.parents and placed.action.type == "InitializeVariable":
        yield DefinitionError(
            INVALID_INITIALIZATION,
            f"The variable action '{placed.action.name}' of type 'InitializeVariable' "
            f"cannot be nested in an action of type '{placed.parents[-1].type}'.",
            placed.action.path,
            rule="nested-variable",
        )


def _responses(definition: Definition) -> Iterator[DefinitionError]:
    responses = [placed.action for placed in definition.all_actions() if placed.action.type == "Response"]
    if responses and any(trigger.recurrence for trigger in definition.triggers.values()):
        message = (
            "The workflow with 'Response' action type should not have triggers with 'recurrence' property defined."
        )
        yield DefinitionError(INVALID_ACTION, message, responses[0].path, rule="response-to-recurrence")
    schemas: dict[str, Any] = {}
    for action in responses:
        status, schema = _schema_of(action)
        if schema is not None and schemas.setdefault(status, schema) != schema:
            yield refused(
                f"The schema definition for action with status code '{status}' is not valid. "
                "The schema definitions for actions with same status code must match.",
                action.path,
                rule="response-schemas",
            )


def _schema_of(action: Action) -> tuple[str, Any]:
    inputs = action.inputs if isinstance(action.inputs, Mapping) else {}
    status = str(inputs.get("statusCode", 200))
    return status, None if status.startswith("@") else inputs.get("schema")


def declared_variables(definition: Definition) -> Iterator[tuple[str, Placed]]:
    """The variables that InitializeVariable actions declare, as written, in order."""
    for placed in definition.all_actions():
        inputs = placed.action.inputs
        if placed.action.type == "InitializeVariable" and isinstance(inputs, Mapping):
            listed = inputs.get("variables")
            for item in listed if isinstance(listed, list) else []:
                if isinstance(item, Mapping) and isinstance(item.get("name"), str):
                    yield item["name"], placed


def used_variables(action: Action) -> Iterator[str]:
    """The variables an action reads or changes, as written."""
    if action.type in VARIABLE_ACTIONS and isinstance(action.inputs, Mapping):
        name = action.inputs.get("name")
        if isinstance(name, str) and "@" not in name:
            yield name
    yield from read_variables(action)


def read_variables(operation: Operation) -> Iterator[str]:
    """The variables whose value an operation's expressions read."""
    for _, expression in of_operation(operation):
        for call in expression.calls():
            name = literal_name(call)
            if call.name.lower() == "variables" and name is not None:
                yield name


def _variables(definition: Definition) -> Iterator[DefinitionError]:
    known: dict[str, Action] = {}
    for name, placed in declared_variables(definition):
        if known.setdefault(name.lower(), placed.action) is not placed.action:
            message = f"{_inputs_of(placed.action)} The variable '{name}' is initialized already. "
            path = placed.action.path
            yield DefinitionError(
                INVALID_VARIABLE,
                f"{message}A variable must only be initialized once.",
                path,
                rule="variable-initialized-twice",
            )
    for placed in definition.all_actions():
        yield from _unknown_variables(placed.action, known)
        yield from _self_reference(placed.action)


def _inputs_of(action: Action) -> str:
    return f"The inputs of workflow run action '{action.name}' of type '{action.type}' are not valid."


def _unknown_variables(action: Action, known: Mapping[str, Action]) -> Iterator[DefinitionError]:
    for name in dict.fromkeys(used_variables(action)):
        if name.lower() not in known:
            message = f"The variable '{name}' must be initialized before it can be used inside action '{action.name}'."
            yield DefinitionError(
                INVALID_VARIABLE, f"{_inputs_of(action)} {message}", action.path, rule="variable-not-initialized"
            )


def _self_reference(action: Action) -> Iterator[DefinitionError]:
    if action.type != "SetVariable" or not isinstance(action.inputs, Mapping):
        return
    name = action.inputs.get("name")
    if isinstance(name, str) and name.lower() in {read.lower() for read in read_variables(action)}:
        message = f"Self reference is not supported when updating the value of variable '{name}'."
        yield DefinitionError(
            INVALID_INPUTS,
            f"{_inputs_of(action)} {message}",
            (*action.path, "inputs", "value"),
            rule="variable-self-reference",
        )


def _concurrency(operation: Operation, places: Places) -> Iterator[DefinitionError]:
    kind = "trigger" if operation.path[0] == "triggers" else "action"
    for name, value in operation.concurrency.items():
        if isinstance(value, int) and not isinstance(value, bool) and value < 1:
            yield DefinitionError(
                INVALID_ACTION,
                f"The concurrency configuration of workflow {kind} '{operation.name}' of type '{operation.type}' "
                f"{places.at(operation.path)} is not valid. "
                f"The provided value '{value}' of property '{name}' is not a positive integer.",
                (*operation.path, "runtimeConfiguration", "concurrency", name),
                rule="concurrency-not-positive",
            )


def _pages(operation: Operation, places: Places) -> Iterator[DefinitionError]:
    policy = operation.runtime_configuration.get("paginationPolicy")
    count = policy.get("minimumItemCount") if isinstance(policy, Mapping) else None
    if isinstance(count, int) and count > MAXIMUM_PAGED_ITEMS:
        yield DefinitionError(
            "InvalidPaginationPolicy",
            f"The pagination policy of workflow run action '{operation.name}' of type '{operation.type}' "
            f"{places.at(operation.path)} is not valid. The value specified for property 'minimumItemsCount' "
            f"exceeds the maximum allowed. Actual: '{count}'. Maximum: '{MAXIMUM_PAGED_ITEMS}'.",
            (*operation.path, "runtimeConfiguration", "paginationPolicy", "minimumItemCount"),
            rule="too-many-pages",
        )
