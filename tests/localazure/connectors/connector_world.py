"""A connector host, an inbox and an HTTP server around it in one event loop, for tests of connectors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from azure.connectors.sdk import ConnectorClientOptions, TokenProvider

from localazure.connectors.connection import UNAUTHENTICATED, Connection
from localazure.connectors.connector import Connector
from localazure.connectors.host import ConnectorHost
from localazure.connectors.http import connector_app
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.connectors.smtp_delivery import SmtpServer
from localazure.connectors.table_service import TableAccount
from localazure.mailbox import Mailbox
from localazure.store import Store

ONE_TRY = ConnectorClientOptions(max_retry_attempts=1)


def connection_id(name: str) -> str:
    return f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/connections/{name}"


class OneToken(TokenProvider):
    """Hands the generated clients the token that the test's server lets in."""

    async def get_access_token_async(self, scopes: Any) -> str:
        return "test"


@dataclass
class World:
    """`connections` may be changed by a test; `accounts` are the storage accounts that are known by name."""

    store: Store
    mailbox: Mailbox
    accounts: dict[str, TableAccount] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    host: ConnectorHost = field(init=False)
    base_url: str = ""

    def connect(self, name: str, api: str, consented: bool = True, **parameters: str) -> str:
        """Add a connection; returns its id."""
        fault = None if consented else UNAUTHENTICATED
        self.connections[connection_id(name).lower()] = Connection(connection_id(name), api, parameters, fault)
        return connection_id(name)

    def find(self, wanted: str) -> Connection | None:
        return self.connections.get(wanted.lower())

    async def call(
        self,
        name: str,
        method: str,
        path: str,
        body: Any = None,
        queries: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ConnectorResponse:
        request = ConnectorRequest(method, path, queries or {}, headers or {}, body)
        return await self.host.call(connection_id(name), request)

    def url(self, name: str) -> str:
        connection = self.find(connection_id(name))
        assert connection is not None
        return self.host.links.runtime_url(connection.api, connection.id)


@asynccontextmanager
async def world(
    accounts: Iterable[TableAccount] = (), connectors: Iterable[Connector] = (), deliver_smtp: bool = False
) -> AsyncIterator[World]:
    """Everything in memory but the sockets; the HTTP server lets in `Bearer test`."""
    store = Store()
    around = World(store, Mailbox(store), {account.name: account for account in accounts})
    port = await around.mailbox.start()
    around.host = ConnectorHost(
        around.find,
        around.accounts.get,
        lambda: SmtpServer("127.0.0.1", port),
        base_url=lambda: around.base_url,
        deliver_smtp=deliver_smtp,
        connectors=connectors,
    )
    app = connector_app(around.host, around.find, lambda header: header == "Bearer test")
    async with _serving(app) as around.base_url:
        yield around
    await around.host.close()
    await around.mailbox.stop()
    store.close()


@asynccontextmanager
async def _serving(app: Any) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
