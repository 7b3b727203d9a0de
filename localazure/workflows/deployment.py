"""From a definition as it is deployed to a program: what the service checks on save, and what does not run here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from localazure.workflows.actions import EXPRESSION_KINDS, HANDLERS
from localazure.workflows.errors import WorkflowError, not_supported
from localazure.workflows.program import Program, build_program
from localazure.workflows.recurrence import Recurrence, parse_recurrence
from localazure.workflows.zones import find_zone
from wdl.context import Context
from wdl.definition import DefinitionError, Trigger, parameter_values, parse_definition
from wdl.durations import parse_duration
from wdl.errors import ExpressionError
from wdl.template import compile_template

TRIGGERS = frozenset(
    {"Recurrence", "SlidingWindow", "Request", "Http", "HttpWebhook", "ApiConnection", "ApiConnectionWebhook"}
)
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
SCHEDULED = frozenset({"Recurrence", "SlidingWindow"})


def deploy(definition: Any, parameters: Mapping[str, Any] | None) -> Program:
    """The program of a definition; WorkflowError with the service's code and message if it is refused.

    `parameters`: the resource's `properties.parameters`, `{"name": {"value": …}}`.
    """
    if not isinstance(definition, Mapping):
        raise WorkflowError(400, "InvalidWorkflow", "The workflow must have a 'definition' in its properties.")
    try:
        parsed = parse_definition(definition, parameters)
    except DefinitionError as error:
        raise WorkflowError(400, error.code, error.service_message) from None
    except ExpressionError as error:
        raise WorkflowError(400, "InvalidTemplate", f"The template validation failed: '{error.message}'.") from None
    program = build_program(parsed, parameter_values(parsed.parameters, parameters or {}))
    for refusal in _refusals(program):
        raise refusal
    return program


def recurrence_of(trigger: Trigger) -> Recurrence:
    """When a trigger falls due; ValueError if its recurrence is not valid."""
    raw = evaluated_recurrence(trigger)
    return parse_recurrence(raw, find_zone(raw.get("timeZone")))


def evaluated_recurrence(trigger: Trigger) -> dict[str, Any]:
    """The recurrence object with its expressions (they may use parameters only) evaluated."""
    if (read := trigger.recurrence) is None:
        raise ValueError(f"the trigger '{trigger.name}' has no recurrence")
    schedule = {} if read.schedule is None else {"schedule": read.schedule}
    return {**read.raw, "frequency": read.frequency, "interval": read.interval, **schedule}


def window_delay(trigger: Trigger, program: Program) -> timedelta:
    """How long after its end a sliding window runs; ValueError if `delay` is not valid."""
    delay = trigger.inputs.get("delay") if isinstance(trigger.inputs, Mapping) else None
    if isinstance(delay, str):
        delay = compile_template(delay).evaluate(Context(parameters=program.parameters))
    return timedelta() if delay is None else parse_duration(str(delay))


def _refusals(program: Program) -> Iterator[WorkflowError]:
    for trigger in program.definition.triggers.values():
        if trigger.type not in TRIGGERS:
            yield not_supported(_does_not_run("trigger", trigger.name, trigger.type, sorted(TRIGGERS)))
        elif trigger.type in SCHEDULED:
            yield from _recurrence_refusals(trigger)
        if trigger.type == "SlidingWindow":
            yield from _delay_refusals(trigger, program)
    for node in program.nodes.values():
        if node.type not in HANDLERS:
            yield not_supported(_does_not_run("action", node.name, node.type, sorted(HANDLERS)))
        elif node.type == "Expression" and node.action.kind not in EXPRESSION_KINDS:
            yield not_supported(
                _does_not_run("action", node.name, f"Expression, kind {node.action.kind}", sorted(EXPRESSION_KINDS))
            )


def _recurrence_refusals(trigger: Trigger) -> Iterator[WorkflowError]:
    try:
        recurrence_of(trigger).first(_ANY_TIME)
    except ValueError as error:
        message = (
            f"The 'recurrence' property of template trigger '{trigger.name}' is not defined or not valid: {error}."
        )
        yield WorkflowError(400, "InvalidTemplate", f"The template validation failed: '{message}'.")


def _delay_refusals(trigger: Trigger, program: Program) -> Iterator[WorkflowError]:
    try:
        _ = _ANY_TIME + window_delay(trigger, program)
    except (ValueError, OverflowError, ExpressionError) as error:
        message = f"The 'delay' of template trigger '{trigger.name}' is not valid: {error}."
        yield WorkflowError(400, "InvalidTemplate", f"The template validation failed: '{message}'.")


def _does_not_run(what: str, name: str, kind: str, known: list[str]) -> str:
    return (
        f"The {what} '{name}' has the type '{kind}', which the local cloud does not run; it runs {', '.join(known)}. "
        "Deploy the workflow to Azure, or replace this step."
    )
