"""Microsoft.Logic served over real HTTP on its own event loop, so that azure-mgmt-logic can drive it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import uvicorn
from azure.core.credentials import AccessToken
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.logic import LogicManagementClient
from starlette.applications import Starlette
from starlette.routing import Mount

from localazure.arm.documents import Documents
from localazure.arm.logic import LogicProvider
from localazure.arm.server import create_app
from localazure.clock import Clock, WallClock
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.store import Store
from localazure.workflows.endpoints import routes
from localazure.workflows.runtime import WorkflowRuntime

T = TypeVar("T")
SUBSCRIPTION = "10ca1a2e-0000-4000-8000-000000000001"


class _LetIn:
    def check(self, authorization: str | None) -> None:
        """Every caller is let in: tokens are not what is tested here."""


class _Credential:
    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken("token", 2**31)


class Connectors:
    """Answers with `answer`; a test replaces it."""

    answer: Callable[[str, ConnectorRequest], ConnectorResponse] = staticmethod(
        lambda *_: ConnectorResponse(200, {}, {})
    )

    async def call(self, connection_id: str, request: ConnectorRequest) -> ConnectorResponse:
        return self.answer(connection_id, request)


class LogicServer:
    """One server; `client` is Microsoft's, `runtime` what stands behind, `do` runs something on the server's loop."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.connectors = Connectors()
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(clock or WallClock())), daemon=True)
        self._thread.start()
        assert self._started.wait(120)
        self.client = LogicManagementClient(
            _Credential(), SUBSCRIPTION, base_url=self.url, authentication_policy=SansIOHTTPPolicy(), polling_interval=0
        )

    async def _serve(self, clock: Clock) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        store = Store()
        documents = Documents(store)
        self.runtime = WorkflowRuntime(store, self.connectors, clock)
        for name in ("group", "other"):
            identity = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"
            group = {"id": identity, "name": name, "location": "westeurope", "properties": {}}
            documents.put(identity, "Microsoft.Resources/resourceGroups", group)
        self.provider = LogicProvider(documents, self.runtime)
        arm = create_app([self.provider], _LetIn(), documents, [SUBSCRIPTION])
        app = Starlette(routes=[*routes(self.runtime), Mount("/", arm)])
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        self.url = self.runtime.endpoint = f"http://127.0.0.1:{port}"
        await self.runtime.start()
        self._started.set()
        await self._ended.wait()
        server.should_exit = True
        await serving
        await self.runtime.stop()
        store.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def finish(self, run: str) -> dict[str, Any]:
        """Wait until a run has ended."""
        return self.do(self.runtime.wait(run))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(120)
