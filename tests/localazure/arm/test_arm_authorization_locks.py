"""Management locks: what they refuse, where they reach, and that only locks can be changed under them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest

pytestmark = pytest.mark.cloud

SUBSCRIPTION = "10ca1a2e-0000-4000-8000-000000000001"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
ACCOUNT = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
VERSION = "2020-05-01"


class Locks:
    """Locks through Microsoft's resource client, as the Azure CLI makes them; removed at the end."""

    def __init__(self, live: Any) -> None:
        self._resources = live.resources
        self.made: list[str] = []

    def put(self, scope: str, level: str, name: str = "keep") -> str:
        id_ = f"{scope}/providers/Microsoft.Authorization/locks/{name}"
        body = {"properties": {"level": level, "notes": "Leads are lost with the account."}}
        self._resources.resources.begin_create_or_update_by_id(id_, body, api_version=VERSION).result()
        self.made.append(id_)
        return id_

    def delete(self, id_: str) -> None:
        self._resources.resources.begin_delete_by_id(id_, api_version=VERSION).result()

    def list(self, scope: str, **query: str) -> list[dict[str, Any]]:
        url = f"{scope}/providers/Microsoft.Authorization/locks"
        request = HttpRequest("GET", url, params={"api-version": VERSION, **query})
        found: list[dict[str, Any]] = self._resources.send_request(request).json()["value"]
        return found


@pytest.fixture
def locks(live: Any, group: str) -> Iterator[Locks]:  # after the group, so that it goes before it
    made = Locks(live)
    yield made
    for id_ in made.made:
        made.delete(id_)


@pytest.fixture
def account(live: Any, group: str, unique: str) -> str:
    live.storage.storage_accounts.begin_create(group, unique, ACCOUNT).result()
    return f"{SCOPE}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{unique}"


@pytest.fixture
def alerted(live: Any, group: str) -> str:
    """An action group: a resource that is made at once."""
    id_ = f"{SCOPE}/resourceGroups/{group}/providers/Microsoft.Insights/actionGroups/alerted"
    body = {"location": "Global", "properties": {"groupShortName": "alerted"}}
    live.resources.resources.begin_create_or_update_by_id(id_, body, api_version="2023-01-01").result()
    return id_


def refused(failure: pytest.ExceptionInfo[HttpResponseError]) -> tuple[int | None, str | None]:
    error = failure.value.error
    return failure.value.status_code, error and error.code


def test_a_lock_that_forbids_deletion_keeps_the_account_and_its_group(
    live: Any, locks: Locks, account: str, group: str, unique: str
) -> None:
    lock = locks.put(account, "CanNotDelete")
    with pytest.raises(HttpResponseError) as failure:
        live.storage.storage_accounts.delete(group, unique)
    assert refused(failure) == (409, "ScopeLocked")
    assert (
        f"The scope '{account}' cannot perform delete operation because following scope(s) are locked: '{account}'. "
        "Please remove the lock and try again."
    ) in failure.value.message
    with pytest.raises(HttpResponseError) as failure:
        live.resources.resource_groups.begin_delete(group)
    assert refused(failure) == (409, "ScopeLocked")
    assert live.resources.resource_groups.get(group).properties.provisioning_state == "Succeeded"
    with pytest.raises(HttpResponseError) as failure:  # what lies below is kept as well
        live.storage.management_policies.delete(group, unique, "default")
    assert refused(failure) == (409, "ScopeLocked")
    live.storage.storage_accounts.update(group, unique, {"tags": {"a": "b"}})  # changes are allowed
    assert live.storage.storage_accounts.list_keys(group, unique).keys is not None
    locks.delete(lock)
    live.storage.storage_accounts.delete(group, unique)


def test_a_read_only_lock_refuses_changes_and_actions(
    live: Any, locks: Locks, account: str, group: str, unique: str
) -> None:
    locks.put(f"{SCOPE}/resourceGroups/{group}", "readonly")
    assert live.storage.storage_accounts.get_properties(group, unique).name == unique
    for change in (
        lambda: live.storage.storage_accounts.update(group, unique, {"tags": {"a": "b"}}),
        lambda: live.storage.storage_accounts.list_keys(group, unique),
        lambda: live.resources.resource_groups.create_or_update(group, {"location": "westeurope"}),
        lambda: live.storage.storage_accounts.begin_create(group, unique + "b", ACCOUNT),
    ):
        with pytest.raises(HttpResponseError) as failure:
            change()
        assert refused(failure) == (409, "ScopeLocked")
        assert "cannot perform write operation" in failure.value.message
    assert (
        live.storage.storage_accounts.check_name_availability({"name": unique, "type": "x"}).reason == "AlreadyExists"
    )


def test_a_lock_hangs_on_what_exists_and_ends_with_it(live: Any, locks: Locks, alerted: str, group: str) -> None:
    for scope, code in (
        (f"{alerted}x", "ResourceNotFound"),
        (f"{SCOPE}/resourceGroups/none", "ResourceGroupNotFound"),
    ):
        with pytest.raises(HttpResponseError) as failure:
            locks.put(scope, "ReadOnly")
        assert refused(failure) == (404, code)
    locks.put(alerted, "NotSpecified")  # forbids nothing
    live.resources.resources.begin_delete_by_id(alerted, api_version="2023-01-01").result()
    assert locks.list(f"{SCOPE}/resourceGroups/{group}") == []


