"""Which assigned policies would keep a storage account from allowing its shared keys.

Partner Center signs in with a shared key and knows no other way. A rule is found by the property that it speaks of,
whatever its name; its effect is resolved through the parameters of assignment, set and definition. Not looked for are
exemptions. Source: Microsoft's pages on the structure of policy definitions, initiatives and assignments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scripts._arm import Arm, ArmRefusedError, Json

VERSION = "2022-06-01"
_PROPERTY = "microsoft.storage/storageaccounts/allowsharedkeyaccess"
_PARAMETER = re.compile(r"\[\s*parameters\(\s*'([^']+)'\s*\)\s*\]")
_WRITING = ("modify", "append")
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Effect:
    """What one assigned rule about shared keys does. `effect` is `deny`, `modify`, `append` or `audit`, or `UNREADABLE`
    where the definition lies where the caller may not look (a management group)."""

    assignment: str
    name: str
    effect: str

    @property
    def forbids(self) -> bool:
        """Whether an account that allows its keys would be refused or changed."""
        return self.effect == "deny" or self.effect in _WRITING


@dataclass(frozen=True)
class _Rule:
    """A policy definition as used by an assignment, with the parameters that it gets there."""

    definition: Json
    given: Mapping[str, Any]
    reference: str = ""


def effects_on_shared_keys(arm: Arm, scope: str) -> Iterator[Effect]:
    """What the policies assigned at or above a scope do about shared keys; those without an effect are left out."""
    path = f"{scope}/providers/Microsoft.Authorization/policyAssignments"
    for assignment in arm.list(path, VERSION, **{"$filter": "atScope()"}):
        properties = assignment["properties"]
        if properties.get("enforcementMode") == "DoNotEnforce" or _is_excluded(properties, scope):
            continue
        name = str(properties.get("displayName") or assignment["name"])
        for effect in _effects(arm, properties):
            yield Effect(assignment["id"], name, effect)


def _effects(arm: Arm, assignment: Mapping[str, Any]) -> Iterator[str]:
    try:
        yield from filter(None, (_effect(rule, assignment) for rule in _rules(arm, assignment)))
    except ArmRefusedError as refused:
        if refused.code != "AuthorizationFailed":
            raise
        yield UNREADABLE


def _is_excluded(assignment: Mapping[str, Any], scope: str) -> bool:
    below = scope.lower() + "/"
    return any(below.startswith(excluded.lower().rstrip("/") + "/") for excluded in assignment.get("notScopes") or ())


def _rules(arm: Arm, assignment: Mapping[str, Any]) -> Iterator[_Rule]:
    given = {name: value.get("value") for name, value in (assignment.get("parameters") or {}).items()}
    found = arm.get(assignment["policyDefinitionId"], VERSION)
    if found is None:
        return
    if "policyRule" in found["properties"]:
        yield _Rule(found, given)
        return
    known = {**_defaults(found), **given}
    for member in found["properties"].get("policyDefinitions") or ():
        if definition := arm.get(member["policyDefinitionId"], VERSION):
            passed = {name: value.get("value") for name, value in (member.get("parameters") or {}).items()}
            resolved = {name: _resolve(value, known) for name, value in passed.items()}
            yield _Rule(definition, resolved, str(member.get("policyDefinitionReferenceId") or ""))


def _effect(rule: _Rule, assignment: Mapping[str, Any]) -> str:
    """The effect in lower case, "" for a rule that says nothing of shared keys or does nothing."""
    body = rule.definition["properties"]["policyRule"]
    known = {**_defaults(rule.definition), **rule.given}
    effect = _overridden(rule, assignment) or str(_resolve(body["then"].get("effect", ""), known))
    effect = effect.lower()
    if effect in _WRITING:
        return effect if _PROPERTY in str(body["then"]).lower() else ""
    return effect if effect in ("deny", "audit") and _PROPERTY in str(body["if"]).lower() else ""


def _overridden(rule: _Rule, assignment: Mapping[str, Any]) -> str:
    for override in assignment.get("overrides") or ():
        chosen = [item for item in override.get("selectors") or () if item.get("kind") == "policyDefinitionReferenceId"]
        if override.get("kind") == "policyEffect" and all(rule.reference in item.get("in", ()) for item in chosen):
            return str(override.get("value", ""))
    return ""


def _defaults(definition: Json) -> Json:
    parameters = definition["properties"].get("parameters") or {}
    return {name: value["defaultValue"] for name, value in parameters.items() if "defaultValue" in value}


def _resolve(value: Any, known: Mapping[str, Any]) -> Any:
    found = _PARAMETER.fullmatch(value) if isinstance(value, str) else None
    return known.get(found[1], "") if found else value
