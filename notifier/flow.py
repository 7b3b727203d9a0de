"""From settings to a definition that may be deployed."""

from __future__ import annotations

from typing import Any

from notifier.documented import documented_flow
from notifier.settings import FlowSettings


def build(settings: FlowSettings) -> dict[str, Any]:
    """The workflow definition for these settings: plain data, as the portal exports it."""
    return documented_flow(settings)
