"""preflight.py against the local cloud: every finding is provoked, and its cure cures it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from localazure.credentials import SUBSCRIPTION_ID
from scripts import _permissions
from scripts._arm import ArmRefusedError
from scripts._findings import Finding, Status, exit_code, is_complete
from scripts._preflight import Target, check
from scripts._subscription import KEY, Subscription, subscription_of

pytestmark = pytest.mark.cloud

SCOPE = f"/subscriptions/{SUBSCRIPTION_ID}"
CHOSEN = Subscription(SUBSCRIPTION_ID, "ARM_SUBSCRIPTION_ID")
STACK = Target("test", {})
PROTECTED = Target("test", {"marketplace-leads:protected": True, KEY: SUBSCRIPTION_ID})
PINNED = Subscription(SUBSCRIPTION_ID, "the stack's file")
GROUP = f"{SCOPE}/resourceGroups/marketplace-leads-test"
SHARED_KEYS = "8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54"
POLICIES = "2022-06-01"


def bad(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """What is not fine: check, status, text."""
    return [(item.check, item.status.value, item.text) for item in findings if item.status is not Status.OK]


def cure_of(findings: list[Finding], check_name: str) -> str:
    return next(item.cure for item in findings if item.check == check_name and item.status is not Status.OK)


def test_the_owner_of_an_empty_subscription_can_deploy(azure: Any) -> None:
    found = check(azure.arm, STACK, CHOSEN)
    assert bad(found) == []
    assert [item.check for item in found] == ["subscription", "providers", "roles", "shared keys", "locks", "names"]
    assert exit_code(found) == 0


@pytest.mark.parametrize(
    ("role", "target", "lacking"),
    [
        ("Reader", STACK, {action for action in _permissions.DEPLOYMENT if not action.endswith("/read")}),
        ("Contributor", STACK, set()),
        ("Contributor", PROTECTED, {"Microsoft.Authorization/locks/write"}),
        ("Owner", PROTECTED, set()),
    ],
)
def test_roles(azure: Any, role: str, target: Target, lacking: set[str]) -> None:
    principal = str(uuid.uuid4())
    azure.assign(role, principal)
    found = check(azure.arm_of(principal), target, PINNED)
    texts = [text for check_name, status, text in bad(found) if check_name == "roles"]
    assert {action for text in texts for action in text.split("not allowed: ")[1].split(", ")} == lacking
    assert exit_code(found) == (1 if lacking else 0)
    if lacking:
        assert "az role assignment create --role" in cure_of(found, "roles")


def test_a_role_on_the_stacks_own_group_suffices(azure: Any) -> None:
    principal = str(uuid.uuid4())
    group = azure.group("marketplace-leads-test", project="marketplace-leads", stack="test")
    azure.assign("Reader", principal)
    azure.assign("Contributor", principal, group)
    found = check(azure.arm_of(principal), STACK, CHOSEN)
    assert bad(found) == []
    assert next(item.text for item in found if item.check == "names").endswith("is this stack's own")


def test_a_principal_without_any_role_is_told_that_it_sees_nothing(azure: Any) -> None:
    found = check(azure.arm_of(str(uuid.uuid4())), STACK, CHOSEN)
    assert bad(found) == [
        ("subscription", "error", f"{SUBSCRIPTION_ID} is not seen by who is signed in (AuthorizationFailed)")
    ]
    assert "az account set" in cure_of(found, "subscription")


def test_a_role_that_cannot_read_permissions_leaves_them_unchecked(azure: Any) -> None:
    name, principal = str(uuid.uuid4()), str(uuid.uuid4())
    role = f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{name}"
    actions = ["Microsoft.Resources/*/read"]
    permissions = [{"actions": actions, "notActions": []}]
    body = {"roleName": "sees little", "assignableScopes": [SCOPE], "permissions": permissions}
    azure.put(role, "2022-04-01", {"properties": body})
    properties = {"roleDefinitionId": role, "principalId": principal, "principalType": "ServicePrincipal"}
    assignment = f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    azure.put(assignment, "2022-04-01", {"properties": properties})
    found = check(azure.arm_of(principal), STACK, CHOSEN)
    assert {(item.check, item.status) for item in found if item.status is Status.UNKNOWN} == {
        (name, Status.UNKNOWN) for name in ("roles", "shared keys", "locks")
    }
    assert (exit_code(found), is_complete(found)) == (0, False)


def test_another_subscription_is_not_seen(azure: Any) -> None:
    other = str(uuid.uuid4())
    arm = type(azure.arm)(azure.environ, other)
    found = check(arm, STACK, Subscription(other, "--subscription"))
    assert bad(found)[0][:2] == ("subscription", "error")
    assert exit_code(found) == 1


def test_a_protected_stack_should_name_its_subscription(azure: Any) -> None:
    found = check(azure.arm, Target("test", {"marketplace-leads:protected": "true"}), CHOSEN)
    assert bad(found)[0][:2] == ("subscription", "warning")
    assert cure_of(found, "subscription") == f"pulumi config set {KEY} {SUBSCRIPTION_ID} --stack test"
    assert exit_code(found) == 0


def test_an_unregistered_provider(azure: Any) -> None:
    resources = azure.arm._client.providers
    resources.unregister("Microsoft.Web")
    try:
        found = check(azure.arm, STACK, CHOSEN)
        text = "the subscription is not registered for Microsoft.Web (Unregistered)"
        assert bad(found) == [("providers", "error", text)]
        assert cure_of(found, "providers") == "az provider register --namespace Microsoft.Web --wait"
    finally:
        resources.register("Microsoft.Web")
    assert bad(check(azure.arm, STACK, CHOSEN)) == []


def assignment(azure: Any, definition: str, scope: str = SCOPE, **properties: Any) -> str:
    id_ = f"{scope}/providers/Microsoft.Authorization/policyAssignments/{uuid.uuid4().hex[:12]}"
    body = {"displayName": "No shared keys", "policyDefinitionId": definition, **properties}
    azure.put(id_, POLICIES, {"properties": body})
    return id_


def effect(value: str) -> dict[str, Any]:
    return {"effect": {"value": value}}


BUILT_IN = f"/providers/Microsoft.Authorization/policyDefinitions/{SHARED_KEYS}"


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"parameters": effect("Deny")}, "error"),
        ({"parameters": effect("Audit")}, "warning"),
        ({}, "warning"),  # the definition's own default
        ({"parameters": effect("Disabled")}, None),
        ({"parameters": effect("Deny"), "enforcementMode": "DoNotEnforce"}, None),
        ({"parameters": effect("Deny"), "notScopes": [SCOPE.upper()]}, None),
        ({"parameters": effect("Deny"), "overrides": [{"kind": "policyEffect", "value": "Disabled"}]}, None),
    ],
)
def test_a_policy_about_shared_keys(azure: Any, properties: dict[str, Any], expected: str | None) -> None:
    id_ = assignment(azure, BUILT_IN, **properties)
    found = check(azure.arm, STACK, CHOSEN)
    assert [item[:2] for item in bad(found)] == ([("shared keys", expected)] if expected else [])
    if expected:
        assert f"--policy-assignment {id_} --scope {GROUP}" in cure_of(found, "shared keys")
        assert "'No shared keys'" in bad(found)[0][2]


def test_a_policy_inside_a_set_that_switches_the_keys_off(azure: Any) -> None:
    operation = {
        "operation": "addOrReplace",
        "field": "Microsoft.Storage/storageAccounts/allowSharedKeyAccess",
        "value": False,
    }
    rule = {
        "if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
        "then": {"effect": "[parameters('effect')]", "details": {"operations": [operation]}},
    }
    definition = f"{SCOPE}/providers/Microsoft.Authorization/policyDefinitions/switch-off"
    parameters = {"effect": {"type": "String", "defaultValue": "Disabled"}}
    azure.put(definition, POLICIES, {"properties": {"policyRule": rule, "parameters": parameters}})
    bundle = f"{SCOPE}/providers/Microsoft.Authorization/policySetDefinitions/secure"
    member = {"policyDefinitionId": definition, "policyDefinitionReferenceId": "keys"}
    member["parameters"] = {"effect": {"value": "[parameters('keys')]"}}  # type: ignore[assignment]
    body = {"policyDefinitions": [member], "parameters": {"keys": {"type": "String", "defaultValue": "Modify"}}}
    azure.put(bundle, POLICIES, {"properties": body})
    assignment(azure, bundle)
    assert bad(check(azure.arm, STACK, CHOSEN)) == [
        ("shared keys", "error", "policy 'No shared keys' (modify) forbids them")
    ]
    override = {"kind": "policyEffect", "value": "Disabled"}
    override["selectors"] = [{"kind": "policyDefinitionReferenceId", "in": ["keys"]}]  # type: ignore[assignment]
    azure.arm.delete(*azure.made.pop())
    assignment(azure, bundle, overrides=[override])
    assert bad(check(azure.arm, STACK, CHOSEN)) == []


def test_a_policy_of_a_management_group_that_cannot_be_read(azure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The local cloud has no management groups: the refusal that Azure gives there is put in by hand."""
    definition = (
        "/providers/Microsoft.Management/managementGroups/org/providers/Microsoft.Authorization/policyDefinitions/x"
    )
    assignment(azure, definition)
    get = type(azure.arm).get

    def refuse(arm: Any, id_: str, version: str) -> Any:
        if id_ == definition:
            raise ArmRefusedError("AuthorizationFailed: not here", "AuthorizationFailed", 403)
        return get(arm, id_, version)

    monkeypatch.setattr(type(azure.arm), "get", refuse)
    found = check(azure.arm, STACK, CHOSEN)
    assert bad(found) == [("shared keys", "unknown", "policy 'No shared keys' is assigned from where you may not look")]
    assert (exit_code(found), is_complete(found)) == (0, False)


