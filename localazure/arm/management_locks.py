"""Management locks: kept on a scope, and obeyed by every call below it.

`CanNotDelete` refuses deletion, also of what contains the locked scope; `ReadOnly` refuses every change and every
action besides. Only locks themselves can be changed under a lock. Source: Microsoft's page "Lock your resources to
protect your infrastructure", azure-rest-api-specs (ManagementLocks), answers quoted in public issues.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localazure.arm import refusals
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.lists import page_of
from localazure.arm.resource_ids import parse_id
from localazure.arm.rules import Call
from localazure.arm.scopes import check_scope, covers, extension_id, normal

TYPE = "Microsoft.Authorization/locks"
VERSIONS = ("2020-05-01", "2017-04-01", "2016-09-01", "2015-01-01")
_ALL = "/{scope}/providers/Microsoft.Authorization/locks"
_ONE = _ALL + "/{name}"
_LEVELS = {"cannotdelete": "CanNotDelete", "readonly": "ReadOnly", "notspecified": "NotSpecified"}
_NAME = re.compile(r"[^<>%&:\\?/\x00-\x1f]{1,260}")


class ManagementLocks:
    """The routes of locks, and the rule that obeys them."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def routes(self) -> list[Route]:
        """PUT, GET, DELETE of a lock at any scope, and the locks at and below a scope."""
        served: list[tuple[str, str, Handler]] = [
            ("PUT", _ONE, self._put),
            ("GET", _ONE, self._get),
            ("DELETE", _ONE, self._delete),
            ("GET", _ALL, self._list),
        ]
        return [Route(method, template, handler, VERSIONS) for method, template, handler in served]

    def check(self, call: Call) -> None:
        """Raise `ArmError` 409 ScopeLocked if a lock forbids the call."""
        if call.method in ("GET", "HEAD") or call.wanted.type.lower() == TYPE.lower() or not _touches(call):
            return
        operation = "delete" if call.method == "DELETE" else "write"
        locked = [scope for scope, level in self._locked() if _forbids(scope, level, call)]
        if locked:
            raise _scope_locked(call.path, operation, locked)

    def _locked(self) -> list[tuple[str, str]]:
        """Every locked scope with the level of its lock."""
        found = self._documents.list(TYPE)
        return [(_scope_of(lock), str(lock["properties"]["level"])) for lock in found]

    def _put(self, request: ArmRequest) -> ArmResponse:
        name, id_ = request.parameters["name"], _id(request)
        if not _NAME.fullmatch(name):
            raise ArmError(400, "InvalidLockName", f"The lock name '{name}' is invalid.")
        check_scope(self._documents, request.parameters["scope"])
        existing = self._documents.get(id_)
        lock = {
            "properties": _properties(request.body),
            "id": existing["id"] if existing else id_,
            "type": TYPE,
            "name": existing["name"] if existing else name,
        }
        self._documents.put(id_, TYPE, lock)
        return ArmResponse(lock, 200 if existing else 201)

    def _get(self, request: ArmRequest) -> ArmResponse:
        lock = self._documents.get(_id(request))
        if lock is None:
            raise ArmError(404, "LockNotFound", f"The lock '{request.parameters['name']}' could not be found.")
        return ArmResponse(lock)

    def _delete(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(None, 200 if self._documents.delete(_id(request)) else 204)

    def _list(self, request: ArmRequest) -> ArmResponse:
        scope, wanted = request.parameters["scope"], request.query.get("$filter", "").replace(" ", "").lower()
        if wanted not in ("", "atscope()"):
            raise ArmError(400, "InvalidFilterInQueryString", "Locks are filtered by atScope() only.")
        found = [lock for lock in self._documents.list(TYPE) if covers(scope, _scope_of(lock))]
        at = [lock for lock in found if normal(_scope_of(lock)) == normal(scope)]
        return page_of(request, at if wanted else found)


def _touches(call: Call) -> bool:
    """Whether a call concerns one resource or group: what is asked of a provider itself has no scope to lock."""
    return bool(call.wanted.names) or bool(call.wanted.group)


def _forbids(scope: str, level: str, call: Call) -> bool:
    if level == "NotSpecified":
        return False
    if call.method == "DELETE":
        return covers(scope, call.path) or covers(call.path, scope)
    return level == "ReadOnly" and covers(scope, call.path)


def _scope_of(lock: Mapping[str, Any]) -> str:
    return parse_id(str(lock["id"])).scope


def _scope_locked(path: str, operation: str, locked: list[str]) -> ArmError:
    return ArmError(
        409,
        "ScopeLocked",
        f"The scope '{path}' cannot perform {operation} operation because following scope(s) are locked: "
        f"'{','.join(locked)}'. Please remove the lock and try again.",
    )


def _properties(body: Any) -> dict[str, Any]:
    given = body.get("properties") if isinstance(body, dict) else None
    if not isinstance(given, dict):
        raise refusals.invalid_content("'properties' with a 'level' is expected")
    level = _LEVELS.get(str(given.get("level", "")).lower())
    if level is None:
        raise ArmError(
            400,
            "InvalidLockLevel",
            f"The lock level '{given.get('level')}' is invalid; it is one of {', '.join(_LEVELS.values())}.",
        )
    return {"level": level, **{key: given[key] for key in ("notes", "owners") if given.get(key) is not None}}


def _id(request: ArmRequest) -> str:
    return extension_id(request.parameters["scope"], TYPE, request.parameters["name"])
