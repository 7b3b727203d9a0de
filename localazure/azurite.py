"""Azurite as the Table service: one child process for each storage account, kept alive while it is wanted.

Azurite holds its tables in memory and writes them every few seconds. `azurite_child.js` ends it properly when this
process dies, `azurite_journal.js` writes every change down before it is acknowledged.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from localazure.azurite_child import AzuriteChild, AzuriteError
from localazure.clock import WallClock
from localazure.connectors.table_service import TableAccount, TableService

_LOG = logging.getLogger(__name__)
_HOST = "127.0.0.1"
_START_SECONDS = 120.0  # a busy machine may stand still for half a minute
_NAP_SECONDS = 0.01
_QUICK_DEATHS = 5

Spawn = Callable[[], Awaitable[AzuriteChild]]


@dataclass(frozen=True)
class AccountKeys:
    """The two keys of a storage account: 64 bytes each, in base64."""

    key1: str = field(repr=False)
    key2: str = field(repr=False)


def new_key() -> str:
    """A key as Azure makes them: 64 random bytes in base64, 88 characters."""
    return base64.b64encode(secrets.token_bytes(64)).decode()


class Azurite:
    """The Table service of one account.

    `folder` holds its data and log, `port` is where it listens, always; `spawn` gives a child that waits for orders.
    """

    def __init__(self, spawn: Spawn, folder: Path, account: str, port: int, keys: AccountKeys) -> None:
        self._spawn = spawn
        self._folder = folder
        self._account = account
        self._port = port
        self._keys = keys
        self._child: AzuriteChild | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopped = False

    @property
    def endpoint(self) -> str:
        """The address of the account's Table service, with a slash at the end, as in `primaryEndpoints`."""
        return f"http://{_HOST}:{self._port}/{self._account}/"

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Start the child and wait until it answers; raises `AzuriteError`."""
        self._stopped = False
        await self._launch()
        self._watch = asyncio.create_task(self._keep_alive())

    async def stop(self) -> None:
        """End the child; returns when its tables are on disk."""
        self._stopped = True
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        if self._child is not None:
            await self._child.end()

    async def set_keys(self, keys: AccountKeys) -> None:
        """Take other keys; returns when the child answers to them."""
        self._keys = keys
        if self._child is None:
            return
        await self._child.tell({"accounts": self._accounts()})
        if not await self._answers_to(keys.key2):
            await self.stop()
            await self.start()

    async def _launch(self) -> None:
        self._child = await self._spawn()
        if self._stopped:  # while the child was being made
            await self._child.end()
            raise AzuriteError(f"Azurite of account {self._account} was stopped while it started.")
        await self._child.begin(self._folder, self._port, self._accounts())
        try:
            async with asyncio.timeout(_START_SECONDS):
                while not (self._says_started(self._child) and await _answers_http(self._port)):
                    if self._child.code is not None:
                        raise AzuriteError(self._trouble(f"ended with code {self._child.code}"))
                    await asyncio.sleep(_NAP_SECONDS)
        except TimeoutError:
            self._child.kill()
            raise AzuriteError(self._trouble(f"does not answer after {_START_SECONDS:.0f} seconds")) from None

    def _says_started(self, child: AzuriteChild) -> bool:
        # The port alone proves nothing: a stranger may listen there.
        return b"successfully started" in child.log.read_bytes()

    def _accounts(self) -> str:
        return f"{self._account}:{self._keys.key1}:{self._keys.key2}"

    def _trouble(self, what: str) -> str:
        end = _tail(self._child.log) if self._child else ""
        return f"Azurite of account {self._account} (port {self._port}) {what}. Its log ends with:\n{end}"

    async def _keep_alive(self) -> None:
        """Start the child again when it dies by itself; give up when it does so again and again."""
        deaths: list[float] = []
        loop = asyncio.get_running_loop()
        while self._child is not None:
            code = await self._child.wait()
            self._child.forget()
            deaths = [death for death in deaths if loop.time() - death < 60] + [loop.time()]
            _LOG.error("%s", self._trouble(f"died with code {code}"))
            if len(deaths) >= _QUICK_DEATHS:
                _LOG.error("Azurite of account %s is not started again", self._account)
                return
            await self._revive()

    async def _revive(self) -> None:
        try:
            await self._launch()
        except AzuriteError as error:
            _LOG.error("%s", error)

    async def _answers_to(self, key: str) -> bool:
        service = TableService(WallClock())
        account = TableAccount(self._account, self.endpoint.rstrip("/"), key)
        try:
            for _ in range(50):
                if (await service.call(account, "GET", "/Tables", {"$top": "1"})).status == 200:
                    return True
                await asyncio.sleep(_NAP_SECONDS)
            return False
        finally:
            await service.close()


async def _answers_http(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(_HOST, port)
    except OSError:
        return False
    try:
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return (await reader.read(5)) == b"HTTP/"
    except OSError:
        return False
    finally:
        writer.close()


def _tail(path: Path, lines: int = 15) -> str:
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.splitlines()[-lines:]) or "(empty)"
