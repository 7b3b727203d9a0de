"""Resource groups and what surrounds them, through azure-mgmt-resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

pytestmark = pytest.mark.cloud


def code_of(refused: Any) -> tuple[int, str]:
    error: HttpResponseError = refused.value
    assert error.error is not None
    return error.status_code or 0, str(error.error.code)


def test_a_group_is_made_read_changed_and_listed(live: Any, unique: str) -> None:
    groups = live.resources.resource_groups
    made = groups.create_or_update(unique, {"location": "West US 2", "tags": {"owner": unique}})
    assert made.id.endswith(f"/resourceGroups/{unique}")
    assert (made.location, made.properties.provisioning_state) == ("westus2", "Succeeded")
    assert made.type == "Microsoft.Resources/resourceGroups"
    assert groups.get(unique.upper()).name == unique
    assert groups.update(unique, {"tags": {"a": "b"}}).tags == {"a": "b"}
    assert groups.get(unique).location == "westus2"
    assert [found.name for found in groups.list(filter="tagName eq 'a' and tagValue eq 'b'")] == [unique]
    groups.begin_delete(unique).result()
    assert not groups.check_existence(unique)


def test_put_answers_201_for_a_new_group_and_200_for_a_known_one(live: Any, unique: str) -> None:
    path = f"/subscriptions/{live.environment['LOCALAZURE_SUBSCRIPTION_ID']}/resourcegroups/{unique}"
    with live.http() as http:
        answers = [
            http.put(path, params={"api-version": "2024-03-01"}, json={"location": "eastus"}).status_code
            for _ in range(2)
        ]
        gone = http.delete(path, params={"api-version": "2024-03-01"})
    assert answers == [201, 200]
    assert gone.status_code == 202
    assert gone.content == b""
    assert gone.headers["location"].startswith(live.environment["LOCALAZURE_ARM_ENDPOINT"])
    assert float(gone.headers["retry-after-ms"]) > 0


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        (lambda groups, name: groups.create_or_update(name, {}), 400, "LocationRequired"),
        (
            lambda groups, name: groups.create_or_update(name, {"location": "mars"}),
            400,
            "LocationNotAvailableForResourceGroup",
        ),
        (lambda groups, name: groups.create_or_update("a!", {"location": "eastus"}), 400, "InvalidResourceGroup"),
        (lambda groups, name: groups.create_or_update("a.", {"location": "eastus"}), 400, "InvalidResourceGroup"),
        (lambda groups, name: groups.get(name), 404, "ResourceGroupNotFound"),
        (lambda groups, name: groups.begin_delete(name), 404, "ResourceGroupNotFound"),
        (lambda groups, name: list(groups.list(filter="x y z")), 400, "InvalidFilterInQueryString"),
    ],
)
def test_what_azure_refuses(live: Any, unique: str, call: Callable[..., Any], status: int, code: str) -> None:
    with pytest.raises(HttpResponseError) as refused:
        call(live.resources.resource_groups, unique)
    assert code_of(refused) == (status, code)


def test_a_group_cannot_move(live: Any, group: str) -> None:
    with pytest.raises(HttpResponseError) as refused:
        live.resources.resource_groups.create_or_update(group, {"location": "eastus"})
    assert code_of(refused) == (409, "InvalidResourceGroupLocation")
    assert "already exists in location 'westeurope'" in str(refused.value)


def test_deleting_a_group_takes_everything_in_it(live: Any, group: str, unique: str) -> None:
    account = {"location": "westeurope", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2"}
    live.storage.storage_accounts.begin_create(group, unique, account).result()
    live.resources.resource_groups.begin_delete(group).result()
    assert live.storage.storage_accounts.check_name_availability({"name": unique}).name_available
    assert unique not in live.cloud.cloud.parts.hosts.processes()
    with pytest.raises(ResourceNotFoundError):
        live.storage.storage_accounts.get_properties(group, unique)


def test_resources_of_all_types_are_listed_and_filtered(live: Any, group: str, unique: str) -> None:
    account = {"location": "westeurope", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "tags": {"x": "1"}}
    live.storage.storage_accounts.begin_create(group, unique, account).result()
    found = list(live.resources.resources.list_by_resource_group(group))
    assert [(item.name, item.type, item.kind) for item in found] == [
        (unique, "Microsoft.Storage/storageAccounts", "StorageV2")
    ]
    wanted = f"resourceType eq 'Microsoft.Storage/storageAccounts' and name eq '{unique}'"
    assert [item.name for item in live.resources.resources.list(filter=wanted)] == [unique]
    assert list(live.resources.resources.list_by_resource_group(group, filter="tagName eq 'y'")) == []


def test_pages_follow_their_links(live: Any, group: str) -> None:
    names = [found.name for found in live.resources.resource_groups.list(top=1)]
    assert len(names) == len(set(names))
    assert group in names


def test_providers_tell_what_is_served(live: Any) -> None:
    provider = live.resources.providers.get("microsoft.storage")
    assert provider.registration_state == "Registered"
    types = {kind.resource_type: kind for kind in provider.resource_types}
    assert "2024-01-01" in types["storageAccounts"].api_versions
    assert live.resources.providers.register("Microsoft.Logic").namespace == "Microsoft.Logic"
    with pytest.raises(HttpResponseError) as refused:
        live.resources.providers.get("Microsoft.Compute")
    assert code_of(refused) == (404, "InvalidResourceNamespace")


def test_the_subscription_and_its_regions(live: Any) -> None:
    subscription = live.environment["LOCALAZURE_SUBSCRIPTION_ID"]
    with live.http() as http:
        one = http.get(f"/subscriptions/{subscription}", params={"api-version": "2022-12-01"}).json()
        regions = http.get(f"/subscriptions/{subscription}/locations", params={"api-version": "2022-12-01"}).json()
        tenants = http.get("/tenants", params={"api-version": "2022-12-01"}).json()
    assert one["state"] == "Enabled"
    assert "westeurope" in {region["name"] for region in regions["value"]}
    assert tenants["value"][0]["tenantId"] == live.environment["AZURE_TENANT_ID"]