def test_locks_are_listed_at_and_below_a_scope(locks: Locks, alerted: str, group: str) -> None:
    at_group = locks.put(f"{SCOPE}/resourceGroups/{group}", "CanNotDelete", "group lock")
    at_resource = locks.put(alerted.lower(), "CanNotDelete")
    found = {lock["id"]: lock for lock in locks.list(f"{SCOPE}/resourceGroups/{group}")}
    assert set(found) == {at_group, at_resource}
    assert found[at_group] == {
        "properties": {"level": "CanNotDelete", "notes": "Leads are lost with the account."},
        "id": at_group,
        "type": "Microsoft.Authorization/locks",
        "name": "group lock",
    }
    at_scope = locks.list(f"{SCOPE}/resourceGroups/{group}", **{"$filter": "atScope()"})
    assert [lock["name"] for lock in at_scope] == ["group lock"]
    assert {lock["id"] for lock in locks.list(SCOPE)} >= {at_group, at_resource}


def test_a_lock_keeps_role_assignments_but_not_locks(live: Any, locks: Locks, group: str) -> None:
    scope = f"{SCOPE}/resourceGroups/{group}"
    assignment = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    reader = f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    body = {"properties": {"roleDefinitionId": reader, "principalId": str(uuid.uuid4())}}
    live.resources.resources.begin_create_or_update_by_id(assignment, body, api_version="2022-04-01").result()
    lock = locks.put(scope, "ReadOnly")
    with pytest.raises(HttpResponseError) as failure:
        live.resources.resources.begin_delete_by_id(assignment, api_version="2022-04-01")
    assert refused(failure) == (409, "ScopeLocked")
    locks.put(scope, "CanNotDelete")  # weakened under itself
    locks.delete(lock)
    live.resources.resources.begin_delete_by_id(assignment, api_version="2022-04-01").result()


def test_what_is_wrong_with_a_lock_is_said(live: Any, group: str) -> None:
    scope = f"{SCOPE}/resourceGroups/{group}/providers/Microsoft.Authorization/locks"
    with live.http() as http:
        query = {"api-version": "2016-09-01"}
        wrong = http.put(f"{scope}/keep", params=query, json={"properties": {"level": "Forever"}})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "InvalidLockLevel")
        assert "CanNotDelete, ReadOnly" in wrong.json()["error"]["message"]
        assert http.put(f"{scope}/keep", params=query, json=["level"]).status_code == 400
        absent = http.get(f"{scope}/keep", params=query)
        assert (absent.status_code, absent.json()["error"]["code"]) == (404, "LockNotFound")
        assert http.delete(f"{scope}/keep", params=query).status_code == 204
        bad_name = http.put(f"{scope}/a%3Fb", params=query, json={"properties": {"level": "ReadOnly"}})
        assert (bad_name.status_code, bad_name.json()["error"]["code"]) == (400, "InvalidLockName")
        filtered = http.get(scope, params={**query, "$filter": "name eq 'x'"})
        assert filtered.json()["error"]["code"] == "InvalidFilterInQueryString"


def test_policies_are_kept_and_listed(live: Any, group: str, unique: str) -> None:
    definition = f"{SCOPE}/providers/Microsoft.Authorization/policyDefinitions/{unique}"
    scope = f"{SCOPE}/resourceGroups/{group}"
    rule = {"if": {"field": "type", "equals": "Microsoft.Logic/workflows"}, "then": {"effect": "deny"}}
    with live.http() as http:
        query = {"api-version": "2022-06-01"}
        assert http.put(definition, params=query, json={"properties": {"policyRule": rule}}).status_code == 201
        assigned = f"{scope}/providers/Microsoft.Authorization/policyAssignments/{unique}"
        body = {"properties": {"policyDefinitionId": definition}}
        made = http.put(assigned, params=query, json=body).json()
        assert made["properties"] | {"enforcementMode": "Default", "scope": scope} == made["properties"]

        def listed(at: str, **more: str) -> list[str]:
            answer = http.get(f"{at}/providers/Microsoft.Authorization/policyAssignments", params={**query, **more})
            return [item["name"] for item in answer.json()["value"]]

        assert listed(scope) == [unique] == listed(SCOPE)
        assert listed(SCOPE, **{"$filter": "atScope()"}) == []
        assert http.delete(assigned, params=query).json()["id"] == assigned
        assert http.delete(assigned, params=query).status_code == 204
        assert http.get(assigned, params=query).json()["error"]["code"] == "PolicyAssignmentNotFound"
        assert http.delete(definition, params=query).status_code == 200
        built_in = "/providers/Microsoft.Authorization/policyDefinitions/8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54"
        assert http.get(built_in, params=query).json()["properties"]["policyType"] == "BuiltIn"
        assert http.put(assigned, params=query, json={"properties": {}}).status_code == 400
