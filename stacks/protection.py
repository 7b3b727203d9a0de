"""What must outlive mistakes: a careless destroy, a changed setting, a deletion in the portal."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import authorization

NOTE = "Microsoft's marketplace delivers leads to this account. How to remove it: docs/environments.md, Leaving."


def guarded(protected: bool, parent: pulumi.Resource | None = None) -> pulumi.ResourceOptions:
    """Options of a resource that holds leads or a person's consent.

    Protected: the engine refuses to delete or replace it, and should it be made to, it forgets the resource and leaves
    it on Azure. A resource group needs both too: with it goes whatever is retained inside.
    """
    return pulumi.ResourceOptions(parent=parent, protect=protected, retain_on_delete=protected)


def delete_lock(
    name: str, scope: pulumi.Input[str], parent: pulumi.Resource, holds: list[pulumi.Resource]
) -> authorization.ManagementLockByScope:
    """A lock against deletion for what is not done through Pulumi: the portal, the CLI, a deletion of the group.

    It also covers everything in its scope, so it comes after `holds` and goes before. It is not protected itself: to
    take the protection off must take it away.
    """
    return authorization.ManagementLockByScope(
        name,
        lock_name=name,
        scope=scope,
        level=authorization.LockLevel.CAN_NOT_DELETE,
        notes=NOTE,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=holds),
    )
