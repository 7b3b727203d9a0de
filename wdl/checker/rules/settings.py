"""Settings of actions and triggers: retries, pages, secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wdl.checker.durations import seconds
from wdl.checker.flow import Flow, inputs, is_dynamic, is_integer, members
from wdl.checker.rule import Spots, rule
from wdl.definition import Operation, Path
from wdl.definition.vocabulary import canonical

# "Handle errors and exceptions in Azure Logic Apps", retry policies.
_POLICIES = ("Default", "None", "Fixed", "Exponential")
MOST_RETRIES = 90
SHORTEST, LONGEST = 5, 86_400
_INTERVALS = ("interval", "minimumInterval", "maximumInterval")
_SECRETS = frozenset({"password", "secret", "pfx", "sharedkey", "clientsecret", "apikey", "accesskey", "value"})


def _retries(flow: Flow) -> Iterator[tuple[Operation, Mapping[str, Any], Path]]:
    for operation in flow.operations:
        if isinstance(operation.retry, Mapping):
            yield operation, operation.retry, (*operation.path, "inputs", "retryPolicy")


@rule(
    "retry-type",
    why="Logic Apps saves it; the action fails, or is retried by default.",
    cure="The type is default, none, fixed or exponential.",
)
def retry_type(flow: Flow) -> Spots:
    for operation, policy, path in _retries(flow):
        given = policy.get("type")
        if not is_dynamic(given) and (not isinstance(given, str) or canonical(given, _POLICIES) is None):
            yield (*path, "type"), f"The retry policy of '{operation.name}' has the type '{given}'."


@rule(
    "retry-count",
    why="Beyond the bound the service refuses the policy or does not keep it.",
    cure=f"The count goes from 1 to {MOST_RETRIES}.",
)
def retry_count(flow: Flow) -> Spots:
    for operation, policy, path in _retries(flow):
        count = policy.get("count")
        if count is not None and not is_dynamic(count) and not (is_integer(count) and 1 <= count <= MOST_RETRIES):
            yield (*path, "count"), f"'{operation.name}' is retried {count} times."


@rule(
    "retry-interval",
    why="Beyond the bound the service refuses the policy or does not keep it.",
    cure="Intervals are ISO 8601 durations from PT5S to P1D.",
)
def retry_interval(flow: Flow) -> Spots:
    for operation, policy, path in _retries(flow):
        for name in _INTERVALS:
            value = policy.get(name)
            length = seconds(str(value)) if value is not None and not is_dynamic(value) else SHORTEST
            if length is None or not SHORTEST <= length <= LONGEST:
                yield (*path, name), f"The {name} of '{operation.name}' is '{value}'."


@rule(
    "retry-incomplete",
    why="The policy says how, but not how often; the action fails or is retried by default.",
    cure="Fixed and exponential policies need `interval` and `count`.",
)
def retry_incomplete(flow: Flow) -> Spots:
    for operation, policy, path in _retries(flow):
        if str(policy.get("type")).lower() in ("fixed", "exponential"):
            missing = [name for name in ("interval", "count") if policy.get(name) is None]
            if missing:
                yield path, f"The retry policy of '{operation.name}' lacks {', '.join(missing)}."


@rule(
    "page-count",
    why="Pages are followed until there are so many items; without a positive number the setting does nothing.",
    cure="Set minimumItemCount from 1 to 100000.",
)
def page_count(flow: Flow) -> Spots:
    for operation in flow.operations:
        policy = operation.runtime_configuration.get("paginationPolicy")
        count = members(policy).get("minimumItemCount")
        if policy is not None and not is_dynamic(count) and not (is_integer(count) and count > 0):
            path = (*operation.path, "runtimeConfiguration", "paginationPolicy")
            yield path, f"minimumItemCount of '{operation.name}' is {count}."


@rule(
    "secure-data",
    why="Only inputs and outputs can be hidden; anything else hides nothing.",
    cure='Write "secureData": {"properties": ["inputs", "outputs"]}.',
)
def secure_data(flow: Flow) -> Spots:
    for operation in flow.operations:
        setting = operation.runtime_configuration.get("secureData")
        listed = members(setting).get("properties")
        values = listed if isinstance(listed, list) else []
        if setting is not None and (not values or not set(map(str, values)) <= {"inputs", "outputs"}):
            path = (*operation.path, "runtimeConfiguration", "secureData")
            yield path, f"secureData of '{operation.name}' names {', '.join(map(str, values)) or 'nothing'}."


@rule(
    "secret-in-definition",
    why="Everybody who may read the workflow reads the secret, and its run history shows it.",
    cure="Declare a SecureString parameter without a default value, and refer to it: @parameters('…').",
)
def secret_in_definition(flow: Flow) -> Spots:
    for operation in flow.operations:
        for name, value in members(inputs(operation).get("authentication")).items():
            if name.lower() in _SECRETS and isinstance(value, str) and value and not is_dynamic(value):
                path = (*operation.path, "inputs", "authentication", name)
                yield path, f"'{operation.name}' has its {name} in plain text."


@rule(
    "secure-default",
    why="A default value stands in the definition in plain text, whatever the parameter's type.",
    cure="Remove the default and give the value with the workflow resource.",
)
def secure_default(flow: Flow) -> Spots:
    for parameter in flow.definition.parameters.values():
        if parameter.secure and parameter.default not in (None, "", {}):
            yield (
                ("parameters", parameter.name, "defaultValue"),
                f"The secure parameter '{parameter.name}' has a default.",
            )


@rule(
    "sliding-window-concurrency",
    why="The designer offers none for a SlidingWindow trigger; whether the service heeds it is not documented.",
    cure="Remove the concurrency, or use a Recurrence trigger.",
)
def sliding_window_concurrency(flow: Flow) -> Spots:
    for trigger in flow.triggers:
        if trigger.type == "SlidingWindow" and trigger.concurrency:
            yield (*trigger.path, "runtimeConfiguration", "concurrency"), f"'{trigger.name}' has a concurrency."
