"""From the stack's settings to the definition that is deployed."""

from __future__ import annotations

from typing import Any

from notifier import flow
from notifier.settings import FlowSettings
from stacks.settings import Settings


def definition(settings: Settings) -> dict[str, Any]:
    """The workflow definition of a stack with these settings."""
    return flow.build(flow_settings(settings))


def flow_settings(settings: Settings) -> FlowSettings:
    """The part of the stack's settings that the flow consists of."""
    return FlowSettings(
        frequency=settings.frequency,
        interval=settings.interval,
        lead_table=settings.lead_table,
        recipients=settings.recipients,
        subject=settings.subject,
        channel=settings.mail_channel,
        sender=settings.smtp_from,
    )
