"""Microsoft.Storage, the accounts: create, read, update, delete, list, their keys and names.

Every account with a Table service has an Azurite of its own (`localazure.table_hosts`); blobs, files and queues are not
served, so `primaryEndpoints` names the tables alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from localazure.arm import refusals
from localazure.arm import storage_accounts as accounts
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.lists import page_of
from localazure.arm.operations import Operations, accepted
from localazure.arm.resource_ids import parse_id, resource_id
from localazure.arm.storage_blobs import BlobContainers
from localazure.arm.storage_tables import StorageTables
from localazure.arm.versions import STORAGE
from localazure.azurite import AccountKeys, new_key
from localazure.azurite_tools import MissingTool
from localazure.clock import Clock
from localazure.connectors.table_service import TableAccount
from localazure.table_hosts import Place, TableHosts

_LOG = logging.getLogger(__name__)
_CREATE = "create storage account"
_PROVIDER = "/subscriptions/{subscription}/providers/Microsoft.Storage"
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts"
_ONE = _GROUP + "/{account}"


class StorageProvider:
    """The resource provider Microsoft.Storage. `start()` brings up the accounts that the data folder knows."""

    def __init__(self, documents: Documents, operations: Operations, hosts: TableHosts, clock: Clock) -> None:
        self._documents = documents
        self._operations = operations
        self._hosts = hosts
        self._clock = clock
        self._tables = StorageTables(documents, clock, self.table_account)
        self._blobs = BlobContainers(documents, clock)

    def routes(self) -> list[Route]:
        """Accounts and their actions, and what `StorageTables` and `BlobContainers` serve."""
        served: list[tuple[str, str, Handler]] = [
            ("PUT", _ONE, self._put),
            ("PATCH", _ONE, self._patch),
            ("GET", _ONE, self._get),
            ("DELETE", _ONE, self._delete),
            ("GET", _GROUP, self._list),
            ("GET", _PROVIDER + "/storageAccounts", self._list),
            ("POST", _ONE + "/listKeys", self._list_keys),
            ("POST", _ONE + "/regenerateKey", self._regenerate_key),
            ("POST", _PROVIDER + "/checkNameAvailability", self._check_name),
            ("GET", _PROVIDER + "/locations/{location}/asyncoperations/{operation}", self._result),
        ]
        own = [Route(method, path, handler, STORAGE) for method, path, handler in served]
        return [*own, *self._tables.routes(), *self._blobs.routes()]

    async def start(self) -> None:
        """Start the Azurites of all accounts; a creation that was cut off is finished. One that fails is logged."""
        creations = {resource.lower(): operation for operation, resource in self._operations.unfinished(_CREATE)}
        found = self._documents.list(accounts.TYPE)
        await self._hosts.start(place.folder for account in found if (place := self._place(account["id"])))
        for id_, operation in creations.items():
            self._operations.run(operation, partial(self._finish_creation, id_))
        known = [account["id"] for account in found if account["id"].lower() not in creations]
        await asyncio.gather(*map(self._start_known, known))

    async def stop(self) -> None:
        """Stop the Azurites and close connections."""
        await self._tables.close()
        await self._hosts.stop()

    async def delete(self, id: str) -> None:  # noqa: A002
        """Delete an account with its tables; nothing happens if there is none."""
        place = self._place(id)
        for below in self._documents.list(under=id):
            self._documents.delete(below["id"])
        self._documents.delete(id)
        if place is not None:
            await self._hosts.remove(parse_id(id).names[0].lower(), place)

    def table_account(self, name: str) -> TableAccount | None:
        """The Table service of an account, with a key for the local cloud's own use; None if there is none."""
        found = self._find(name)
        endpoint = found and found["properties"]["primaryEndpoints"].get("table")
        if found is None or not endpoint:
            return None
        return TableAccount(found["name"], endpoint.rstrip("/"), self._azurite_keys(found).key1)

    async def _put(self, request: ArmRequest) -> ArmResponse:
        name = request.parameters["account"]
        accounts.check_name(name)
        existing = self._documents.get(_id(request))
        if existing is not None:
            return await self._change(existing, accounts.check_change(request.body), whole=True)
        if self._find(name) is not None:
            raise ArmError(409, "StorageAccountAlreadyTaken", accounts.name_taken(name))
        return self._create(request, accounts.check_create(request.body))

    def _create(self, request: ArmRequest, body: Mapping[str, Any]) -> ArmResponse:
        name = request.parameters["account"]
        place = self._new_place(name) if accounts.serves_tables(body["kind"], body["sku"]["name"]) else None
        endpoints = {} if place is None else {"table": self._hosts.endpoint(name, place)}
        account = accounts.new_account(_id(request), name, body, self._clock.now(), endpoints)
        with self._documents.store.transaction():
            self._documents.put(account["id"], accounts.TYPE, account, _private(place))
            operation = self._operations.begin(_CREATE, account["id"])
        self._operations.run(operation, lambda: self._finish_creation(account["id"]))
        return accepted(request, _operation_path(request, account["location"], operation))

    async def _finish_creation(self, id_: str) -> None:
        try:
            await self._start_host(id_)
        except Exception as error:
            await self.delete(id_)
            raise ArmError(409, "StorageAccountCreationFailed", str(error)) from error
        account = self._documents.get(id_)
        if account is not None:
            account["properties"]["provisioningState"] = "Succeeded"
            self._documents.put(id_, accounts.TYPE, account)

    async def _patch(self, request: ArmRequest) -> ArmResponse:
        return await self._change(self._existing(request), accounts.check_change(request.body))

    async def _change(self, account: dict[str, Any], body: Mapping[str, Any], whole: bool = False) -> ArmResponse:
        _check_not_busy(account)
        before = self._azurite_keys(account)
        changed = accounts.changed_account(account, body, self._clock.now(), whole)
        self._documents.put(changed["id"], accounts.TYPE, changed)
        await self._show_keys(changed, before)
        return ArmResponse(changed)

    def _get(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(self._existing(request))

    def _list(self, request: ArmRequest) -> ArmResponse:
        under = request.path.lower().split("/providers/")[0]
        return page_of(request, self._documents.list(accounts.TYPE, under))

    async def _delete(self, request: ArmRequest) -> ArmResponse:
        if (account := self._documents.get(_id(request))) is None:
            return ArmResponse(None, 204)
        _check_not_busy(account)
        await self.delete(account["id"])
        return ArmResponse(None, 200)

    def _list_keys(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse({"keys": self._keys_of(self._existing(request))})

    async def _regenerate_key(self, request: ArmRequest) -> ArmResponse:
        account = self._existing(request)
        _check_not_busy(account)
        name = request.body.get("keyName") if isinstance(request.body, dict) else None
        if name not in ("key1", "key2"):
            raise refusals.invalid_content("keyName is one of 'key1', 'key2'")
        before = self._azurite_keys(account)
        private = self._documents.secrets(account["id"])
        private["keys"][name] = new_key()
        account["properties"]["keyCreationTime"][name] = accounts.stamp(self._clock.now())
        self._documents.put(account["id"], accounts.TYPE, account, private)
        await self._show_keys(account, before)
        return ArmResponse({"keys": self._keys_of(account)})

    def _check_name(self, request: ArmRequest) -> ArmResponse:
        name = request.body.get("name") if isinstance(request.body, dict) else None
        if not isinstance(name, str):
            raise refusals.invalid_content("name is missing")
        try:
            accounts.check_name(name)
        except ArmError as error:
            return _unavailable("AccountNameInvalid", error.message)
        if self._find(name) is not None:
            return _unavailable("AlreadyExists", accounts.name_taken(name))
        return ArmResponse({"nameAvailable": True})

    def _result(self, request: ArmRequest) -> ArmResponse:
        return self._operations.answer(
            request.parameters["operation"],
            done=lambda resource: ArmResponse(self._documents.get(resource)),
            again=lambda: accepted(request, request.path + "?monitor=true"),
        )

    def _keys_of(self, account: Mapping[str, Any]) -> list[dict[str, str]]:
        keys = self._documents.secrets(account["id"])["keys"]
        created = account["properties"]["keyCreationTime"]
        return [
            {"creationTime": created[name], "keyName": name, "value": keys[name], "permissions": "FULL"}
            for name in ("key1", "key2")
        ]

    def _azurite_keys(self, account: Mapping[str, Any]) -> AccountKeys:
        """What Azurite takes: keys that nobody else knows where the account does not allow its shared keys."""
        private = self._documents.secrets(account["id"])
        allowed = account["properties"].get("allowSharedKeyAccess") is not False
        return AccountKeys(**private["keys" if allowed else "inner"])

    async def _show_keys(self, account: Mapping[str, Any], before: AccountKeys) -> None:
        keys = self._azurite_keys(account)
        if keys != before and account["properties"]["primaryEndpoints"]:
            await self._hosts.set_keys(account["name"].lower(), keys)

    async def _start_known(self, id_: str) -> None:
        try:
            await self._start_host(id_)
        except Exception as error:  # the other accounts, and the rest of the cloud, go on without it
            _LOG.error("%s", error)

    async def _start_host(self, id_: str) -> None:
        account, place = self._documents.get(id_), self._place(id_)
        if account is not None and place is not None:
            await self._hosts.run(account["name"], place, self._azurite_keys(account))

    def _new_place(self, name: str) -> Place:
        try:
            return self._hosts.place(name)
        except MissingTool as error:
            raise ArmError(409, "StorageAccountCreationFailed", str(error)) from None

    def _place(self, id_: str) -> Place | None:
        place = self._documents.secrets(id_).get("place")
        return None if place is None else Place(**place)

    def _find(self, name: str) -> dict[str, Any] | None:
        """The account of this name in whatever group: names are global."""
        every = self._documents.list(accounts.TYPE)
        return next((account for account in every if account["name"] == name.lower()), None)

    def _existing(self, request: ArmRequest) -> dict[str, Any]:
        account = self._documents.get(_id(request))
        if account is None:
            raise refusals.resource_not_found(accounts.TYPE, request.parameters["account"], request.parameters["group"])
        return account


def _id(request: ArmRequest) -> str:
    given = request.parameters
    return resource_id(given["subscription"], given["group"], accounts.TYPE, given["account"])


def _private(place: Place | None) -> dict[str, Any]:
    pairs = {name: {"key1": new_key(), "key2": new_key()} for name in ("keys", "inner")}
    return {**pairs, "place": None if place is None else vars(place)}


def _operation_path(request: ArmRequest, location: str, operation: str) -> str:
    root = f"/subscriptions/{request.parameters['subscription']}/providers/Microsoft.Storage"
    return f"{root}/locations/{location}/asyncoperations/{operation}?monitor=true"


def _check_not_busy(account: Mapping[str, Any]) -> None:
    if account["properties"]["provisioningState"] != "Succeeded":
        raise ArmError(
            409,
            "StorageAccountOperationInProgress",
            f"An operation is currently performing on storage account {account['name']} that requires exclusive "
            "access.",
        )


def _unavailable(reason: str, message: str) -> ArmResponse:
    return ArmResponse({"nameAvailable": False, "reason": reason, "message": message})
