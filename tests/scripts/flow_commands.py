"""The commands over a deployed stack, run in this process: a person's command line, without the interpreter's start."""

from __future__ import annotations

import json
import os
import random
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from leads import environment
from leads.clients import Clients
from leads.connections import connections, write_key
from leads.operations import Operations
from leads.samples import Kind, sample_rows
from leads.table import LeadTable

if TYPE_CHECKING:
    from conftest import Deployed

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

# Reading outputs takes a second: done once for each cloud. The tests of the command lines themselves do it as it is.
_outputs: dict[str, environment.Deployed] = {}
_seen: set[str] = set()  # account keys
_read_stack = environment.read_stack


@dataclass
class Answer:
    """What a command wrote and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line on standard error."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("error: ")
        return lines[0]


class Commands:
    """Runs commands against a deployed stack, whose outputs are read once. No answer may hold a key."""

    def __init__(self, deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in deployed.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
        self.deployed = deployed
        self.stack = _outputs.get(str(deployed.data)) or self.read_again()
        monkeypatch.setattr(environment, "read_stack", self._read)

    def read_again(self) -> environment.Deployed:
        """Read the outputs of the stack, after something has changed them."""
        self.stack = _outputs[str(self.deployed.data)] = _read_stack("local", ROOT)
        self.keys()
        return self.stack

    def insert(self, number: int = 1, kind: Kind = Kind.CONTACT, **columns: str) -> list[str]:
        """Insert leads, as Microsoft would, and return their RowKeys."""
        rows = [{**row, **columns} for row in sample_rows(kind, number, datetime.now(UTC), random.Random())]
        with LeadTable(self.stack.connection_string, self.stack.table) as table:
            return [table.insert(row).row_key for row in rows]

    def _read(self, name: str, folder: Any) -> environment.Deployed:
        assert name == "local"
        return self.stack

    @cached_property
    def clients(self) -> Clients:
        return Clients(self.stack, os.environ)

    def __call__(self, script: str, *arguments: str, ok: bool = True, secrets: bool = False) -> Answer:
        module = import_module(f"scripts.{script}")
        app = getattr(module, "app", None) or _single(getattr(module, script))
        done = CliRunner().invoke(app, list(arguments))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        answer = Answer(done.exit_code, done.stdout, done.stderr)
        assert (answer.code == 0) is ok, f"{arguments}: {answer}"
        for key in () if secrets else _seen:
            assert key not in answer.out + answer.err, f"{arguments} told a key"
        return answer

    def keys(self) -> dict[str, str]:
        """The account's keys by name, as they are now."""
        listed = self.clients.storage.storage_accounts.list_keys(self.stack.account_group, self.stack.account)
        found = {str(key["keyName"]): str(key["value"]) for key in listed["keys"]}
        _seen.update(found.values())
        return found

    def give_key(self, key: str) -> None:
        """Let the flow read the table with a key, which may be a wrong one."""
        found = connections(self.clients, Operations(self.clients).deployment().connections)
        (tables,) = [one for one in found if one.api == "azuretables"]
        write_key(self.clients, tables, self.stack.account, key)


def _single(command: Any) -> typer.Typer:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    return app
