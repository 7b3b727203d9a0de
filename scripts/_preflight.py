"""The checks before a deployment: each asks Azure one question and gives findings with their cures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scripts import _permissions as needed
from scripts._arm import Arm, ArmRefusedError, Json
from scripts._findings import Finding, error, ok, unknown, warning
from scripts._policies import UNREADABLE, Effect, effects_on_shared_keys
from scripts._subscription import KEY, Subscription

GROUPS, AUTHORIZATION, LOCKS, STORAGE = "2021-04-01", "2022-04-01", "2020-05-01", "2024-01-01"
_PROJECT = "marketplace-leads"
_SIGN_IN = "az login\naz account set --subscription SUBSCRIPTION"


@dataclass(frozen=True)
class Target:
    """What is to be deployed: the stack, and its settings as its file has them."""

    stack: str
    config: Mapping[str, Any]

    def setting(self, name: str) -> Any:
        """A setting of the program, None where the file says nothing."""
        return self.config.get(f"{_PROJECT}:{name}")

    @property
    def is_protected(self) -> bool:
        return str(self.setting("protected") or "").lower() == "true"

    @property
    def group(self) -> str:
        """The name of the stack's resource group."""
        return f"{_PROJECT}-{self.stack}"


@dataclass(frozen=True)
class Question:
    """What every check is given. `group` is the stack's resource group, None where there is none yet."""

    arm: Arm
    target: Target
    group: Json | None

    @property
    def scope(self) -> str:
        """Where the deployment happens: the group if it exists, else the subscription in which it will be made."""
        return str(self.group["id"]) if self.group else self.arm.scope


def check(arm: Arm, target: Target, chosen: Subscription) -> list[Finding]:
    """All findings. Where sign-in or subscription is wrong nothing else can be asked."""
    found = list(_signed_in(arm, target, chosen))
    if any(finding.status.value in ("error", "unknown") for finding in found):
        return found
    try:
        group = arm.get(f"{arm.scope}/resourceGroups/{target.group}", GROUPS)
    except ArmRefusedError as refused:
        return [*found, *_refused("names", refused)]
    question = Question(arm, target, group)
    for name, ask in _CHECKS.items():
        found += _asked(name, ask, question)
    return found


def _asked(name: str, ask: Callable[[Question], Iterator[Finding]], question: Question) -> Sequence[Finding]:
    try:
        return list(ask(question))
    except ArmRefusedError as refused:
        return _refused(name, refused)


def _refused(name: str, refused: ArmRefusedError) -> Sequence[Finding]:
    if refused.code == "AuthorizationFailed":
        return [unknown(name, str(refused), "Ask for the role Reader on the subscription.")]
    return [unknown(name, str(refused))]


def _signed_in(arm: Arm, target: Target, chosen: Subscription) -> Iterator[Finding]:
    try:
        who = arm.claims()
        subscription = arm.get(arm.scope, GROUPS)
    except ArmRefusedError as refused:
        yield _sign_in_problem(arm, refused)
        return
    if subscription is None:
        yield error("subscription", f"{arm.subscription} ({chosen.source}) is not seen by who is signed in", _SIGN_IN)
        return
    name = f"{subscription.get('displayName')} ({arm.subscription}, by {chosen.source})"
    if subscription.get("state") != "Enabled":
        state = subscription.get("state")
        yield error("subscription", f"{name} is {state}", "Enable it in the portal, or choose another one.")
        return
    yield ok("subscription", f"{name}, signed in as {_name_of(who)}")
    if target.is_protected and chosen.source != "the stack's file":
        pin = f"pulumi config set {KEY} {arm.subscription} --stack {target.stack}"
        yield warning("subscription", f"stack '{target.stack}' is protected, but its file names no subscription", pin)


def _sign_in_problem(arm: Arm, refused: ArmRefusedError) -> Finding:
    if refused.status == 401:
        return error("sign-in", "nobody is signed in, or the sign-in has lapsed", _SIGN_IN)
    if refused.code in ("AuthorizationFailed", "SubscriptionNotFound", "InvalidSubscriptionId"):
        text = f"{arm.subscription} is not seen by who is signed in ({refused.code})"
        return error("subscription", text, _SIGN_IN)
    return unknown("sign-in", str(refused))


def _name_of(who: Mapping[str, Any]) -> str:
    return str(who.get("upn") or who.get("unique_name") or who.get("appid") or who.get("oid") or "somebody")


def _providers(question: Question) -> Iterator[Finding]:
    states = {namespace: _state(question.arm, namespace) for namespace in needed.NAMESPACES}
    for namespace, state in states.items():
        if state == "Registering":
            yield warning("providers", f"{namespace} is being registered", f"az provider show --namespace {namespace}")
        elif state != "Registered":
            cure = f"az provider register --namespace {namespace} --wait"
            yield error("providers", f"the subscription is not registered for {namespace} ({state})", cure)
    if set(states.values()) == {"Registered"}:
        yield ok("providers", f"{', '.join(states)} are registered")


