"""Triggers, blocks and ends of a run."""

from __future__ import annotations

from collections import Counter
from typing import Any

from wdl.checker.flow import Flow, inputs, is_dynamic, is_integer
from wdl.checker.rule import Spots, rule
from wdl.definition import Action
from wdl.definition.rules.references import predecessors
from wdl.definition.vocabulary import canonical, words
from wdl.values import type_name

MOST_CASES = 25
_TRIGGER_TYPES = frozenset(
    words(
        """
        Recurrence SlidingWindow Request Manual Http HttpWebhook ApiConnection ApiConnectionWebhook OpenApiConnection
        OpenApiConnectionWebhook ApiConnectionNotification OpenApiConnectionNotification ApiManagement ApiApp Batch
        ServiceProvider Workflow Flow
        """
    )
)
_ONLY_TRIGGERS = frozenset({"Recurrence", "SlidingWindow", "Request", "Manual", "Batch"})
_ENDS = ("Succeeded", "Cancelled", "Failed")


@rule(
    "no-trigger",
    why="Logic Apps saves it; the workflow can never run.",
    cure="Add a trigger.",
)
def no_trigger(flow: Flow) -> Spots:
    if not flow.definition.triggers and flow.definition.actions:
        yield (), "The workflow has no trigger."


@rule(
    "several-triggers",
    why="Each starts runs by itself; trigger outputs are those of the one that fired, and the portal shows one only.",
    cure="Make a workflow for each trigger, if that is not meant.",
)
def several_triggers(flow: Flow) -> Spots:
    if len(flow.definition.triggers) > 1:
        yield ("triggers",), f"The workflow has {len(flow.definition.triggers)} triggers."


@rule(
    "type-in-wrong-place",
    why="Logic Apps saves it; the service refuses it, or it never fires or runs.",
    cure="Move it to `triggers` or `actions`, or change its type.",
)
def type_in_wrong_place(flow: Flow) -> Spots:
    for trigger in flow.triggers:
        if trigger.type not in _TRIGGER_TYPES:
            yield (*trigger.path, "type"), f"'{trigger.type}' is an action, not a trigger."
    for action in flow.actions():
        if action.type in _ONLY_TRIGGERS:
            yield (*action.path, "type"), f"'{action.type}' is a trigger, not an action."


@rule(
    "terminate-status",
    why="Logic Apps saves it; the action fails at run time, and the run does not end as meant.",
    cure="runStatus is Succeeded, Cancelled or Failed; runError belongs to Failed only.",
)
def terminate_status(flow: Flow) -> Spots:
    for action in flow.actions("Terminate"):
        status, path = inputs(action).get("runStatus"), (*action.path, "inputs")
        if is_dynamic(status):
            continue
        known = canonical(status, _ENDS) if isinstance(status, str) else None
        if known is None:
            yield (*path, "runStatus"), f"'{action.name}' ends the run as '{status}'."
        elif known != "Failed" and inputs(action).get("runError") is not None:
            yield (*path, "runError"), f"'{action.name}' has a runError but ends the run as '{known}'."


@rule(
    "after-terminate",
    why="The run has ended by then: what comes after Terminate never runs.",
    cure="Remove it, or let it run after another action.",
)
def after_terminate(flow: Flow) -> Spots:
    for placed in flow.placed:
        before = next((b for b in predecessors(placed.action, placed.level) if b.type == "Terminate"), None)
        if before:
            yield (*placed.action.path, "runAfter"), f"'{placed.action.name}' runs after the Terminate '{before.name}'."


@rule(
    "switch-cases",
    why="The service allows 25 cases; a case fails the action unless it is text or an integer, and equal ones clash.",
    cure="Use distinct text or integer values, and split a larger Switch.",
)
def switch_cases(flow: Flow) -> Spots:
    for action in flow.actions("Switch"):
        cases = [branch for name, branch in action.branches.items() if name != "default"]
        if len(cases) > MOST_CASES:
            yield (*action.path, "cases"), f"'{action.name}' has {len(cases)} cases."
        for branch in cases:
            if not isinstance(branch.case, str) and not is_integer(branch.case):
                yield (*action.path, "cases", branch.name), f"The value of case '{branch.name}' is no text or integer."
        yield from _repeated(action, [branch.case for branch in cases])


def _repeated(action: Action, values: list[Any]) -> Spots:
    counted = Counter(f"{type_name(value)} {value}" for value in values if isinstance(value, (str, int)))
    for shown, count in counted.items():
        if count > 1:
            yield (*action.path, "cases"), f"'{action.name}' has {count} cases for {shown}."


@rule(
    "response-without-request",
    why="Nobody waits for the answer, so the Response is skipped in every run.",
    cure="Use a Request trigger, or remove the Response.",
)
def response_without_request(flow: Flow) -> Spots:
    waiting = {"Request", "Manual", "HttpWebhook", "ApiConnectionWebhook", "OpenApiConnectionWebhook"}
    if not any(trigger.type in waiting or trigger.recurrence for trigger in flow.triggers):
        for action in flow.actions("Response"):
            yield action.path, f"'{action.name}' answers, but no trigger receives a request."


@rule(
    "response-status",
    why="A Response cannot have this status; the action fails.",
    cure="Use a status from 200 to 599 that is no redirection (3xx).",
)
def response_status(flow: Flow) -> Spots:
    for action in flow.actions("Response"):
        status = inputs(action).get("statusCode", 200)
        number = int(status) if isinstance(status, str) and status.isdecimal() else status
        valid = is_integer(number) and 200 <= number <= 599 and number // 100 != 3
        if not valid and not is_dynamic(status):
            yield (*action.path, "inputs", "statusCode"), f"'{action.name}' answers with status '{status}'."


@rule(
    "response-to-split-trigger",
    why="With splitOn one request starts many runs, and none of them can answer it: the service refuses the Response.",
    cure='Remove splitOn and loop with Foreach, or answer with "operationOptions": "Asynchronous".',
)
def response_to_split_trigger(flow: Flow) -> Spots:
    if any(trigger.split_on and trigger.type in ("Request", "Manual") for trigger in flow.triggers):
        for action in flow.actions("Response"):
            if "Asynchronous" not in action.operation_options:
                yield action.path, f"'{action.name}' answers a trigger with splitOn."


@rule(
    "split-on-text",
    why="splitOn needs an array; text that is no expression is none, and no run starts.",
    cure="Start with '@': \"@triggerBody()?['value']\".",
)
def split_on_text(flow: Flow) -> Spots:
    for trigger in flow.triggers:
        if trigger.split_on is not None and not trigger.split_on.startswith("@"):
            yield (*trigger.path, "splitOn"), f"splitOn of '{trigger.name}' is the text '{trigger.split_on}'."
