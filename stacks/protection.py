"""What must outlive mistakes: a careless destroy, a changed setting, a deletion in the portal."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import authorization

NOTE = "Microsoft's marketplace delivers leads to this account. How to remove it: docs/environments.md, Leaving."


class Protection(pulumi.ComponentResource):
    """The last of a stack: depends on all the rest, consists of nothing, and is protected or not.

    A destroy turns first to what nothing else depends on. That is this: so a destroy of a protected stack is refused
    before anything is deleted. Without it the Logic App and the lock, which are no leads, would be gone by the time
    that the engine comes to the first protected resource. Its refusal shows the name, so the name tells the way out.
    It is there in every stack: one that is protected could not be removed from the program.
    """

    def __init__(self, protected: bool, behind: list[pulumi.Resource]) -> None:
        opts = pulumi.ResourceOptions(protect=protected, depends_on=behind)
        super().__init__("marketplace-leads:stacks:Protection", "to-leave-read-docs-environments-md", None, opts)
        self.register_outputs({})


def guarded(protected: bool, parent: pulumi.Resource | None = None) -> pulumi.ResourceOptions:
    """Options of a resource that holds leads or a person's consent.

    Protected: the engine refuses to delete or replace it, and should it be made to, it forgets the resource and leaves
    it on Azure. A resource group needs both too: with it goes whatever is retained inside.
    """
    return pulumi.ResourceOptions.merge(
        replaced_in_place(parent), pulumi.ResourceOptions(protect=protected, retain_on_delete=protected)
    )


def replaced_in_place(
    parent: pulumi.Resource | None = None, depends_on: list[pulumi.Resource] | None = None
) -> pulumi.ResourceOptions:
    """Options of every resource: what must be replaced is deleted first, for old and new have the same name.

    The provider says so by itself when it is asked; an engine that takes up a replacement left over by a failed update
    does not ask, creates, and then deletes what it has just created.
    """
    return pulumi.ResourceOptions(parent=parent, depends_on=depends_on, delete_before_replace=True)


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
        opts=replaced_in_place(parent, depends_on=holds),
    )
