"""Microsoft.Resources, resource groups: create, read, update, delete with everything inside, list."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from localazure.arm import refusals
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Route
from localazure.arm.filters import TagFilter
from localazure.arm.lists import page_of
from localazure.arm.operations import Operations, accepted
from localazure.arm.regions import REGIONS, normalize
from localazure.arm.resource_ids import group_id, parse_id
from localazure.arm.versions import RESOURCES

TYPE = "Microsoft.Resources/resourceGroups"
_DELETE = "delete resource group"
_ROOT = "/subscriptions/{subscription}/resourceGroups"
_RESULTS = "/subscriptions/{subscription}/operationresults/{operation}"
_NAME = re.compile(r"[-\w.()]{0,89}[-\w()]")


class Owner(Protocol):
    """A resource provider that must be told when one of its resources goes with its group."""

    def delete(self, id: str) -> Awaitable[None] | None:  # noqa: A002
        """Delete the resource and all that hangs on it; nothing happens if it is gone already."""
        ...


class ResourceGroups:
    """`owners` maps a provider namespace in lower case to the provider; others' documents are simply removed.
    `deleted` is told the id of everything that went with its group, when it is gone."""

    def __init__(
        self,
        documents: Documents,
        operations: Operations,
        owners: Callable[[], Mapping[str, Owner]] = dict,
        deleted: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._deleted = deleted
        self._documents = documents
        self._operations = operations
        self._owners = owners

    def routes(self) -> list[Route]:
        """PUT, GET, HEAD, PATCH, DELETE of a group, the list, and where a deletion tells how it goes."""
        one = _ROOT + "/{group}"
        served = [
            ("GET", _ROOT, self._list),
            ("PUT", one, self._put),
            ("GET", one, self._get),
            ("HEAD", one, self._head),
            ("PATCH", one, self._patch),
            ("DELETE", one, self._delete),
            ("GET", _RESULTS, self._result),
        ]
        return [Route(method, template, handler, RESOURCES) for method, template, handler in served]

    def resume(self) -> None:
        """Go on with deletions that the end of the process cut off."""
        for operation, group in self._operations.unfinished(_DELETE):
            self._run_deletion(operation, group)

    def _put(self, request: ArmRequest) -> ArmResponse:
        body, id_ = _body(request), _id(request)
        _check_name(request.parameters["group"])
        location = _location(body)
        existing = self._documents.get(id_)
        if existing is not None:
            _check_unchanged(existing, location)
        group = {
            "id": existing["id"] if existing else id_,
            "name": existing["name"] if existing else request.parameters["group"],
            "type": TYPE,
            "location": location,
            **{key: body[key] for key in ("tags", "managedBy") if body.get(key) is not None},
            "properties": {"provisioningState": "Succeeded"},
        }
        self._documents.put(id_, TYPE, group)
        return ArmResponse(group, 200 if existing else 201)

    def _get(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(self._existing(request))

    def _head(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(None, 204 if self._documents.get(_id(request)) else 404)

    def _patch(self, request: ArmRequest) -> ArmResponse:
        group, body = self._existing(request), _body(request)
        _check_not_deleting(group)
        if "location" in body:
            _check_unchanged(group, normalize(str(body["location"])))
        group.update({key: body[key] for key in ("tags", "managedBy") if body.get(key) is not None})
        self._documents.put(group["id"], TYPE, group)
        return ArmResponse(group)

    def _list(self, request: ArmRequest) -> ArmResponse:
        subscription = f"/subscriptions/{request.parameters['subscription']}"
        keep = TagFilter(request.query.get("$filter", ""))
        return page_of(request, [group for group in self._documents.list(TYPE, subscription) if keep(group)])

    def _delete(self, request: ArmRequest) -> ArmResponse:
        group = self._existing(request)
        _check_not_deleting(group)
        with self._documents.store.transaction():
            self._set_state(group["id"], "Deleting")
            operation = self._operations.begin(_DELETE, group["id"])
        self._run_deletion(operation, group["id"])
        path = f"/subscriptions/{request.parameters['subscription']}/operationresults/{operation}"
        return accepted(request, path)

    def _result(self, request: ArmRequest) -> ArmResponse:
        return self._operations.answer(
            request.parameters["operation"],
            done=lambda _: ArmResponse(None, 200),
            again=lambda: accepted(request, request.path),
        )

    def _run_deletion(self, operation: str, group: str) -> None:
        self._operations.run(operation, lambda: self._empty_and_remove(group))

    async def _empty_and_remove(self, group: str) -> None:
        """Resources that refuse are tried again after the others, as ARM does, and then block the deletion."""
        failures = [failure for failure in await self._delete_resources(group) if failure]
        if failures and (failures := await self._delete_resources(group)):
            self._set_state(group, "Succeeded")
            raise _blocked(parse_id(group).group, failures)
        self._documents.delete(group)

    async def _delete_resources(self, group: str) -> list[str]:
        top_level = [found["id"] for found in self._documents.list(under=group) if _is_top_level(found["id"])]
        outcomes = await asyncio.gather(*map(self._delete_resource, top_level), return_exceptions=True)
        failed = [id_ for id_, outcome in zip(top_level, outcomes, strict=True) if outcome is not None]
        for leftover in self._documents.list(under=group):
            if not any(leftover["id"].lower().startswith(id_.lower()) for id_ in failed):
                await self._delete_resource(leftover["id"])
        return failed

    async def _delete_resource(self, id_: str) -> None:
        owner = self._owners().get(parse_id(id_).namespace.lower())
        outcome = owner.delete(id_) if owner else None
        if inspect.isawaitable(outcome):
            await outcome
        self._documents.delete(id_)
        self._deleted(id_)

    def _set_state(self, id_: str, state: str) -> None:
        if group := self._documents.get(id_):
            group["properties"]["provisioningState"] = state
            self._documents.put(id_, TYPE, group)

    def _existing(self, request: ArmRequest) -> dict[str, Any]:
        group = self._documents.get(_id(request))
        if group is None:
            raise refusals.group_not_found(request.parameters["group"])
        return group


def _id(request: ArmRequest) -> str:
    return group_id(request.parameters["subscription"], request.parameters["group"])


def _body(request: ArmRequest) -> dict[str, Any]:
    if not isinstance(request.body, dict):
        raise refusals.invalid_content("a JSON object is expected")
    return request.body


def _is_top_level(id_: str) -> bool:
    found = parse_id(id_)
    return len(found.names) == 1 and "/providers/" not in found.scope


def _check_name(name: str) -> None:
    if _NAME.fullmatch(name):
        return
    raise ArmError(
        400,
        "InvalidResourceGroup",
        f"The provided resource group name '{name}' is not valid. It has at most 90 characters: letters, digits, '-', "
        "'.', '(', ')' and '_', and does not end with '.'.",
    )


def _location(body: Mapping[str, Any]) -> str:
    location = body.get("location")
    if not isinstance(location, str) or not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    if (found := normalize(location)) in REGIONS:
        return found
    raise ArmError(
        400,
        "LocationNotAvailableForResourceGroup",
        f"The provided location '{found}' is not available for resource group. "
        f"List of available regions is '{','.join(REGIONS)}'.",
    )


def _check_unchanged(group: Mapping[str, Any], location: str) -> None:
    _check_not_deleting(group)
    if group["location"] != location:
        raise ArmError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in location "
            f"'{group['location']}'.",
        )


def _check_not_deleting(group: Mapping[str, Any]) -> None:
    if group["properties"]["provisioningState"] == "Deleting":
        raise refusals.group_being_deleted(group["name"])


def _blocked(group: str, ids: Sequence[str]) -> ArmError:
    names = ",".join(sorted(ids))
    return ArmError(
        409,
        "ResourceGroupDeletionBlocked",
        f"Deletion of resource group '{group}' failed as resources with identifiers '{names}' could not be deleted. "
        "The provisioning state of the resource group will be rolled back. `localazure logs` shows why.",
    )
