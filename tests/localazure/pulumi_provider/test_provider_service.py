"""The gRPC service: configuration by connection, previews, errors with a resource inside, cancellation."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from arm_stub import SUBSCRIPTION, ArmStub, document
from google.protobuf.empty_pb2 import Empty
from provider_client import ProviderClient, failed_resource
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from localazure.pulumi_provider import arm_client
from localazure.pulumi_provider.configuration import Configuration, ConfigurationError, from_environment
from localazure.pulumi_provider.server import serve

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
ACCOUNT = {
    "accountName": "account",
    "resourceGroupName": "g",
    "kind": "StorageV2",
    "location": "westeurope",
    "sku": {"name": "Standard_LRS"},
}
PATH = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/account"
TOKEN = "storage:StorageAccount"


def region(provider: ProviderClient) -> Any:
    return provider.check("logic:Workflow", {"resourceGroupName": "g"})["inputs"].get("location")


def test_each_connection_has_the_configuration_of_its_own(make_provider: Callable[..., Any]) -> None:
    first, second = make_provider(connections=2)
    first.configure(location="westeurope")
    second.configure(location="northeurope")
    assert (region(first), region(second)) == ("westeurope", "northeurope")
    first.configure(location="uksouth")
    assert (region(first), region(second)) == ("uksouth", "northeurope")


def test_the_subscription_can_be_configured(make_provider: Callable[..., Any], web_arm: ArmStub) -> None:
    provider = make_provider()
    provider.configure(subscriptionId="another", location="x")
    provider.resource_call("Create", TOKEN, properties=ACCOUNT)
    assert web_arm.calls[0][1].startswith("/subscriptions/another/")


def test_an_engine_that_does_not_send_old_inputs_is_refused(make_provider: Callable[..., Any]) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        make_provider().call("Configure", sendsOldInputs=True)
    assert refused.value.details() == "Azure Native provider requires Pulumi CLI v3.74.0 or later"


def test_the_provider_lives_on_after_cancel(provider: ProviderClient) -> None:
    provider.call("Cancel")
    assert region(provider) == "westeurope"
    assert provider.resource_call("Create", TOKEN, properties=ACCOUNT)["id"] == PATH


def test_cancel_ends_what_runs(make_provider: Callable[..., Any], web_arm: ArmStub) -> None:
    polled = threading.Event()

    def rule(_stub: ArmStub, method: str, path: str, _body: Any) -> Any:
        if method == "PUT":
            return 202, {"Location": "/wait"}, None
        if path == "/wait":
            polled.set()
            return 202, {"Retry-After": "600"}, None
        return None

    web_arm.rules.append(rule)
    provider = make_provider()
    provider.configure()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(provider.resource_call, "Create", TOKEN, properties=ACCOUNT)
        assert polled.wait(120)
        provider.call("Cancel")
        with pytest.raises(grpc.RpcError) as failed:
            running.result(30)
    assert "context canceled" in failed.value.details()


def test_a_preview_of_create_asks_nothing_of_arm(provider: ProviderClient, web_arm: ArmStub) -> None:
    inputs = {**ACCOUNT, "resourceGroupName": UNKNOWN_TEXT}
    shown = provider.resource_call("Create", TOKEN, properties=inputs, preview=True)
    assert "id" not in shown
    assert shown["properties"]["kind"] == "StorageV2"
    assert shown["properties"]["name"] == shown["properties"]["primaryEndpoints"] == UNKNOWN_TEXT
    assert web_arm.calls == []


def test_a_preview_of_update_keeps_what_never_changes(provider: ProviderClient, web_arm: ArmStub) -> None:
    olds = {"name": "account", "location": "West Europe", "kind": "old", "primaryEndpoints": {"table": "t"}}
    shown = provider.resource_call("Update", TOKEN, id=PATH, olds=olds, news=ACCOUNT, preview=True)["properties"]
    assert (shown["name"], shown["location"], shown["kind"]) == ("account", "West Europe", "StorageV2")
    assert shown["primaryEndpoints"] == UNKNOWN_TEXT
    assert web_arm.calls == []


def test_secrets_are_taken_off_on_the_way_in(provider: ProviderClient, web_arm: ArmStub) -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": {"k": "v"}}
    inputs = {"connectionName": "c", "resourceGroupName": "g", "properties": {"parameterValues": secret}}
    provider.resource_call("Create", "web:Connection", properties=inputs)
    assert web_arm.written("connections/c") == {"properties": {"parameterValues": {"k": "v"}}}


def test_whole_numbers_stay_whole(provider: ProviderClient, web_arm: ArmStub) -> None:
    definition = {"one": 1, "half": 0.5, "large": 2**53, "huge": 1e300, "yes": True}
    inputs = {"workflowName": "w", "resourceGroupName": "g", "definition": definition}
    provider.resource_call("Create", "logic:Workflow", properties=inputs)
    sent = web_arm.written("workflows/w")["properties"]["definition"]
    assert sent == definition
    assert [type(sent[name]) for name in ("one", "half", "large", "yes")] == [int, float, int, bool]


def test_a_resource_that_failed_late_travels_inside_the_error(provider: ProviderClient, web_arm: ArmStub) -> None:
    def rule(stub: ArmStub, method: str, path: str, body: Any) -> Any:
        if method == "PUT":
            stub.resources[path.lower()] = document(path, body)
            return 201, {"Azure-AsyncOperation": f"{stub.endpoint}/status"}, stub.resources[path.lower()]
        failed = {"status": "Failed", "error": {"code": "NoCapacity", "message": "none left"}}
        return (200, {}, failed) if path == "/status" else None

    web_arm.rules.append(rule)
    with pytest.raises(grpc.RpcError) as failed:
        provider.resource_call("Create", TOKEN, properties=ACCOUNT)
    inside = failed_resource(failed.value)
    assert failed.value.code() is grpc.StatusCode.UNKNOWN
    assert list(inside.reasons) == ['Status=200 Code="NoCapacity" Message="none left"']
    assert (inside.id, inside.properties["kind"], dict(inside.inputs)["accountName"]) == (PATH, "StorageV2", "account")


def test_a_custom_timeout_ends_the_waiting(
    provider: ProviderClient, web_arm: ArmStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = [0.0]
    monkeypatch.setattr(arm_client, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + passed[0]))

    def rule(_stub: ArmStub, method: str, path: str, _body: Any) -> Any:
        if path == "/wait":
            passed[0] += 30  # between two looks
        return (202, {"Location": "/wait"}, None) if method == "PUT" or path == "/wait" else None

    web_arm.rules.append(rule)
    with pytest.raises(grpc.RpcError) as failed:
        provider.resource_call("Create", TOKEN, properties=ACCOUNT, timeout=600)
    reason = failed_resource(failed.value).reasons[0]
    assert reason == "resource created but read failed operation timed out: operation timed out"


class RecordingEngine(engine_pb2_grpc.EngineServicer):
    """The engine's side of the log."""

    def __init__(self) -> None:
        self.logged: list[Any] = []

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.logged.append(request)
        return Empty()


