"""A protected stack: what the engine refuses to delete, what it would leave behind, what is locked."""

from __future__ import annotations

from program import deploy
from pulumi_mocks import Deployment

PROTECTED = {
    "azure-native:resources:ResourceGroup",
    "azure-native:storage:StorageAccount",
    "azure-native:storage:Table",
    "azure-native:web:Connection",
}


def protected(config: dict[str, str] | None = None) -> Deployment:
    return deploy({"protected": "true", **(config or {})}, stack="prod")


def guarded(deployment: Deployment) -> set[str]:
    """The names of what is protected; protection and retention go together."""
    assert all(resource.protect == resource.retain_on_delete for resource in deployment.resources)
    return {resource.name for resource in deployment.resources if resource.protect}


def test_what_holds_leads_or_a_consent_is_protected_and_retained() -> None:
    assert guarded(protected()) == {"group", "leadsprod", "leads-table", "connections-office365"}


def test_a_connection_that_can_be_made_again_is_not() -> None:
    server = {"mailChannel": "smtp", "smtpHost": "smtp.contoso.com", "smtpFrom": "leads@contoso.com"}
    assert guarded(protected(server)) == {"group", "leadsprod", "leads-table"}


def test_nothing_is_protected_unless_the_stack_is() -> None:
    deployment = deploy()
    assert guarded(deployment) == set()
    assert deployment.all("azure-native:authorization:ManagementLockByScope") == []


def test_the_account_is_locked_against_deletion_after_what_is_in_it() -> None:
    lock = protected().one("azure-native:authorization:ManagementLockByScope")
    assert lock.inputs["level"] == "CanNotDelete"
    assert lock.inputs["scope"].endswith("/Microsoft.Storage/storageAccounts/leadsprod0123abcd")
    assert "docs/environments.md" in lock.inputs["notes"]
    assert any(urn.endswith("::leads-table") for urn in lock.dependencies)


def test_the_lock_goes_with_the_protection() -> None:
    """Protected itself, it could not be taken away by `protected: false`."""
    lock = protected().one("azure-native:authorization:ManagementLockByScope")
    assert not lock.protect


def test_the_stack_tells_the_way_out() -> None:
    said = protected().outputs["protection"]
    assert "`pulumi destroy` is refused" in said
    assert "pulumi config set protected false --stack prod && pulumi up --stack prod" in said
