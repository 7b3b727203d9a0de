"""Make what the plan says, once: what is there as wanted stays untouched, and a second run changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from leads.errors import LeadsError
from scripts import _permissions
from scripts._arm import Arm, ArmRefusedError, Json
from scripts._bootstrap_plan import AUTHORIZATION, IDENTITIES, Item, Plan, name_of
from scripts._bootstrap_roles import BOOTSTRAP

# Azure takes a while to know a new identity or role everywhere. Source: Microsoft's page "Troubleshoot Azure RBAC".
_NOT_KNOWN_YET = ("PrincipalNotFound", "RoleDefinitionDoesNotExist")
_ATTEMPTS, _PAUSE = 12, 5.0
T = TypeVar("T")
_EXACT = ("/subject", "/issuer")
_HINTS = {
    "StorageAccountAlreadyTaken": "the name is taken by somebody else; choose another --name",
    "VaultAlreadyExists": "the name is taken by somebody else; choose another --name",
    "RequestDisallowedByPolicy": "a policy of your organisation forbids it; ask who owns the policy",
}


class BootstrapError(LeadsError):
    """Something could not be made; what was made before it stays, and another run goes on from there."""


@dataclass(frozen=True)
class Done:
    """What became of one item. `action` is `created`, `changed`, `recovered`, `removed` or `unchanged`."""

    title: str
    id: str
    action: str


class Bootstrap:
    """Makes the items of a plan. With `dry_run` it only tells. `made` holds the documents, by the items' keys."""

    def __init__(self, arm: Arm, plan: Plan, sleep: Callable[[float], None], dry_run: bool = False) -> None:
        self._arm = arm
        self._plan = plan
        self._sleep = sleep
        self._dry_run = dry_run
        self.made: dict[str, Json] = {}

    def check_rights(self) -> None:
        """Raise `BootstrapError` unless who is signed in may make all of it: better now than half-way."""
        path = f"{self._plan.scope}/providers/Microsoft.Authorization/permissions"
        lacking = _permissions.missing(self._arm.list(path, AUTHORIZATION), BOOTSTRAP)
        if lacking:
            raise BootstrapError(f"you may not {', '.join(lacking)}; sign in as an Owner of the subscription")

    def run(self) -> Iterator[Done]:
        """Make everything, telling of each item when it is done. Raises `BootstrapError`."""
        for item in self._plan.items():
            try:
                yield self._ensure(item)
            except ArmRefusedError as refused:
                hint = _HINTS.get(refused.code)
                raise BootstrapError(f"{item.title}: {hint}" if hint else f"{item.title}: {refused}") from None
        yield from self._remove_stale()

    def _ensure(self, item: Item) -> Done:
        if any(need not in self.made for need in item.needs):  # nothing is made in a dry run
            return Done(item.title, "", "created")
        id_, body = item.id(self.made), item.body(self.made)
        found = self._arm.get(id_, item.version)
        if found is not None and (item.once or not differences(body, found)):
            self.made[item.key] = found
            return Done(item.title, id_, "unchanged")
        action = self._write(item, id_, body, found)
        return Done(item.title, id_, action)

    def _write(self, item: Item, id_: str, body: Json, found: Json | None) -> str:
        recovering = found is None and bool(item.deleted) and self._arm.get(item.deleted, item.version) is not None
        action = "recovered" if recovering else "created" if found is None else "changed"
        if self._dry_run:
            if found is not None:
                self.made[item.key] = found
            return action
        if recovering:
            recover = {**body, "properties": {**body["properties"], "createMode": "recover"}}
            found = self._arm.put(id_, item.version, recover)
        if found is None or differences(body, found):
            found = self._put(id_, item.version, body)
        self.made[item.key] = found
        return action

    def _put(self, id_: str, version: str, body: Json) -> Json:
        try:
            return patiently(lambda: self._arm.put(id_, version, body), _NOT_KNOWN_YET, self._sleep)
        except ArmRefusedError as refused:
            if refused.code == "RoleAssignmentExists":
                return {"id": id_, **body}  # somebody assigned the role by hand
            raise

    def _remove_stale(self) -> Iterator[Done]:
        """Trust in subjects that are wanted no more: an environment that was given up, another branch."""
        for use in ("preview", "deploy"):
            if use not in self.made:
                continue
            kept = self._plan.subjects(use)
            for found in self._arm.list(f"{self._plan.identity(use)}/federatedIdentityCredentials", IDENTITIES):
                if found["name"].startswith("github-") and found["name"] not in kept:
                    if not self._dry_run:
                        self._arm.delete(found["id"], IDENTITIES)
                    yield Done(f"trust in {found['properties']['subject']}", found["id"], "removed")

    def variables(self) -> dict[str, str]:
        """What the pipeline's variables are set to. None of it is a secret. Empty as long as nothing is made."""
        if not {"deploy", "preview", "key", "container"} <= set(self.made):
            return {}
        vault = name_of(self._plan.vault)
        version = name_of(self.made["key"]["properties"]["keyUriWithVersion"])
        key, account = name_of(self.made["key"]["id"]), name_of(self._plan.account)
        return {
            "AZURE_TENANT_ID": self._plan.wanted.tenant,
            "AZURE_SUBSCRIPTION_ID": self._plan.wanted.subscription,
            "AZURE_CLIENT_ID": self.made["deploy"]["properties"]["clientId"],
            "AZURE_PREVIEW_CLIENT_ID": self.made["preview"]["properties"]["clientId"],
            "PULUMI_BACKEND_URL": f"azblob://{name_of(self._plan.container)}?storage_account={account}",
            "PULUMI_SECRETS_PROVIDER": f"azurekeyvault://{vault}.vault.azure.net/keys/{key}/{version}",
        }


def patiently(work: Callable[[], T], codes: Collection[str], sleep: Callable[[float], None]) -> T:
    """Do it; where Azure refuses with one of these codes, which pass by themselves, again for up to a minute."""
    for _ in range(_ATTEMPTS):
        try:
            return work()
        except ArmRefusedError as refused:
            if refused.code not in codes:
                raise
        sleep(_PAUSE)
    return work()


def differences(wanted: Any, found: Any, at: str = "") -> list[str]:
    """Where what was found is not as wanted; what it has besides does not count. Texts compare without case, lists
    without order, as Azure gives back both as it likes; but what a token must match compares to the letter."""
    if isinstance(wanted, Mapping):
        known = found if isinstance(found, Mapping) else {}
        return [place for key, value in wanted.items() for place in differences(value, known.get(key), f"{at}/{key}")]
    if isinstance(wanted, list):
        return [] if isinstance(found, list) and _same_list(wanted, found) else [at]
    is_exact = at.endswith(_EXACT)
    return [] if (wanted == found if is_exact else _plain(wanted) == _plain(found)) else [at]


def _same_list(wanted: list[Any], found: list[Any]) -> bool:
    rest = list(found)
    for item in wanted:
        match = next((other for other in rest if not differences(item, other)), None)
        if match is None:
            return False
        rest.remove(match)
    return not rest


def _plain(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
