"""Access: what a principal may do at a scope, by the roles assigned to it there and above.

Source: Microsoft's page "Understand Azure role definitions": permissions of several assignments add up, `notActions`
take away within their own permission only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.lists import page_of
from localazure.arm.role_assignments import RoleAssignments
from localazure.arm.role_definitions import RoleDefinitions
from localazure.arm.rules import Call
from localazure.arm.scopes import covers
from localazure.credentials import PRINCIPAL_ID

VERSIONS = ("2022-05-01-preview", "2022-04-01", "2018-07-01", "2018-01-01-preview", "2015-07-01")
Permission = Mapping[str, Any]


class Access:
    """The permissions list, and the rule that a caller may do only what its roles allow."""

    def __init__(self, assignments: RoleAssignments, roles: RoleDefinitions) -> None:
        self._assignments = assignments
        self._roles = roles

    def routes(self) -> list[Route]:
        """What the caller may do at a scope."""
        served: list[tuple[str, str, Handler]] = [
            ("GET", "/{scope}/providers/Microsoft.Authorization/permissions", self._list)
        ]
        return [Route(method, template, handler, VERSIONS) for method, template, handler in served]

    def check(self, call: Call) -> None:
        """Raise `ArmError` 403 AuthorizationFailed unless the caller may do it. A token without a principal is the
        local cloud's own."""
        if call.principal in ("", PRINCIPAL_ID) or not call.action or self.permits(call):
            return
        raise ArmError(
            403,
            "AuthorizationFailed",
            f"The client '{call.client}' with object id '{call.principal}' does not have authorization to perform "
            f"action '{call.action}' over scope '{call.path}' or the scope is invalid. If access was recently granted, "
            "please refresh your credentials.",
        )

    def permits(self, call: Call) -> bool:
        """Whether the caller's roles allow what the call needs."""
        return allows(self.permissions(call.principal, call.path), call.action)

    def permissions(self, principal: str, scope: str) -> list[Permission]:
        """The permissions that a principal has at a scope: those of each role assigned at or above it."""
        found: list[Permission] = []
        for assignment in self._assignments.all():
            properties = assignment["properties"]
            if properties["principalId"].lower() != principal.lower() or not covers(properties["scope"], scope):
                continue
            if role := self._roles.find(properties["roleDefinitionId"]):
                found += role["properties"]["permissions"]
        return found

    def _list(self, request: ArmRequest) -> ArmResponse:
        return page_of(request, self.permissions(request.caller or PRINCIPAL_ID, request.parameters["scope"]))


def allows(permissions: Iterable[Permission], action: str, kind: str = "actions") -> bool:
    """Whether permissions allow an action. `kind` is `actions` (ARM) or `dataActions` (data of a service)."""
    not_kind = f"not{kind[0].upper()}{kind[1:]}"
    return any(_matches(item[kind], action) and not _matches(item[not_kind], action) for item in permissions)


def _matches(patterns: Iterable[str], action: str) -> bool:
    return any(_pattern(pattern).fullmatch(action) for pattern in patterns)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.IGNORECASE)
