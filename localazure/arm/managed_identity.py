"""Microsoft.ManagedIdentity: user-assigned identities, and the federated credentials by which others sign in as them.

Source: azure-rest-api-specs, Microsoft.ManagedIdentity 2024-11-30; refusals quoted in public issues and as Microsoft's
page "Important considerations and restrictions for federated identity credentials" tells them.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from localazure.arm import refusals
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.lists import page_of
from localazure.arm.resource_ids import resource_id
from localazure.credentials import TENANT_ID

TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"
CREDENTIAL = f"{TYPE}/federatedIdentityCredentials"
VERSIONS = ("2024-11-30", "2023-07-31-preview", "2023-01-31", "2022-01-31-preview", "2018-11-30")
_GROUP = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
)
_SUBSCRIPTION = "/subscriptions/{subscription}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
_ONE = _GROUP + "/{name}"
_CREDENTIALS = _ONE + "/federatedIdentityCredentials"
_NAME = re.compile(r"[A-Za-z0-9][-\w]{2,127}")
_CREDENTIAL_NAME = re.compile(r"[A-Za-z0-9][-\w]{2,119}")
_MOST = 20


class ManagedIdentityProvider:
    """Identities are service principals of the local tenant; role assignments may name them."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def routes(self) -> list[Route]:
        """Identities and their federated credentials: PUT, GET, PATCH (identities), DELETE, lists."""
        served: list[tuple[str, str, Handler]] = [
            ("GET", _SUBSCRIPTION, self._list),
            ("GET", _GROUP, self._list),
            ("PUT", _ONE, self._put),
            ("GET", _ONE, self._get),
            ("PATCH", _ONE, self._patch),
            ("DELETE", _ONE, self._delete),
            ("GET", _CREDENTIALS, self._list_credentials),
            ("PUT", _CREDENTIALS + "/{credential}", self._put_credential),
            ("GET", _CREDENTIALS + "/{credential}", self._get_credential),
            ("DELETE", _CREDENTIALS + "/{credential}", self._delete_credential),
        ]
        return [Route(method, template, handler, VERSIONS) for method, template, handler in served]

    def find(self, client: str) -> dict[str, Any] | None:
        """The identity with this client id, or None."""
        every = self._documents.list(TYPE)
        return next((item for item in every if item["properties"]["clientId"] == client.lower()), None)

    def credentials(self, identity: str) -> list[dict[str, Any]]:
        """The federated credentials of an identity, by its id."""
        return self._documents.list(CREDENTIAL, identity)

    def _list(self, request: ArmRequest) -> ArmResponse:
        under = request.path.lower().split("/providers/")[0]
        return page_of(request, self._documents.list(TYPE, under))

    def _put(self, request: ArmRequest) -> ArmResponse:
        name, body = request.parameters["name"], _object(request.body)
        if not _NAME.fullmatch(name):
            message = f"The resource name '{name}' is invalid: 3 to 128 letters, digits, '-' and '_'."
            raise ArmError(400, "InvalidResourceName", message)
        if not isinstance(body.get("location"), str):
            raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
        existing = self._documents.get(_id(request))
        identity = {
            "location": existing["location"] if existing else body["location"].replace(" ", "").lower(),
            "tags": body.get("tags") or {},
            "id": existing["id"] if existing else _id(request),
            "name": existing["name"] if existing else name,
            "type": TYPE,
            "properties": existing["properties"] if existing else _new_principal(),
        }
        self._documents.put(identity["id"], TYPE, identity)
        return ArmResponse(identity, 200 if existing else 201)

    def _get(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(self._existing(request))

    def _patch(self, request: ArmRequest) -> ArmResponse:
        identity, body = self._existing(request), _object(request.body)
        if "tags" in body:
            identity["tags"] = body["tags"] or {}
        self._documents.put(identity["id"], TYPE, identity)
        return ArmResponse(identity)

    def _delete(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(None, 200 if self._documents.delete(_id(request)) else 204)

    def _list_credentials(self, request: ArmRequest) -> ArmResponse:
        return page_of(request, self.credentials(self._existing(request)["id"]))

    def _put_credential(self, request: ArmRequest) -> ArmResponse:
        identity, name = self._parent(request), request.parameters["credential"]
        if not _CREDENTIAL_NAME.fullmatch(name):
            message = (
                f"The federated identity credential name '{name}' is invalid: 3 to 120 letters, digits, '-' and '_'."
            )
            raise ArmError(400, "InvalidFederatedIdentityCredentialName", message)
        properties, id_ = _credential(request.body), _credential_id(request)
        others = [item for item in self.credentials(identity["id"]) if item["id"].lower() != id_.lower()]
        _check_others(others, properties)
        existing = self._documents.get(id_)
        document = {
            "name": name,
            "type": CREDENTIAL,
            "id": existing["id"] if existing else id_,
            "properties": properties,
        }
        self._documents.put(id_, CREDENTIAL, document)
        return ArmResponse(document, 200 if existing else 201)

    def _get_credential(self, request: ArmRequest) -> ArmResponse:
        found = self._documents.get(_credential_id(request))
        if found is None:
            given = request.parameters
            raise refusals.resource_not_found(CREDENTIAL, f"{given['name']}/{given['credential']}", given["group"])
        return ArmResponse(found)

    def _delete_credential(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(None, 200 if self._documents.delete(_credential_id(request)) else 204)

    def _existing(self, request: ArmRequest) -> dict[str, Any]:
        identity = self._documents.get(_id(request))
        if identity is None:
            raise refusals.resource_not_found(TYPE, request.parameters["name"], request.parameters["group"])
        return identity

    def _parent(self, request: ArmRequest) -> dict[str, Any]:
        identity = self._documents.get(_id(request))
        if identity is None:
            raise refusals.parent_not_found(TYPE, request.parameters["name"])
        return identity


def _new_principal() -> dict[str, str]:
    return {"tenantId": TENANT_ID, "principalId": str(uuid.uuid4()), "clientId": str(uuid.uuid4())}


def _credential(body: Any) -> dict[str, Any]:
    given = _object(_object(body).get("properties"))
    audiences = given.get("audiences")
    texts = [given.get("issuer"), given.get("subject"), *(audiences if isinstance(audiences, list) else [None])]
    if not all(isinstance(text, str) and text for text in texts):
        raise ArmError(
            400,
            "BadRequest",
            "The request format was unexpected. Federated Identity Credential must specify 'issuer', 'subject' and "
            "'audience'.",
        )
    if len(texts) != 3:
        raise ArmError(400, "BadRequest", "A federated identity credential has exactly one audience.")
    return {"issuer": texts[0], "subject": texts[1], "audiences": [texts[2]]}


def _check_others(others: list[dict[str, Any]], wanted: dict[str, Any]) -> None:
    same = ("issuer", "subject")
    if any(all(other["properties"][key] == wanted[key] for key in same) for other in others):
        message = "Issuer and subject combination already exists for this Managed Identity."
        raise ArmError(409, "Conflict", message)
    if len(others) >= _MOST:
        message = f"Too many federated identity credentials: a managed identity has at most {_MOST}."
        raise ArmError(400, "BadRequest", message)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise refusals.invalid_content("a JSON object is expected")
    return value


def _id(request: ArmRequest) -> str:
    given = request.parameters
    return resource_id(given["subscription"], given["group"], TYPE, given["name"])


def _credential_id(request: ArmRequest) -> str:
    return f"{_id(request)}/federatedIdentityCredentials/{request.parameters['credential']}"