def test_policies_that_say_nothing_of_shared_keys_or_apply_elsewhere(azure: Any) -> None:
    rule = {
        "if": {"field": "Microsoft.Storage/storageAccounts/minimumTlsVersion", "equals": "TLS1_0"},
        "then": {"effect": "deny"},
    }
    definition = f"{SCOPE}/providers/Microsoft.Authorization/policyDefinitions/tls"
    azure.put(definition, POLICIES, {"properties": {"policyRule": rule}})
    assignment(azure, definition)
    assignment(azure, BUILT_IN, azure.group("elsewhere"), parameters=effect("Deny"))
    assert bad(check(azure.arm, STACK, CHOSEN)) == []


def test_a_lock_against_changes(azure: Any) -> None:
    group = azure.group("marketplace-leads-test", project="marketplace-leads", stack="test")
    lock = azure.lock(group, "CanNotDelete")  # protects, and forbids no deployment
    assert bad(check(azure.arm, STACK, CHOSEN)) == []
    azure.lock(group, "ReadOnly")
    found = check(azure.arm, STACK, CHOSEN)
    assert [item[:2] for item in bad(found)] == [("locks", "error")]
    assert cure_of(found, "locks") == f"az lock delete --ids {lock}"


def test_a_group_of_somebody_else(azure: Any) -> None:
    azure.group("marketplace-leads-test", owner="somebody")
    found = check(azure.arm, STACK, CHOSEN)
    text = "resource group marketplace-leads-test exists and is not this stack's"
    assert bad(found) == [("names", "error", text)]


