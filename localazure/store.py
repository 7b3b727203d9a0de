"""One SQLite file holds everything the local cloud must not forget: resources, runs, mails, metrics.

Each part creates its own tables through `Store.ensure` and writes inside `Store.transaction`. A committed
transaction survives `kill -9` (write-ahead log); a loss of power may take the last one.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PATIENCE_SECONDS = 60.0
"""How long another process (`localazure inbox` beside the cloud) may be in the middle of writing."""


class Store:
    """A thread-safe SQLite database; rows come back as `sqlite3.Row`.

    `path` is a file (made readable by its owner alone) or None for a database in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._connection = sqlite3.connect(
            ":memory:" if path is None else path, _PATIENCE_SECONDS, check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        self._lock = threading.RLock()
        self._depth = 0
        if path is not None:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")

    def ensure(self, *statements: str) -> None:
        """Run `CREATE TABLE IF NOT EXISTS …` statements of one part."""
        with self.transaction():
            for statement in statements:
                self._connection.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is committed together or, on an exception, not at all. May be nested."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                if outermost:
                    self._connection.execute("COMMIT")
            except BaseException:
                # On a full disk SQLite has rolled back by itself already.
                if outermost and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def execute(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one writing statement; returns the number of rows it touched."""
        with self._lock:
            # Outside a transaction a statement is one by itself.
            return self._connection.execute(statement, values).rowcount

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def row(self, query: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        with self._lock:
            found: sqlite3.Row | None = self._connection.execute(query, values).fetchone()
            return found

    def close(self) -> None:
        """Close the database; the store cannot be used afterwards."""
        with self._lock:
            self._connection.close()
