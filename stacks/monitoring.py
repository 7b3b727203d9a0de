"""Failures are told: an action group that mails, and an alert on failed runs of the Logic App.

Microsoft Flow mails its owner when a flow fails; a Logic App needs these two resources for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import monitor


@dataclass
class MonitoringArgs:
    """`recipients`: who gets the alert mails; `workflow_id`: whose runs are watched."""

    resource_group_name: pulumi.Input[str]
    workflow_id: pulumi.Input[str]
    recipients: Sequence[str]
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class Monitoring(pulumi.ComponentResource):
    """Action group and metric alert `RunsFailed`. Both are global resources: they take no region."""

    action_group_id: pulumi.Output[str]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("marketplace-leads:stacks:Monitoring", name, None, opts)
        group = self._action_group(name, args)
        self._runs_failed(name, args, group)
        self.action_group_id = group.id
        self.register_outputs({"action_group_id": self.action_group_id})

    def _action_group(self, name: str, args: MonitoringArgs) -> monitor.ActionGroup:
        return monitor.ActionGroup(
            f"{name}-mail",
            action_group_name=f"{name}-mail",
            resource_group_name=args.resource_group_name,
            location="global",
            group_short_name="leads",  # at most 12 characters; the beginning of each alert mail's subject
            enabled=True,
            email_receivers=[_receiver(number, address) for number, address in enumerate(args.recipients, start=1)],
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _runs_failed(self, name: str, args: MonitoringArgs, group: monitor.ActionGroup) -> monitor.MetricAlert:
        return monitor.MetricAlert(
            f"{name}-runs-failed",
            rule_name=f"{name}-runs-failed",
            resource_group_name=args.resource_group_name,
            location="global",
            description="A run of the Logic App that mails new leads has failed: leads may be waiting unseen.",
            severity=1,
            enabled=True,
            scopes=[args.workflow_id],
            evaluation_frequency="PT1M",
            window_size="PT5M",
            criteria=_any_failed_run(),
            auto_mitigate=True,
            actions=[monitor.MetricAlertActionArgs(action_group_id=group.id)],
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _receiver(number: int, address: str) -> monitor.MicrosoftCommonEmailReceiverArgs:
    return monitor.MicrosoftCommonEmailReceiverArgs(
        name=f"mail-{number}", email_address=address, use_common_alert_schema=True
    )


def _any_failed_run() -> monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs:
    return monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
        odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        all_of=[
            monitor.MetricCriteriaArgs(
                name="runsFailed",
                criterion_type="StaticThresholdCriterion",
                metric_namespace="Microsoft.Logic/workflows",
                metric_name="RunsFailed",
                operator="GreaterThan",
                threshold=0,
                time_aggregation="Total",
            )
        ],
    )
