"""Failures are told: an action group that mails, an alert on failed runs of the Logic App, one when none starts.

Microsoft Flow mails its owner when a flow fails; a Logic App needs these resources for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import monitor

from stacks.protection import replaced_in_place


@dataclass
class MonitoringArgs:
    """`recipients`: who gets the alert mails; `workflow_id`: whose runs are watched.

    `severity` from 0 (critical) to 4; `standstill_window` (ISO 8601, one of Azure's alert windows): it is told when no
    run has started for so long; None for no such alert.
    """

    resource_group_name: pulumi.Input[str]
    workflow_id: pulumi.Input[str]
    recipients: Sequence[str]
    severity: int = 1
    standstill_window: str | None = None
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class Monitoring(pulumi.ComponentResource):
    """Action group and metric alerts. All are global resources: they take no region.

    Azure Monitor sends their mails itself: they arrive also when the flow's own mail channel has lost its consent.
    """

    action_group_id: pulumi.Output[str]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("marketplace-leads:stacks:Monitoring", name, None, opts)
        group = self._action_group(name, args)
        self._alert(f"{name}-runs-failed", args, group, _RUNS_FAILED)
        if args.standstill_window:
            self._alert(f"{name}-standstill", args, group, _standstill(args.standstill_window))
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
            opts=replaced_in_place(self),
        )

    def _alert(self, name: str, args: MonitoringArgs, group: monitor.ActionGroup, watch: _Watch) -> monitor.MetricAlert:
        return monitor.MetricAlert(
            name,
            rule_name=name,
            resource_group_name=args.resource_group_name,
            location="global",
            description=watch.description,
            severity=args.severity,
            enabled=True,
            scopes=[args.workflow_id],
            evaluation_frequency=watch.frequency,
            window_size=watch.window,
            criteria=watch.criteria(),
            auto_mitigate=True,
            actions=[monitor.MetricAlertActionArgs(action_group_id=group.id)],
            tags=args.tags,
            opts=replaced_in_place(self),
        )


@dataclass(frozen=True)
class _Watch:
    """One metric of the workflow, counted over a window, and the number that is told of."""

    description: str
    metric: str
    operator: str
    threshold: float
    window: str
    frequency: str

    def criteria(self) -> monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs:
        criterion = monitor.MetricCriteriaArgs(
            name=self.metric[0].lower() + self.metric[1:],
            criterion_type="StaticThresholdCriterion",
            metric_namespace="Microsoft.Logic/workflows",
            metric_name=self.metric,
            operator=self.operator,
            threshold=self.threshold,
            time_aggregation="Total",
        )
        return monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
            odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", all_of=[criterion]
        )


_RUNS_FAILED = _Watch(
    "A run of the Logic App that mails new leads has failed: leads may be waiting unseen.",
    metric="RunsFailed",
    operator="GreaterThan",
    threshold=0,
    window="PT5M",
    frequency="PT1M",
)


def _standstill(window: str) -> _Watch:
    return _Watch(
        f"The Logic App that mails new leads has started no run for {window}: it is disabled, or its trigger fails.",
        metric="RunsStarted",
        operator="LessThan",
        threshold=1,
        window=window,
        frequency="PT5M",
    )


def _receiver(number: int, address: str) -> monitor.MicrosoftCommonEmailReceiverArgs:
    return monitor.MicrosoftCommonEmailReceiverArgs(
        name=f"mail-{number}", email_address=address, use_common_alert_schema=True
    )
