"""Foreach and Until: limits, concurrency, and what goes wrong in parallel."""

from __future__ import annotations

from wdl.checker.durations import seconds
from wdl.checker.flow import Flow, is_dynamic, is_integer
from wdl.checker.rule import Spots, rule
from wdl.definition import Action
from wdl.definition.rules.service import VARIABLE_ACTIONS

# "Limits and configuration reference for Azure Logic Apps": concurrency, looping, and debatching.
MOST_ROUNDS = 5_000
_CONCURRENCY = {"repetitions": 50, "runs": 100, "maximumWaitingRuns": 100}


@rule(
    "until-without-limit",
    why="Without limits of its own the loop stops after 60 rounds or one hour, as succeeded whatever its condition.",
    cure='Set "limit": {"count": …, "timeout": "PT…"}; the operationOptions "FailWhenLimitsReached" fails it there.',
)
def until_without_limit(flow: Flow) -> Spots:
    for action in flow.actions("Until"):
        missing = [name for name in ("count", "timeout") if getattr(action.limit, name) is None]
        if missing:
            yield action.path, f"The loop '{action.name}' has no limit.{' and no limit.'.join(missing)}."


@rule(
    "until-limit-out-of-range",
    why="Beyond the bound the service refuses the limit or does not keep it.",
    cure=f"The count goes from 1 to {MOST_ROUNDS}.",
)
def until_limit_out_of_range(flow: Flow) -> Spots:
    for action in flow.actions("Until"):
        count = action.limit.count
        wrong = not 1 <= count <= MOST_ROUNDS if is_integer(count) else not (count is None or is_dynamic(count))
        if wrong:
            yield (*action.path, "limit", "count"), f"The count of '{action.name}' is {count}."


@rule(
    "timeout-not-valid",
    why="The limit is no duration, so it cannot be kept.",
    cure="Write an ISO 8601 duration such as PT30S, PT1H or P1D.",
)
def timeout_not_valid(flow: Flow) -> Spots:
    for action in flow.actions():
        timeout = action.limit.timeout
        if timeout is not None and not is_dynamic(timeout) and seconds(str(timeout)) is None:
            yield (*action.path, "limit", "timeout"), f"The timeout '{timeout}' is no ISO 8601 duration."


@rule(
    "concurrency-out-of-range",
    why="Beyond the bound the service refuses the setting or does not keep it.",
    cure="Foreach: repetitions 1 to 50. Trigger: runs 1 to 100, maximumWaitingRuns 1 to 100.",
)
def concurrency_out_of_range(flow: Flow) -> Spots:
    for operation in flow.operations:
        for name, most in _CONCURRENCY.items():
            value = operation.concurrency.get(name)
            wrong = value > most if is_integer(value) else not (value is None or is_dynamic(value))
            if wrong:
                path = (*operation.path, "runtimeConfiguration", "concurrency", name)
                yield path, f"'{name}' of '{operation.name}' is {value}."


@rule(
    "single-instance-and-concurrency",
    why="SingleInstance and concurrency.runs say the same twice; the service takes only one of them.",
    cure="Remove SingleInstance (concurrency.runs 1 equals it), or the concurrency.",
)
def single_instance_and_concurrency(flow: Flow) -> Spots:
    for trigger in flow.triggers:
        if "SingleInstance" in trigger.operation_options and "runs" in trigger.concurrency:
            yield (*trigger.path, "operationOptions"), f"'{trigger.name}' has SingleInstance and concurrency.runs."


@rule(
    "variable-in-parallel-loop",
    why="Rounds of a Foreach run at the same time and share the variable: its value there is unpredictable.",
    cure='Make the loop sequential ("operationOptions": "Sequential"), or use Select, Compose or outputs instead.',
)
def variable_in_parallel_loop(flow: Flow) -> Spots:
    for placed in flow.placed:
        loop = next((parent for parent in placed.parents if parent.type == "Foreach" and _parallel(parent)), None)
        if loop and placed.action.type in VARIABLE_ACTIONS - {"AppendToArrayVariable"}:
            yield placed.action.path, f"'{placed.action.name}' changes a variable in the parallel loop '{loop.name}'."


def _parallel(loop: Action) -> bool:
    return "Sequential" not in loop.operation_options and loop.concurrency.get("repetitions") != 1


@rule(
    "foreach-over-text",
    why="The loop needs an array; text that is no expression is none, and the loop fails.",
    cure="Start with '@' and without braces: \"@body('Get_entities')?['value']\".",
)
def foreach_over_text(flow: Flow) -> Spots:
    for action in flow.actions("Foreach"):
        value = action.foreach
        if isinstance(value, str) and (not value.startswith("@") or value.startswith(("@{", "@@"))):
            yield (*action.path, "foreach"), f"'{action.name}' loops over the text '{value}'."
        elif value is not None and not isinstance(value, (str, list)):
            yield (*action.path, "foreach"), f"'{action.name}' loops over no array."
