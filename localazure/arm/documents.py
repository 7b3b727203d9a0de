"""Resource documents: the JSON that a GET of a resource returns, kept under its id without regard to case.

Beside each document lies private data that no answer contains (account keys, a connection's parameter values).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localazure.store import Store

_TABLE = """CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, document TEXT NOT NULL, secrets TEXT NOT NULL DEFAULT '{}')"""
_INDEX = "CREATE INDEX IF NOT EXISTS documents_by_type ON documents (type, id)"


DocumentList = list[dict[str, Any]]


class Documents:
    """The resources of the local cloud. Ids and types match in any case, as Azure's do; returned dicts are copies."""

    def __init__(self, store: Store) -> None:
        self.store = store
        store.ensure(_TABLE, _INDEX)

    def get(self, id: str) -> dict[str, Any] | None:  # noqa: A002 - Azure's name for it
        """The document, or None."""
        row = self.store.row("SELECT document FROM documents WHERE id = ?", (_key(id),))
        return None if row is None else dict(json.loads(row["document"]))

    def put(
        self,
        id: str,  # noqa: A002
        type: str,  # noqa: A002
        document: Mapping[str, Any],
        secrets: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a document whole; `secrets` None keeps the private data that is there."""
        with self.store.transaction():
            self.store.execute(
                "INSERT INTO documents (id, type, document) VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET type = excluded.type, document = excluded.document",
                (_key(id), type.lower(), json.dumps(document, ensure_ascii=False)),
            )
            if secrets is not None:
                self.put_secrets(id, secrets)

    def delete(self, id: str) -> bool:  # noqa: A002
        """Remove a document and its private data; False if there was none."""
        return self.store.execute("DELETE FROM documents WHERE id = ?", (_key(id),)) > 0

    def list(self, type: str | None = None, under: str = "") -> DocumentList:  # noqa: A002
        """Documents in order of id: of one type (None: of every type) and below the id `under` ("": everywhere)."""
        query, values = "SELECT document FROM documents WHERE 1", []
        if type is not None:
            query, values = query + " AND type = ?", [type.lower()]
        if under.strip("/"):
            # "/" sorts directly before "0": the range holds exactly what begins with `under` and a slash.
            query, values = query + " AND id > ? AND id < ?", [*values, _key(under) + "/", _key(under) + "0"]
        return [json.loads(row["document"]) for row in self.store.rows(query + " ORDER BY id", values)]

    def secrets(self, id: str) -> dict[str, Any]:  # noqa: A002
        """The private data of a resource; {} if there is none."""
        row = self.store.row("SELECT secrets FROM documents WHERE id = ?", (_key(id),))
        return {} if row is None else dict(json.loads(row["secrets"]))

    def put_secrets(self, id: str, secrets: Mapping[str, Any]) -> None:  # noqa: A002
        """Replace the private data of a resource that exists."""
        text = json.dumps(secrets, ensure_ascii=False)
        if not self.store.execute("UPDATE documents SET secrets = ? WHERE id = ?", (text, _key(id))):
            raise KeyError(f"no document {id}")


def _key(id: str) -> str:  # noqa: A002
    return "/" + id.strip("/").lower()
