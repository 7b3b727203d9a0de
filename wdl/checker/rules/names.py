"""Names of parameters, variables, actions and members that lead nowhere."""

from __future__ import annotations

from wdl.checker.flow import Flow, inputs, members
from wdl.checker.rule import Spots, rule
from wdl.definition import Action
from wdl.definition.expressions import literal_name
from wdl.definition.rules.references import ACTION_FUNCTIONS, readable
from wdl.definition.rules.service import declared_variables, used_variables
from wdl.definition.vocabulary import words

_ROOT_MEMBERS = frozenset(
    words("$schema contentVersion description metadata parameters triggers actions outputs staticResults")
)
MAXIMUM_NAME = 80  # "Limits and configuration reference for Azure Logic Apps"
_BAD_CHARACTERS = "?/&"


@rule(
    "member-not-known",
    why="The engine passes over it, the service does not: InvalidRequestContent, 'Could not find member …'.",
    cure="Remove the member, or move it to where it belongs.",
)
def member_not_known(flow: Flow) -> Spots:
    for name in flow.definition.raw:
        if name not in _ROOT_MEMBERS:
            yield (name,), f"A definition has no member '{name}'."
    for action in flow.actions():
        if "recurrence" in action.raw:
            yield (*action.path, "recurrence"), f"The action '{action.name}' has a recurrence; only triggers have one."


@rule(
    "unknown-parameter",
    why="Logic Apps saves it; the action fails when the expression is evaluated.",
    cure="Declare the parameter under `parameters`, or correct the name.",
)
def unknown_parameter(flow: Flow) -> Spots:
    known = {name.lower() for name in flow.definition.parameters}
    for _, expression, call in flow.calls:
        name = literal_name(call)
        if call.name.lower() == "parameters" and name is not None and name.lower() not in known:
            yield expression.path, f"The parameter '{name}' is not declared."


@rule(
    "variable-not-on-path",
    why="When the action runs, the variable may not have been initialized yet; then the run fails.",
    cure="Let the action (or a block around it) run after the InitializeVariable action.",
)
def variable_not_on_path(flow: Flow) -> Spots:
    declared = {name.lower(): placed.action for name, placed in declared_variables(flow.definition)}
    for placed in flow.placed:
        before = set(readable(flow.definition, placed))
        for name in dict.fromkeys(used_variables(placed.action)):
            source = declared.get(name.lower())
            if source is not None and source.name not in before:
                what = f"'{placed.action.name}' uses the variable '{name}' but need not run after '{source.name}'."
                yield placed.action.path, what


@rule(
    "output-of-unknown-action",
    why="The output has no value: the run ends without it, or fails.",
    cure="Correct the action's name in the expression.",
)
def output_of_unknown_action(flow: Flow) -> Spots:
    for owner, expression, call in flow.calls:
        name = literal_name(call)
        if owner is None and call.name.lower() in ACTION_FUNCTIONS and name and flow.definition.action(name) is None:
            yield expression.path, f"The workflow's outputs refer to '{name}', which is no action."


@rule(
    "no-trigger-output",
    why="A Recurrence trigger has no outputs: the value is null, and what is read from it without '?' fails.",
    cure="Remove the reference, or give the workflow a trigger with a body.",
)
def no_trigger_output(flow: Flow) -> Spots:
    types = {trigger.type for trigger in flow.triggers}
    for _, expression, call in flow.calls:
        if types == {"Recurrence"} and call.name.lower() in ("triggerbody", "triggeroutputs"):
            yield expression.path, f"'{call.name}()' has nothing to read: the trigger is a Recurrence."


@rule(
    "name-too-long",
    why=f"Names of triggers and actions have at most {MAXIMUM_NAME} characters; the service may refuse this one.",
    cure="Shorten the name, also where expressions and runAfter use it.",
)
def name_too_long(flow: Flow) -> Spots:
    for operation in flow.operations:
        if len(operation.name) > MAXIMUM_NAME:
            yield operation.path, f"The name has {len(operation.name)} characters: '{operation.name[:40]}…'."


@rule(
    "name-characters",
    why="The service refuses names with these characters: InvalidWorkflowRunActionName.",
    cure="Use letters, digits, '_', '-', '(' and ')' instead.",
)
def name_characters(flow: Flow) -> Spots:
    for operation in flow.operations:
        bad = [character for character in _BAD_CHARACTERS if character in operation.name]
        if bad:
            yield operation.path, f"The name '{operation.name}' has {' '.join(bad)} in it."


@rule(
    "static-result-missing",
    why="The action is to return a static result that does not exist, so it cannot run.",
    cure="Define it under `staticResults` of the definition, or remove `staticResult` from the action.",
)
def static_result_missing(flow: Flow) -> Spots:
    for action in flow.actions():
        place, chosen = action.static_choice
        name, enabled = chosen.get("name"), str(chosen.get("staticResultOptions", "")).lower() == "enabled"
        if isinstance(name, str) and enabled and name not in flow.definition.static_results:
            yield place, f"There is no static result '{name}'."


@rule(
    "workflow-name-missing",
    why="Without the child's id and trigger the call cannot be made.",
    cure="Give `inputs.host.workflow.id` and `inputs.host.triggerName`.",
)
def workflow_name_missing(flow: Flow) -> Spots:
    for action in flow.actions("Workflow"):
        if not _names_workflow(action):
            yield (*action.path, "inputs"), f"'{action.name}' does not say which workflow it calls."


def _names_workflow(action: Action) -> bool:
    host = members(inputs(action).get("host"))
    return bool(host.get("triggerName")) and bool(members(host.get("workflow")).get("id"))
