"""Role definitions, role assignments and access: Microsoft's client, its examples, and what Azure refuses."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient

from localazure.arm.access import allows
from localazure.arm.built_in_roles import BUILT_IN_ROLES
from localazure.credentials import PRINCIPAL_ID, TENANT_ID

pytestmark = pytest.mark.cloud

SUBSCRIPTION = "10ca1a2e-0000-4000-8000-000000000001"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
READER, OWNER = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


class TokenOf:
    """A credential of any principal, as Entra would sign it in."""

    def __init__(self, live: Any, principal: str) -> None:
        self._identity = live.cloud.cloud.parts.identity
        self._principal = principal

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        issuer = f"https://sts.windows.net/{TENANT_ID}/"
        token = self._identity.issue("https://management.azure.com/", issuer, "some-client", self._principal)
        return AccessToken(token, int(time.time()) + 3000)


@pytest.fixture
def authorization(live: Any) -> AuthorizationManagementClient:
    return AuthorizationManagementClient(live.credential, SUBSCRIPTION, **live.options)


@pytest.fixture
def principal() -> str:
    return str(uuid.uuid4())


def role_id(name: str) -> str:
    return f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{name}"


def assign(client: AuthorizationManagementClient, scope: str, principal: str, role: str = READER) -> Any:
    properties = {"role_definition_id": role_id(role), "principal_id": principal, "principal_type": "ServicePrincipal"}
    return client.role_assignments.create(scope, str(uuid.uuid4()), properties)


def refused(failure: pytest.ExceptionInfo[HttpResponseError]) -> tuple[int | None, str | None]:
    error = failure.value.error
    return failure.value.status_code, error and error.code


def test_built_in_roles_are_found_by_name(authorization: AuthorizationManagementClient) -> None:
    found = list(authorization.role_definitions.list(SCOPE, filter="roleName eq 'Storage Blob Data Contributor'"))
    assert [role.name for role in found] == ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"]
    assert found[0].id == role_id("ba92f5b4-2d11-453d-a403-e96b0029c9fe")
    assert found[0].role_type == "BuiltInRole"
    assert "Microsoft.Storage/storageAccounts/blobServices/containers/read" in found[0].permissions[0].actions
    assert authorization.role_definitions.get_by_id(found[0].id).role_name == "Storage Blob Data Contributor"
    every = list(authorization.role_definitions.list(SCOPE, filter="type eq 'BuiltInRole'"))
    assert {role.role_name for role in every} == {role.name for role in BUILT_IN_ROLES}


def test_a_custom_role_lives_through_create_change_and_delete(
    authorization: AuthorizationManagementClient, unique: str
) -> None:
    name = str(uuid.uuid4())
    body = {
        "role_name": unique,
        "description": "first",
        "assignable_scopes": [SCOPE],
        "permissions": [{"actions": ["Microsoft.Logic/*"], "notActions": []}],
    }
    made = authorization.role_definitions.create_or_update(SCOPE, name, body)
    assert (made.role_name, made.role_type, made.permissions[0].actions) == (
        unique,
        "CustomRole",
        ["Microsoft.Logic/*"],
    )
    changed = authorization.role_definitions.create_or_update(SCOPE, name, {**body, "description": "second"})
    assert (changed.id, changed.description) == (made.id, "second")
    with pytest.raises(HttpResponseError) as failure:
        authorization.role_definitions.create_or_update(SCOPE, str(uuid.uuid4()), body)
    assert refused(failure) == (409, "RoleDefinitionWithSameNameExists")
    assert [role.name for role in authorization.role_definitions.list(SCOPE, filter="type eq 'CustomRole'")] == [name]
    assert authorization.role_definitions.delete(SCOPE, name).role_name == unique
    with pytest.raises(HttpResponseError) as failure:
        authorization.role_definitions.get(SCOPE, name)
    assert refused(failure) == (404, "RoleDefinitionDoesNotExist")


def test_an_assignment_lives_through_create_list_and_delete(
    authorization: AuthorizationManagementClient, group: str, principal: str
) -> None:
    scope = f"{SCOPE}/resourceGroups/{group}"
    made = assign(authorization, scope, principal)
    assert (made.scope, made.principal_id, made.principal_type) == (scope, principal, "ServicePrincipal")
    assert made.created_by == PRINCIPAL_ID
    assert authorization.role_assignments.get_by_id(made.id).id == made.id
    mine = f"principalId eq '{principal}'"
    assert [item.id for item in authorization.role_assignments.list_for_subscription(filter=mine)] == [made.id]
    assert [item.id for item in authorization.role_assignments.list_for_resource_group(group, filter=mine)] == [made.id]
    at_subscription = authorization.role_assignments.list_for_scope(
        SCOPE, filter=f"atScope() and assignedTo('{principal}')"
    )
    assert list(at_subscription) == []
    assert authorization.role_assignments.delete_by_id(made.id).id == made.id
    assert authorization.role_assignments.delete_by_id(made.id) is None
    with pytest.raises(HttpResponseError) as failure:
        authorization.role_assignments.get_by_id(made.id)
    assert refused(failure) == (404, "RoleAssignmentNotFound")


def test_the_local_application_owns_everything(authorization: AuthorizationManagementClient) -> None:
    mine = list(authorization.role_assignments.list_for_subscription(filter=f"assignedTo('{PRINCIPAL_ID}')"))
    assert [item.role_definition_id.rsplit("/", 1)[-1] for item in mine] == [OWNER]
    assert mine[0].scope.startswith("/providers/Microsoft.Management/managementGroups/")
    assert authorization.role_assignments.get_by_id(mine[0].id).id == mine[0].id


def test_what_azure_refuses_of_an_assignment(
    authorization: AuthorizationManagementClient, group: str, principal: str
) -> None:
    scope = f"{SCOPE}/resourceGroups/{group}"
    made = assign(authorization, scope, principal)
    with pytest.raises(HttpResponseError) as failure:
        assign(authorization, scope, principal)
    assert refused(failure) == (409, "RoleAssignmentExists")
    other = {"role_definition_id": role_id(OWNER), "principal_id": principal}
    for asked, code in (
        ((scope, made.name, other), (400, "RoleAssignmentUpdateNotPermitted")),
        ((scope, "not-a-guid", other), (400, "InvalidRoleAssignmentId")),
        ((scope, str(uuid.uuid4()), {**other, "principal_id": "me"}), (400, "InvalidPrincipalId")),
        (
            (scope, str(uuid.uuid4()), {**other, "role_definition_id": role_id(str(uuid.uuid4()))}),
            (404, "RoleDefinitionDoesNotExist"),
        ),
        ((f"{SCOPE}/resourceGroups/none", str(uuid.uuid4()), other), (404, "ResourceGroupNotFound")),
        (
            (f"{scope}/providers/Microsoft.Storage/storageAccounts/none", str(uuid.uuid4()), other),
            (404, "ResourceNotFound"),
        ),
    ):
        with pytest.raises(HttpResponseError) as failure:
            authorization.role_assignments.create(*asked)
        assert refused(failure) == code


def test_a_list_filter_that_is_not_served_says_what_is(authorization: AuthorizationManagementClient) -> None:
    with pytest.raises(HttpResponseError) as failure:
        list(authorization.role_assignments.list_for_subscription(filter="scope eq 'x'"))
    assert refused(failure) == (400, "UnsupportedQuery")
    assert "principalId eq ..." in failure.value.message


def test_a_caller_may_do_what_its_roles_allow(
    live: Any, authorization: AuthorizationManagementClient, group: str, unique: str, principal: str
) -> None:
    resources = ResourceManagementClient(TokenOf(live, principal), SUBSCRIPTION, **live.options)
    with pytest.raises(HttpResponseError) as failure:
        resources.resource_groups.get(group)
    assert refused(failure) == (403, "AuthorizationFailed")
    assert (
        f"The client 'some-client' with object id '{principal}' does not have authorization to perform action "
        f"'Microsoft.Resources/subscriptions/resourceGroups/read' over scope '{SCOPE}/resourcegroups/{group}' or the "
        "scope is invalid. If access was recently granted, please refresh your credentials."
    ) in failure.value.message
    assign(authorization, f"{SCOPE}/resourceGroups/{group}", principal)
    assert resources.resource_groups.get(group).name == group
    with pytest.raises(HttpResponseError) as failure:
        resources.resource_groups.create_or_update(group, {"location": "westeurope", "tags": {"a": "b"}})
    assert refused(failure) == (403, "AuthorizationFailed")
    assert "resourceGroups/write" in failure.value.message
    with pytest.raises(HttpResponseError):
        list(resources.resource_groups.list())  # the role holds for the group, not for the subscription


def test_data_roles_give_no_keys(
    live: Any, authorization: AuthorizationManagementClient, group: str, unique: str, principal: str
) -> None:
    account = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    live.storage.storage_accounts.begin_create(group, unique, account).result()
    scope = f"{SCOPE}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{unique}"
    table_reader = "76199698-9eea-4c19-bc75-cec21354c6b6"
    assign(authorization, scope, principal, table_reader)
    storage = StorageManagementClient(TokenOf(live, principal), SUBSCRIPTION, **live.options)
    assert list(storage.table.list(group, unique)) == []
    with pytest.raises(HttpResponseError) as failure:
        storage.storage_accounts.list_keys(group, unique)
    assert "Microsoft.Storage/storageAccounts/listKeys/action" in failure.value.message
    live.storage.storage_accounts.delete(group, unique)
    mine = f"principalId eq '{principal}'"
    assert list(authorization.role_assignments.list_for_subscription(filter=mine)) == []  # gone with the account


def test_permissions_are_those_of_the_caller(
    live: Any, authorization: AuthorizationManagementClient, group: str, principal: str
) -> None:
    assert [item.actions for item in authorization.permissions.list_for_resource_group(group)] == [["*"]]
    assign(authorization, SCOPE, principal)
    other = AuthorizationManagementClient(TokenOf(live, principal), SUBSCRIPTION, **live.options)
    assert [item.actions for item in other.permissions.list_for_resource_group(group)] == [["*/read"]]


@pytest.mark.parametrize(
    ("role", "action", "allowed"),
    [
        ("Contributor", "Microsoft.Storage/storageAccounts/listKeys/action", True),
        ("Contributor", "Microsoft.Authorization/locks/write", False),
        ("Contributor", "Microsoft.Authorization/roleAssignments/read", True),
        ("Reader", "Microsoft.Storage/storageAccounts/listKeys/action", False),
        ("Locks Contributor", "microsoft.authorization/LOCKS/delete", True),
        ("Logic App Contributor", "Microsoft.Storage/storageAccounts/listKeys/action", True),
        ("Logic App Contributor", "Microsoft.Storage/storageAccounts/write", False),
        ("Storage Table Data Reader", "Microsoft.Storage/storageAccounts/read", False),
    ],
)
def test_what_built_in_roles_allow(role: str, action: str, allowed: bool) -> None:
    document = next(item for item in BUILT_IN_ROLES if item.name == role).document()
    assert allows(document["properties"]["permissions"], action) is allowed


def test_not_actions_take_away_within_their_own_permission_only() -> None:
    contributor = {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/write"]}
    locks = {"actions": ["Microsoft.Authorization/locks/*"], "notActions": []}
    assert not allows([contributor], "Microsoft.Authorization/locks/write")
    assert allows([contributor, locks], "Microsoft.Authorization/locks/write")


EXAMPLES = Path(__file__).parent / "authorization_examples.json"


@pytest.mark.parametrize("name", list(json.loads(EXAMPLES.read_text())))
def test_answers_have_the_shape_of_microsofts_examples(live: Any, group: str, name: str) -> None:
    """Every property that an example of the specification shows, ours shows too, in the same type."""
    example = json.loads(EXAMPLES.read_text())[name]
    scope = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}"
    path = f"{scope}/providers/Microsoft.Authorization/{example['kind']}/{uuid.uuid4()}"
    with live.http() as http:
        answer = http.put(path, params={"api-version": "2022-04-01"}, json=_body(example["body"], scope))
        assert answer.status_code == 201
        assert _missing(example["answer"], answer.json()) == []
        assert http.delete(path, params={"api-version": "2022-04-01"}).status_code == 200


def _body(body: dict[str, Any], scope: str) -> dict[str, Any]:
    properties = {**body["properties"]}
    if "principalId" in properties:
        properties.update(roleDefinitionId=role_id(READER), principalId=str(uuid.uuid4()))
    else:
        properties.update(assignableScopes=[scope], roleName=str(uuid.uuid4()))
    return {"properties": properties}


def _missing(example: Any, ours: Any, at: str = "") -> list[str]:
    if isinstance(example, dict):
        return [line for key, value in example.items() for line in _missing(value, ours.get(key), f"{at}/{key}")]
    return [] if type(example) is type(ours) else [at]
