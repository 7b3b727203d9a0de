"""Microsoft.KeyVault, vaults: create, read, update, delete, and what becomes of a deleted one.

Their keys are documents too (`localazure.arm.key_vault_keys`): nothing is encrypted or decrypted here, as the vaults'
own addresses (`https://NAME.vault.azure.net`) cannot be served on this machine. Source: azure-rest-api-specs,
Microsoft.KeyVault 2023-07-01; refusals quoted in public issues.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localazure.arm import refusals
from localazure.arm.deleted_vaults import DeletedVaults
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.key_vault_keys import KeyVaultKeys
from localazure.arm.lists import page_of
from localazure.arm.resource_ids import resource_id
from localazure.clock import Clock
from localazure.credentials import TENANT_ID

TYPE = "Microsoft.KeyVault/vaults"
VERSIONS = (
    "2026-02-01",
    "2025-05-01",
    "2024-11-01",
    "2023-07-01",
    "2023-02-01",
    "2022-11-01",
    "2022-07-01",
    "2021-10-01",
)
_PROVIDER = "/subscriptions/{subscription}/providers/Microsoft.KeyVault"
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults"
_ONE = _GROUP + "/{vault}"
_NAME = re.compile(r"(?=.{3,24}$)[A-Za-z](?:-?[A-Za-z0-9])+")
_DEFAULTS: dict[str, Any] = {
    "accessPolicies": [],
    "enabledForDeployment": False,
    "enabledForDiskEncryption": False,
    "enabledForTemplateDeployment": False,
    "enableSoftDelete": True,
    "softDeleteRetentionInDays": 90,
    "enableRbacAuthorization": False,
    "publicNetworkAccess": "Enabled",
}


class KeyVaultProvider:
    """Vaults; a deleted one keeps its name until it is purged, and can be recovered."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._deleted = DeletedVaults(documents, clock, VERSIONS)
        self._keys = KeyVaultKeys(documents, clock, VERSIONS)

    def routes(self) -> list[Route]:
        """Vaults, deleted vaults and keys."""
        served: list[tuple[str, str, Handler]] = [
            ("GET", _PROVIDER + "/vaults", self._list),
            ("GET", _GROUP, self._list),
            ("PUT", _ONE, self._put),
            ("GET", _ONE, self._get),
            ("PATCH", _ONE, self._patch),
            ("DELETE", _ONE, self._delete),
            ("POST", _PROVIDER + "/checkNameAvailability", self._check_name),
        ]
        own = [Route(method, template, handler, VERSIONS) for method, template, handler in served]
        return [*own, *self._deleted.routes(), *self._keys.routes()]

    def delete(self, id: str) -> None:  # noqa: A002 - Azure's name for it
        """Called when a vault goes, alone or with its group: it becomes a deleted vault."""
        vault = self._documents.get(id)
        if vault is not None and vault["type"] == TYPE:
            keys = self._keys.of(vault["id"])
            for document in (vault, *keys):
                self._documents.delete(document["id"])
            self._deleted.keep(vault, keys)

    def _list(self, request: ArmRequest) -> ArmResponse:
        under = request.path.lower().split("/providers/")[0]
        return page_of(request, self._documents.list(TYPE, under))

    def _put(self, request: ArmRequest) -> ArmResponse:
        name, body = request.parameters["vault"], _checked(request.body)
        _check_vault_name(name)
        existing = self._documents.get(_id(request))
        if existing is not None:
            return self._write(existing, body, 200)
        if body["properties"].get("createMode") == "recover":
            return ArmResponse(self._recover(request))
        if reason := self._taken(name):
            raise reason
        return self._write(_new_vault(_id(request), name, body), body, 201)

    def _write(self, vault: dict[str, Any], body: Mapping[str, Any], status: int) -> ArmResponse:
        given = {name: value for name, value in body["properties"].items() if name != "createMode"}
        if vault["properties"].get("enablePurgeProtection") and given.get("enablePurgeProtection") is False:
            message = 'The property "enablePurgeProtection" cannot be set to false.'
            raise ArmError(400, "BadRequest", message)
        vault["properties"].update(given)
        if "tags" in body:
            vault["tags"] = body["tags"] or {}
        self._documents.put(vault["id"], TYPE, vault)
        return ArmResponse(vault, status)

    def _recover(self, request: ArmRequest) -> dict[str, Any]:
        vault, keys = self._deleted.recover(request.parameters["vault"], _id(request))
        self._documents.put(vault["id"], TYPE, vault)
        self._keys.put_back(keys)
        return vault

    def _get(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(self._existing(request))

    def _patch(self, request: ArmRequest) -> ArmResponse:
        body = request.body if isinstance(request.body, dict) else {}
        return self._write(self._existing(request), {"properties": {}, **body}, 200)

    def _delete(self, request: ArmRequest) -> ArmResponse:
        if self._documents.get(_id(request)) is None:
            return ArmResponse(None, 204)
        self.delete(_id(request))
        return ArmResponse(None, 200)

    def _check_name(self, request: ArmRequest) -> ArmResponse:
        name = request.body.get("name") if isinstance(request.body, dict) else None
        if not isinstance(name, str):
            raise refusals.invalid_content("name is missing")
        if not _NAME.fullmatch(name):
            return _unavailable("AccountNameInvalid", _bad_name(name).message)
        reason = self._taken(name)
        return _unavailable("AlreadyExists", reason.message) if reason else ArmResponse({"nameAvailable": True})

    def _taken(self, name: str) -> ArmError | None:
        """Why the name is not free: names are global, and a deleted vault keeps its own."""
        if self._deleted.find(name) is not None:
            return ArmError(
                409,
                "ConflictError",
                "A vault with the same name already exists in deleted state. You need to either recover or purge "
                "existing key vault.",
            )
        if any(vault["name"].lower() == name.lower() for vault in self._documents.list(TYPE)):
            return ArmError(
                409,
                "VaultAlreadyExists",
                f"The vault name '{name}' is already in use. Vault names are globaly unique so it is possible that the "
                "name is already taken.",
            )
        return None

    def _existing(self, request: ArmRequest) -> dict[str, Any]:
        vault = self._documents.get(_id(request))
        if vault is None:
            raise refusals.resource_not_found(TYPE, request.parameters["vault"], request.parameters["group"])
        return vault


def _new_vault(id_: str, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    properties = {"vaultUri": f"https://{name.lower()}.vault.azure.net/", "provisioningState": "Succeeded"}
    return {
        "id": id_,
        "name": name,
        "type": TYPE,
        "location": body["location"].replace(" ", "").lower(),
        "tags": body.get("tags") or {},
        "properties": {**_DEFAULTS, **properties},
    }


def _checked(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
        raise refusals.invalid_content("'properties' is expected")
    if not isinstance(body.get("location"), str):
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    given = body["properties"]
    sku = given.get("sku")
    if not isinstance(sku, dict) or sku.get("name") not in ("standard", "premium") or sku.get("family") != "A":
        raise ArmError(
            400, "BadRequest", "The parameter sku has an invalid value: family is A, name standard or premium."
        )
    if str(given.get("tenantId", "")).lower() != TENANT_ID:
        raise ArmError(400, "BadRequest", f"An invalid value was provided for 'tenantId': the tenant is {TENANT_ID}.")
    days = given.get("softDeleteRetentionInDays", 90)
    if not isinstance(days, int) or not 7 <= days <= 90:
        raise ArmError(400, "BadRequest", "softDeleteRetentionInDays must be between 7 and 90.")
    return body


def _check_vault_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise _bad_name(name)


def _bad_name(name: str) -> ArmError:
    return ArmError(
        400,
        "VaultNameNotValid",
        f"The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name "
        "must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.",
    )


def _unavailable(reason: str, message: str) -> ArmResponse:
    return ArmResponse({"nameAvailable": False, "reason": reason, "message": message})


def _id(request: ArmRequest) -> str:
    given = request.parameters
    return resource_id(given["subscription"], given["group"], TYPE, given["vault"])
