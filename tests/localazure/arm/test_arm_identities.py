"""User-assigned identities, their federated credentials, and registration of provider namespaces."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from azure.core.exceptions import HttpResponseError

from localazure.credentials import TENANT_ID

pytestmark = pytest.mark.cloud

SUBSCRIPTION = "10ca1a2e-0000-4000-8000-000000000001"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
GITHUB = "https://token.actions.githubusercontent.com"
AUDIENCE = "api://AzureADTokenExchange"
VERSION = "2024-11-30"


@pytest.fixture
def identities(group: str) -> str:
    return f"{SCOPE}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"


@pytest.fixture
def http(live: Any) -> Iterator[httpx.Client]:
    with live.http() as client:
        client.params = {"api-version": VERSION}
        yield client


def credential(subject: str, issuer: str = GITHUB) -> dict[str, Any]:
    return {"properties": {"issuer": issuer, "subject": subject, "audiences": [AUDIENCE]}}


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_an_identity_is_a_principal_that_stays_the_same(http: httpx.Client, identities: str) -> None:
    made = http.put(f"{identities}/deploy", json={"location": "West Europe", "tags": {"a": "b"}})
    assert (made.status_code, made.json()["location"]) == (201, "westeurope")
    properties = made.json()["properties"]
    assert properties["tenantId"] == TENANT_ID
    assert uuid.UUID(properties["principalId"]) != uuid.UUID(properties["clientId"])
    again = http.put(f"{identities}/deploy", json={"location": "westeurope"})
    assert (again.status_code, again.json()["properties"], again.json()["tags"]) == (200, properties, {})
    assert http.patch(f"{identities}/deploy", json={"tags": {"c": "d"}}).json()["tags"] == {"c": "d"}
    assert [item["name"] for item in http.get(identities).json()["value"]] == ["deploy"]
    assert http.delete(f"{identities}/deploy").status_code == 200
    assert http.delete(f"{identities}/deploy").status_code == 204
    assert code(http.get(f"{identities}/deploy")) == (404, "ResourceNotFound")
    assert code(http.put(f"{identities}/x", json={"location": "westeurope"})) == (400, "InvalidResourceName")


def test_credentials_of_an_identity(http: httpx.Client, identities: str) -> None:
    one = f"{identities}/deploy/federatedIdentityCredentials"
    assert code(http.put(f"{one}/github", json=credential("repo:a/b:pull_request"))) == (404, "ParentResourceNotFound")
    http.put(f"{identities}/deploy", json={"location": "westeurope"})
    made = http.put(f"{one}/github", json=credential("repo:a/b:pull_request"))
    assert made.status_code == 201
    assert made.json() == {
        "name": "github",
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        "id": f"{one}/github",
        "properties": {"issuer": GITHUB, "subject": "repo:a/b:pull_request", "audiences": [AUDIENCE]},
    }
    assert http.put(f"{one}/github", json=credential("repo:a/b:ref:refs/heads/main")).status_code == 200
    twice = http.put(f"{one}/another", json=credential("repo:a/b:ref:refs/heads/main"))
    assert code(twice) == (409, "Conflict")
    for body in (
        {"properties": {"issuer": GITHUB}},
        credential(""),
        {"properties": credential("s")["properties"] | {"audiences": []}},
    ):
        assert code(http.put(f"{one}/wrong", json=body)) == (400, "BadRequest")
    for number in range(19):
        assert http.put(f"{one}/more-{number}", json=credential(f"repo:a/b:environment:{number}")).status_code == 201
    assert code(http.put(f"{one}/one-too-many", json=credential("repo:a/b:environment:x"))) == (400, "BadRequest")
    assert len(http.get(one).json()["value"]) == 20
    assert http.delete(f"{one}/github").status_code == 200
    assert code(http.get(f"{one}/github")) == (404, "ResourceNotFound")
    http.delete(f"{identities}/deploy")
    http.put(f"{identities}/deploy", json={"location": "westeurope"})
    assert http.get(one).json()["value"] == []  # they went with the identity


def test_an_unregistered_namespace_takes_no_changes_until_it_is_registered(live: Any, group: str) -> None:
    namespace = "Microsoft.KeyVault"
    body = {
        "location": "westeurope",
        "properties": {"tenantId": TENANT_ID, "sku": {"family": "A", "name": "standard"}, "accessPolicies": []},
    }
    vault = f"{SCOPE}/resourceGroups/{group}/providers/{namespace}/vaults/v{uuid.uuid4().hex[:10]}"
    assert live.resources.providers.get(namespace).registration_state == "Registered"
    assert live.resources.providers.unregister(namespace).registration_state == "Unregistered"
    try:
        with live.http() as http:
            refused = http.put(vault, params={"api-version": "2023-07-01"}, json=body)
        assert code(refused) == (409, "MissingSubscriptionRegistration")
        assert "https://aka.ms/rps-not-found" in refused.json()["error"]["message"]
    finally:
        assert live.resources.providers.register(namespace).registration_state == "Registered"
    live.resources.resources.begin_create_or_update_by_id(vault, body, api_version="2023-07-01").result()
    with pytest.raises(HttpResponseError, match=r"it still has .*vaults"):
        live.resources.providers.unregister(namespace)
    with pytest.raises(HttpResponseError, match="cannot be unregistered"):
        live.resources.providers.unregister("Microsoft.Authorization")
