"""Microsoft.Authorization, policies: definitions, sets of them and their assignments, as documents.

They are kept and listed, not enforced: whoever wants to know before a deployment what they forbid asks for them. Of
the built-in definitions there is the one about shared keys. Source: azure-rest-api-specs, Microsoft.Authorization
2022-06-01.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.arm import refusals
from localazure.arm.authorization_filters import authorization_filter, filter_functions
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.lists import page_of
from localazure.arm.resource_ids import parse_id
from localazure.arm.scopes import covers, extension_id

NAMESPACE = "Microsoft.Authorization"
VERSIONS = (
    "2025-03-01",
    "2025-01-01",
    "2024-05-01",
    "2024-04-01",
    "2023-04-01",
    "2022-06-01",
    "2021-06-01",
    "2020-09-01",
)
_KINDS = {
    "policyDefinitions": ("PolicyDefinitionNotFound", "policy definition"),
    "policySetDefinitions": ("PolicySetDefinitionNotFound", "policy set definition"),
    "policyAssignments": ("PolicyAssignmentNotFound", "policy assignment"),
}
_SHARED_KEYS = "8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54"


class Policies:
    """The routes of policy definitions, set definitions and assignments."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def routes(self) -> list[Route]:
        """PUT, GET, DELETE, list of each kind; GET of built-in definitions."""
        served: list[tuple[str, str, Handler]] = []
        for kind in _KINDS:
            tenant = f"/providers/{NAMESPACE}/{kind}"
            one = "/{scope}" + tenant + "/{name}"
            served += [("GET", tenant, self._list), ("GET", tenant + "/{name}", self._get)]
            served += [("PUT", one, self._put), ("GET", one, self._get), ("DELETE", one, self._delete)]
            served += [("GET", "/{scope}" + tenant, self._list)]
        return [Route(method, template, handler, VERSIONS) for method, template, handler in served]

    def _put(self, request: ArmRequest) -> ArmResponse:
        given = request.body.get("properties") if isinstance(request.body, dict) else None
        if not isinstance(given, dict):
            raise refusals.invalid_content("'properties' is expected")
        id_, resource_type = _id(request), f"{NAMESPACE}/{_kind(request)}"
        document = {
            "properties": _completed(_kind(request), given, request.parameters["scope"]),
            "id": id_,
            "type": resource_type,
            "name": request.parameters["name"],
        }
        self._documents.put(id_, resource_type, document)
        return ArmResponse(document, 201)

    def _get(self, request: ArmRequest) -> ArmResponse:
        name, kind = request.parameters["name"], _kind(request)
        found = self._documents.get(_id(request)) if request.parameters.get("scope") else None
        if found is None and kind == "policyDefinitions" and name.lower() == _SHARED_KEYS:
            found = _BUILT_IN
        if found is None:
            code, word = _KINDS[kind]
            raise ArmError(404, code, f"The {word} '{name}' could not be found.")
        return ArmResponse(found)

    def _delete(self, request: ArmRequest) -> ArmResponse:
        found = self._documents.get(_id(request))
        if found is None:
            return ArmResponse(None, 204)
        self._documents.delete(found["id"])
        return ArmResponse(found)

    def _list(self, request: ArmRequest) -> ArmResponse:
        scope, kind = request.parameters.get("scope", ""), _kind(request)
        keep, only_at = authorization_filter(request, ("policyType", "policyDefinitionId")), filter_functions(request)
        found = [item for item in self._documents.list(f"{NAMESPACE}/{kind}") if _concerns(item, scope, bool(only_at))]
        built_in = [_BUILT_IN] if kind == "policyDefinitions" else []
        return page_of(request, [item for item in (*built_in, *found) if keep(item["properties"])])


def _concerns(item: Mapping[str, Any], scope: str, only_at: bool) -> bool:
    at = parse_id(item["id"]).scope
    return covers(at, scope) or (not only_at and covers(scope, at))


def _completed(kind: str, given: Mapping[str, Any], scope: str) -> dict[str, Any]:
    if kind != "policyAssignments":
        return {"policyType": "Custom", "mode": "Indexed", "parameters": {}, **given}
    if not isinstance(given.get("policyDefinitionId"), str):
        raise refusals.invalid_content("'policyDefinitionId' is missing")
    return {"enforcementMode": "Default", "parameters": {}, "notScopes": [], **given, "scope": "/" + scope.strip("/")}


def _kind(request: ArmRequest) -> str:
    wanted = parse_id(request.path).types[-1].lower()
    return next(kind for kind in _KINDS if kind.lower() == wanted)


def _id(request: ArmRequest) -> str:
    return extension_id(request.parameters["scope"], f"{NAMESPACE}/{_kind(request)}", request.parameters["name"])


_BUILT_IN = {
    "properties": {
        "displayName": "Storage accounts should prevent shared key access",
        "policyType": "BuiltIn",
        "mode": "Indexed",
        "metadata": {"version": "2.0.0", "category": "Storage"},
        "parameters": {
            "effect": {"type": "String", "allowedValues": ["Audit", "Deny", "Disabled"], "defaultValue": "Audit"}
        },
        "policyRule": {
            "if": {
                "allOf": [
                    {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
                    {"not": {"field": "Microsoft.Storage/storageAccounts/allowSharedKeyAccess", "equals": "false"}},
                ]
            },
            "then": {"effect": "[parameters('effect')]"},
        },
    },
    "id": f"/providers/{NAMESPACE}/policyDefinitions/{_SHARED_KEYS}",
    "type": f"{NAMESPACE}/policyDefinitions",
    "name": _SHARED_KEYS,
}
