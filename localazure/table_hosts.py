"""The Table services of all storage accounts: one Azurite each, its folder and its port."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from localazure.azurite import AccountKeys, Azurite
from localazure.azurite_child import AzuriteChild, wait_for_former
from localazure.azurite_tools import MissingTool, find_tools
from localazure.ports import free_port

_SPARE_AFTER_SECONDS = 1.0


@dataclass(frozen=True)
class Place:
    """Where an account's tables are: the name of its folder (never used again by another account) and its port."""

    folder: str
    port: int


class TableHosts:
    """Starts, stops and removes Azurites. `root` holds one folder for each account, `locks` the children's locks.

    A spare child with everything loaded waits for the next new account, which is ready a few milliseconds later.
    """

    def __init__(self, root: Path, locks: Path) -> None:
        self._root = root
        self._locks = locks
        self._running: dict[str, Azurite] = {}
        self._promised: set[int] = set()
        self._spare: asyncio.Task[AzuriteChild] | None = None
        self._spare_timer: asyncio.TimerHandle | None = None

    async def start(self, known: Iterable[str]) -> None:
        """Make ready: wait for children of an earlier process, delete the folders of accounts that are not `known`."""
        await wait_for_former(self._locks)
        kept = {*known, self._locks.name}
        for folder in self._root.iterdir() if self._root.exists() else ():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        if len(kept) == 1:
            self._prepare_spare()

    def place(self, account: str) -> Place:
        """A place for a new account. Raises `MissingTool` if no Azurite could run there."""
        find_tools()
        port = free_port(frozenset(self._promised))
        self._promised.add(port)
        return Place(f"{account}-{secrets.token_hex(4)}", port)

    def endpoint(self, account: str, place: Place) -> str:
        """The address that the account's Table service has, running or not."""
        return f"http://127.0.0.1:{place.port}/{account}/"

    async def run(self, account: str, place: Place, keys: AccountKeys) -> None:
        """Start the account's Azurite and wait until it answers. Raises `AzuriteError`, `MissingTool`."""
        azurite = Azurite(self._child, self._root / place.folder, account, place.port, keys)
        self._promised.add(place.port)
        self._running[account] = azurite
        await azurite.start()

    async def set_keys(self, account: str, keys: AccountKeys) -> None:
        """Let the account's Azurite take other keys."""
        await self._running[account].set_keys(keys)

    async def remove(self, account: str, place: Place) -> None:
        """Stop the account's Azurite and delete its tables."""
        azurite = self._running.pop(account, None)
        if azurite is not None:
            await azurite.stop()
        self._promised.discard(place.port)
        await asyncio.to_thread(shutil.rmtree, self._root / place.folder, ignore_errors=True)

    async def stop(self) -> None:
        """Stop all Azurites; returns when their tables are on disk."""
        running, self._running = self._running, {}
        await asyncio.gather(self._drop_spare(), *(azurite.stop() for azurite in running.values()))

    def processes(self) -> dict[str, int | None]:
        """The process id of each account's Azurite, None where it does not run."""
        return {account: azurite.pid for account, azurite in self._running.items()}

    async def _child(self) -> AzuriteChild:
        """The spare if there is one, else a new child; another spare follows when things have calmed down."""
        spare, self._spare = self._spare, None
        child = await spare if spare is not None else None
        if child is None or child.pid is None:
            return await AzuriteChild.spawn(find_tools(), self._locks)
        self._spare_timer = asyncio.get_running_loop().call_later(_SPARE_AFTER_SECONDS, self._prepare_spare)
        return child

    def _prepare_spare(self) -> None:
        if self._spare is not None:
            return
        try:
            tools = find_tools()
        except MissingTool:
            return  # whoever makes an account is told
        self._spare = asyncio.create_task(AzuriteChild.spawn(tools, self._locks))

    async def _drop_spare(self) -> None:
        if self._spare_timer is not None:
            self._spare_timer.cancel()
        spare, self._spare = self._spare, None
        if spare is not None:
            await (await spare).discard()
