"""Microsoft.KeyVault, keys of a vault through ARM: made once, read, listed. ARM knows no deletion of a key.

Source: azure-rest-api-specs, Microsoft.KeyVault 2023-07-01 (keys.json): a PUT of a key that exists changes nothing.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from localazure.arm import refusals
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.lists import page_of
from localazure.arm.resource_ids import resource_id
from localazure.clock import Clock

TYPE = "Microsoft.KeyVault/vaults/keys"
_VAULT = "Microsoft.KeyVault/vaults"
_ALL = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}/keys"
_ONE = _ALL + "/{key}"
_NAME = re.compile(r"[-A-Za-z0-9]{1,127}")
_OPERATIONS = ("encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey", "import", "release")
_SIZES = {"RSA": (2048, 3072, 4096), "RSA-HSM": (2048, 3072, 4096), "EC": (), "EC-HSM": ()}


class KeyVaultKeys:
    """The routes of keys; `of` and `put_back` serve a vault that is deleted and recovered."""

    def __init__(self, documents: Documents, clock: Clock, versions: tuple[str, ...]) -> None:
        self._documents = documents
        self._clock = clock
        self._versions = versions

    def routes(self) -> list[Route]:
        """PUT, GET and the list."""
        served: list[tuple[str, str, Handler]] = [
            ("PUT", _ONE, self._put),
            ("GET", _ONE, self._get),
            ("GET", _ALL, self._list),
        ]
        return [Route(method, template, handler, self._versions) for method, template, handler in served]

    def of(self, vault: str) -> list[dict[str, Any]]:
        """The keys of a vault, by its id."""
        return self._documents.list(TYPE, vault)

    def put_back(self, keys: Sequence[Mapping[str, Any]]) -> None:
        """Keys of a recovered vault."""
        for key in keys:
            self._documents.put(key["id"], TYPE, key)

    def _put(self, request: ArmRequest) -> ArmResponse:
        vault, name = self._vault(request), request.parameters["key"]
        if not _NAME.fullmatch(name):
            raise ArmError(
                400, "BadParameter", f"The key name '{name}' is invalid: letters, digits and '-', at most 127."
            )
        if (existing := self._documents.get(_id(request))) is not None:
            return ArmResponse(existing)
        key = {
            "id": _id(request),
            "name": name,
            "type": TYPE,
            "location": vault["location"],
            "tags": request.body.get("tags") or {} if isinstance(request.body, dict) else {},
            "properties": {**_checked(request.body), **self._issued(vault, name)},
        }
        self._documents.put(key["id"], TYPE, key)
        return ArmResponse(key)

    def _issued(self, vault: Mapping[str, Any], name: str) -> dict[str, Any]:
        now, uri = int(self._clock.now().timestamp()), f"{vault['properties']['vaultUri']}keys/{name}"
        protected = vault["properties"].get("enablePurgeProtection")
        level = "Recoverable" if protected else "Recoverable+Purgeable"
        attributes = {"enabled": True, "created": now, "updated": now, "recoveryLevel": level, "exportable": False}
        return {"attributes": attributes, "keyUri": uri, "keyUriWithVersion": f"{uri}/{secrets.token_hex(16)}"}

    def _get(self, request: ArmRequest) -> ArmResponse:
        self._vault(request)
        found = self._documents.get(_id(request))
        if found is None:
            name, vault = request.parameters["key"], request.parameters["vault"]
            raise ArmError(404, "KeyNotFound", f"A key with (name/id) {name} was not found in this key vault: {vault}.")
        return ArmResponse(found)

    def _list(self, request: ArmRequest) -> ArmResponse:
        return page_of(request, self.of(self._vault(request)["id"]))

    def _vault(self, request: ArmRequest) -> dict[str, Any]:
        given = request.parameters
        vault = self._documents.get(resource_id(given["subscription"], given["group"], _VAULT, given["vault"]))
        if vault is None:
            raise refusals.parent_not_found(_VAULT, given["vault"])
        return vault


def _checked(body: Any) -> dict[str, Any]:
    given = body.get("properties") if isinstance(body, dict) else None
    if not isinstance(given, dict):
        raise refusals.invalid_content("'properties' is expected")
    kind, size = given.get("kty", "RSA"), given.get("keySize", 2048)
    if kind not in _SIZES or (_SIZES[kind] and size not in _SIZES[kind]):
        raise ArmError(400, "BadParameter", f"The property kty or keySize is invalid: {kind}, {size}.")
    operations = given.get("keyOps") or list(_OPERATIONS[:6])
    if not isinstance(operations, list) or not set(map(str, operations)) <= set(_OPERATIONS):
        raise ArmError(400, "BadParameter", f"The property keyOps is invalid; allowed are {', '.join(_OPERATIONS)}.")
    curve = {"curveName": given.get("curveName", "P-256")} if kind.startswith("EC") else {"keySize": size}
    return {"kty": kind, "keyOps": operations, **curve}


def _id(request: ArmRequest) -> str:
    given = request.parameters
    return resource_id(given["subscription"], given["group"], TYPE, given["vault"], given["key"])
