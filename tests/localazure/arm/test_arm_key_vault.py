"""Vaults, deleted vaults, keys, and blob containers: what bootstrap makes, as ARM tells of it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from localazure.arm.documents import Documents
from localazure.arm.key_vault import KeyVaultProvider
from localazure.arm.storage_accounts import TYPE as ACCOUNT_TYPE
from localazure.arm.storage_blobs import BlobContainers
from localazure.clock import VirtualClock
from localazure.credentials import TENANT_ID

SUBSCRIPTION = "10ca1a2e-0000-4000-8000-000000000001"
VAULTS = "/resourceGroups/group/providers/Microsoft.KeyVault/vaults"
DELETED = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults"
ACCOUNT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/group/providers/Microsoft.Storage/storageAccounts/state"
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def call(documents: Documents, clock: VirtualClock, arm_over: Callable[..., Any]) -> Callable[..., httpx.Response]:
    arm = arm_over(KeyVaultProvider(documents, clock), BlobContainers(documents, clock))

    def call(method: str, path: str, body: Any = None, version: str = "2023-07-01") -> httpx.Response:
        return asyncio.run(arm(method, path, body, version=version))

    return call


def vault(**properties: Any) -> dict[str, Any]:
    sku = {"family": "A", "name": "standard"}
    return {"location": "westeurope", "properties": {"tenantId": TENANT_ID, "sku": sku, **properties}}


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_the_life_of_a_vault(call: Callable[..., httpx.Response]) -> None:
    made = call("PUT", f"{VAULTS}/secrets", vault(enableRbacAuthorization=True))
    assert made.status_code == 201
    properties = made.json()["properties"]
    assert properties["vaultUri"] == "https://secrets.vault.azure.net/"
    assert (properties["enableSoftDelete"], properties["softDeleteRetentionInDays"]) == (True, 90)
    assert properties["enableRbacAuthorization"] is True
    assert call("PUT", f"{VAULTS}/secrets", vault(enablePurgeProtection=True)).status_code == 200
    kept = call("PATCH", f"{VAULTS}/secrets", {"tags": {"a": "b"}, "properties": {}}).json()
    assert (kept["tags"], kept["properties"]["enableRbacAuthorization"]) == ({"a": "b"}, True)
    assert code(call("PUT", f"{VAULTS}/secrets", vault(enablePurgeProtection=False))) == (400, "BadRequest")
    assert [item["name"] for item in call("GET", VAULTS).json()["value"]] == ["secrets"]


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("2secrets", vault(), (400, "VaultNameNotValid")),
        ("a--b", vault(), (400, "VaultNameNotValid")),
        ("s" * 25, vault(), (400, "VaultNameNotValid")),
        ("fine", {"properties": {}}, (400, "LocationRequired")),
        ("fine", vault(sku={"name": "gold"}), (400, "BadRequest")),
        ("fine", vault(tenantId=str(uuid.uuid4())), (400, "BadRequest")),
        ("fine", vault(softDeleteRetentionInDays=5), (400, "BadRequest")),
        ("fine", ["vault"], (400, "InvalidRequestContent")),
    ],
)
def test_what_azure_refuses_of_a_vault(
    call: Callable[..., httpx.Response], name: str, body: Any, expected: tuple[int, str]
) -> None:
    assert code(call("PUT", f"{VAULTS}/{name}", body)) == expected


def test_a_deleted_vault_keeps_its_name_and_comes_back_with_its_keys(
    call: Callable[..., httpx.Response], clock: VirtualClock
) -> None:
    call("PUT", f"{VAULTS}/secrets", vault(enablePurgeProtection=True, softDeleteRetentionInDays=7))
    key = call("PUT", f"{VAULTS}/secrets/keys/pulumi", {"properties": {"kty": "RSA"}}).json()
    assert code(call("PUT", f"{VAULTS}/secrets", vault(createMode="recover", enablePurgeProtection=False)))[0] == 400
    assert call("DELETE", f"{VAULTS}/secrets").status_code == 200
    assert call("DELETE", f"{VAULTS}/secrets").status_code == 204
    assert code(call("GET", f"{VAULTS}/secrets")) == (404, "ResourceNotFound")
    deleted = call("GET", f"{DELETED}/secrets").json()["properties"]
    assert deleted["deletionDate"] == "2026-11-24T10:00:00Z"
    assert deleted["scheduledPurgeDate"] == "2026-12-01T10:00:00Z"
    assert code(call("PUT", f"{VAULTS}/secrets", vault())) == (409, "ConflictError")
    assert code(call("POST", f"{DELETED}/secrets/purge")) == (400, "MethodNotAllowed")
    check = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.KeyVault/checkNameAvailability"
    assert call("POST", check, {"name": "secrets"}).json()["reason"] == "AlreadyExists"
    recovered = call("PUT", f"{VAULTS}/secrets", vault(createMode="recover"))
    assert recovered.json()["properties"]["enablePurgeProtection"] is True
    assert call("GET", f"{VAULTS}/secrets/keys/pulumi").json() == key
    assert code(call("GET", f"{DELETED}/secrets")) == (404, "DeletedVaultNotFound")


def test_a_deleted_vault_is_gone_when_its_time_is_over(
    call: Callable[..., httpx.Response], clock: VirtualClock
) -> None:
    call("PUT", f"{VAULTS}/secrets", vault(softDeleteRetentionInDays=7))
    call("DELETE", f"{VAULTS}/secrets")
    asyncio.run(clock.advance(timedelta(days=7)))
    assert code(call("PUT", f"{VAULTS}/secrets", vault(createMode="recover"))) == (404, "SoftDeletedVaultDoesNotExist")
    assert call("PUT", f"{VAULTS}/secrets", vault()).status_code == 201
    call("DELETE", f"{VAULTS}/secrets")
    assert call("POST", f"{DELETED}/secrets/purge").status_code == 200
    assert call("PUT", f"{VAULTS}/secrets", vault()).status_code == 201


def test_a_key_is_made_once(call: Callable[..., httpx.Response]) -> None:
    keys = f"{VAULTS}/secrets/keys"
    body = {"properties": {"kty": "RSA", "keySize": 3072, "keyOps": ["encrypt", "decrypt"]}}
    assert code(call("PUT", f"{keys}/pulumi", body)) == (404, "ParentResourceNotFound")
    call("PUT", f"{VAULTS}/secrets", vault())
    made = call("PUT", f"{keys}/pulumi", body).json()
    properties = made["properties"]
    assert (properties["kty"], properties["keySize"], properties["keyOps"]) == ("RSA", 3072, ["encrypt", "decrypt"])
    assert properties["keyUri"] == "https://secrets.vault.azure.net/keys/pulumi"
    assert properties["keyUriWithVersion"].startswith(properties["keyUri"] + "/")
    assert properties["attributes"]["created"] == int(NOW.timestamp())
    assert call("PUT", f"{keys}/pulumi", {"properties": {"kty": "EC"}}).json() == made
    assert call("GET", keys).json()["value"] == [made]
    assert code(call("GET", f"{keys}/other")) == (404, "KeyNotFound")
    for wrong in ({"kty": "AES"}, {"kty": "RSA", "keySize": 1024}, {"keyOps": ["open"]}):
        assert code(call("PUT", f"{keys}/other", {"properties": wrong})) == (400, "BadParameter")


def test_containers_are_documents(call: Callable[..., httpx.Response], documents: Documents) -> None:
    blobs = f"{ACCOUNT}/blobServices/default"
    assert code(call("PUT", f"{blobs}/containers/state", {}, "2024-01-01")) == (404, "ParentResourceNotFound")
    account = {"id": ACCOUNT, "name": "state", "type": ACCOUNT_TYPE, "properties": {"allowBlobPublicAccess": False}}
    documents.put(ACCOUNT, ACCOUNT_TYPE, account)
    made = call("PUT", f"{blobs}/containers/state", {}, "2024-01-01")
    assert (made.status_code, made.json()["properties"]["publicAccess"]) == (201, "None")
    open_ = {"properties": {"publicAccess": "Blob"}}
    assert code(call("PUT", f"{blobs}/containers/state", open_, "2024-01-01")) == (409, "PublicAccessNotPermitted")
    assert code(call("PUT", f"{blobs}/containers/State", {}, "2024-01-01")) == (400, "ContainerNameInvalid")
    versioned = {"properties": {"isVersioningEnabled": True}}
    assert call("PUT", blobs, versioned, "2024-01-01").json()["properties"]["isVersioningEnabled"] is True
    assert call("GET", blobs, None, "2024-01-01").json()["properties"]["isVersioningEnabled"] is True
    listed = call("GET", f"{blobs}/containers", None, "2024-01-01").json()["value"]
    assert [item["name"] for item in listed] == ["state"]
    assert call("DELETE", f"{blobs}/containers/state", None, "2024-01-01").status_code == 200
    assert code(call("GET", f"{blobs}/containers/state", None, "2024-01-01")) == (404, "ContainerNotFound")
