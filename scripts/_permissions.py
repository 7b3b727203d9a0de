"""What a deployment of the stack must be allowed to do, and whether permissions allow it.

The list is held against the truth by a test: a principal with exactly these actions deploys and destroys the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_CHANGES = ("read", "write", "delete")
_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
_ACCOUNTS = "Microsoft.Storage/storageAccounts"


def _each(*types: str) -> tuple[str, ...]:
    return tuple(f"{kind}/{verb}" for kind in types for verb in _CHANGES)


DEPLOYMENT = (
    *_each(_GROUPS, _ACCOUNTS, f"{_ACCOUNTS}/tableServices/tables"),
    f"{_ACCOUNTS}/listKeys/action",
    *_each("Microsoft.Web/connections", "Microsoft.Logic/workflows"),
    "Microsoft.Web/connections/join/action",
    *_each("Microsoft.Insights/actionGroups", "Microsoft.Insights/metricAlerts"),
)
"""Actions that every stack needs. `join` is what a workflow's use of a connection needs on Azure."""

PROTECTION = ("Microsoft.Authorization/locks/read", "Microsoft.Authorization/locks/write")
"""What a protected stack needs besides, for its locks. To take one away is for a person, not for a pipeline."""

NAMESPACES = ("Microsoft.Storage", "Microsoft.Web", "Microsoft.Logic", "Microsoft.Insights")
"""Resource providers that the subscription must be registered for."""

Permission = Mapping[str, Any]


def missing(permissions: Iterable[Permission], wanted: Iterable[str]) -> list[str]:
    """The actions that permissions do not allow. `notActions` take away within their own permission only.

    Source: Microsoft's page "Understand Azure role definitions".
    """
    known = list(permissions)
    return [action for action in wanted if not any(_allows(permission, action) for permission in known)]


def _allows(permission: Permission, action: str) -> bool:
    return _matches(permission.get("actions"), action) and not _matches(permission.get("notActions"), action)


def _matches(patterns: Any, action: str) -> bool:
    return any(_pattern(str(pattern)).fullmatch(action) for pattern in patterns or ())


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.IGNORECASE)
