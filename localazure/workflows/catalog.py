"""Saved workflows: what is deployed, every version of it, and what each trigger has to remember."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localazure.store import Store
from localazure.workflows.history import encode

_TABLES = (
    """CREATE TABLE IF NOT EXISTS workflows (
        id TEXT PRIMARY KEY, guid TEXT NOT NULL UNIQUE, data TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS workflow_versions (
        workflow TEXT NOT NULL, version TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (workflow, version))""",
    """CREATE TABLE IF NOT EXISTS workflow_triggers (
        workflow TEXT NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (workflow, name))""",
)

Workflow = dict[str, Any]
"""`id` (ARM id as first spelled), `guid`, `version`, `state`, `created`, `changed`, `keys` {primary, secondary},
`location`, `tags`."""


class Catalog:
    """Workflows by ARM id (in any case) or by guid."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.ensure(*_TABLES)

    def get(self, workflow_id: str) -> Workflow | None:
        row = self._store.row("SELECT data FROM workflows WHERE id = ?", (_key(workflow_id),))
        return None if row is None else json.loads(row["data"])

    def by_guid(self, guid: str) -> Workflow | None:
        row = self._store.row("SELECT data FROM workflows WHERE guid = ?", (guid.lower(),))
        return None if row is None else json.loads(row["data"])

    def all(self) -> list[Workflow]:
        return [json.loads(row["data"]) for row in self._store.rows("SELECT data FROM workflows ORDER BY id")]

    def put(self, workflow: Workflow) -> None:
        self._store.execute(
            "INSERT INTO workflows VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data",
            (_key(workflow["id"]), workflow["guid"], json.dumps(workflow)),
        )

    def rename(self, workflow: Workflow) -> None:
        """Write a workflow under the id that it has now."""
        self._store.execute("DELETE FROM workflows WHERE guid = ?", (workflow["guid"],))
        self.put(workflow)

    def delete(self, workflow: Workflow) -> None:
        with self._store.transaction():
            self._store.execute("DELETE FROM workflows WHERE guid = ?", (workflow["guid"],))
            self._store.execute("DELETE FROM workflow_versions WHERE workflow = ?", (workflow["guid"],))
            self._store.execute("DELETE FROM workflow_triggers WHERE workflow = ?", (workflow["guid"],))

    def version(self, guid: str, version: str) -> dict[str, Any] | None:
        """`{"definition", "parameters", "state", "created", "changed"}` of one version."""
        row = self._store.row("SELECT data FROM workflow_versions WHERE workflow = ? AND version = ?", (guid, version))
        return None if row is None else json.loads(row["data"])

    def versions(self, guid: str) -> list[tuple[str, dict[str, Any]]]:
        """All versions, newest first (their names fall with time)."""
        rows = self._store.rows(
            "SELECT version, data FROM workflow_versions WHERE workflow = ? ORDER BY version", (guid,)
        )
        return [(row["version"], json.loads(row["data"])) for row in rows]

    def put_version(self, guid: str, version: str, data: Mapping[str, Any]) -> None:
        self._store.execute("INSERT INTO workflow_versions VALUES (?, ?, ?)", (guid, version, encode(data)))

    def trigger(self, guid: str, name: str) -> dict[str, Any]:
        """What a trigger remembers: `next`, `anchor` (time stamps), `recurrence`, or `subscription`; {} if nothing."""
        row = self._store.row("SELECT data FROM workflow_triggers WHERE workflow = ? AND name = ?", (guid, name))
        return {} if row is None else json.loads(row["data"])

    def triggers(self, guid: str) -> dict[str, dict[str, Any]]:
        """What each trigger of a workflow remembers, by name."""
        rows = self._store.rows("SELECT name, data FROM workflow_triggers WHERE workflow = ? ORDER BY name", (guid,))
        return {row["name"]: json.loads(row["data"]) for row in rows}

    def put_trigger(self, guid: str, name: str, data: Mapping[str, Any]) -> None:
        self._store.execute(
            "INSERT INTO workflow_triggers VALUES (?, ?, ?) "
            "ON CONFLICT (workflow, name) DO UPDATE SET data = excluded.data",
            (guid, name, encode(data)),
        )


def _key(workflow_id: str) -> str:
    return "/" + workflow_id.strip("/").lower()
