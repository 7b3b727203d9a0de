"""The resource provider Microsoft.Authorization: roles, access, locks, policies, and the rules that come with them."""

from __future__ import annotations

from localazure.arm.access import Access
from localazure.arm.documents import Documents
from localazure.arm.envelope import Route
from localazure.arm.management_locks import ManagementLocks
from localazure.arm.policies import Policies
from localazure.arm.role_assignments import RoleAssignments
from localazure.arm.role_definitions import RoleDefinitions
from localazure.arm.rules import Rule
from localazure.clock import Clock


class AuthorizationProvider:
    """`rules` is what ARM asks of every call because of roles and locks."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self.roles = RoleDefinitions(documents)
        self.assignments = RoleAssignments(documents, self.roles, clock)
        self.access = Access(self.assignments, self.roles)
        self.locks = ManagementLocks(documents)
        self._policies = Policies(documents)

    @property
    def rules(self) -> list[Rule]:
        """Access first, then locks, in ARM's order."""
        return [self.access, self.locks]

    def routes(self) -> list[Route]:
        """Everything of the namespace."""
        parts = (self.roles, self.assignments, self.access, self.locks, self._policies)
        return [route for part in parts for route in part.routes()]
