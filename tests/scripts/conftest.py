"""A local cloud with the stack deployed by the real engine, once for the tests of the scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables import TableClient

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@dataclass
class Deployed:
    """The commands of a checkout, led to a local cloud of the tests' own."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, ok: bool = True, **changes: str) -> subprocess.CompletedProcess[str]:
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        environ = {**os.environ, "LOCALAZURE_HOME": str(self.data), **self.environment, "PATH": path, **changes}
        environ = {name: value for name, value in environ.items() if value}
        done = subprocess.run(list(command), cwd=ROOT, env=environ, capture_output=True, text=True, timeout=240)
        assert not ok or done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done

    def seed(self, *arguments: str, ok: bool = True, **changes: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "scripts/seed_lead.py", *arguments, ok=ok, **changes)

    def outputs(self) -> dict[str, str]:
        told = self.run("pulumi", "stack", "output", "--json", "--show-secrets", "--stack", "local").stdout
        outputs: dict[str, str] = json.loads(told)
        return outputs

    def inbox(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run("localazure", "inbox", "--json").stdout.splitlines()]

    def table(self) -> dict[str, dict[str, Any]]:
        """The rows of the lead table by RowKey."""
        outputs = self.outputs()
        with TableClient.from_connection_string(outputs["connectionString"], outputs["leadTableName"]) as client:
            return {row["RowKey"]: dict(row) for row in client.list_entities()}


@pytest.fixture(scope="session")
def deployed(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Stack `local`, deployed; the checkout's own files stay as they are."""
    under_test = Deployed(tmp_path_factory.mktemp("scripts") / "cloud")
    under_test.run("localazure", "start")
    try:
        under_test.environment.update(json.loads(under_test.run("localazure", "env", "--json").stdout))
        under_test.run("pulumi", "stack", "select", "--create", "local", "--non-interactive")
        under_test.run("pulumi", "up", "--yes", "--skip-preview", "--stack", "local", "--non-interactive")
        yield under_test
    finally:
        under_test.run("localazure", "stop")
