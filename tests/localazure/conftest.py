"""An ARM front door over any resource providers in process, and a whole local cloud with official clients on it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest
from official_clients import SUBSCRIPTION, Clients

from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError
from localazure.arm.resource_ids import group_id
from localazure.arm.server import ResourceProvider, create_app
from localazure.cloud import Settings
from localazure.store import Store
from localazure.threaded import ThreadedCloud


class _OneToken:
    """Lets in the bearer of one fixed token."""

    def check(self, authorization: str | None) -> None:
        if authorization != "Bearer test":
            raise ArmError(401, "AuthenticationFailed", "Authentication failed.")


class ArmCaller:
    """Calls an ARM application in process: `await arm("PUT", path, body, version="2019-05-01")`."""

    def __init__(self, documents: Documents, providers: Sequence[ResourceProvider]) -> None:
        app = create_app(providers, _OneToken(), documents, [SUBSCRIPTION])
        transport = httpx.ASGITransport(app)
        headers = {"Authorization": "Bearer test"}
        self.http = httpx.AsyncClient(transport=transport, base_url="https://arm.test", headers=headers)

    async def __call__(
        self, method: str, path: str, body: Any = None, version: str = "", **query: str
    ) -> httpx.Response:
        """`path` may leave out `/subscriptions/{the subscription}` if it starts with `/resourceGroups/`."""
        if path.lower().startswith("/resourcegroups/"):
            path = f"/subscriptions/{SUBSCRIPTION}{path}"
        url = httpx.URL(path, params={"api-version": version, **query})
        return await self.http.request(method, url, json=body)


@pytest.fixture
def documents() -> Iterator[Documents]:
    """Documents in memory, with the resource group `group` in them."""
    store = Store()
    documents = Documents(store)
    group = {
        "id": group_id(SUBSCRIPTION, "group"),
        "name": "group",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "westeurope",
        "properties": {"provisioningState": "Succeeded"},
    }
    documents.put(group["id"], group["type"], group)
    yield documents
    store.close()


@pytest.fixture
def arm_over(documents: Documents) -> Callable[..., ArmCaller]:
    """`arm_over(provider, …)` gives an `ArmCaller` over these providers and the fixture `documents`."""

    def over(*providers: ResourceProvider) -> ArmCaller:
        return ArmCaller(documents, providers)

    return over


@pytest.fixture(scope="session")
def live() -> Iterator[Clients]:
    """One cloud for the whole run: tests use names of their own."""
    with ThreadedCloud(settings=Settings(provider=False)) as cloud:
        yield Clients(cloud, cloud.environment())


@pytest.fixture
def unique() -> str:
    """Ten lower-case letters and digits that no other test uses."""
    return "t" + secrets.token_hex(5)[:9]


@pytest.fixture
def group(live: Clients, unique: str) -> Iterator[str]:
    """A resource group of the running cloud, deleted afterwards."""
    live.resources.resource_groups.create_or_update(unique, {"location": "westeurope"})
    yield unique
    if live.resources.resource_groups.check_existence(unique):
        live.resources.resource_groups.begin_delete(unique).result()
