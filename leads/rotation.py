"""New account keys without a lead or a mail lost.

key1 signs the flow's reading of the table, key2 is in the connection string that Partner Center has. While key1 is
made anew the flow reads with key2; nothing else uses key1. For key2 there is nothing that Microsoft could fall back on:
its string stops working at once, until the offers are published with the new one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from leads.arm_errors import Explained, FlowError
from leads.clients import Clients
from leads.connections import ApiConnection, connections, write_key
from leads.errors import LeadsError
from leads.operations import Operations
from leads.redaction import with_key
from leads.runs import Patience, RunHistory
from leads.table import LeadTable, LeadTableError

Tell = Callable[[str], None]

TABLES_API = "azuretables"
KEY1, KEY2 = "key1", "key2"
_NEW_KEY_SECONDS = 60.0  # how long a new key may take to be known everywhere


class RotationError(LeadsError):
    """The key was not rotated, or not to the end; the message says what holds now and what to do."""


class Rotation:
    """One rotation. `tell` is told each step; `settle`: seconds until a changed connection is known everywhere."""

    def __init__(self, clients: Clients, patience: Patience, settle: float, tell: Tell) -> None:
        self._clients, self._patience, self._settle, self._tell = clients, patience, settle, tell
        self._deployed = clients.deployed
        self.standing = "nothing was changed"

    def rotate_key1(self) -> list[str]:
        """Make key1 anew. Returns the names of the connections that sign with it; raises `LeadsError`."""
        found = self._connections()
        keys = self._keys()
        self._check(KEY2, keys[KEY2])
        self._point(found, KEY2, keys[KEY2])
        self.standing = "the flow reads the table with key2, which works; run the command again to end the rotation"
        self._let_runs_end(found, keys[KEY1])
        self._back_to_key1(found, self._regenerate(KEY1, keys, found))
        self.standing = "the rotation is complete"
        return [one.name for one in found]

    def rotate_key2(self) -> str:
        """Make key2 anew and return it: a secret. Raises `LeadsError`.

        Which key a connection has is never told. So the flow is given key1 first: an unfinished rotation may have left
        it with key2.
        """
        found = self._connections()
        keys = self._keys()
        self._check(KEY1, keys[KEY1])
        self._point(found, KEY1, keys[KEY1])
        self.standing = "the flow reads the table with key1, key2 is unchanged"
        self._let_runs_end(found, keys[KEY1])
        new = self._regenerate(KEY2, keys, found)
        self.standing = "key2 is new: the string that Partner Center has does not work any more"
        return new

    def _connections(self) -> list[ApiConnection]:
        """The flow's connections to tables that sign with a key: none where a managed identity does it."""
        parameter = Operations(self._clients).deployment().connections
        found = connections(self._clients, parameter)
        return [one for one in found if one.api.lower() == TABLES_API and one.uses_key]

    def _keys(self) -> dict[str, str]:
        deployed = self._deployed
        with Explained(f"storage account {deployed.account}"):
            listed = self._clients.storage.storage_accounts.list_keys(deployed.account_group, deployed.account)
        keys = {str(key["keyName"]): str(key["value"]) for key in listed["keys"]}
        if not {KEY1, KEY2} <= set(keys):
            raise RotationError(f"storage account {deployed.account} does not list key1 and key2; nothing was changed")
        return keys

    def _check(self, name: str, key: str, seconds: float = 0) -> None:
        """Read the table with a key, for so long as it may take to be known."""
        deadline = self._patience.now() + seconds
        while True:
            try:
                return self._read_with(key)
            except LeadTableError as error:
                if self._patience.now() >= deadline:
                    raise RotationError(f"{name} does not open the table: {error}; {self.standing}") from None
            self._patience.sleep(self._patience.pause)

    def _read_with(self, key: str) -> None:
        with LeadTable(with_key(self._deployed.connection_string, key), self._deployed.table) as table:
            next(table.rows("PartitionKey eq 'rotate_keys.py looks whether the key works'"), None)

    def _point(self, found: list[ApiConnection], name: str, key: str) -> None:
        for connection in found:
            write_key(self._clients, connection, self._deployed.account, key)
            self._tell(f"Connection {connection.name} reads the table with {name}")

    def _back_to_key1(self, found: list[ApiConnection], key: str) -> None:
        """Where somebody else makes key1 anew at the same time, the flow has the newest at the end."""
        while True:
            self._check(KEY1, key, _NEW_KEY_SECONDS)
            self._point(found, KEY1, key)
            if (newest := self._keys()[KEY1]) == key:
                return
            key = newest

    def _let_runs_end(self, found: list[ApiConnection], key1: str) -> None:
        """Wait for the runs that may still use the key from before; if they take too long, go back to key1."""
        switched = datetime.now(UTC)
        self._patience.sleep(self._settle)
        deadline = self._patience.now() + self._patience.seconds
        while running := self._running_before(switched):
            if self._patience.now() >= deadline:
                self._go_back(found, key1)
                raise RotationError(f"run {running[0]} has not ended; {self.standing}. Try again when it has ended")
            self._patience.sleep(self._patience.pause)

    def _running_before(self, moment: datetime) -> list[str]:
        """Of the runs of the last hours only those that go on: a run of the flow takes seconds."""
        history = RunHistory(self._clients)
        unfinished = (run for run in history.runs(limit=100) if not run.is_finished)
        return [run.name for run in unfinished if run.started <= moment]

    def _go_back(self, found: list[ApiConnection], key1: str) -> None:
        self._point(found, KEY1, key1)
        self.standing = "no key was changed, and the flow reads the table with key1 as before"

    def _regenerate(self, name: str, keys: dict[str, str], found: list[ApiConnection]) -> str:
        """Make a key anew. Where the answer is lost, the list of keys tells whether it was done."""
        deployed = self._deployed
        try:
            with Explained(f"storage account {deployed.account}"):
                self._clients.storage.storage_accounts.regenerate_key(
                    deployed.account_group, deployed.account, {"keyName": name}
                )
        except FlowError as error:
            if self._keys()[name] == keys[name]:
                self._go_back(found, keys[KEY1])
                raise RotationError(f"{error}; {self.standing}") from None
        self._tell(f"{name} of account {deployed.account} is new")
        return self._keys()[name]
