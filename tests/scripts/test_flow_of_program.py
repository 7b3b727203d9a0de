"""What `manage_flow.py diff` takes for the program: the flow that a deployment with these settings would write."""

from __future__ import annotations

import pytest

from leads.environment import Deployed
from scripts._program import logic_app
from stacks.settings import parse_settings

DEPLOYED = Deployed(
    stack="dev",
    table="MarketPlaceLeads",
    account="oldleads",
    logic_app_id="/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/lead-notifier",
    connection_string="",
)


@pytest.mark.parametrize(
    ("config", "read"),
    [
        ({"existingAccount": "old-group/oldleads", "existingTable": "marketplaceleads"}, "MarketPlaceLeads"),
        ({"existingAccount": "old-group/oldleads"}, "MarketplaceLeads"),
        ({"leadTable": "OtherLeads"}, "OtherLeads"),
    ],
)
def test_an_existing_table_is_read_by_its_own_spelling_another_as_the_settings_say(
    config: dict[str, str], read: str
) -> None:
    settings = parse_settings({"recipients": "sales@contoso.com", **config}, set(), "dev")
    path = logic_app(settings, DEPLOYED)["definition"]["actions"]["Get_entities"]["inputs"]["path"]
    assert f"'{read}'" in path
