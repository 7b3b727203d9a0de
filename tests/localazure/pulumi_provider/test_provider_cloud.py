"""The stand-in over the real ARM of the local cloud: every type is created, settled, changed and deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from provider_client import ProviderClient

from localazure.cloud import Settings
from localazure.threaded import ThreadedCloud

pytestmark = pytest.mark.cloud

GROUP, ACCOUNT = "group", "provideraccount"
IN_GROUP = {"resourceGroupName": GROUP}
SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
DEFINITION: dict[str, Any] = {
    "$schema": SCHEMA,
    "contentVersion": "1.0.0.0",
    "parameters": {},
    "triggers": {"Recurrence": {"type": "Recurrence", "recurrence": {"frequency": "Month", "interval": 1}}},
    "actions": {"Compose": {"type": "Compose", "inputs": "@utcNow()", "runAfter": {}}},
    "outputs": {},
}
SUBSCRIPTION = "/subscriptions/10ca1a2e-0000-4000-8000-000000000001"
WORKFLOW_ID = f"{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Logic/workflows/observed"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CRITERION = {
    "criterionType": "StaticThresholdCriterion",
    "name": "failed",
    "metricName": "RunsFailed",
    "operator": "GreaterThan",
    "threshold": 0,
    "timeAggregation": "Total",
}
RULE = {
    "name": "old",
    "type": "Lifecycle",
    "enabled": True,
    "definition": {
        "actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 30}}},
        "filters": {"blobTypes": ["blockBlob"]},
    },
}

# token -> inputs, what an update changes in them
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "resources:ResourceGroup": ({"resourceGroupName": "another"}, {"tags": {"a": "b"}}),
    "storage:StorageAccount": (
        {
            **IN_GROUP,
            "accountName": "providersecond",
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "minimumTlsVersion": "TLS1_2",
            "enableHttpsTrafficOnly": True,
            "allowBlobPublicAccess": False,
        },
        {"tags": {"a": "b"}},
    ),
    "storage:Table": ({**IN_GROUP, "accountName": ACCOUNT, "tableName": "Leads"}, {}),
    "storage:ManagementPolicy": (
        {**IN_GROUP, "accountName": ACCOUNT, "managementPolicyName": "default", "policy": {"rules": [RULE]}},
        {"policy": {"rules": [{**RULE, "enabled": False}]}},
    ),
    "logic:Workflow": ({**IN_GROUP, "workflowName": "flow", "definition": DEFINITION}, {"state": "Disabled"}),
    "web:Connection": (
        {
            **IN_GROUP,
            "connectionName": "office365",
            "properties": {
                "api": {"id": f"{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/office365"},
                "displayName": "mail",
            },
        },
        {"tags": {"a": "b"}},
    ),
    "monitor:ActionGroup": (
        {
            **IN_GROUP,
            "actionGroupName": "mail",
            "location": "Global",
            "enabled": True,
            "groupShortName": "mail",
            "emailReceivers": [{"name": "a", "emailAddress": "a@example.com", "useCommonAlertSchema": True}],
        },
        {"groupShortName": "other"},
    ),
    "monitor:MetricAlert": (
        {
            **IN_GROUP,
            "ruleName": "failed",
            "location": "global",
            "enabled": True,
            "severity": 1,
            "scopes": [WORKFLOW_ID],
            "evaluationFrequency": "PT5M",
            "windowSize": "PT5M",
            "criteria": {
                "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                "allOf": [CRITERION],
            },
        },
        {"severity": 2},
    ),
    "authorization:RoleAssignment": (
        {
            "scope": WORKFLOW_ID,
            "principalId": "7b0a2c1e-0000-4000-8000-000000000001",
            "principalType": "ServicePrincipal",
            "roleDefinitionId": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        },
        {"description": "reads the runs"},
    ),
    "authorization:ManagementLockByScope": (
        {"scope": WORKFLOW_ID, "level": "CanNotDelete", "notes": "kept"},
        {"level": "ReadOnly"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def cloud() -> Iterator[ThreadedCloud]:
    with ThreadedCloud(settings=Settings(auto_consent=False)) as running:
        yield running


@pytest.fixture(scope="module")
def attached(cloud: ThreadedCloud) -> Iterator[ProviderClient]:
    """The provider that the cloud itself serves, with a group, an account and a workflow to hang others on."""
    with grpc.insecure_channel(f"127.0.0.1:{cloud.cloud.ports['provider']}") as channel:
        provider = ProviderClient(channel)
        provider.configure(location="westeurope")
        made = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
        create(provider, "resources:ResourceGroup", {"resourceGroupName": GROUP})
        create(provider, "storage:StorageAccount", {**IN_GROUP, **made, "accountName": ACCOUNT})
        create(provider, "logic:Workflow", {**IN_GROUP, "workflowName": "observed", "definition": DEFINITION})
        yield provider


def create(provider: ProviderClient, token: str, inputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Check and Create: (the inputs that Check gave, what Create answered)."""
    checked = provider.check(token, inputs)
    assert checked["failures"] == []
    return checked["inputs"], provider.resource_call("Create", token, properties=checked["inputs"])


