"""uvicorn inside an event loop that is not its own: started and stopped with the cloud, no signal handlers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

HOST = "127.0.0.1"
_GRACE_SECONDS = 2


class WebServer:
    """Serves one ASGI application on a port of 127.0.0.1, over HTTPS if it is given a certificate."""

    def __init__(self, app: ASGIApp, port: int, certificate: Path | None = None, key: Path | None = None) -> None:
        self._port = port
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            ws="none",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; raises OSError if the port is taken. Requests are answered from now on."""
        # Named as TCP: asyncio switches Nagle's algorithm off only then, and every answer waits 40 ms with it on.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, self._port))
        except OSError:
            listener.close()
            raise
        self._task = asyncio.create_task(self._server.serve([listener]))
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait([self._task, listening], return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            listening.cancel()
            await self._task

    async def stop(self) -> None:
        """Finish the requests under way (two seconds at most) and close the port."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A client that keeps an idle connection does not answer TLS's farewell: waiting for it would take seconds.
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)
            if cycle is None or cycle.response_complete:
                connection.transport.abort()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The cloud, not each of its servers, decides what a signal means."""
        yield
