"""The whole local cloud in one object: every part made, joined and started, on one event loop.

    async with Cloud(data) as cloud: ...

Everything listens on 127.0.0.1. With a data folder it takes up what was there; without one it lives in a temporary
folder that goes away with it.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import socket
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from starlette.applications import Starlette

from localazure.clock import Clock, WallClock
from localazure.credentials import CLIENT_ID, SUBSCRIPTION_ID, TENANT_ID, load_credentials
from localazure.data_folder import DataFolder
from localazure.environment import variables
from localazure.explained import Explained
from localazure.files import private_folder
from localazure.locks import held
from localazure.parts import Parts
from localazure.ports import HOST, Ports, port_of
from localazure.servers import WebServer
from localazure.tls import Certificates, ensure_certificates

if TYPE_CHECKING:
    from localazure.pulumi_provider.server import ProviderServer

_LOG = logging.getLogger(__name__)
PORTS = ("arm", "http", "smtp", "provider")


class AlreadyRunning(Explained):
    """Another process runs a cloud on the same data folder."""


@dataclass(frozen=True)
class Settings:
    """How a cloud behaves.

    `auto_consent`: connections that need a person's consent get it by themselves. `deliver_smtp`: the smtp connector
    delivers to the server that its connection names, not to the inbox. `provider`: serve the stand-in for azure-native.
    `put_drops_consent`: writing over a connection takes its consent away, as Azure may do.
    """

    auto_consent: bool = True
    deliver_smtp: bool = False
    provider: bool = True
    put_drops_consent: bool = False


class Cloud:
    """A local cloud. `clock` is the machine's unless given. After `start`, `parts` are what it is made of."""

    parts: Parts

    def __init__(self, data: Path | None = None, settings: Settings | None = None, clock: Clock | None = None) -> None:
        self._data = data
        self.settings = settings or Settings()
        self._clock = clock or WallClock()
        self._started = AsyncExitStack()
        self.ports: dict[str, int] = {}

    @property
    def arm_endpoint(self) -> str:
        """`https://127.0.0.1:PORT`: ARM, tokens, metadata."""
        return f"https://{HOST}:{self.ports['arm']}"

    @property
    def http_endpoint(self) -> str:
        """`http://127.0.0.1:PORT`: the inbox page, connectors, consent and callback addresses."""
        return f"http://{HOST}:{self.ports['http']}"

    def environment(self) -> dict[str, str]:
        """The variables that lead clients to this cloud, as `localazure env` prints them."""
        return variables(self.folder)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything; when this returns, everything answers. Raises `AlreadyRunning`, `PortTaken`;
        what was started before the failure is stopped again."""
        async with AsyncExitStack() as started:
            try:
                await self._start(started)
            except ExceptionGroup as several:
                raise several.exceptions[0] from None
            self._started = started.pop_all()

    async def stop(self) -> None:
        """Stop everything, the last started first; what must survive is on disk when this returns."""
        await self._started.aclose()

    async def _start(self, started: AsyncExitStack) -> None:
        self.folder = self._open_folder(started)
        self._lock(started)
        listeners = self._listen(started)
        credentials, certificates = load_credentials(self.folder.credentials), ensure_certificates(self.folder.tls)
        self.parts = Parts(self.folder, self.ports, credentials, self.settings, self._clock)
        started.callback(self.parts.store.close)
        started.push_async_callback(self.parts.stop)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.parts.start(listeners["smtp"]))
            group.create_task(self._serve(started, listeners, certificates))
            secret = credentials.client_secret
            group.create_task(self._start_provider(started, listeners["provider"], certificates, secret))

    def _open_folder(self, started: AsyncExitStack) -> DataFolder:
        if self._data is None:
            temporary = tempfile.TemporaryDirectory(prefix="localazure-", ignore_cleanup_errors=True)
            return DataFolder(Path(started.enter_context(temporary)))
        return DataFolder(private_folder(self._data.absolute()))

    def _lock(self, started: AsyncExitStack) -> None:
        """Held until the process ends, however it ends: the system lets it go."""
        descriptor = started.enter_context(held(self.folder.lock))
        if descriptor is None:
            raise AlreadyRunning(f"A local cloud already runs on {self.folder.path}.")
        # Of one that was killed. Ids of processes come again: ours must not be found in it before we are ready.
        self.folder.state.unlink(missing_ok=True)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)

    def _listen(self, started: AsyncExitStack) -> dict[str, socket.socket]:
        """All ports, from now on. What is sent there is answered when the part behind it serves."""
        kept, listeners = Ports(self.folder.ports), {}
        for name in PORTS:
            listeners[name] = kept.listen(name)
            started.callback(listeners[name].close)
        self.ports = {name: port_of(listener) for name, listener in listeners.items()}
        return listeners

    async def _serve(
        self, started: AsyncExitStack, listeners: Mapping[str, socket.socket], certificates: Certificates
    ) -> None:
        arm = WebServer(self.parts.arm_app(), listeners["arm"], certificates.certificate, certificates.key)
        http = WebServer(Starlette(routes=self.parts.http_routes()), listeners["http"])
        started.push_async_callback(_stop_together, arm, http)
        for server in (arm, http):
            await server.start()

    async def _start_provider(
        self, started: AsyncExitStack, listener: socket.socket, certificates: Certificates, secret: str
    ) -> None:
        # In a thread: loading gRPC and Pulumi's SDK takes a while, and the server has threads of its own.
        server = await asyncio.to_thread(self._provider, listener, certificates.authority, secret)
        if server is None:
            listener.close()  # nobody would answer
        else:
            started.push_async_callback(asyncio.to_thread, server.stop)

    def _provider(self, listener: socket.socket, authority: Path, secret: str) -> ProviderServer | None:
        if not self.settings.provider:
            return None
        if importlib.util.find_spec("pulumi") is None:
            _LOG.warning("Pulumi cannot deploy to this cloud: install its SDK with `pip install 'localazure[pulumi]'`")
            return None
        from localazure.pulumi_provider.server import serve

        return serve(
            listener,
            arm_endpoint=self.arm_endpoint,
            subscription_id=SUBSCRIPTION_ID,
            tenant_id=TENANT_ID,
            client_id=CLIENT_ID,
            client_secret=secret,
            ca_file=str(authority),
        )


async def _stop_together(*servers: WebServer) -> None:
    """Each waits for the requests under way: not one after the other."""
    await asyncio.gather(*(server.stop() for server in servers))
