"""Functions of the provider, over gRPC."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from arm_stub import SUBSCRIPTION, ArmStub, document
from provider_client import ProviderClient

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a"
WORKFLOW = f"{GROUP}/providers/Microsoft.Logic/workflows/w"
CONNECTION = f"{GROUP}/providers/Microsoft.Web/connections/c"


def invoke(provider: ProviderClient, token: str, **arguments: Any) -> Any:
    return provider.call("Invoke", tok=f"azure-native:{token}", args=arguments)["return"]


@pytest.mark.parametrize(
    ("token", "arguments", "path", "query", "body", "answer", "result"),
    [
        (
            "storage:listStorageAccountKeys",
            {"accountName": "a", "resourceGroupName": "g", "expand": "kerb"},
            f"{ACCOUNT}/listKeys",
            {"api-version": "2024-01-01", "$expand": "kerb"},
            {},
            {"keys": [{"keyName": "key1", "value": "v", "permissions": "FULL", "other": 1}], "more": 1},
            {"keys": [{"keyName": "key1", "value": "v", "permissions": "FULL"}]},
        ),
        (
            "logic:listWorkflowTriggerCallbackUrl",
            {"workflowName": "w", "resourceGroupName": "g", "triggerName": "Get it"},
            f"{WORKFLOW}/triggers/Get%20it/listCallbackUrl",
            {"api-version": "2019-05-01"},
            {},
            {"value": "https://x", "method": "POST", "queries": {"api-version": "1", "sig": "s", "se": None}},
            {"value": "https://x", "method": "POST", "queries": {"apiVersion": "1", "sig": "s"}},
        ),
        (
            "logic:listWorkflowCallbackUrl",
            {"workflowName": "w", "resourceGroupName": "g", "keyType": "Primary"},
            f"{WORKFLOW}/listCallbackUrl",
            {"api-version": "2019-05-01"},
            {"keyType": "Primary"},
            {"value": "https://x"},
            {"value": "https://x"},
        ),
        (
            "web:listConnectionConsentLinks",
            {"connectionName": "c", "resourceGroupName": "g", "parameters": [{"parameterName": "token", "x": 1}]},
            f"{CONNECTION}/listConsentLinks",
            {"api-version": "2016-06-01"},
            {"parameters": [{"parameterName": "token"}]},
            {"value": [{"link": "https://x", "status": "Unauthenticated"}]},
            {"value": [{"link": "https://x", "status": "Unauthenticated"}]},
        ),
    ],
)
def test_list_functions_post(
    provider: ProviderClient,
    web_arm: ArmStub,
    token: str,
    arguments: dict[str, Any],
    path: str,
    query: dict[str, str],
    body: Any,
    answer: Any,
    result: Any,
) -> None:
    web_arm.rules.append(lambda *_call: (200, {}, answer))
    assert invoke(provider, token, **arguments) == result
    assert (web_arm.calls, web_arm.queries) == ([("POST", path, body)], [query])


def test_an_answer_that_is_no_object_becomes_a_value(provider: ProviderClient, web_arm: ArmStub) -> None:
    web_arm.rules.append(lambda *_call: (200, {}, ["a", "b"]))
    found = invoke(provider, "logic:listWorkflowCallbackUrl", workflowName="w", resourceGroupName="g")
    assert found == {"value": ["a", "b"]}


def test_get_functions_get_and_tell_the_api_version(provider: ProviderClient, web_arm: ArmStub) -> None:
    web_arm.resources[ACCOUNT.lower()] = document(ACCOUNT, {"kind": "StorageV2", "properties": {"notModelled": 1}})
    found = invoke(provider, "storage:getStorageAccount", accountName="a", resourceGroupName="g")
    assert found == {
        "id": ACCOUNT,
        "name": "a",
        "type": "Microsoft.Storage/storageAccounts",
        "kind": "StorageV2",
        "provisioningState": "Succeeded",
        "azureApiVersion": "2024-01-01",
    }


def test_a_failure_names_the_address(provider: ProviderClient) -> None:
    with pytest.raises(grpc.RpcError) as failed:
        invoke(provider, "storage:getStorageAccount", accountName="a", resourceGroupName="g")
    assert failed.value.details().startswith(f'request failed {ACCOUNT}: Status=404 Code="ResourceNotFound"')


def test_an_unknown_function_is_named(provider: ProviderClient) -> None:
    with pytest.raises(grpc.RpcError) as failed:
        invoke(provider, "storage:listStorageAccountSAS")
    assert failed.value.details() == "Invoke type azure-native:storage:listStorageAccountSAS not found"


def test_who_the_client_is_stands_in_the_token(provider: ProviderClient, web_arm: ArmStub) -> None:
    web_arm.claim(appid="app", oid="object", tid="tenant")
    found = invoke(provider, "authorization:getClientConfig")
    assert found == {"clientId": "app", "objectId": "object", "subscriptionId": SUBSCRIPTION, "tenantId": "tenant"}
    assert web_arm.calls == []


def test_without_claims_the_configuration_tells(provider: ProviderClient) -> None:
    found = invoke(provider, "authorization:getClientConfig")
    assert found == {"clientId": "c", "objectId": "", "subscriptionId": SUBSCRIPTION, "tenantId": "t"}


def test_the_token_itself(provider: ProviderClient, web_arm: ArmStub) -> None:
    web_arm.claim(appid="app")
    assert invoke(provider, "authorization:getClientToken")["token"].count(".") == 2