def test_a_failed_read_back_is_a_warning_at_the_resource(provider: ProviderClient, web_arm: ArmStub) -> None:
    engine, server = RecordingEngine(), grpc.server(ThreadPoolExecutor(1))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    written = [False]

    def rule(_stub: ArmStub, method: str, *_call: Any) -> Any:
        written[0] = written[0] or method == "PUT"
        return (403, {}, {}) if written[0] and method == "GET" else None

    web_arm.rules.append(rule)
    provider.call("Attach", address=address)
    provider.configure(location="westeurope")
    made = provider.resource_call("Create", TOKEN, properties=ACCOUNT)
    server.stop(None)
    assert made["properties"]["kind"] == "StorageV2"
    assert [(entry.severity, entry.urn.endswith("StorageAccount::it")) for entry in engine.logged] == [
        (engine_pb2.WARNING, True)
    ]
    assert "Failed to read resource after Create." in engine.logged[0].message


def test_an_engine_that_has_gone_does_not_fail_the_operation(provider: ProviderClient, web_arm: ArmStub) -> None:
    web_arm.rules.append(
        lambda stub, method, *_call: (403, {}, {}) if method == "GET" and len(stub.calls) > 1 else None
    )
    provider.call("Attach", address="127.0.0.1:1")
    assert provider.resource_call("Create", TOKEN, properties=ACCOUNT)["id"] == PATH


