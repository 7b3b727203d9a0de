"""A protected stack: what the engine refuses to delete, what it would leave behind, what is locked."""

from __future__ import annotations

import pytest
from program import deploy
from pulumi_mocks import Deployment, Registered


def protected(config: dict[str, str] | None = None) -> Deployment:
    return deploy({"protected": "true", **(config or {})}, stack="prod")


def guarded(deployment: Deployment) -> set[str]:
    """The names of what is protected and left behind should it be deleted all the same."""
    found = [resource for resource in deployment.resources if resource.retain_on_delete]
    assert all(resource.protect for resource in found)
    return {resource.name for resource in found}


def test_what_holds_leads_or_a_consent_is_protected_and_retained() -> None:
    assert guarded(protected()) == {"group", "leadsprod", "leads-table", "connections-office365"}


def test_a_connection_that_can_be_made_again_is_not() -> None:
    server = {"mailChannel": "smtp", "smtpHost": "smtp.contoso.com", "smtpFrom": "leads@contoso.com"}
    assert guarded(protected(server)) == {"group", "leadsprod", "leads-table"}


def test_nothing_is_protected_unless_the_stack_is() -> None:
    deployment = deploy()
    assert not any(resource.protect or resource.retain_on_delete for resource in deployment.resources)
    assert deployment.all("azure-native:authorization:ManagementLockByScope") == []


@pytest.mark.parametrize("config", [{}, {"standstillAlert": "true"}])
def test_a_destroy_comes_first_to_what_is_protected_and_tells_where_to_read(config: dict[str, str]) -> None:
    """The engine deletes what nothing else depends on, and only then comes to what it refuses to delete."""
    deployment = protected(config)
    last = deployment.one("marketplace-leads:stacks:Protection")
    assert last.protect
    assert last.name == "to-leave-read-docs-environments-md"
    everything = {one.name for one in deployment.resources if one.token.startswith("azure-native:")}
    assert reached_from(last, deployment) == everything


def reached_from(start: Registered, deployment: Deployment) -> set[str]:
    """What the engine deletes after `start`: what that depends on, and its parents with what those depend on."""
    by_name = {resource.name: resource for resource in deployment.resources}
    found: set[str] = set()
    waiting = [start.name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            behind = [urn.rsplit("::", 1)[1] for urn in (*by_name[name].dependencies, by_name[name].parent)]
            waiting += [one for one in behind if one in by_name]
    return {name for name in found if by_name[name].token.startswith("azure-native:")}


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
