"""One node process with Azurite loaded, tied to this process by a pipe; perhaps not told yet what to serve.

The child ends, its tables saved, when the pipe closes: also after `kill -9` of this process. Until then it holds a lock
that it inherited, so that the next start of the cloud knows when the children of the former one are done.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from localazure.azurite_tools import AzuriteTools
from localazure.explained import Explained
from localazure.files import private_folder
from localazure.locks import held, is_free

_SCRIPT = Path(__file__).with_suffix(".js")
_SAVE_SECONDS = 60.0
_NAP_SECONDS = 0.01


class AzuriteError(Explained):
    """Azurite could not be started or stopped; the message has the end of its log."""


class AzuriteChild:
    """Made by `spawn`. `log` is what it prints."""

    def __init__(self, process: asyncio.subprocess.Process, lock: Path, log: Path) -> None:
        self._process = process
        self._lock = lock
        self.log = log

    @classmethod
    async def spawn(cls, tools: AzuriteTools, locks: Path) -> Self:
        """Start a child that waits to be told what to serve. `locks` is the folder of all children's locks."""
        stem = private_folder(locks) / secrets.token_hex(6)
        lock, log = stem.with_suffix(".lock"), stem.with_suffix(".log")
        with held(lock) as descriptor:
            if descriptor is None:
                raise AzuriteError(f"{lock} is locked by another process, although its name was made up just now.")
            process = await _spawn(tools, descriptor, log)
        return cls(process, lock, log)

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process.returncode is None else None

    @property
    def code(self) -> int | None:
        """What it ended with, None while it runs."""
        return self._process.returncode

    async def begin(self, folder: Path, port: int, accounts: str) -> None:
        """Let it serve the tables of a folder. Its log moves there."""
        self.log = self.log.replace(private_folder(folder) / "azurite.log")
        await self.tell({"begin": {"location": str(folder), "port": port, "accounts": accounts}})

    async def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message; nothing happens if it has died."""
        pipe = self._process.stdin
        if pipe is None or pipe.is_closing():
            return
        try:
            pipe.write(json.dumps(message).encode() + b"\n")
            await pipe.drain()
        except ConnectionError:
            return

    async def end(self) -> None:
        """Close the pipe and wait until its tables are on disk; one that does not end within a minute is killed."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_SAVE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
        self.forget()

    async def wait(self) -> int:
        """Its exit code, when it has ended by itself."""
        return await self._process.wait()

    def kill(self) -> None:
        """End it without saving."""
        if self._process.returncode is None:
            self._process.kill()

    async def discard(self) -> None:
        """End one that has not begun to serve, at once: it has nothing to save."""
        self.kill()
        await self._process.wait()
        self.forget()

    def forget(self) -> None:
        """Remove what a dead child leaves behind."""
        self._lock.unlink(missing_ok=True)
        self._lock.with_suffix(".log").unlink(missing_ok=True)


async def _spawn(tools: AzuriteTools, lock: int, log: Path) -> asyncio.subprocess.Process:
    with os.fdopen(os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab") as output:
        return await asyncio.create_subprocess_exec(
            str(tools.node),
            str(_SCRIPT),
            str(tools.main),
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"},
            pass_fds=(lock,),
            # Of its own session: what ends this process group must leave the child the time to save.
            start_new_session=True,
            umask=0o077,
        )


async def wait_for_former(locks: Path) -> None:
    """Wait for the children of a process that was killed: they are saving their tables. Call it before any `spawn`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _SAVE_SECONDS
    for lock in sorted(locks.glob("*.lock")):  # noqa: ASYNC240 - a handful of names
        while not is_free(lock):
            if loop.time() > end:
                raise AzuriteError(f"An Azurite of an earlier start does not end (it holds {lock}). End that process.")
            await asyncio.sleep(_NAP_SECONDS)
        lock.unlink(missing_ok=True)
        lock.with_suffix(".log").unlink(missing_ok=True)
