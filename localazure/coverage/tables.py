"""The tables of the coverage, each put together from what Azure has and what the code says of itself."""

from __future__ import annotations

from collections.abc import Iterable

from localazure.arm.routing import Router
from localazure.connectors.host import ConnectorHost
from localazure.coverage import azure_connectors, azure_functions, azure_steps
from localazure.coverage.asking import parts
from localazure.coverage.azure_operations import Operation, operations
from localazure.coverage.deviations import NOTES
from localazure.coverage.items import Item, Table, every, judged
from localazure.monitor.catalogue import WORKFLOWS, definitions
from localazure.pulumi_provider.schema import load
from localazure.workflows.actions import EXPRESSION_KINDS, HANDLERS
from localazure.workflows.deployment import TRIGGERS
from wdl.definition.vocabulary import TYPES
from wdl.registry import declarations

_NOT_DEPLOYED = "A workflow with it is refused on deployment, by an error that names the action."
_NO_TRIGGER = "A workflow with it is refused on deployment, by an error that names the trigger."
REFUSED = tuple(name for name, note in NOTES["operations"].items() if note.startswith("Refused by name"))
"""Operations that have a route, which answers that they are not supported."""


def tables() -> list[Table]:
    """All tables, in the order of the documentation."""
    with parts() as known:
        router = Router([route for provider in known.providers for route in provider.routes()])
        return [
            Table("functions", "Functions of expressions", _functions()),
            Table("actions", "Action types", _actions()),
            Table("triggers", "Trigger types", _triggers()),
            Table("connectors", "Managed connectors and their operations", _connectors(known.connectors)),
            Table("operations", "Azure Resource Manager", _operations(router)),
            Table("metrics", f"Metrics of {WORKFLOWS}", _metrics()),
            Table("pulumi", "Pulumi: types and functions of azure-native", _pulumi()),
        ]


def versions() -> list[tuple[str, tuple[str, ...]]]:
    """The resource types that ARM serves, and the api-versions of each, newest first."""
    with parts() as known:
        router = Router([route for provider in known.providers for route in provider.routes()])
        groups = next(route.api_versions for route in known.groups.routes())
        return [("resourceGroups, subscriptions, providers", groups), *router.all_types().items()]


def _functions() -> tuple[Item, ...]:
    declared = [declaration.name for declaration in declarations().values()]
    listed = {name for names in azure_functions.FUNCTIONS.values() for name in names}
    beyond = [name for name in declared if name not in listed]
    groups = {**azure_functions.FUNCTIONS, "Beyond the reference": tuple(beyond)}
    return tuple(item for group, names in groups.items() for item in every(group, names, declared, NOTES["functions"]))


def _actions() -> tuple[Item, ...]:
    sorted_ones = {name for names in azure_steps.ACTIONS.values() for name in names}
    triggers = {name for names in azure_steps.TRIGGERS.values() for name in names}
    groups = dict(azure_steps.ACTIONS)
    groups["Other"] += tuple(name for name in TYPES if name not in sorted_ones | triggers)
    return tuple(item for group, names in groups.items() for name in names for item in _action(group, name))


def _action(group: str, name: str) -> Iterable[Item]:
    if name != "Expression":
        return [judged(group, name, name in HANDLERS, NOTES["actions"], _NOT_DEPLOYED)]
    kinds = azure_steps.EXPRESSION_KINDS
    return [
        judged(group, f"Expression ({kind})", kind in EXPRESSION_KINDS, NOTES["actions"], _NOT_DEPLOYED)
        for kind in kinds
    ]


def _triggers() -> tuple[Item, ...]:
    return tuple(
        judged(group, name, name in TRIGGERS, NOTES["triggers"], _NO_TRIGGER)
        for group, names in azure_steps.TRIGGERS.items()
        for name in names
    )


def _connectors(host: ConnectorHost) -> tuple[Item, ...]:
    items = []
    for api in host.apis:
        for operation in host.operations(api):
            note = NOTES["connectors"].get(f"{api}: {operation.title}", "")
            items.append(Item(api, operation.title, "deviates" if note else "done", note))
        answer = "Answers 404, with what there is; a connector of your own can take its place."
        items += [Item(api, name, "missing", answer) for name in azure_connectors.UNSERVED.get(api, ())]
    answer = "Answers 501 until you give it: a function, or recorded answers."
    return (*items, Item("others", azure_connectors.ELSEWHERE, "missing", answer))


def _operations(router: Router) -> tuple[Item, ...]:
    return tuple(_operation(router, operation) for operation in operations())


def _operation(router: Router, operation: Operation) -> Item:
    match = router.match(example(operation))
    method = "GET" if operation.method == "HEAD" else operation.method
    there = match is not None and method in match.routes and operation.id not in REFUSED
    return judged(operation.namespace, operation.id, there, NOTES["operations"])


def example(operation: Operation) -> str:
    """A path of an operation with something in the place of its parameters."""
    path = operation.template.replace("{scope}", "subscriptions/{s}/resourceGroups/{g}")
    return "/".join("x" if part.startswith("{") else part for part in path.split("/"))


def _metrics() -> tuple[Item, ...]:
    return tuple(judged(metric.unit, metric.name, True, NOTES["metrics"]) for metric in definitions(WORKFLOWS))


def _pulumi() -> tuple[Item, ...]:
    schema = load()
    items = [Item("Resources", token, "done") for token in schema.resources]
    items += [Item("Functions", token, "done") for token in schema.functions]
    return (*items, Item("Others", "every other type of azure-native", "missing", "Refused by its name."))
