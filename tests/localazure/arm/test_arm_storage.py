"""Storage accounts and their tables, through azure-mgmt-storage and azure-data-tables."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.data.tables import TableServiceClient
from azure.mgmt.storage.models import StorageAccountProperties

pytestmark = pytest.mark.cloud

ACCOUNT: dict[str, Any] = {
    "location": "westeurope",
    "sku": {"name": "Standard_LRS"},
    "kind": "StorageV2",
    "properties": {"minimumTlsVersion": "TLS1_2", "allowBlobPublicAccess": False},
    "tags": {"a": "b"},
}


def code_of(refused: Any) -> tuple[int, str]:
    error: HttpResponseError = refused.value
    assert error.error is not None
    return error.status_code or 0, str(error.error.code)


@pytest.fixture
def account(live: Any, group: str, unique: str) -> str:
    live.storage.storage_accounts.begin_create(group, unique, ACCOUNT).result()
    return unique


def tables(live: Any, group: str, account: str, number: int = 0) -> TableServiceClient:
    accounts = live.storage.storage_accounts
    endpoint = accounts.get_properties(group, account).primary_endpoints.table
    key = accounts.list_keys(group, account).keys_property[number].value
    text = f"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={key};TableEndpoint={endpoint}"
    return TableServiceClient.from_connection_string(text, retry_total=0)


def test_an_account_has_azures_defaults_and_serves_tables(live: Any, group: str, account: str) -> None:
    with live.http() as http:
        path = f"/subscriptions/{live.environment['LOCALAZURE_SUBSCRIPTION_ID']}/resourceGroups/{group}"
        path += f"/providers/Microsoft.Storage/storageAccounts/{account}"
        document = http.get(path, params={"api-version": "2024-01-01"}).json()
    properties = document["properties"]
    expected = {
        "accessTier": "Hot",
        "allowCrossTenantReplication": False,
        "minimumTlsVersion": "TLS1_2",
        "networkAcls": {"bypass": "AzureServices", "virtualNetworkRules": [], "ipRules": [], "defaultAction": "Allow"},
        "supportsHttpsTrafficOnly": True,
        "provisioningState": "Succeeded",
        "primaryLocation": "westeurope",
        "statusOfPrimary": "available",
        "privateEndpointConnections": [],
    }
    assert {name: properties[name] for name in expected} == expected
    assert properties["encryption"]["services"]["blob"]["keyType"] == "Account"
    assert set(properties["primaryEndpoints"]) == {"table"}
    assert properties["primaryEndpoints"]["table"].startswith("http://127.0.0.1:")
    assert document["sku"] == {"name": "Standard_LRS", "tier": "Standard"}
    assert document["tags"] == {"a": "b"}
    # Seven digits after the point, as Azure writes instants.
    assert len(properties["creationTime"].split(".")[1]) == 8
    with tables(live, group, account) as service:
        service.create_table("Leads").create_entity({"PartitionKey": "p", "RowKey": "r"})


def test_defaults_are_those_of_a_recorded_account(live: Any, group: str, unique: str) -> None:
    """What azure-native's authors recorded of Azure for the same inputs; the names are the provider's."""
    asked = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "location": "westus2"}
    live.storage.storage_accounts.begin_create(group, unique, {**asked, "properties": {"allowBlobPublicAccess": True}})
    recorded = _recorded_outputs("azure-native:storage:StorageAccount")
    renamed = {"networkRuleSet": "networkAcls", "enableHttpsTrafficOnly": "supportsHttpsTrafficOnly"}
    ours = _document(live, group, unique)
    flat = {**ours.pop("properties"), **ours}
    differing = {"__inputs", "id", "name", "creationTime", "keyCreationTime", "encryption", "primaryEndpoints"}
    for name in set(recorded) - differing:
        assert flat.pop(renamed.get(name, name)) == recorded[name], name
    assert set(flat) == {renamed.get(name, name) for name in differing} - {"__inputs"}
    assert flat["encryption"].keys() == recorded["encryption"].keys()
    assert set(flat["primaryEndpoints"]) == {"table"}, "no address is given that nobody serves"


def _recorded_outputs(token: str) -> dict[str, Any]:
    (file,) = (Path(__file__).parents[2] / "recorded").rglob("storage-account-2.76.0-second-run.json")
    entries = json.loads(file.read_text())["entries"]
    created = (one for one in entries if one["method"].endswith("/Create") and one["request"]["type"] == token)
    outputs: dict[str, Any] = next(created)["response"]["properties"]
    return outputs


def _document(live: Any, group: str, account: str) -> dict[str, Any]:
    path = f"/subscriptions/{live.environment['LOCALAZURE_SUBSCRIPTION_ID']}/resourceGroups/{group}"
    path += f"/providers/Microsoft.Storage/storageAccounts/{account}"
    with live.http() as http:
        for _ in range(1000):
            found: dict[str, Any] = http.get(path, params={"api-version": "2024-01-01"}).json()
            if found["properties"]["provisioningState"] == "Succeeded":
                return found
    raise AssertionError("the account was never ready")


def test_nothing_is_returned_that_azure_does_not_return(live: Any, group: str, account: str) -> None:
    properties = _document(live, group, account)["properties"]
    known = {field._rest_name for field in StorageAccountProperties._attr_to_rest_field.values()}
    assert set(properties) <= known


def test_creation_is_asynchronous_and_the_answer_holds_no_key(live: Any, group: str, unique: str) -> None:
    subscription = live.environment["LOCALAZURE_SUBSCRIPTION_ID"]
    path = f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{unique}"
    with live.http() as http:
        accepted = http.put(path, params={"api-version": "2024-01-01"}, json=ACCOUNT)
        assert (accepted.status_code, accepted.content) == (202, b"")
        assert "monitor=true" in accepted.headers["location"]
        again = http.put(path, params={"api-version": "2024-01-01"}, json=ACCOUNT)
        assert again.json()["error"]["code"] == "StorageAccountOperationInProgress"
        answer = _poll(http, accepted.headers["location"])
    keys = live.storage.storage_accounts.list_keys(group, unique).keys_property
    assert answer.json()["name"] == unique
    assert not any(key.value in answer.text for key in keys)


def _poll(http: httpx.Client, location: str) -> httpx.Response:
    for _ in range(1000):
        answer = http.get(location)
        if answer.status_code != 202:
            return answer
        location = answer.headers["location"]
    raise AssertionError("the account was never ready")


def test_names_are_global(live: Any, account: str, group: str) -> None:
    other = group + "b"
    live.resources.resource_groups.create_or_update(other, {"location": "westeurope"})
    with pytest.raises(HttpResponseError) as refused:
        live.storage.storage_accounts.begin_create(other, account, ACCOUNT)
    assert code_of(refused) == (409, "StorageAccountAlreadyTaken")
    found = live.storage.storage_accounts.check_name_availability({"name": account})
    assert (found.name_available, found.reason) == (False, "AlreadyExists")
    assert found.message == f"The storage account named {account} is already taken."
    live.resources.resource_groups.begin_delete(other).result()


@pytest.mark.parametrize(
    ("name", "change", "status", "code"),
    [
        ("UPPER", {}, 400, "AccountNameInvalid"),
        ("ab", {}, 400, "AccountNameInvalid"),
        ("good1", {"sku": {"name": "Cheap"}}, 400, "InvalidValuesForRequestParameters"),
        ("good1", {"sku": None}, 400, "InvalidValuesForRequestParameters"),
        ("good1", {"kind": "Table"}, 400, "InvalidValuesForRequestParameters"),
        ("good1", {"location": "mars"}, 400, "LocationNotAvailableForResourceType"),
        ("good1", {"properties": {"minimumTlsVersion": "SSL3"}}, 400, "InvalidValuesForRequestParameters"),
        ("good1", {"properties": {"allowSharedKeyAccess": "yes"}}, 400, "InvalidValuesForRequestParameters"),
    ],
)
def test_what_azure_refuses(live: Any, group: str, name: str, change: dict[str, Any], status: int, code: str) -> None:
    subscription = live.environment["LOCALAZURE_SUBSCRIPTION_ID"]
    path = f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{name}"
    with live.http() as http:
        answer = http.put(path, params={"api-version": "2024-01-01"}, json={**ACCOUNT, **change})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]


def test_an_account_is_changed_and_listed(live: Any, group: str, account: str) -> None:
    accounts = live.storage.storage_accounts
    changed = accounts.update(
        group, account, {"tags": {}, "sku": {"name": "Standard_GRS"}, "properties": {"allowBlobPublicAccess": True}}
    )
    assert (changed.tags, changed.sku.name, changed.secondary_location) == ({}, "Standard_GRS", "northeurope")
    assert changed.allow_blob_public_access
    assert changed.minimum_tls_version == "TLS1_2"
    assert [found.name for found in accounts.list_by_resource_group(group)] == [account]
    assert account in {found.name for found in accounts.list()}
    with pytest.raises(HttpResponseError) as refused:
        accounts.begin_create(group, account, {**ACCOUNT, "properties": {"isHnsEnabled": True}})
    assert code_of(refused) == (409, "AccountPropertyCannotBeUpdated")
    with pytest.raises(HttpResponseError) as refused:
        accounts.begin_create(group, account, {**ACCOUNT, "location": "eastus"})
    assert code_of(refused) == (409, "InvalidResourceLocation")


def test_a_deleted_account_is_gone_with_its_rows(live: Any, group: str, account: str) -> None:
    with tables(live, group, account) as service:
        service.create_table("Leads")
    accounts = live.storage.storage_accounts
    accounts.delete(group, account)
    with pytest.raises(ResourceNotFoundError) as refused:
        accounts.get_properties(group, account)
    assert code_of(refused) == (404, "ResourceNotFound")
    accounts.delete(group, account)
    accounts.begin_create(group, account, ACCOUNT).result()
    assert list(live.storage.table.list(group, account)) == []


def test_keys_look_real_and_both_work(live: Any, group: str, account: str) -> None:
    keys = live.storage.storage_accounts.list_keys(group, account).keys_property
    assert [key.key_name for key in keys] == ["key1", "key2"]
    assert {len(base64.b64decode(key.value, validate=True)) for key in keys} == {64}
    for number in (0, 1):
        with tables(live, group, account, number) as service:
            assert list(service.list_tables()) == []


def test_a_key_is_regenerated_without_losing_a_row(
    live: Any, group: str, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "localazure")
    accounts = live.storage.storage_accounts
    with tables(live, group, account) as service:
        service.create_table("Leads").create_entity({"PartitionKey": "p", "RowKey": "r"})
    before = [key.value for key in accounts.list_keys(group, account).keys_property]
    after = [key.value for key in accounts.regenerate_key(group, account, {"keyName": "key2"}).keys_property]
    assert after[0] == before[0]
    assert after[1] != before[1]
    with tables(live, group, account, 1) as service:
        assert len(list(service.get_table_client("Leads").list_entities())) == 1
    assert not any(key in caplog.text for key in before + after)
    with pytest.raises(HttpResponseError) as refused:
        accounts.regenerate_key(group, account, {"keyName": "key3"})
    assert code_of(refused)[0] == 400


def test_an_account_without_shared_keys_takes_none(live: Any, group: str, account: str) -> None:
    live.storage.storage_accounts.update(group, account, {"properties": {"allowSharedKeyAccess": False}})
    with tables(live, group, account) as service, pytest.raises(HttpResponseError) as refused:
        list(service.list_tables())
    assert refused.value.status_code == 403
    # ARM itself does not need them.
    assert live.storage.table.create(group, account, "Leads").table_name == "Leads"


def test_tables_of_both_planes_are_the_same(live: Any, group: str, account: str) -> None:
    table = live.storage.table
    made = table.create(group, account, "Leads")
    assert made.id.endswith(f"/storageAccounts/{account}/tableServices/default/tables/Leads")
    assert (made.name, made.type, made.table_name) == (
        "Leads",
        "Microsoft.Storage/storageAccounts/tableServices/tables",
        "Leads",
    )
    assert table.create(group, account, "leads").name == "Leads"
    with tables(live, group, account) as service:
        assert [found.name for found in service.list_tables()] == ["Leads"]
        service.create_table("Other")
        assert [found.name for found in table.list(group, account)] == ["Leads", "Other"]
        service.delete_table("Leads")
    with pytest.raises(ResourceNotFoundError) as refused:
        table.get(group, account, "Leads")
    assert code_of(refused) == (404, "ResourceNotFound")
    table.delete(group, account, "Other")
    table.delete(group, account, "Other")
    assert list(table.list(group, account)) == []


def test_a_tables_policies_pass_through(live: Any, group: str, account: str) -> None:
    policy = {"startTime": "2022-03-17T08:49:37.0000000Z", "expiryTime": "2022-03-20T08:49:37.0000000Z"}
    identifiers = [{"id": "MTIzNDU2Nzg5", "accessPolicy": {**policy, "permission": "raud"}}]
    body = {"properties": {"signedIdentifiers": identifiers}}
    made = live.storage.table.create(group, account, "Leads", body)
    assert made.signed_identifiers[0].id == "MTIzNDU2Nzg5"
    assert made.signed_identifiers[0].access_policy.permission == "raud"
    assert live.storage.table.get(group, account, "Leads").signed_identifiers[0].access_policy.expiry_time.year == 2022


@pytest.mark.parametrize("name", ["ab", "1abc", "with-dash", "x" * 64])
def test_a_bad_table_name_is_refused(live: Any, group: str, account: str, name: str) -> None:
    with live.http() as http:
        path = f"/subscriptions/{live.environment['LOCALAZURE_SUBSCRIPTION_ID']}/resourceGroups/{group}"
        path += f"/providers/Microsoft.Storage/storageAccounts/{account}/tableServices/default/tables/{name}"
        answer = http.put(path, params={"api-version": "2024-01-01"}, json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidResourceName")


def test_a_table_needs_its_account(live: Any, group: str) -> None:
    with pytest.raises(HttpResponseError) as refused:
        live.storage.table.create(group, "nosuchaccount", "Leads")
    assert code_of(refused) == (404, "ParentResourceNotFound")


def test_an_account_of_another_kind_has_no_tables(live: Any, group: str, unique: str) -> None:
    blobs = {**ACCOUNT, "kind": "BlockBlobStorage", "sku": {"name": "Premium_LRS"}}
    live.storage.storage_accounts.begin_create(group, unique, blobs).result()
    with pytest.raises(HttpResponseError) as refused:
        live.storage.table.create(group, unique, "Leads")
    assert code_of(refused) == (400, "FeatureNotSupportedForAccount")


def test_table_service_properties_and_management_policies(live: Any, group: str, account: str) -> None:
    services = live.storage.table_services
    rules = [
        {
            "allowedOrigins": ["http://www.contoso.com"],
            "allowedMethods": ["GET"],
            "maxAgeInSeconds": 100,
            "exposedHeaders": ["x-ms-meta-*"],
            "allowedHeaders": ["*"],
        }
    ]
    services.set_service_properties(group, account, {"properties": {"cors": {"corsRules": rules}}})
    found = services.get_service_properties(group, account)
    assert found.cors.cors_rules[0].max_age_in_seconds == 100
    assert services.list(group, account).value[0].name == "default"
    rule = {
        "name": "old",
        "type": "Lifecycle",
        "enabled": True,
        "definition": {
            "actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 30}}},
            "filters": {"blobTypes": ["blockBlob"]},
        },
    }
    policies = live.storage.management_policies
    made = policies.create_or_update(group, account, "default", {"properties": {"policy": {"rules": [rule]}}})
    assert (made.name, made.policy.rules[0].name) == ("DefaultManagementPolicy", "old")
    policies.delete(group, account, "default")
    with pytest.raises(ResourceNotFoundError):
        policies.get(group, account, "default")


def test_no_key_lies_in_a_log_file(live: Any, group: str, account: str) -> None:
    keys = [key.value for key in live.storage.storage_accounts.list_keys(group, account).keys_property]
    folder = Path(live.environment["LOCALAZURE_HOME"])
    logs = [path.read_text(errors="replace") for path in folder.rglob("*.log")]
    assert logs
    assert not any(key in text for key in keys for text in logs)
    assert json.dumps(keys)  # the keys are there to be looked for