def test_a_plain_failure_is_a_bare_message(provider: ProviderClient, web_arm: ArmStub) -> None:
    error = {"error": {"code": "AccountNameInvalid", "message": "ACC is not valid."}}
    web_arm.rules.append(lambda _stub, method, *_call: (400, {}, error) if method == "PUT" else None)
    with pytest.raises(grpc.RpcError) as failed:
        provider.resource_call("Create", TOKEN, properties=ACCOUNT)
    assert failed.value.details() == 'Status=400 Code="AccountNameInvalid" Message="ACC is not valid."'
    assert failed_resource(failed.value) is None


def test_diff_tells_kinds_and_order(provider: ProviderClient) -> None:
    olds = {"kind": "StorageV2"}
    news = {**ACCOUNT, "location": "northeurope", "tags": {"a": "b"}}
    found = provider.resource_call("Diff", TOKEN, id=PATH, olds=olds, oldInputs=ACCOUNT, news=news)
    assert found == {
        "changes": "DIFF_SOME",
        "replaces": ["location"],
        "deleteBeforeReplace": True,
        "diffs": ["location", "tags"],
        "detailedDiff": {"location": {"kind": "UPDATE_REPLACE", "inputDiff": True}, "tags": {"inputDiff": True}},
        "hasDetailedDiff": True,
    }


def test_diff_without_a_change(provider: ProviderClient) -> None:
    found = provider.resource_call("Diff", TOKEN, id=PATH, olds={}, oldInputs=ACCOUNT, news=ACCOUNT)
    assert found == {"changes": "DIFF_NONE"}


def test_a_gone_resource_has_no_id(provider: ProviderClient) -> None:
    assert provider.resource_call("Read", TOKEN, id=PATH, inputs=ACCOUNT, properties={}) == {}


def test_a_type_inside_a_component_is_known_by_its_urn(provider: ProviderClient) -> None:
    urn = "urn:pulumi:dev::test::my:Component$azure-native:logic:Workflow::flow"
    answer = provider.call("Check", urn=urn, news={"resourceGroupName": "g"}, olds={}, randomSeed="c2VlZA==")
    assert answer["inputs"]["workflowName"] == "flow614742c2"


def test_a_taken_port_is_refused() -> None:
    values = {"subscription_id": "s", "tenant_id": "t", "client_id": "c", "client_secret": "x"}
    first = serve(0, arm_endpoint="https://127.0.0.1:1", **values)
    try:
        with pytest.raises(ConfigurationError, match=f"port {first.port} of 127.0.0.1 is taken"):
            serve(first.port, arm_endpoint="https://127.0.0.1:1", **values)
    finally:
        first.stop()


def test_the_temporary_folder_may_have_a_long_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    served = serve(
        0, arm_endpoint="https://a.test", subscription_id="s", tenant_id="t", client_id="c", client_secret="x"
    )
    try:
        with grpc.insecure_channel(f"127.0.0.1:{served.port}") as channel:
            assert ProviderClient(channel).call("GetPluginInfo")["version"]
    finally:
        served.stop()


def test_the_environment_must_be_set_up() -> None:
    with pytest.raises(ConfigurationError, match=r'ARM_CLIENT_SECRET not set: run `eval "\$\(localazure env\)"`'):
        from_environment(
            {"LOCALAZURE_ARM_ENDPOINT": "e", "ARM_SUBSCRIPTION_ID": "s", "ARM_TENANT_ID": "t", "ARM_CLIENT_ID": "c"}
        )


def test_it_runs_alone(web_arm: ArmStub) -> None:
    environment = {
        "LOCALAZURE_ARM_ENDPOINT": web_arm.endpoint,
        "ARM_SUBSCRIPTION_ID": SUBSCRIPTION,
        "ARM_TENANT_ID": "t",
        "ARM_CLIENT_ID": "c",
        "ARM_CLIENT_SECRET": "s",
    }
    command = [sys.executable, "-m", "localazure.pulumi_provider"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            provider = ProviderClient(channel)
            provider.configure(location="westeurope")
            assert provider.resource_call("Create", TOKEN, properties=ACCOUNT)["id"] == PATH
        process.terminate()
        assert process.wait(120) == 0


def test_alone_without_an_environment_it_says_what_to_do() -> None:
    command = [sys.executable, "-m", "localazure.pulumi_provider"]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "LOCALAZURE_ARM_ENDPOINT" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_configuration_shows_no_secret() -> None:
    assert "hidden" not in repr(Configuration("e", "s", "t", "c", "hidden"))
