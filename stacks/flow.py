"""From the stack's settings to the definition that is deployed, checked before Azure sees it."""

from __future__ import annotations

from typing import Any

import pulumi

from notifier import acknowledged, flow
from notifier.settings import FlowSettings
from stacks.settings import Settings
from wdl.checker.finding import Finding


class FlowError(pulumi.RunError):
    """Logic Apps would refuse the definition; the message lists each fault with its place and its cure."""


def checked_definition(settings: Settings, table: str = "") -> dict[str, Any]:
    """The workflow definition of a stack with these settings; `table`: the lead table in its own spelling.

    Preview and update fail on what would be refused on save, by engine or service (`FlowError`), and show the other
    warnings, but for the acknowledged ones.
    """
    definition = flow.build(flow_settings(settings, table))
    report(flow.check(definition, settings.mail_channel))
    return definition


def report(findings: list[Finding]) -> None:
    """Show warnings as diagnostics of the stack; raise `FlowError` if Logic Apps would refuse the definition.

    A warning that is acknowledged is told with `--debug` only, with the reason.
    """
    errors = [describe(finding) for finding in findings if finding.severity == "error" or finding.refused_by]
    if errors:
        raise FlowError("\n".join(["Logic Apps would refuse the workflow definition:", *errors]))
    for finding in findings:
        if (reason := acknowledged.reason(finding)) is None:
            pulumi.log.warn(describe(finding))
        else:
            pulumi.log.debug(f"Acknowledged: {describe(finding)} {reason}")


def describe(finding: Finding) -> str:
    """One finding as text: rule and place, fault, consequence, cure."""
    return f"{finding.rule} at {finding.json_path}: {finding.what} {finding.why} {finding.cure}"


def flow_settings(settings: Settings, table: str = "") -> FlowSettings:
    """The part of the stack's settings that the flow consists of; `table` is the table that was found for them."""
    return FlowSettings(
        frequency=settings.frequency,
        interval=settings.interval,
        lead_table=table or settings.table,
        shared_mailbox=settings.shared_mailbox,
        recipients=settings.recipients,
        subject=settings.subject,
        channel=settings.mail_channel,
        sender=settings.smtp_from,
    )
