"""Create, Read, Update, Delete: the calls of ARM behind them and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from arm_stub import SUBSCRIPTION, ArmStub, document

from localazure.pulumi_provider.arm_client import Deadline
from localazure.pulumi_provider.arm_errors import ArmCallError
from localazure.pulumi_provider.configuration import Configuration
from localazure.pulumi_provider.operations import Call, InitializationError, Operations, parse_id
from localazure.pulumi_provider.schema import Resource, Schema

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/account"
INPUTS = {
    "accountName": "account",
    "resourceGroupName": "g",
    "kind": "StorageV2",
    "location": "westeurope",
    "sku": {"name": "Standard_LRS"},
}

Resources = Callable[[str], Resource]


@pytest.fixture
def resource(schema: Schema) -> Resources:
    return lambda token: schema.resources[f"azure-native:{token}"]


@pytest.fixture
def call() -> Call:
    return Call(Deadline())


def test_create_checks_puts_and_reads_back(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    id_, outputs = operations.create(resource("storage:StorageAccount"), INPUTS, call)
    assert [item[:2] for item in arm.calls] == [("GET", ACCOUNT), ("PUT", ACCOUNT), ("GET", ACCOUNT)]
    assert all(query == {"api-version": "2024-01-01"} for query in arm.queries)
    assert id_ == ACCOUNT
    assert outputs["azureApiVersion"] == "2024-01-01"
    assert (outputs["kind"], outputs["provisioningState"]) == ("StorageV2", "Succeeded")


def test_the_id_is_the_services_own_spelling(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    spelled = ACCOUNT.replace("resourceGroups", "resourcegroups")
    arm.rules.append(lambda _stub, method, path, body: (200, {}, document(spelled, body)) if method == "PUT" else None)
    arm.resources[spelled.lower()] = document(spelled, {"kind": "as read"})
    arm.rules.append(lambda stub, method, path, _body: (404, {}, None) if len(stub.calls) == 1 else None)
    id_, outputs = operations.create(resource("storage:StorageAccount"), INPUTS, call)
    assert (id_, outputs["id"], outputs["kind"]) == (spelled, spelled, "as read")


def test_what_exists_already_is_not_created(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    arm.resources[ACCOUNT.lower()] = document(ACCOUNT, {})
    with pytest.raises(ArmCallError, match=f"cannot create already existing resource '{ACCOUNT}'"):
        operations.create(resource("storage:StorageAccount"), INPUTS, call)


def test_names_are_escaped_in_urls_and_scopes_are_not(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    lock = {"scope": f"{GROUP}/", "lockName": "no delete/ü", "level": "CanNotDelete"}
    operations.create(resource("authorization:ManagementLockByScope"), lock, call)
    assert arm.calls[1][1] == f"{GROUP}/providers/Microsoft.Authorization/locks/no%20delete%2F%C3%BC"
    assert arm.calls[1][2] == {"properties": {"level": "CanNotDelete"}}


def test_the_subscription_of_the_inputs_comes_before_the_configured_one(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    inputs = {"subscriptionId": "other", "resourceGroupName": "g", "connectionName": "c"}
    operations.create(resource("web:Connection"), inputs, call)
    assert arm.calls[0][1] == "/subscriptions/other/resourceGroups/g/providers/Microsoft.Web/connections/c"


def test_required_containers_are_sent_empty(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    inputs = {"resourceGroupName": "g", "ruleName": "r", "location": "global"}
    operations.create(resource("monitor:MetricAlert"), inputs, call)
    assert arm.written("metricAlerts/r") == {"location": "global", "properties": {}}


def test_a_name_that_is_no_string_is_refused(operations: Operations, resource: Resources, call: Call) -> None:
    with pytest.raises(ArmCallError, match="expected string value for path parameter 'accountName', got int"):
        operations.create(resource("storage:StorageAccount"), {**INPUTS, "accountName": 1}, call)


def test_a_failed_read_back_is_a_warning_only(operations: Operations, arm: ArmStub, resource: Resources) -> None:
    warnings: list[str] = []
    arm.rules.append(
        lambda stub, method, _path, _body: (403, {}, {}) if method == "GET" and len(stub.calls) > 1 else None
    )
    call = Call(Deadline(), warnings.append)
    _, outputs = operations.create(resource("storage:StorageAccount"), INPUTS, call)
    assert outputs["kind"] == "StorageV2"
    assert len(warnings) == 1
    assert warnings[0].startswith("Failed to read resource after Create.")


def test_the_read_back_can_be_left_out(
    configuration: Configuration, client: Any, schema: Schema, arm: ArmStub, call: Call
) -> None:
    from localazure.pulumi_provider.convert import Converter

    configured = configuration.configured({"azure-native:config:skipReadOnUpdate": "true"})
    operations = Operations(configured, client, Converter(schema.types))
    operations.create(schema.resources["azure-native:storage:StorageAccount"], INPUTS, call)
    assert [item[0] for item in arm.calls] == ["GET", "PUT"]


def failing_later(arm: ArmStub) -> None:
    """ARM accepts the PUT, keeps the resource, and the operation fails."""
    error = {"error": {"code": "NoCapacity", "message": "none left"}}

    def rule(stub: ArmStub, method: str, path: str, body: Any) -> Any:
        if method == "PUT":
            stub.resources[path.lower()] = document(path, body)
            return 202, {"Location": "/operations/1"}, None
        return (409, {}, error) if path == "/operations/1" else None

    arm.rules.append(rule)


def test_a_failure_after_acceptance_keeps_what_is_there(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    failing_later(arm)
    with pytest.raises(InitializationError) as failed:
        operations.create(resource("storage:StorageAccount"), INPUTS, call)
    assert str(failed.value) == 'Status=409 Code="NoCapacity" Message="none left"'
    assert (failed.value.id, failed.value.inputs) == (ACCOUNT, INPUTS)
    assert failed.value.outputs["kind"] == "StorageV2"


def test_a_failure_after_acceptance_that_cannot_be_read_tells_both(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    arm.rules.append(
        lambda stub, method, *_call: (403, {}, {"x": 1}) if method == "GET" and len(stub.calls) > 3 else None
    )
    failing_later(arm)
    with pytest.raises(InitializationError) as failed:
        operations.create(resource("storage:StorageAccount"), INPUTS, call)
    expected = 'resource created but read failed Status=403 Message="{"x": 1}": Status=409 Code="NoCapacity"'
    assert str(failed.value).startswith(expected)
    assert failed.value.outputs == {}


def test_update_puts_under_the_new_inputs_and_reads_back(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    outputs = operations.update(resource("storage:StorageAccount"), {**INPUTS, "tags": {"a": "b"}}, INPUTS, {}, call)
    assert [item[0] for item in arm.calls] == ["PUT", "GET"]
    assert outputs["tags"] == {"a": "b"}


def test_network_rules_that_are_no_longer_an_input_are_reset_to_open(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    operations.update(resource("storage:StorageAccount"), INPUTS, INPUTS, {"networkRuleSet": {"bypass": "None"}}, call)
    assert arm.written(ACCOUNT)["properties"]["networkAcls"] == {
        "bypass": "AzureServices",
        "defaultAction": "Allow",
        "ipRules": [],
        "virtualNetworkRules": [],
    }


@pytest.mark.parametrize(
    ("code", "gone"),
    [
        ("ResourceNotFound", True),
        ("ResourceGroupNotFound", True),
        ("ParentResourceNotFound", True),
        ("NotFound", True),
        ("TableNotFound", False),
        ("", False),
    ],
)
def test_only_some_404s_mean_that_a_resource_is_gone(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call, code: str, gone: bool
) -> None:
    arm.rules.append(lambda *_call: (404, {}, {"error": {"code": code, "message": "m"}}))
    if gone:
        assert operations.read(resource("storage:Table"), ACCOUNT, {}, {}, call).id == ""
        return
    with pytest.raises(ArmCallError, match="Status=404"):
        operations.read(resource("storage:Table"), ACCOUNT, {}, {}, call)


def test_a_change_from_outside_comes_into_the_inputs(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    account = resource("storage:StorageAccount")
    _, outputs = operations.create(account, INPUTS, call)
    arm.resources[ACCOUNT.lower()]["tags"] = {"from": "outside"}
    arm.resources[ACCOUNT.lower()]["properties"]["minimumTlsVersion"] = "TLS1_0"
    found = operations.read(account, ACCOUNT, INPUTS, outputs, call)
    assert found.inputs == {**INPUTS, "tags": {"from": "outside"}, "minimumTlsVersion": "TLS1_0"}
    assert found.outputs["tags"] == {"from": "outside"}


def test_the_consent_of_a_connection_comes_into_the_inputs_too(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    """The trap of the real provider: statuses are an input by its metadata, so the next `up` would write them back."""
    connection = resource("web:Connection")
    inputs = {"resourceGroupName": "g", "connectionName": "c", "properties": {"displayName": "d"}}
    id_, _ = operations.create(connection, inputs, call)
    live = arm.resources[id_.lower()]["properties"]
    live["statuses"] = [{"status": "Error"}]
    outputs = operations.read(connection, id_, inputs, {}, call).outputs
    live["statuses"] = [{"status": "Connected"}]
    found = operations.read(connection, id_, inputs, outputs, call)
    assert found.inputs["properties"] == {"displayName": "d", "statuses": [{"status": "Connected"}]}


def test_an_unchanged_resource_keeps_its_inputs(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    account = resource("storage:StorageAccount")
    _, outputs = operations.create(account, INPUTS, call)
    assert operations.read(account, ACCOUNT, INPUTS, outputs, call).inputs == INPUTS


def test_import_makes_inputs_of_the_id_and_the_body(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    arm.resources[ACCOUNT.lower()] = document(ACCOUNT, {"kind": "StorageV2", "tags": {}, "sku": {"name": "x"}})
    found = operations.read(resource("storage:StorageAccount"), ACCOUNT, None, {}, call)
    assert found.inputs == {
        "accountName": "account",
        "resourceGroupName": "g",
        "kind": "StorageV2",
        "sku": {"name": "x"},
    }


def test_an_id_of_another_type_cannot_be_imported(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    arm.resources[GROUP.lower()] = document(GROUP, {})
    with pytest.raises(ArmCallError, match=r"failed to parse resource id .* it must have the form '/subscriptions/"):
        operations.read(resource("storage:StorageAccount"), GROUP, None, {}, call)


def test_an_id_with_a_scope_is_parsed() -> None:
    template = "/{scope}/providers/Microsoft.Authorization/locks/{lockName}"
    id_ = f"{ACCOUNT}/providers/Microsoft.Authorization/locks/l"
    assert parse_id(id_, template) == {"scope": ACCOUNT.strip("/"), "lockName": "l"}


def test_delete(operations: Operations, arm: ArmStub, resource: Resources, call: Call) -> None:
    arm.resources[ACCOUNT.lower()] = document(ACCOUNT, {})
    operations.delete(resource("storage:StorageAccount"), ACCOUNT, call)
    operations.delete(resource("storage:StorageAccount"), ACCOUNT, call)
    assert arm.resources == {}


def test_a_singleton_is_taken_over_and_set_back_to_its_default(
    operations: Operations, arm: ArmStub, resource: Resources, call: Call
) -> None:
    service = f"{ACCOUNT}/tableServices/default"
    arm.resources[service.lower()] = document(service, {})
    properties = resource("storage:TableServiceProperties")
    inputs = {"accountName": "account", "resourceGroupName": "g", "tableServiceName": "default", "cors": {}}
    operations.create(properties, inputs, call)
    operations.delete(properties, service, call)
    assert [item[0] for item in arm.calls] == ["PUT", "GET", "PUT"]
    assert arm.calls[-1][2] == {}
