"""Refusals as findings: what to do about each thing that Logic Apps refuses on save."""

from __future__ import annotations

from wdl.checker.finding import Refuser
from wdl.definition import DefinitionError

REFUSED = "Logic Apps refuses the workflow on save ({})."
REFUSED_BY_SERVICE = "Logic Apps refuses the workflow on save ({}): the service does, its template engine accepts it."

CURES = {
    "schema-not-supported": "Use the $schema of version 2016-06-01.",
    "member-missing": "Add the member.",
    "wrong-kind": "Write a value of the kind that is expected there.",
    "unknown-value": "Correct the spelling (case does not matter), or use a value that Logic Apps knows.",
    "not-an-integer": "Write an integer, or in a recurrence an expression over the parameters: @parameters('…').",
    "date-not-valid": "Write a date and time such as 2026-01-01T06:00:00Z.",
    "unknown-member": "Remove the member, or move it to where it belongs.",
    "expression-not-valid": "Correct the expression; a recurrence can refer to parameters only.",
    "parameter-value-missing": "Give the parameter a value with the workflow resource, or a defaultValue.",
    "parameter-type": "Give a value of the declared type, or change the type.",
    "parameter-not-allowed": "Give one of the allowedValues.",
    "parameter-not-declared": "Declare the parameter in the definition, or do not give a value for it.",
    "too-many": "Split the workflow, and call one part from the other.",
    "duplicate-name": "Give each trigger and action its own name, at all levels; case does not tell names apart.",
    "recurrence-not-valid": 'Give "recurrence": {"frequency": "Hour", "interval": 1}; the interval is at least 1.',
    "kind-missing": "Give the kind, e.g. GetPastTime for an Expression action, JsonToJson for Liquid.",
    "nested-too-deep": "Take inner blocks out, or put them into a workflow of their own.",
    "run-after-unknown": "Name an action of the same level, or remove it from runAfter.",
    "run-after-itself": "Name another action.",
    "run-after-status": "List at least one of Succeeded, Failed, TimedOut, Skipped.",
    "run-after-circle": "Remove one of the runAfter entries that form the circle.",
    "expression-syntax": "Correct the expression: texts in single quotes, a quote in a text doubled, brackets closed.",
    "trigger-condition": "Start the condition with '@'.",
    "condition-not-expression": 'Write an expression ("@equals(…, …)") or an object ({"equals": […]}).',
    "condition-operator": "Use a function that does not refer to the run; refer inside its operands: \"@body('X')\".",
    "action-not-defined": "Correct the name, or remove the reference.",
    "action-not-on-path": "Let this action, or a block around it, run after the action it refers to.",
    "action-itself": "Refer to an action that ran before.",
    "loop-not-defined": "Correct the name of the loop.",
    "loop-not-around": "Refer to the loop from inside it only.",
    "nested-in-loop": "Set a variable in the loop, and place the action after it.",
    "nested-variable": "Initialize the variable at the top level, and set it here.",
    "response-to-recurrence": "Use a Request trigger, or remove the Response.",
    "response-schemas": "Give Responses with one status the same schema.",
    "variable-initialized-twice": "Keep one InitializeVariable for each variable, and set it later with SetVariable.",
    "variable-not-initialized": "Add an InitializeVariable action at the top level, before this one.",
    "variable-self-reference": "Compute the value in a Compose action, and set the variable to its outputs.",
    "concurrency-not-positive": "Give a number from 1.",
    "too-many-pages": "Ask for at most 100000 items.",
}


def why(error: DefinitionError, refuser: Refuser) -> str:
    """What comes of a refusal: the workflow is not saved; with the service's error code."""
    return (REFUSED if refuser == "engine" else REFUSED_BY_SERVICE).format(error.code)


def cure(error: DefinitionError) -> str:
    """What to do about a refusal."""
    return CURES[error.rule]
