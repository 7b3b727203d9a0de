"""Azurite as the Table service: one child process for each storage account, tied to this process by a pipe.

Azurite holds its tables in memory and writes them every few seconds, and completely only when it ends by SIGINT.
`azurite_preload.js` sees to that: it ends Azurite properly when the pipe closes, also after `kill -9` of this process.
A lock that the child inherits tells the next start that an old child is still saving.
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import json
import logging
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from localazure.azurite_tools import AzuriteTools
from localazure.clock import WallClock
from localazure.connectors.table_service import TableAccount, TableService
from localazure.explained import Explained

_LOG = logging.getLogger(__name__)
_HOST = "127.0.0.1"
_PRELOAD = Path(__file__).with_name("azurite_preload.js")
_START_SECONDS = 30.0
_SAVE_SECONDS = 60.0
_NAP_SECONDS = 0.01
_QUICK_DEATHS = 5


class AzuriteError(Explained):
    """Azurite could not be started or stopped; the message has the end of its log."""


@dataclass(frozen=True)
class AccountKeys:
    """The two keys of a storage account: 64 bytes each, in base64."""

    key1: str = field(repr=False)
    key2: str = field(repr=False)


def new_key() -> str:
    """A key as Azure makes them: 64 random bytes in base64, 88 characters."""
    return base64.b64encode(secrets.token_bytes(64)).decode()


class Azurite:
    """The Table service of one account. `folder` holds its data and log; `port` is where it listens, always."""

    def __init__(self, tools: AzuriteTools, folder: Path, account: str, port: int, keys: AccountKeys) -> None:
        self._tools = tools
        self._folder = folder
        self._account = account
        self._port = port
        self._keys = keys
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def endpoint(self) -> str:
        """The address of the account's Table service, with a slash at the end, as in `primaryEndpoints`."""
        return f"http://{_HOST}:{self._port}/{self._account}/"

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def log(self) -> Path:
        """What the child printed since its last start."""
        return self._folder / "azurite.log"

    async def start(self) -> None:
        """Start the child and wait until it answers; raises `AzuriteError`. Waits for an old child that still saves."""
        self._stopping = False
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self._launch()
        self._watch = asyncio.create_task(self._keep_alive())

    async def stop(self) -> None:
        """End the child; returns when its tables are on disk."""
        self._stopping = True
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        if self._watch is not None:
            await asyncio.wait([self._watch], timeout=_SAVE_SECONDS)
            self._kill_if_alive()
            await self._watch

    async def set_keys(self, keys: AccountKeys) -> None:
        """Take other keys; returns when the child answers to the new and no more to the old ones."""
        self._keys = keys
        if self._process is None or self._process.stdin is None or self.pid is None:
            return
        self._process.stdin.write(json.dumps({"accounts": self._accounts()}).encode() + b"\n")
        await self._process.stdin.drain()
        if not await self._answers_to(keys.key2):
            await self.stop()
            await self.start()

    async def _launch(self) -> None:
        lock = await _lock(self._folder / "lock")
        try:
            with os.fdopen(os.open(self.log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command(),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    cwd=self._folder,
                    env=self._environment(),
                    pass_fds=(lock,),
                    # Of its own session: what ends this process group must leave the child the time to save.
                    start_new_session=True,
                    umask=0o077,
                )
        finally:
            os.close(lock)
        await self._wait_until_ready()

    def _command(self) -> list[str]:
        flags = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--disableProductStyleUrl"]
        place = ["--location", str(self._folder), "--tableHost", _HOST, "--tablePort", str(self._port)]
        return [str(self._tools.node), "--require", str(_PRELOAD), str(self._tools.main), *flags, *place]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
        return {**kept, "AZURITE_ACCOUNTS": self._accounts()}

    def _accounts(self) -> str:
        return f"{self._account}:{self._keys.key1}:{self._keys.key2}"

    async def _wait_until_ready(self) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                while not (self._says_started() and await _answers_http(self._port)):
                    self._check_alive()
                    await asyncio.sleep(_NAP_SECONDS)
        except TimeoutError:
            self._kill_if_alive()
            raise AzuriteError(self._trouble(f"does not answer after {_START_SECONDS:.0f} seconds")) from None

    def _says_started(self) -> bool:
        # The port alone proves nothing: a stranger may listen there.
        return b"successfully started" in self.log.read_bytes()

    def _check_alive(self) -> None:
        if self._process is not None and self._process.returncode is not None:
            raise AzuriteError(self._trouble(f"ended with code {self._process.returncode}"))

    def _trouble(self, what: str) -> str:
        return f"Azurite of account {self._account} (port {self._port}) {what}. Its log ends with:\n{_tail(self.log)}"

    async def _keep_alive(self) -> None:
        """Start the child again when it dies by itself; give up when it does so again and again."""
        deaths: list[float] = []
        loop = asyncio.get_running_loop()
        while self._process is not None:
            code = await self._process.wait()
            if self._stopping:
                return
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

    def _kill_if_alive(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()


async def _lock(path: Path) -> int:
    """Take the lock of a data folder; waits while a child of an earlier process is still saving."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    loop = asyncio.get_running_loop()
    end = loop.time() + _SAVE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if loop.time() > end:
                os.close(descriptor)
                raise AzuriteError(f"Another Azurite uses {path.parent} and does not end. End that process.") from None
            await asyncio.sleep(_NAP_SECONDS)
        else:
            return descriptor


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
