"""What the Pulumi program would deploy for a stack: its settings, and the Logic App that they make.

Importing this loads Pulumi's SDK, which takes a second.
"""

from __future__ import annotations

from typing import Any

from leads.environment import Deployed, read_config
from leads.errors import LeadsError
from notifier import flow as notifying_flow
from notifier.documented import TABLES_API
from scripts._stack import ROOT
from stacks.flow import flow_settings
from stacks.settings import Settings, SettingsError, parse_settings
from stacks.stack import PROJECT


class ProgramError(LeadsError):
    """The program would deploy nothing: its settings are wrong."""


def settings_of(stack: str) -> Settings:
    """The stack's settings, as the program reads them; raises `ProgramError` or `StackError`."""
    found = read_config(stack, ROOT)
    own = {key.removeprefix(f"{PROJECT}:"): entry for key, entry in found.items() if key.startswith(f"{PROJECT}:")}
    given = {key: str(entry.get("value", "")) for key, entry in own.items()}
    secret = {key for key, entry in own.items() if entry.get("secret")}
    try:
        return parse_settings(given, secret, stack)
    except SettingsError as error:
        raise ProgramError(str(error)) from None


def logic_app(settings: Settings, deployed: Deployed) -> dict[str, Any]:
    """The Logic App that the program would deploy: `state`, `definition`, and the connections by their names."""
    group = f"/subscriptions/{deployed.subscription}/resourceGroups/{deployed.resource_group}"
    apis = (TABLES_API, settings.mail_channel)
    return {
        "state": settings.flow_state,
        "definition": notifying_flow.build(flow_settings(settings, _table(settings, deployed))),
        "connections": {api: f"{group}/providers/Microsoft.Web/connections/{api}" for api in apis},
    }


def _table(settings: Settings, deployed: Deployed) -> str:
    """The program looks an existing table up in any case, and then takes the table's own spelling."""
    return deployed.table if settings.existing_table.lower() == deployed.table.lower() else settings.table
