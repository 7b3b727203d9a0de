"""The Logic App that mails new leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_azure_native import logic

from stacks.protection import replaced_in_place


@dataclass
class NotifierArgs:
    """`definition`: the workflow definition as plain data; `connections`: the value of its parameter `$connections`.

    `state`, `Enabled` or `Disabled`, is always declared: what a deployment writes does not depend on what somebody did
    in the portal meanwhile.
    """

    resource_group_name: pulumi.Input[str]
    location: pulumi.Input[str]
    definition: dict[str, Any]
    connections: pulumi.Input[Mapping[str, Any]]
    state: str = "Enabled"
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class Notifier(pulumi.ComponentResource):
    """One workflow, named like the component: the name is part of its address in the portal and in alerts."""

    workflow_id: pulumi.Output[str]

    def __init__(self, name: str, args: NotifierArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("marketplace-leads:stacks:Notifier", name, None, opts)
        workflow = logic.Workflow(
            f"{name}-workflow",
            workflow_name=name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            state=args.state,
            definition=args.definition,
            parameters={"$connections": logic.WorkflowParameterArgs(value=args.connections)},
            tags=args.tags,
            opts=replaced_in_place(self),
        )
        self.workflow_id = workflow.id
        self.register_outputs({"workflow_id": self.workflow_id})
