"""Runs a Pulumi program against mocks and keeps what the engine would have been sent, secrets still wrapped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import grpc
import pulumi
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime import rpc, settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.stack import run_in_stack

PROJECT = "marketplace-leads"
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
KEY1 = "a2V5b25lLWtleW9uZS1rZXlvbmUta2V5b25lLWtleW9uZQ=="
KEY2 = "a2V5dHdvLWtleXR3by1rZXl0d28ta2V5dHdvLWtleXR3bw=="


@dataclass(frozen=True)
class Registered:
    """One resource as the engine got it: `inputs` with secrets wrapped, `parent` the parent's URN."""

    token: str
    name: str
    inputs: dict[str, Any]
    parent: str
    dependencies: tuple[str, ...]
    protect: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()


@dataclass
class Deployment:
    """What one run of a program sent to the engine."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    arguments: dict[str, Any] = field(default_factory=dict)

    def all(self, token: str) -> list[Registered]:
        return [resource for resource in self.resources if resource.token == token]

    def one(self, token: str) -> Registered:
        found = self.all(token)
        assert len(found) == 1, (token, [resource.token for resource in self.resources])
        return found[0]


# Where Azure puts the resources of the program, and which input is their name.
_TYPES = {
    "azure-native:storage:StorageAccount": ("Microsoft.Storage/storageAccounts", None),
    "azure-native:storage:Table": ("Microsoft.Storage/storageAccounts/x/tableServices/default/tables", "tableName"),
    "azure-native:web:Connection": ("Microsoft.Web/connections", "connectionName"),
    "azure-native:logic:Workflow": ("Microsoft.Logic/workflows", "workflowName"),
    "azure-native:monitor:ActionGroup": ("Microsoft.Insights/actionGroups", "actionGroupName"),
    "azure-native:monitor:MetricAlert": ("Microsoft.Insights/metricAlerts", "ruleName"),
    "azure-native:authorization:ManagementLockByScope": ("Microsoft.Authorization/locks", "lockName"),
}


class Refused(grpc.RpcError):
    """How the SDK sees that a function of the provider failed."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self.args[0])


class AzureMocks(pulumi.runtime.Mocks):
    """Answers as Azure would; `table_endpoint` is a format with `{account}`; `existing` maps the tokens of lookups to
    what they find, or to the text of Azure's error."""

    def __init__(self, table_endpoint: str, existing: Mapping[str, Any]) -> None:
        self.table_endpoint = table_endpoint
        self.existing = existing

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        identity, name = _azure_id(args)
        state = {**args.inputs, "name": name}
        if args.typ == "azure-native:storage:StorageAccount":
            state["primaryEndpoints"] = {"table": self.table_endpoint.format(account=name)}
        return identity, state

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        if args.token in self.existing:
            found = self.existing[args.token]
            if isinstance(found, str):
                raise Refused(found)
            return {**args.args, **found}
        assert args.token == "azure-native:storage:listStorageAccountKeys"
        # key2 first: whoever takes the keys by their place in the list is found out.
        return {"keys": [{"keyName": "key2", "value": KEY2}, {"keyName": "key1", "value": KEY1}]}


class RecordingMonitor(pulumi_mocks.MockMonitor):
    """A monitor that keeps the raw requests: the mocks themselves see secrets unwrapped."""

    def __init__(self, mocks: pulumi.runtime.Mocks) -> None:
        super().__init__(mocks)
        self.deployment = Deployment()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the RPC's name
        if request.type != "pulumi:pulumi:Stack":
            inputs = rpc.deserialize_properties(request.object, keep_unknowns=True)
            self.deployment.resources.append(
                Registered(
                    request.type,
                    request.name,
                    inputs,
                    request.parent,
                    tuple(request.dependencies),
                    request.protect,
                    request.retainOnDelete,
                    tuple(request.ignoreChanges),
                )
            )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        if "::pulumi:pulumi:Stack::" in request.urn:
            self.deployment.outputs = rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        self.deployment.calls.append(request.tok)
        self.deployment.arguments[request.tok] = rpc.deserialize_properties(request.args)
        return super().Invoke(request)  # type: ignore[no-untyped-call]


def run_program(
    program: Callable[[], object],
    *,
    stack: str = "dev",
    config: Mapping[str, str] | None = None,
    secret: tuple[str, ...] = (),
    table_endpoint: str = "https://{account}.table.core.windows.net/",
    existing: Mapping[str, Any] | None = None,
) -> Deployment:
    mocks = AzureMocks(table_endpoint, existing or {})
    monitor = RecordingMonitor(mocks)
    settings.ROOT.set(cast(Any, "a root"))  # keeps set_mocks from making one on an event loop that never runs
    pulumi.runtime.set_mocks(mocks, project=PROJECT, stack=stack, preview=False, monitor=monitor)
    settings.ROOT.set(None)  # run_in_stack makes its own, as the language host does
    set_all_config(
        {f"{PROJECT}:{key}": value for key, value in (config or {}).items()},
        [f"{PROJECT}:{key}" for key in secret],
    )

    def run() -> None:
        program()

    asyncio.run(run_in_stack(run))
    return monitor.deployment


def revealed(value: Any) -> Any:
    """The value inside a secret; the assertion is that it is one."""
    assert rpc.is_rpc_secret(value), f"not a secret: {value!r}"
    return rpc.unwrap_rpc_secret(value)


def _azure_id(args: pulumi.runtime.MockResourceArgs) -> tuple[str, str]:
    """Id and name of a resource: the name as given, or made of the logical name as the provider does."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{args.inputs.get('resourceGroupName')}"
    if args.typ == "azure-native:resources:ResourceGroup":
        return group, str(args.inputs["resourceGroupName"])
    if args.typ not in _TYPES:
        return "", args.name  # a component
    place, key = _TYPES[args.typ]
    name = str(args.inputs[key]) if key else f"{args.name}0123abcd"
    return f"{group}/providers/{place}/{name}", name
