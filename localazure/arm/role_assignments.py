"""Microsoft.Authorization, role assignments: who has which role at which scope.

The local cloud's own application is Owner of everything, inherited from the tenant's root management group: nobody can
lock themselves out. Source: azure-rest-api-specs, Microsoft.Authorization 2022-04-01 (RoleAssignments); answers quoted
in public issues.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.arm import refusals
from localazure.arm.authorization_filters import authorization_filter, filter_functions
from localazure.arm.built_in_roles import OWNER
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.lists import page_of
from localazure.arm.role_definitions import RoleDefinitions, is_guid
from localazure.arm.scopes import ROOT_GROUP, check_scope, covers, extension_id
from localazure.clock import Clock
from localazure.credentials import PRINCIPAL_ID

TYPE = "Microsoft.Authorization/roleAssignments"
VERSIONS = ("2022-04-01", "2020-10-01-preview", "2020-08-01-preview", "2020-04-01-preview", "2015-07-01")
_ALL = "/{scope}/providers/Microsoft.Authorization/roleAssignments"
_ONE = _ALL + "/{name}"
_KEPT = ("condition", "conditionVersion", "description", "delegatedManagedIdentityResourceId")
_PRINCIPALS = ("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")
_OWN = "10ca1a2e-0000-4000-8000-000000000005"


class RoleAssignments:
    """The routes of role assignments; `all` gives every one."""

    def __init__(self, documents: Documents, roles: RoleDefinitions, clock: Clock) -> None:
        self._documents = documents
        self._roles = roles
        self._clock = clock
        self._own = self._document(
            extension_id(ROOT_GROUP, TYPE, _OWN), {**_given(OWNER.document()["id"], PRINCIPAL_ID), "scope": ROOT_GROUP}
        )

    def routes(self) -> list[Route]:
        """PUT, GET, DELETE of one at any scope, and the lists."""
        served: list[tuple[str, str, Handler]] = [
            ("PUT", _ONE, self._put),
            ("GET", _ONE, self._get),
            ("DELETE", _ONE, self._delete),
            ("GET", _ALL, self._list),
        ]
        return [Route(method, template, handler, VERSIONS) for method, template, handler in served]

    def all(self) -> list[dict[str, Any]]:
        """Every role assignment, the inherited one first."""
        return [self._own, *self._documents.list(TYPE)]

    def _put(self, request: ArmRequest) -> ArmResponse:
        name, scope = request.parameters["name"], "/" + request.parameters["scope"].strip("/")
        if not is_guid(name):
            message = f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
            raise ArmError(400, "InvalidRoleAssignmentId", message)
        check_scope(self._documents, scope)
        given = self._checked(request.body)
        id_ = extension_id(scope, TYPE, name)
        existing = self._documents.get(id_)
        self._check_conflict(existing, id_, {**given, "scope": scope})
        document = self._document(existing["id"] if existing else id_, {**given, "scope": scope}, request.caller)
        self._documents.put(id_, TYPE, document)
        return ArmResponse(document, 200 if existing else 201)

    def _get(self, request: ArmRequest) -> ArmResponse:
        found = next((item for item in self.all() if item["id"].lower() == _id(request).lower()), None)
        if found is None:
            name = request.parameters["name"].replace("-", "")
            raise ArmError(404, "RoleAssignmentNotFound", f"The role assignment '{name}' is not found.")
        return ArmResponse(found)

    def _delete(self, request: ArmRequest) -> ArmResponse:
        found = self._documents.get(_id(request))
        if found is None:
            return ArmResponse(None, 204)
        self._documents.delete(found["id"])
        return ArmResponse(found)

    def _list(self, request: ArmRequest) -> ArmResponse:
        scope, keep = request.parameters["scope"], authorization_filter(request, ("principalId", "roleDefinitionId"))
        functions = filter_functions(request)
        assignee = functions.get("assignedto", "").lower()
        found = [item for item in self.all() if _concerns(item, scope, "atscope" in functions)]
        mine = [item for item in found if assignee in ("", item["properties"]["principalId"].lower())]
        return page_of(request, [item for item in mine if keep(item["properties"])])

    def _checked(self, body: Any) -> dict[str, Any]:
        given = body.get("properties") if isinstance(body, dict) else None
        if not isinstance(given, dict):
            raise refusals.invalid_content("'properties' with 'roleDefinitionId' and 'principalId' is expected")
        role, principal = str(given.get("roleDefinitionId", "")), str(given.get("principalId", ""))
        if not is_guid(principal):
            raise ArmError(400, "InvalidPrincipalId", "A valid principal ID must be provided for role assignment.")
        if self._roles.find(role) is None:
            message = f"The specified role definition with ID '{role.rsplit('/', 1)[-1]}' does not exist."
            raise ArmError(404, "RoleDefinitionDoesNotExist", message)
        kind = given.get("principalType") or "User"
        if kind not in _PRINCIPALS:
            raise refusals.invalid_content(f"principalType is one of {', '.join(_PRINCIPALS)}")
        return {**_given(role, principal, kind), **{name: given.get(name) for name in _KEPT}}

    def _check_conflict(self, existing: Mapping[str, Any] | None, id_: str, wanted: Mapping[str, Any]) -> None:
        if existing is not None and not _same(existing["properties"], wanted):
            message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
            raise ArmError(400, "RoleAssignmentUpdateNotPermitted", message)
        others = (item for item in self.all() if item["id"].lower() != id_.lower())
        if any(_same(other["properties"], wanted) for other in others):
            raise ArmError(409, "RoleAssignmentExists", "The role assignment already exists.")

    def _document(self, id_: str, properties: Mapping[str, Any], caller: str = "") -> dict[str, Any]:
        known = self._documents.get(id_)
        stamp = self._clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")
        created = known["properties"]["createdOn"] if known else stamp
        times = {"createdOn": created, "updatedOn": stamp, "createdBy": caller, "updatedBy": caller}
        return {"properties": {**properties, **times}, "id": id_, "type": TYPE, "name": id_.rsplit("/", 1)[-1]}


def _given(role: str, principal: str, kind: str = "ServicePrincipal") -> dict[str, Any]:
    return {"roleDefinitionId": role, "principalId": principal, "principalType": kind}


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _identity(one) == _identity(other)


def _identity(properties: Mapping[str, Any]) -> tuple[str, ...]:
    role = str(properties["roleDefinitionId"]).rsplit("/", 1)[-1]
    return tuple(str(part).lower() for part in (role, properties["principalId"], properties["scope"]))


def _concerns(item: Mapping[str, Any], scope: str, only_at: bool) -> bool:
    """At or above a scope; below it too unless asked for `atScope()`."""
    at = item["properties"]["scope"]
    return covers(at, scope) or (not only_at and covers(scope, at))


def _id(request: ArmRequest) -> str:
    return extension_id(request.parameters["scope"], TYPE, request.parameters["name"])