def _state(arm: Arm, namespace: str) -> str:
    found = arm.get(f"{arm.scope}/providers/{namespace}", GROUPS)
    return str((found or {}).get("registrationState", "unknown"))


def _roles(question: Question) -> Iterator[Finding]:
    path = f"{question.scope}/providers/Microsoft.Authorization/permissions"
    permissions = question.arm.list(path, AUTHORIZATION)
    lacking = needed.missing(permissions, needed.DEPLOYMENT)
    if lacking:
        yield error("roles", f"not allowed: {', '.join(lacking)}", _role_cure("Contributor", question))
    locks = needed.missing(permissions, needed.PROTECTION) if question.target.is_protected else []
    if locks:
        cure = _role_cure("Locks Contributor", question)
        yield error("roles", f"a protected stack has locks; not allowed: {', '.join(locks)}", cure)
    if not lacking and not locks:
        yield ok("roles", f"the roles at {question.scope} suffice")


def _role_cure(role: str, question: Question) -> str:
    return (
        "Ask an Owner of the subscription for:\n"
        f'az role assignment create --role "{role}" --assignee WHO --scope {question.scope}\n'
        "(scripts/bootstrap.py makes a role with no more than the pipeline needs)"
    )


def _shared_keys(question: Question) -> Iterator[Finding]:
    found = list(effects_on_shared_keys(question.arm, question.scope))
    for effect in found:
        yield _about_policy(effect, question)
    if not found:
        yield ok("shared keys", "no policy forbids them")


def _about_policy(effect: Effect, question: Question) -> Finding:
    policy, cure = f"policy '{effect.name}'", _policy_cure(effect, question)
    if effect.forbids:
        return error("shared keys", f"{policy} ({effect.effect}) forbids them", cure)
    if effect.effect == UNREADABLE:
        text = f"{policy} is assigned from where you may not look"
        return unknown("shared keys", text, "Ask who owns it whether it forbids shared keys of storage accounts.")
    return warning("shared keys", f"{policy} will report the account, as Partner Center needs its shared keys", cure)


def _policy_cure(effect: Effect, question: Question) -> str:
    group = f"{question.arm.scope}/resourceGroups/{question.target.group}"
    return (
        "Ask who owns the policy for an exemption: Microsoft delivers leads by shared key alone.\n"
        f"az policy exemption create --name {_PROJECT} --exemption-category Waiver \\\n"
        f"  --policy-assignment {effect.assignment} --scope {group}"
    )


def _locks(question: Question) -> Iterator[Finding]:
    path = f"{question.scope}/providers/Microsoft.Authorization/locks"
    found = [lock for lock in question.arm.list(path, LOCKS) if lock["properties"].get("level") == "ReadOnly"]
    for lock in found:
        yield error(
            "locks", f"{lock['id']} is ReadOnly: nothing below it can be changed", f"az lock delete --ids {lock['id']}"
        )
    if not found:
        yield ok("locks", "nothing is locked against changes")


def _names(question: Question) -> Iterator[Finding]:
    yield _group_name(question)
    adopted = str(question.target.setting("existingAccount") or "")
    if adopted:
        yield _existing_account(question, adopted)


def _group_name(question: Question) -> Finding:
    name, group = question.target.group, question.group
    if group is None:
        return ok("names", f"resource group {name} is free")
    if group.get("properties", {}).get("provisioningState") == "Deleting":
        return error("names", f"resource group {name} is being deleted", "Wait some minutes, then try again.")
    tags = group.get("tags") or {}
    if tags.get("project") == _PROJECT and tags.get("stack") == question.target.stack:
        return ok("names", f"resource group {name} is this stack's own")
    return error(
        "names",
        f"resource group {name} exists and is not this stack's",
        f"Look at it: az group show --name {name}\nDelete or move it, or give the stack another name.",
    )


def _existing_account(question: Question, adopted: str) -> Finding:
    group, _, name = adopted.strip("/").rpartition("/")
    provider = "/providers/Microsoft.Storage/storageAccounts"
    id_ = (
        adopted
        if provider.lower() in adopted.lower()
        else f"{question.arm.scope}/resourceGroups/{group}{provider}/{name}"
    )
    account = question.arm.get(id_, STORAGE)
    if account is None:
        return error("names", f"existingAccount {adopted} does not exist", "az storage account list --output table")
    if account["properties"].get("allowSharedKeyAccess") is False:
        cure = f"az storage account update --ids {account['id']} --allow-shared-key-access true"
        return error("shared keys", f"account {account['name']} does not allow its shared keys", cure)
    return ok("names", f"account {account['name']} exists and allows its shared keys")


_CHECKS: Mapping[str, Callable[[Question], Iterator[Finding]]] = {
    "providers": _providers,
    "roles": _roles,
    "shared keys": _shared_keys,
    "locks": _locks,
    "names": _names,
}
