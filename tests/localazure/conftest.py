"""An ARM front door over any resource providers, in process: no port, no certificate, no child process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest

from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError
from localazure.arm.resource_ids import group_id
from localazure.arm.server import ResourceProvider, create_app
from localazure.store import Store

SUBSCRIPTION = "10ca1a2e-0000-4000-8000-000000000001"


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
