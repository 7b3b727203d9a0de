"""Take away what bootstrap made: locks first, then the roles, then the resource group with all that is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scripts._arm import Arm, Json
from scripts._bootstrap import BootstrapError, Done, patiently
from scripts._bootstrap_plan import AUTHORIZATION, GROUPS, IDENTITIES, LOCKS, VAULTS, Plan, name_of


class Destroy:
    """With `dry_run` it only tells."""

    def __init__(self, arm: Arm, plan: Plan, sleep: Callable[[float], None], dry_run: bool = False) -> None:
        self._arm = arm
        self._plan = plan
        self._sleep = sleep
        self._dry_run = dry_run

    def check_unused(self) -> None:
        """Raise `BootstrapError` while a stack is still deployed: its state and its secrets would be lost."""
        wanted = f"tagName eq 'project' and tagValue eq '{self._plan.wanted.name}'"
        groups = self._arm.list(f"{self._plan.scope}/resourcegroups", GROUPS, **{"$filter": wanted})
        stacks = sorted(tags["stack"] for group in groups if "stack" in (tags := group.get("tags") or {}))
        if stacks:
            raise BootstrapError(
                f"stacks are still deployed: {', '.join(stacks)}; without state and key they cannot be changed or "
                "destroyed by Pulumi any more: destroy them first, or say --force"
            )

    def run(self) -> Iterator[Done]:
        """Remove everything that is there, telling of each item when it is gone."""
        for what, scope in (("account", self._plan.account), ("vault", self._plan.vault)):
            yield from self._remove(
                f"lock on the {what}", f"{scope}/providers/Microsoft.Authorization/locks/keep", LOCKS
            )
        for use in ("preview", "deploy"):
            yield from self._remove_roles(use)
        yield from self._remove("resource group and all in it", self._plan.group, GROUPS)

    def recoverable_until(self) -> str:
        """Until when the deleted vault can be recovered (ISO 8601), "" if there is none."""
        path, name = f"{self._plan.scope}/providers/Microsoft.KeyVault/deletedVaults", name_of(self._plan.vault)
        found = [vault for vault in self._arm.list(path, VAULTS) if vault["name"] == name]
        return str(found[0]["properties"]["scheduledPurgeDate"]) if found else ""

    def _remove_roles(self, use: str) -> Iterator[Done]:
        identity = self._arm.get(self._plan.identity(use), IDENTITIES)
        for assignment in self._assignments(identity) if identity else ():
            yield from self._remove(f"role assignment of {use}", assignment["id"], AUTHORIZATION)
        yield from self._remove(f"role to {use}", self._plan.role(use), AUTHORIZATION)

    def _assignments(self, identity: Json) -> list[Json]:
        """In the whole subscription, so that none is left over."""
        path = f"{self._plan.scope}/providers/Microsoft.Authorization/roleAssignments"
        query = f"principalId eq '{identity['properties']['principalId']}'"
        return self._arm.list(path, AUTHORIZATION, **{"$filter": query})

    def _remove(self, title: str, id_: str, version: str) -> Iterator[Done]:
        if self._dry_run:
            is_there = self._arm.get(id_, version) is not None
        else:
            # A lock may hold for some moments after it was taken away.
            is_there = patiently(lambda: self._arm.delete(id_, version), ("ScopeLocked",), self._sleep)
        if is_there:
            yield Done(title, id_, "removed")


def names_of_lost(plan: Plan) -> str:
    """What a destruction loses, for the question before it."""
    return f"account {name_of(plan.account)} with the state of every stack, and vault {name_of(plan.vault)}"
