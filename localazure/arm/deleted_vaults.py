"""Microsoft.KeyVault, deleted vaults: kept with their keys until their retention is over or somebody purges them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.lists import page_of
from localazure.arm.resource_ids import parse_id
from localazure.clock import Clock

TYPE = "Microsoft.KeyVault/deletedVaults"
_PROVIDER = "/subscriptions/{subscription}/providers/Microsoft.KeyVault"
_ONE = _PROVIDER + "/locations/{location}/deletedVaults/{vault}"
Kept = tuple[dict[str, Any], list[dict[str, Any]]]


class DeletedVaults:
    """What `find`, `keep` and `recover` deal in is a vault by its name, in any case."""

    def __init__(self, documents: Documents, clock: Clock, versions: tuple[str, ...]) -> None:
        self._documents = documents
        self._clock = clock
        self._versions = versions

    def routes(self) -> list[Route]:
        """GET of one, the list, purge."""
        served: list[tuple[str, str, Handler]] = [
            ("GET", _PROVIDER + "/deletedVaults", self._list),
            ("GET", _ONE, self._get),
            ("POST", _ONE + "/purge", self._purge),
        ]
        return [Route(method, template, handler, self._versions) for method, template, handler in served]

    def find(self, name: str) -> dict[str, Any] | None:
        """The deleted vault, or None; one whose time is over is purged."""
        for found in self._documents.list(TYPE):
            if datetime.fromisoformat(found["properties"]["scheduledPurgeDate"]) <= self._clock.now():
                self._documents.delete(found["id"])
            elif found["name"].lower() == name.lower():
                return found
        return None

    def keep(self, vault: Mapping[str, Any], keys: Sequence[Mapping[str, Any]]) -> None:
        """A vault was deleted."""
        now, given = self._clock.now(), vault["properties"]
        due = now + timedelta(days=given["softDeleteRetentionInDays"])
        subscription = parse_id(vault["id"]).subscription
        provider = f"/subscriptions/{subscription}/providers/Microsoft.KeyVault"
        id_ = f"{provider}/locations/{vault['location']}/deletedVaults/{vault['name']}"
        properties = {
            "vaultId": vault["id"],
            "location": vault["location"],
            "tags": vault["tags"],
            "deletionDate": _stamp(now),
            "scheduledPurgeDate": _stamp(due),
            "purgeProtectionEnabled": bool(given.get("enablePurgeProtection")),
        }
        document = {"id": id_, "name": vault["name"], "type": TYPE, "properties": properties}
        self._documents.put(id_, TYPE, document, {"vault": vault, "keys": list(keys)})

    def recover(self, name: str, id_: str) -> Kept:
        """The vault as it was, with its keys, no longer deleted; raises `ArmError` if there is none to recover."""
        found = self.find(name)
        if found is None or found["properties"]["vaultId"].lower() != id_.lower():
            message = "A soft deleted vault with the given name does not exist."
            raise ArmError(404, "SoftDeletedVaultDoesNotExist", message)
        kept = self._documents.secrets(found["id"])
        self._documents.delete(found["id"])
        return kept["vault"], kept["keys"]

    def _list(self, request: ArmRequest) -> ArmResponse:
        return page_of(request, self._documents.list(TYPE, f"/subscriptions/{request.parameters['subscription']}"))

    def _get(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(self._existing(request))

    def _purge(self, request: ArmRequest) -> ArmResponse:
        found = self._existing(request)
        if found["properties"]["purgeProtectionEnabled"]:
            message = f"Operation \"purge\" is not allowed: purge protection is enabled for vault '{found['name']}'."
            raise ArmError(400, "MethodNotAllowed", message)
        self._documents.delete(found["id"])
        return ArmResponse(None, 200)

    def _existing(self, request: ArmRequest) -> dict[str, Any]:
        name = request.parameters["vault"]
        found = self.find(name)
        if found is None or found["properties"]["location"] != request.parameters["location"].lower():
            raise ArmError(404, "DeletedVaultNotFound", f"The specified deleted vault '{name}' does not exist.")
        return found


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
