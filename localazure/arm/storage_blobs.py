"""Microsoft.Storage, Blob service and containers, as documents: ARM tells of them, but no blobs are served here.

Source: azure-rest-api-specs, Microsoft.Storage 2024-01-01 (blob.json).
"""

from __future__ import annotations

import re
from typing import Any

from localazure.arm import refusals
from localazure.arm import storage_accounts as accounts
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.lists import page_of
from localazure.arm.resource_ids import resource_id
from localazure.arm.versions import STORAGE
from localazure.clock import Clock

SERVICE = accounts.TYPE + "/blobServices"
TYPE = SERVICE + "/containers"
_ACCOUNT = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{account}"
_SERVICE = _ACCOUNT + "/blobServices/default"
_ALL = _SERVICE + "/containers"
_ONE = _ALL + "/{container}"
_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9](?:-?[a-z0-9])*")
_ACCESS = ("None", "Blob", "Container")


class BlobContainers:
    """The routes of the Blob service's properties and of containers."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    def routes(self) -> list[Route]:
        """PUT and GET of the properties; PUT, PATCH, GET, DELETE and list of containers."""
        served: list[tuple[str, str, Handler]] = [
            ("PUT", _SERVICE, self._put_service),
            ("GET", _SERVICE, self._get_service),
            ("GET", _ALL, self._list),
            ("PUT", _ONE, self._put),
            ("PATCH", _ONE, self._put),
            ("GET", _ONE, self._get),
            ("DELETE", _ONE, self._delete),
        ]
        return [Route(method, template, handler, STORAGE) for method, template, handler in served]

    def _put_service(self, request: ArmRequest) -> ArmResponse:
        service, given = self._service(request), request.body.get("properties") if request.body else None
        if not isinstance(given, dict):
            raise refusals.invalid_content("'properties' is expected")
        service["properties"] = {**service["properties"], **given}
        self._documents.put(service["id"], SERVICE, service)
        return ArmResponse(service)

    def _get_service(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(self._service(request))

    def _service(self, request: ArmRequest) -> dict[str, Any]:
        self._account(request)
        id_ = _child(request, SERVICE, "default")
        properties = {"cors": {"corsRules": []}, "deleteRetentionPolicy": {"enabled": False}}
        return self._documents.get(id_) or {"id": id_, "name": "default", "type": SERVICE, "properties": properties}

    def _list(self, request: ArmRequest) -> ArmResponse:
        return page_of(request, self._documents.list(TYPE, self._account(request)["id"]))

    def _put(self, request: ArmRequest) -> ArmResponse:
        name, account = request.parameters["container"], self._account(request)
        if not _NAME.fullmatch(name):
            message = f"The container name '{name}' is invalid: 3 to 63 lower-case letters, digits and single '-'."
            raise ArmError(400, "ContainerNameInvalid", message)
        existing = self._documents.get(_child(request, TYPE, "default", name))
        if existing is None and request.method == "PATCH":
            raise _not_found()
        given = request.body.get("properties") or {} if isinstance(request.body, dict) else {}
        _check_access(account, given.get("publicAccess") or "None")
        document = existing or self._new(request)
        document["properties"].update({key: given[key] for key in ("publicAccess", "metadata") if key in given})
        self._documents.put(document["id"], TYPE, document)
        return ArmResponse(document, 200 if existing else 201)

    def _new(self, request: ArmRequest) -> dict[str, Any]:
        id_ = _child(request, TYPE, "default", request.parameters["container"])
        properties = {
            "publicAccess": "None",
            "leaseStatus": "Unlocked",
            "leaseState": "Available",
            "lastModifiedTime": accounts.stamp(self._clock.now()),
            "hasImmutabilityPolicy": False,
            "hasLegalHold": False,
        }
        return {"id": id_, "name": request.parameters["container"], "type": TYPE, "properties": properties}

    def _get(self, request: ArmRequest) -> ArmResponse:
        self._account(request)
        found = self._documents.get(_child(request, TYPE, "default", request.parameters["container"]))
        if found is None:
            raise _not_found()
        return ArmResponse(found)

    def _delete(self, request: ArmRequest) -> ArmResponse:
        gone = self._documents.delete(_child(request, TYPE, "default", request.parameters["container"]))
        return ArmResponse(None, 200 if gone else 204)

    def _account(self, request: ArmRequest) -> dict[str, Any]:
        account = self._documents.get(_child(request, accounts.TYPE))
        if account is None:
            raise refusals.parent_not_found(accounts.TYPE, request.parameters["account"])
        return account


def _check_access(account: dict[str, Any], access: str) -> None:
    if access not in _ACCESS:
        raise refusals.invalid_content(f"publicAccess is one of {', '.join(_ACCESS)}")
    if access != "None" and not account["properties"].get("allowBlobPublicAccess"):
        message = "Public access is not permitted on this storage account."
        raise ArmError(409, "PublicAccessNotPermitted", message)


def _not_found() -> ArmError:
    return ArmError(404, "ContainerNotFound", "The specified container does not exist.")


def _child(request: ArmRequest, kind: str, *names: str) -> str:
    given = request.parameters
    return resource_id(given["subscription"], given["group"], kind, given["account"], *names)