def test_an_adopted_account_must_exist_and_allow_its_keys(azure: Any) -> None:
    target = Target("test", {"marketplace-leads:existingAccount": "old/adoptedaccount"})
    assert bad(check(azure.arm, target, CHOSEN)) == [
        ("names", "error", "existingAccount old/adoptedaccount does not exist")
    ]
    account = f"{azure.group('old')}/providers/Microsoft.Storage/storageAccounts/adoptedaccount"
    body: dict[str, Any] = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    azure.put(account, "2024-01-01", body)
    assert bad(check(azure.arm, target, CHOSEN)) == []
    by_id = Target("test", {"marketplace-leads:existingAccount": account})
    azure.arm.put(account, "2024-01-01", {**body, "properties": {"allowSharedKeyAccess": False}})
    found = check(azure.arm, by_id, CHOSEN)
    assert [item[:2] for item in bad(found)] == [("shared keys", "error")]
    assert "--allow-shared-key-access true" in cure_of(found, "shared keys")


def test_which_subscription(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    az = tmp_path / "az"
    az.write_text("#!/bin/sh\necho of-the-cli\n")
    az.chmod(0o755)
    environ = {"ARM_SUBSCRIPTION_ID": "of-the-shell"}
    assert subscription_of({KEY: "of-the-file"}, environ) == Subscription("of-the-file", "the stack's file")
    assert subscription_of({}, environ) == Subscription("of-the-shell", "ARM_SUBSCRIPTION_ID")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert subscription_of({}, {}) == Subscription("of-the-cli", "az account set")
    az.write_text("#!/bin/sh\necho 'Please run az login' >&2\nexit 1\n")
    assert subscription_of({}, {}) is None


def test_the_command(azure: Any) -> None:
    done = azure.run("preflight.py", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["stack"], told["ready"], told["complete"]) == (0, "local", True, True)
    assert done.stderr == ""
    azure.lock(SCOPE, "ReadOnly")
    done = azure.run("preflight.py")
    assert done.returncode == 1
    assert "✗ locks: " in done.stdout
    assert "    az lock delete --ids" in done.stdout
    assert done.stderr == "error: stack 'local' cannot be deployed: 1 thing must be mended first\n"


@pytest.mark.parametrize(
    ("arguments", "changes", "code", "said"),
    [
        ((), {"AZURE_CLIENT_SECRET": "wrong"}, 1, "sign-in: nobody is signed in"),
        ((), {"LOCALAZURE_ARM_ENDPOINT": "https://127.0.0.1:9"}, 3, "does not answer"),
        (("--stack", "prod"), {}, 1, "is meant for Azure"),
        (("--stack", "local"), {"ARM_SUBSCRIPTION_ID": ""}, 2, "which subscription?"),
    ],
)
def test_the_command_where_nothing_can_be_asked(
    azure: Any, arguments: tuple[str, ...], changes: dict[str, str], code: int, said: str
) -> None:
    done = azure.run("preflight.py", *arguments, **changes, PATH="/usr/bin:/bin")
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stdout + done.stderr
    assert said in done.stdout + done.stderr