@pytest.mark.parametrize("token", CASES)
def test_the_life_of_a_resource(attached: ProviderClient, token: str) -> None:
    given, change = CASES[token]
    inputs, made = create(attached, token, given)
    id_, outputs = made["id"], made["properties"]
    # What was just written is no drift.
    known = {"id": id_, "inputs": inputs, "properties": outputs}
    read = attached.resource_call("Read", token, **known)
    assert (read["id"], read["inputs"], read["properties"]) == (id_, inputs, outputs)
    # What exists already is not created once more.
    with pytest.raises(grpc.RpcError, match="cannot create already existing resource"):
        attached.resource_call("Create", token, properties=inputs)
    if change:
        news = {**inputs, **change}
        olds = {"id": id_, "olds": outputs, "oldInputs": inputs, "news": news}
        found = attached.resource_call("Diff", token, **olds)
        assert (found["changes"], found.get("replaces", [])) == ("DIFF_SOME", [])
        outputs = attached.resource_call("Update", token, **olds)["properties"]
        inputs = news
        read = attached.resource_call("Read", token, id=id_, inputs=inputs, properties=outputs)
        assert (read["inputs"], read["properties"]) == (inputs, outputs)
    # Imported, it needs no change except for what only the program says.
    imported = attached.resource_call("Read", token, id=id_)
    assert imported["properties"] == outputs
    attached.resource_call("Delete", token, id=id_, properties=outputs, oldInputs=inputs)
    assert attached.resource_call("Read", token, id=id_, inputs=inputs, properties=outputs) == {}
    attached.resource_call("Delete", token, id=id_, properties=outputs, oldInputs=inputs)


def test_table_service_properties_are_a_singleton(attached: ProviderClient) -> None:
    token, name = "storage:TableServiceProperties", {"tableServiceName": "default"}
    rule = {
        "allowedOrigins": ["https://example.com"],
        "allowedMethods": ["GET"],
        "allowedHeaders": ["*"],
        "exposedHeaders": ["*"],
        "maxAgeInSeconds": 60,
    }
    cors = {"cors": {"corsRules": [rule]}}
    inputs, made = create(attached, token, {**IN_GROUP, "accountName": ACCOUNT, **name, **cors})
    assert made["properties"]["cors"] == cors["cors"]
    attached.resource_call("Delete", token, id=made["id"], properties=made["properties"], oldInputs=inputs)
    found = attached.resource_call("Read", token, id=made["id"])
    assert found["properties"].get("cors", {}).get("corsRules", []) == []


def test_keys_are_listed(attached: ProviderClient) -> None:
    arguments = {**IN_GROUP, "accountName": ACCOUNT}
    found = attached.call("Invoke", tok="azure-native:storage:listStorageAccountKeys", args=arguments)["return"]
    assert [key["keyName"] for key in found["keys"]] == ["key1", "key2"]
    assert len({key["value"] for key in found["keys"]}) == 2


def test_a_connection_never_shows_its_parameter_values(attached: ProviderClient) -> None:
    values = {"storageaccount": ACCOUNT, "sharedkey": "c2VjcmV0"}
    api = f"{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/azuretables"
    properties = {"api": {"id": api}, "displayName": "tables", "parameterValues": values}
    inputs = {**IN_GROUP, "connectionName": "tables", "properties": properties}
    checked, made = create(attached, "web:Connection", inputs)
    assert "c2VjcmV0" not in str(made)
    read = attached.resource_call(
        "Read", "web:Connection", id=made["id"], inputs=checked, properties=made["properties"]
    )
    assert read["inputs"] == checked  # the values given stay in the inputs of the state, where the engine encrypts them
    assert "c2VjcmV0" not in str(read["properties"])


def test_consent_links_are_listed(attached: ProviderClient) -> None:
    token = "web:Connection"
    inputs = {**CASES[token][0], "connectionName": "unconsented"}
    _, made = create(attached, token, inputs)
    assert made["properties"]["properties"]["statuses"][0]["status"] == "Error"
    parameters = [{"parameterName": "token", "redirectUrl": "https://portal.azure.com"}]
    arguments = {**IN_GROUP, "connectionName": "unconsented", "parameters": parameters}
    found = attached.call("Invoke", tok="azure-native:web:listConnectionConsentLinks", args=arguments)["return"]
    assert found["value"][0]["link"].startswith("http://127.0.0.1:")


def test_a_refusal_of_arm_comes_through_word_for_word(attached: ProviderClient) -> None:
    inputs = {**IN_GROUP, "accountName": "Not_A_Name", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    checked = attached.check("storage:StorageAccount", inputs)
    assert checked["failures"] == []
    with pytest.raises(grpc.RpcError) as failed:
        attached.resource_call("Create", "storage:StorageAccount", properties=checked["inputs"])
    assert failed.value.details() == (
        'Status=400 Code="AccountNameInvalid" Message="Not_A_Name is not a valid storage account name. Storage '
        'account name must be between 3 and 24 characters in length and use numbers and lower-case letters only."'
    )


def test_the_client_is_the_clouds_own(attached: ProviderClient) -> None:
    found = attached.call("Invoke", tok="azure-native:authorization:getClientConfig")["return"]
    assert found["subscriptionId"] == "10ca1a2e-0000-4000-8000-000000000001"
    assert found["tenantId"] == "10ca1a2e-0000-4000-8000-000000000002"
    assert found["clientId"] == "10ca1a2e-0000-4000-8000-000000000003"
    assert found["objectId"]
