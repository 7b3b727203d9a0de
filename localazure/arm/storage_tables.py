"""Microsoft.Storage, what hangs on an account: tables, Table service properties, management policies.

A table is not kept here: it is asked of the account's Table service, so that tables made or dropped through the data
plane are seen, as in Azure.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx

from localazure.arm import refusals
from localazure.arm import storage_accounts as accounts
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.lists import page_of
from localazure.arm.resource_ids import resource_id
from localazure.arm.table_policies import read_policies, write_policies
from localazure.arm.versions import STORAGE
from localazure.clock import Clock
from localazure.connectors.table_service import TableAccount, TableAnswer, TableService

_ACCOUNT = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{account}"
_SERVICES = _ACCOUNT + "/tableServices"
_TABLES = _SERVICES + "/default/tables"
_POLICY = _ACCOUNT + "/managementPolicies/{policy}"
_SERVICE_TYPE = accounts.TYPE + "/tableServices"
_TABLE_TYPE = _SERVICE_TYPE + "/tables"
_POLICY_TYPE = accounts.TYPE + "/managementPolicies"
_TABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2,62}")
_ATTEMPTS = 40


class StorageTables:
    """`resolve` gives the Table service of an account by its name."""

    def __init__(self, documents: Documents, clock: Clock, resolve: Callable[[str], TableAccount | None]) -> None:
        self._documents = documents
        self._clock = clock
        self._resolve = resolve
        self._service = TableService(clock)

    def routes(self) -> list[Route]:
        """Tables, Table service properties, management policies."""
        served: list[tuple[str, str, Handler]] = [
            ("PUT", _TABLES + "/{table}", self._put_table),
            ("PATCH", _TABLES + "/{table}", self._patch_table),
            ("GET", _TABLES + "/{table}", self._get_table),
            ("DELETE", _TABLES + "/{table}", self._delete_table),
            ("GET", _TABLES, self._list_tables),
            ("GET", _SERVICES, self._list_services),
            ("GET", _SERVICES + "/{service}", self._get_service),
            ("PUT", _SERVICES + "/{service}", self._put_service),
            ("PUT", _POLICY, self._put_policy),
            ("GET", _POLICY, self._get_policy),
            ("DELETE", _POLICY, self._delete_policy),
        ]
        return [Route(method, template, handler, STORAGE) for method, template, handler in served]

    async def close(self) -> None:
        """Close the connections to the Table services."""
        await self._service.close()

    async def _put_table(self, request: ArmRequest) -> ArmResponse:
        name, account = request.parameters["table"], self._account(request)
        if not _TABLE_NAME.fullmatch(name):
            raise _bad_table_name(name)
        made = await self._call(account, "POST", "/Tables", {"TableName": name})
        if made.status not in (201, 204, 409):
            raise _service_error(made)
        return await self._patch_table(request)

    async def _patch_table(self, request: ArmRequest) -> ArmResponse:
        account, name = self._account(request), await self._table_name(request)
        properties = (request.body or {}).get("properties") or {}
        if "signedIdentifiers" in properties:
            await asyncio.to_thread(write_policies, account, name, properties["signedIdentifiers"] or [])
        return await self._table(request, account, name)

    async def _get_table(self, request: ArmRequest) -> ArmResponse:
        return await self._table(request, self._account(request), await self._table_name(request))

    async def _delete_table(self, request: ArmRequest) -> ArmResponse:
        answer = await self._call(self._account(request), "DELETE", f"/Tables('{quote(request.parameters['table'])}')")
        if answer.status not in (204, 404):
            raise _service_error(answer)
        return ArmResponse(None, 204)

    async def _list_tables(self, request: ArmRequest) -> ArmResponse:
        names = await self._table_names(self._account(request))
        return page_of(request, [_table(request, name) for name in names])

    async def _table(self, request: ArmRequest, account: TableAccount, name: str) -> ArmResponse:
        table = _table(request, name)
        answer = await self._call(account, "GET", f"/{quote(name)}", query={"comp": "acl"})
        if isinstance(answer.body, str) and (policies := read_policies(answer.body)):
            table["properties"]["signedIdentifiers"] = policies
        return ArmResponse(table)

    async def _table_name(self, request: ArmRequest) -> str:
        wanted = request.parameters["table"].lower()
        for name in await self._table_names(self._account(request)):
            if name.lower() == wanted:
                return name
        full = "/".join((request.parameters["account"], "default", request.parameters["table"]))
        raise refusals.resource_not_found(_TABLE_TYPE, full, request.parameters["group"])

    async def _table_names(self, account: TableAccount) -> list[str]:
        names: list[str] = []
        query: dict[str, str] = {}
        while True:
            answer = await self._call(account, "GET", "/Tables", query=query)
            if answer.status != 200:
                raise _service_error(answer)
            names += [str(table["TableName"]) for table in answer.body["value"]]
            following = answer.headers.get("x-ms-continuation-nexttablename")
            if not following:
                return sorted(names, key=str.lower)
            query = {"NextTableName": following}

    async def _call(
        self, account: TableAccount, method: str, path: str, body: Any = None, query: dict[str, str] | None = None
    ) -> TableAnswer:
        """Azurite may just be starting again: try for some seconds before giving up."""
        for attempt in range(_ATTEMPTS):
            try:
                return await self._service.call(account, method, path, query, {"Prefer": "return-no-content"}, body)
            except httpx.TransportError:
                await asyncio.sleep(0.05 * min(attempt + 1, 8))
        raise ArmError(503, "ServerBusy", f"The Table service of account {account.name} does not answer.")

    def _list_services(self, request: ArmRequest) -> ArmResponse:
        self._account(request)
        return page_of(request, [self._table_service(request)])

    def _get_service(self, request: ArmRequest) -> ArmResponse:
        self._account(request)
        return ArmResponse(self._table_service(request))

    def _put_service(self, request: ArmRequest) -> ArmResponse:
        self._account(request)
        service = self._table_service(request)
        given = (request.body or {}).get("properties") or {}
        service["properties"] = {"cors": given.get("cors") or {"corsRules": []}}
        self._documents.put(service["id"], _SERVICE_TYPE, service)
        return ArmResponse(service)

    def _table_service(self, request: ArmRequest) -> dict[str, Any]:
        name = request.parameters.get("service", "default")
        if name.lower() != "default":
            raise ArmError(400, "InvalidResourceName", f"The Table service is called 'default', not '{name}'.")
        id_ = _child_id(request, _SERVICE_TYPE, "default")
        new = {"id": id_, "name": "default", "type": _SERVICE_TYPE, "properties": {"cors": {"corsRules": []}}}
        return self._documents.get(id_) or new

    def _put_policy(self, request: ArmRequest) -> ArmResponse:
        self._check_account(request)
        policy = ((request.body or {}).get("properties") or {}).get("policy")
        if not isinstance(policy, dict) or not policy.get("rules"):
            raise refusals.invalid_content("properties.policy.rules is missing")
        id_ = self._policy_id(request)
        properties = {"lastModifiedTime": accounts.stamp(self._clock.now()), "policy": policy}
        document = {"id": id_, "name": "DefaultManagementPolicy", "type": _POLICY_TYPE, "properties": properties}
        self._documents.put(id_, _POLICY_TYPE, document)
        return ArmResponse(document)

    def _get_policy(self, request: ArmRequest) -> ArmResponse:
        self._check_account(request)
        if (document := self._documents.get(self._policy_id(request))) is None:
            full = f"{request.parameters['account']}/{request.parameters['policy']}"
            raise refusals.resource_not_found(_POLICY_TYPE, full, request.parameters["group"])
        return ArmResponse(document)

    def _delete_policy(self, request: ArmRequest) -> ArmResponse:
        gone = self._documents.delete(self._policy_id(request))
        return ArmResponse(None, 200 if gone else 204)

    def _policy_id(self, request: ArmRequest) -> str:
        if request.parameters["policy"].lower() != "default":
            raise ArmError(400, "InvalidResourceName", "The management policy of an account is called 'default'.")
        return _child_id(request, _POLICY_TYPE, "default")

    def _account(self, request: ArmRequest) -> TableAccount:
        account = self._check_account(request)
        if account["properties"]["provisioningState"] != "Succeeded":
            message = "The storage account provisioning state must be 'Succeeded' before executing the operation."
            raise ArmError(409, "StorageAccountIsNotProvisioned", message)
        found = self._resolve(account["name"])
        if found is None:
            message = f"Table is not supported for the account: {account['kind']}, {account['sku']['name']}."
            raise ArmError(400, "FeatureNotSupportedForAccount", message)
        return found

    def _check_account(self, request: ArmRequest) -> dict[str, Any]:
        given = request.parameters
        account = self._documents.get(
            resource_id(given["subscription"], given["group"], accounts.TYPE, given["account"])
        )
        if account is None and request.method == "PUT":
            raise refusals.parent_not_found(accounts.TYPE, given["account"])
        if account is None:
            raise refusals.resource_not_found(accounts.TYPE, given["account"], given["group"])
        return account


def _child_id(request: ArmRequest, kind: str, *names: str) -> str:
    given = request.parameters
    return resource_id(given["subscription"], given["group"], kind, given["account"], *names)


def _table(request: ArmRequest, name: str) -> dict[str, Any]:
    id_ = _child_id(request, _TABLE_TYPE, "default", name)
    return {"id": id_, "name": name, "type": _TABLE_TYPE, "properties": {"tableName": name}}


def _bad_table_name(name: str) -> ArmError:
    return ArmError(
        400,
        "InvalidResourceName",
        f"The table name '{name}' is invalid. A table name has 3 to 63 letters and digits and begins with a letter.",
    )


def _service_error(answer: TableAnswer) -> ArmError:
    error = answer.body.get("odata.error", {}) if isinstance(answer.body, dict) else {}
    message = error.get("message", {}).get("value") or f"The Table service answered {answer.status}."
    return ArmError(answer.status, error.get("code") or "TableServiceError", message.split("\n")[0])
