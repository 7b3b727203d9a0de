"""Scopes of role assignments, locks and policies: which resource lies below which scope."""

from __future__ import annotations

from localazure.arm import refusals
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError
from localazure.arm.resource_ids import group_id, parse_id, resource_id
from localazure.credentials import TENANT_ID

ROOT_GROUP = f"/providers/Microsoft.Management/managementGroups/{TENANT_ID}"
"""The tenant's root management group: everything lies below it. The local cloud has no other."""


def normal(scope: str) -> str:
    """A scope as it compares: one leading slash, none at the end, lower case."""
    return "/" + scope.strip("/").lower()


def covers(scope: str, id_: str) -> bool:
    """Whether an id is the scope or lies below it."""
    above, below = normal(scope), normal(id_)
    return above in ("/", normal(ROOT_GROUP)) or below == above or below.startswith(above + "/")


def extension_id(scope: str, resource_type: str, name: str) -> str:
    """The id of an extension resource: `extension_id(account, "Microsoft.Authorization/locks", "keep")`."""
    namespace, kind = resource_type.split("/", 1)
    return f"/{scope.strip('/')}/providers/{namespace}/{kind}/{name}"


def check_scope(documents: Documents, scope: str) -> None:
    """Raise `ArmError` unless something can be put on a scope: a subscription, or a group or resource that exists.

    Whether something below a resource exists (a table of an account, for one) ARM does not know.
    """
    found = parse_id("/" + scope.strip("/"))
    if not found.subscription:
        message = f"The scope '{scope}' is not valid. The local cloud has subscriptions, groups and resources."
        raise ArmError(400, "InvalidScope", message)
    if found.group and documents.get(group_id(found.subscription, found.group)) is None:
        raise refusals.group_not_found(found.group)
    if found.group and found.names:
        kind = f"{found.namespace}/{found.types[0]}"
        if documents.get(resource_id(found.subscription, found.group, kind, found.names[0])) is None:
            raise refusals.resource_not_found(kind, found.names[0], found.group)
