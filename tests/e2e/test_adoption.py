"""An account and a table that are there already: leads in them are mailed, and the stack goes without touching them."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

import pytest
from arm_clients import ArmClients
from azure.data.tables import TableClient
from harness import LocalCloud, Stack, rehearse

pytestmark = [pytest.mark.engine, pytest.mark.cloud]

GROUP, TABLE = "made-by-hand", "MarketPlaceLeads"


@dataclass
class OldAccount:
    """What somebody created years ago: an account, the table in a spelling of its own, a lead in it."""

    clients: ArmClients
    name: str
    connection_string: str

    def keys_of_leads(self) -> set[str]:
        with TableClient.from_connection_string(self.connection_string, TABLE) as table:
            return {row["RowKey"] for row in table.list_entities()}


@pytest.fixture
def old(cloud: LocalCloud) -> OldAccount:
    clients, name = ArmClients(cloud.environment), f"old{secrets.token_hex(6)}"
    clients.resources().resource_groups.create_or_update(GROUP, {"location": "westeurope"})
    account = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "location": "westeurope"}
    made = clients.storage().storage_accounts.begin_create(GROUP, name, account).result()
    clients.storage().table.create(GROUP, name, TABLE)
    key, endpoint = clients.account_keys(GROUP, name)[1], made.primary_endpoints.table
    found = OldAccount(clients, name, f"AccountName={name};AccountKey={key};TableEndpoint={endpoint}")
    with TableClient.from_connection_string(found.connection_string, TABLE) as table:
        table.create_entity({"PartitionKey": "9:2F28:2F2018", "RowKey": "a-lead-of-2018"})
    return found


def test_made_by_hand_adopted_mailed_and_left(engine: None, cloud: LocalCloud, old: OldAccount, tmp_path: Path) -> None:
    stack = rehearse(cloud, tmp_path / "dev", "dev", existingAccount="no-group/noaccount")
    what_is_not_there_is_said_in_a_preview(stack)

    stack.configure(existingAccount=f"{GROUP}/{old.name}")
    making_a_table_that_is_there_is_refused(stack)
    stack.configure(existingTable="marketplaceleads", sharedMailbox="leads@contoso.com")
    assert "created" in stack.up()
    assert stack.outputs()["leadTableName"] == TABLE
    assert old.name not in {one["inputs"].get("accountName") for one in resources_in_state(stack)}

    stack.seed("--keep")
    mail = cloud.inbox()[-1]
    assert (mail["subject"], mail["from"]) == ("New leads!", "leads@contoso.com")

    leads = old.keys_of_leads()
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert old.clients.resource_groups() == [GROUP]
    assert old.keys_of_leads() == leads > {"a-lead-of-2018"}


def making_a_table_that_is_there_is_refused(stack: Stack) -> None:
    refused = stack.pulumi("up", "--yes", "--skip-preview", ok=False)
    said = refused.stdout + refused.stderr
    assert "cannot create already existing resource" in said
    assert f"/tables/{TABLE}".lower() in said.lower()


def what_is_not_there_is_said_in_a_preview(stack: Stack) -> None:
    refused = stack.pulumi("preview", ok=False)
    said = refused.stdout + refused.stderr
    assert "existingAccount: there is no storage account 'noaccount' in the resource group 'no-group'" in said
    assert "Traceback" not in said


def resources_in_state(stack: Stack) -> list[dict[str, dict[str, str]]]:
    listed: list[dict[str, dict[str, str]]] = json.loads(stack.export())["deployment"]["resources"]
    return [one for one in listed if str(one["type"]).startswith("azure-native:")]
