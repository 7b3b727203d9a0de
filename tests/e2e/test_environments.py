"""Protected environments: nothing that a careless command does ends the delivery, and there is a way out."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from arm_clients import ArmClients
from azure.core.exceptions import HttpResponseError
from azure.data.tables import TableClient
from harness import LocalCloud, Stack, rehearse

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "environments.md"

pytestmark = [pytest.mark.engine, pytest.mark.cloud]


def test_what_a_protected_environment_withstands_and_how_to_leave(
    engine: None, cloud: LocalCloud, tmp_path: Path
) -> None:
    prod, staging = (rehearse(cloud, tmp_path / name, name) for name in ("prod", "staging"))
    with ThreadPoolExecutor() as pool:
        list(pool.map(Stack.up, (prod, staging)))
    prod.seed("--keep")
    leads = rows(prod)

    a_destroy_is_refused_before_anything_is_deleted(prod)
    what_would_replace_the_account_is_refused(prod)
    the_portal_cannot_delete_it_either(prod)
    assert rows(prod) == leads

    with ThreadPoolExecutor() as pool:
        kept = pool.submit(leave_and_keep_the_leads, prod, leads)
        leave_for_good(staging)
        kept.result()
    come_back_to_what_was_kept(prod, leads)


def a_destroy_is_refused_before_anything_is_deleted(stack: Stack) -> None:
    before = resources(stack)
    refused = stack.pulumi("destroy", "--yes", "--skip-preview", ok=False)
    assert refused.returncode != 0
    assert "to-leave-read-docs-environments-md" in refused.stdout + refused.stderr
    stack.pulumi("destroy", "--yes", "--skip-preview", "--exclude-protected")
    assert resources(stack) == before
    assert "pulumi config set protected false --stack prod" in stack.outputs()["protection"]


def what_would_replace_the_account_is_refused(stack: Stack) -> None:
    before = resources(stack)
    stack.configure(location="northeurope")
    refused = stack.pulumi("up", "--yes", "--skip-preview", ok=False)
    assert "protect" in refused.stdout + refused.stderr
    assert resources(stack) == before
    stack.configure(location="westeurope")
    stack.up("--expect-no-changes")


def the_portal_cannot_delete_it_either(stack: Stack) -> None:
    outputs = stack.outputs()
    place = (outputs["resourceGroupName"], outputs["storageAccountName"])
    with pytest.raises(HttpResponseError, match="ScopeLocked"):
        arm(stack).storage().storage_accounts.delete(*place)


def leave_for_good(stack: Stack) -> None:
    stack.configure(protected="false")
    stack.up()
    assert "none: `pulumi destroy --stack staging` deletes the table" in stack.outputs()["protection"]
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert "marketplace-leads-staging" not in arm(stack).resource_groups()


def leave_and_keep_the_leads(stack: Stack, leads: set[str]) -> None:
    """The stack forgets what is retained; the notifier is gone, the delivery goes on."""
    connection_string, table = (stack.outputs()[name] for name in ("connectionString", "leadTableName"))
    stack.pulumi("state", "unprotect", "--all", "--yes")
    stack.pulumi("destroy", "--yes", "--skip-preview")
    left = resources(stack)
    assert [kind for kind, _ in left] == ["Microsoft.Storage/storageAccounts", "Microsoft.Web/connections"]
    assert [name for _, name in left][1] == "office365"
    with TableClient.from_connection_string(connection_string, table) as client:
        assert {row["RowKey"] for row in client.list_entities()} == leads


def come_back_to_what_was_kept(stack: Stack, leads: set[str]) -> None:
    """As docs/environments.md tells it, with the file that stands there."""
    (account,) = [name for kind, name in resources(stack) if kind == "Microsoft.Storage/storageAccounts"]
    shown = re.search(
        r'^ {4}({"resources": .*?^ {4}\]})$', DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert shown
    subscription = stack.cloud.environment["ARM_SUBSCRIPTION_ID"]
    file = stack.folder / "back.json"
    file.write_text(shown[1].replace("/subscriptions/ID/", f"/subscriptions/{subscription}/"))
    stack.pulumi("import", "--file", str(file), "--generate-code=false", "--yes")
    stack.configure(existingAccount=f"marketplace-leads-prod/{account}", existingTable="MarketplaceLeads")
    stack.up()
    assert rows(stack) == leads
    stack.seed("--clean")


def rows(stack: Stack) -> set[str]:
    outputs = stack.outputs()
    with TableClient.from_connection_string(outputs["connectionString"], outputs["leadTableName"]) as table:
        return {row["RowKey"] for row in table.list_entities()}


def resources(stack: Stack) -> list[tuple[str, str]]:
    """Type and name of everything in the stack's group, as Azure lists it."""
    listed: Any = arm(stack).resources().resources.list_by_resource_group(f"marketplace-leads-{stack.name}")
    return sorted((one.type, one.name) for one in listed)


def arm(stack: Stack) -> ArmClients:
    return ArmClients(stack.cloud.environment)
