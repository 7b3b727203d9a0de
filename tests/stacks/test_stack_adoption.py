"""Account and table that are there already: looked up, checked, never made."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from program import deploy
from pulumi_mocks import KEY1, KEY2, SUBSCRIPTION, Deployment, revealed

ACCOUNT, TABLE = "azure-native:storage:getStorageAccount", "azure-native:storage:getTable"
ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/old-group/providers/Microsoft.Storage/storageAccounts/oldleads"
FOUND: dict[str, Any] = {
    "id": ID,
    "name": "oldleads",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS", "tier": "Standard"},
    "primaryEndpoints": {"table": "https://oldleads.table.core.windows.net/"},
}
GONE = 'request failed: Status=404 Code="ResourceNotFound" Message="The Resource was not found."'


def adopt(account: Any = FOUND, table: Any = None, **config: str) -> Deployment:
    existing = {ACCOUNT: account, TABLE: table or {"name": "marketplaceleads"}}
    return deploy({"existingAccount": "old-group/oldleads", **config}, existing=existing)


def refusal(**options: Any) -> str:
    with pytest.raises(pulumi.RunError) as refused:
        adopt(**options)
    return str(refused.value)


def test_an_existing_account_and_table_are_used_and_not_made() -> None:
    deployment = adopt(existingTable="MarketplaceLeads", protected="true")
    tokens = {resource.token for resource in deployment.resources}
    assert not tokens & {
        "azure-native:storage:StorageAccount",
        "azure-native:storage:Table",
        "azure-native:authorization:ManagementLockByScope",
    }
    assert deployment.outputs["storageAccountId"] == ID
    assert deployment.outputs["leadTableName"] == "marketplaceleads", "the table's own spelling"
    assert revealed(deployment.outputs["connectionString"]) == (
        f"DefaultEndpointsProtocol=https;AccountName=oldleads;AccountKey={KEY2};EndpointSuffix=core.windows.net"
    )


def test_its_keys_are_listed_in_its_own_group_and_used_by_the_flow() -> None:
    deployment = adopt(existingTable="MarketplaceLeads")
    listed = deployment.arguments["azure-native:storage:listStorageAccountKeys"]
    assert listed == {"accountName": "oldleads", "resourceGroupName": "old-group"}
    tables = next(one for one in deployment.all("azure-native:web:Connection") if "azuretables" in one.name)
    assert revealed(tables.inputs["properties"])["parameterValues"] == {"storageaccount": "oldleads", "sharedkey": KEY1}


def test_the_rest_of_the_stack_stays_in_the_stacks_own_group() -> None:
    workflow = adopt(existingTable="MarketplaceLeads").one("azure-native:logic:Workflow")
    assert workflow.inputs["resourceGroupName"] == "marketplace-leads-dev"


def test_the_flow_reads_an_existing_table_by_its_own_spelling() -> None:
    workflow = adopt(existingTable="MarketplaceLeads").one("azure-native:logic:Workflow")
    assert "'marketplaceleads'" in workflow.inputs["definition"]["actions"]["Get_entities"]["inputs"]["path"]


@pytest.mark.parametrize("protected", ["true", "false"])
def test_no_destroy_is_said_to_touch_what_was_there_before(protected: str) -> None:
    said = adopt(existingTable="MarketplaceLeads", protected=protected).outputs["protection"]
    assert said.startswith("Account and table were there before this stack: no destroy touches them")
    assert ("pulumi config set protected false --stack dev" in said) is (protected == "true")
    assert "deletes the table" in adopt(protected="false").outputs["protection"], "one that the stack has made in it"


def test_a_table_is_made_in_an_existing_account_that_has_none() -> None:
    table = adopt().one("azure-native:storage:Table")
    assert (table.inputs["accountName"], table.inputs["resourceGroupName"]) == ("oldleads", "old-group")
    assert TABLE not in adopt().calls


def test_an_account_that_is_not_there_is_named_with_the_command_that_lists_them() -> None:
    message = refusal(account=GONE)
    assert "existingAccount: there is no storage account 'oldleads' in the resource group 'old-group'" in message
    assert "az storage account list" in message


def test_another_failure_is_told_as_it_is() -> None:
    message = refusal(account='request failed: Status=403 Code="AuthorizationFailed" Message="No."')
    assert message.startswith("existingAccount: it cannot be read:")
    assert "AuthorizationFailed" in message


def test_a_table_that_is_not_there_is_named_with_the_command_that_has_it_made() -> None:
    message = refusal(table=GONE, existingTable="MarketplaceLeads")
    assert "existingTable: the storage account 'oldleads' has no table 'MarketplaceLeads'" in message
    assert "pulumi config rm existingTable" in message


def test_an_account_of_another_subscription_is_not_mistaken_for_one_of_the_same_name_here() -> None:
    other = ID.replace(SUBSCRIPTION, "99999999-2222-3333-4444-555555555555")
    message = refusal(existingAccount=other)
    assert "az account set --subscription 99999999-2222-3333-4444-555555555555" in message
    assert adopt(existingAccount=ID.upper().replace("OLDLEADS", "oldleads")).outputs["storageAccountId"] == ID


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"primaryEndpoints": {"blob": "https://oldleads.blob.core.windows.net/"}}, "has no tables"),
        ({"allowSharedKeyAccess": False}, "--allow-shared-key-access true"),
    ],
)
def test_an_account_that_cannot_take_leads_is_refused(change: dict[str, Any], reason: str) -> None:
    assert reason in refusal(account={**FOUND, **change})


@pytest.mark.parametrize(
    ("change", "warnings"),
    [
        ({}, 0),
        ({"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Allow"}}, 0),
        ({"publicNetworkAccess": "Disabled"}, 1),
        ({"networkRuleSet": {"defaultAction": "Deny"}}, 1),
    ],
)
def test_a_firewall_is_warned_of(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], warnings: int) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    adopt(account={**FOUND, **change})
    assert len(said) == warnings
    assert all("firewall" in warning for warning in said)
