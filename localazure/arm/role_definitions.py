"""Microsoft.Authorization, role definitions: the built-in ones that matter, and custom ones.

Source: azure-rest-api-specs, Microsoft.Authorization 2022-04-01 (RoleDefinitions); answers quoted in public issues.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from localazure.arm import refusals
from localazure.arm.authorization_filters import authorization_filter
from localazure.arm.built_in_roles import BUILT_IN_ROLES
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.lists import page_of
from localazure.arm.resource_ids import parse_id
from localazure.arm.scopes import covers, extension_id

TYPE = "Microsoft.Authorization/roleDefinitions"
VERSIONS = ("2022-05-01-preview", "2022-04-01", "2018-01-01-preview", "2015-07-01")
_TENANT = "/providers/Microsoft.Authorization/roleDefinitions"
_ALL = "/{scope}" + _TENANT
_ONE = _ALL + "/{name}"
_LISTS = ("actions", "notActions", "dataActions", "notDataActions")
_BUILT_IN = {role.id: role.document() for role in BUILT_IN_ROLES}


class RoleDefinitions:
    """The routes of role definitions; `find` gives one by its id at whatever scope."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def routes(self) -> list[Route]:
        """PUT, GET, DELETE of one, lists with `roleName eq`, `type eq` and `atScopeAndBelow()`."""
        served: list[tuple[str, str, Handler]] = [
            ("GET", _TENANT, self._list),
            ("GET", _TENANT + "/{name}", self._get),
            ("GET", _ALL, self._list),
            ("GET", _ONE, self._get),
            ("PUT", _ONE, self._put),
            ("DELETE", _ONE, self._delete),
        ]
        return [Route(method, template, handler, VERSIONS) for method, template, handler in served]

    def find(self, id_: str) -> dict[str, Any] | None:
        """The role of a role definition id; the scope before it does not matter, as in Azure."""
        name = id_.rsplit("/", 1)[-1].lower()
        custom = (role for role in self._documents.list(TYPE) if role["name"].lower() == name)
        return _BUILT_IN.get(name) or next(custom, None)

    def _list(self, request: ArmRequest) -> ArmResponse:
        scope, keep = request.parameters.get("scope", ""), authorization_filter(request, ("roleName", "type"))
        custom = [role for role in self._documents.list(TYPE) if _is_assignable(role, scope)]
        found = [_at(role, scope) for role in (*_BUILT_IN.values(), *custom)]
        return page_of(request, [role for role in found if keep(role["properties"])])

    def _get(self, request: ArmRequest) -> ArmResponse:
        role = self.find(request.parameters["name"])
        if role is None:
            raise ArmError(
                404,
                "RoleDefinitionDoesNotExist",
                f"The specified role definition with ID '{request.parameters['name']}' does not exist.",
            )
        return ArmResponse(_at(role, request.parameters.get("scope", "")))

    def _put(self, request: ArmRequest) -> ArmResponse:
        name = request.parameters["name"].lower()
        if not is_guid(name):
            raise ArmError(400, "InvalidRoleDefinitionId", f"The role definition ID '{name}' is not a GUID.")
        if name in _BUILT_IN:
            raise ArmError(403, "RoleDefinitionIsBuiltIn", f"The built-in role '{name}' cannot be changed.")
        existing = self.find(name)
        id_ = existing["id"] if existing else extension_id(request.parameters["scope"], TYPE, name)
        properties = self._checked(request.body, name)
        role = {"properties": properties, "id": id_, "type": TYPE, "name": name}
        self._documents.put(id_, TYPE, role)
        return ArmResponse(role, 201)

    def _delete(self, request: ArmRequest) -> ArmResponse:
        role = self.find(request.parameters["name"])
        if role is None or not self._documents.delete(role["id"]):
            return ArmResponse(None, 204)
        return ArmResponse(role)

    def _checked(self, body: Any, name: str) -> dict[str, Any]:
        properties = _properties(body)
        wanted = properties["roleName"].lower()
        every = (*_BUILT_IN.values(), *self._documents.list(TYPE))
        if any(role["name"] != name and role["properties"]["roleName"].lower() == wanted for role in every):
            raise ArmError(
                409,
                "RoleDefinitionWithSameNameExists",
                f"A custom role with the same name already exists in this directory. Use a different name. "
                f"'{properties['roleName']}'.",
            )
        return properties


def is_guid(text: str) -> bool:
    """Whether a text is a GUID as ids have it, with its dashes."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _is_assignable(role: Mapping[str, Any], scope: str) -> bool:
    return any(covers(above, scope) or covers(scope, above) for above in role["properties"]["assignableScopes"])


def _at(role: Mapping[str, Any], scope: str) -> dict[str, Any]:
    """A role asked for in a subscription has an id in that subscription."""
    subscription = parse_id("/" + scope.strip("/")).subscription
    if not subscription:
        return dict(role)
    return {**role, "id": extension_id(f"subscriptions/{subscription}", TYPE, role["name"])}


def _properties(body: Any) -> dict[str, Any]:
    given = body.get("properties") if isinstance(body, dict) else None
    if not isinstance(given, dict) or not isinstance(given.get("roleName"), str) or not given["roleName"]:
        raise refusals.invalid_content("'properties' with a 'roleName' is expected")
    scopes = given.get("assignableScopes")
    if not isinstance(scopes, list) or not scopes or not all(isinstance(scope, str) for scope in scopes):
        raise refusals.invalid_content("'assignableScopes' is a list of at least one scope")
    return {
        "roleName": given["roleName"],
        "type": "CustomRole",
        "description": given.get("description") or "",
        "assignableScopes": scopes,
        "permissions": _permissions(given.get("permissions")),
    }


def _permissions(given: Any) -> Sequence[dict[str, list[str]]]:
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise refusals.invalid_content("'permissions' is a list of objects")
    return [{name: [str(action) for action in item.get(name) or []] for name in _LISTS} for item in given]
