"""From settings to a definition that may be deployed."""

from __future__ import annotations

from typing import Any

from notifier.channels import CHANNELS
from notifier.documented import TABLES_API, documented_flow
from notifier.settings import FlowSettings
from wdl.checker import check as check_definition
from wdl.checker.finding import Finding


def build(settings: FlowSettings) -> dict[str, Any]:
    """The workflow definition for these settings: plain data, as the portal exports it."""
    return documented_flow(settings)


def check(definition: dict[str, Any], channel: str) -> list[Finding]:
    """What Logic Apps would refuse (errors) and what would misbehave (warnings), each with place and cure."""
    return check_definition(definition, connections=[TABLES_API, CHANNELS[channel].api])
