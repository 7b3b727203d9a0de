"""docs/operations.md shows commands that there are, with options that they have."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
SCRIPTS = ("manage_flow", "export_leads", "rotate_keys")
SHOWN = sorted(set(re.findall(r"^ {4}\$ scripts/(.+)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)))


def commands(script: str) -> dict[str, Any]:
    """The parsers of a script's commands by name; the name is empty where there is only one command."""
    module = import_module(f"scripts.{script}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command()(getattr(module, script))
    found: Any = typer.main.get_command(app)
    return dict(getattr(found, "commands", None) or {"": found})


@pytest.mark.parametrize("line", SHOWN)
def test_each_command_that_is_shown_can_be_typed(line: str) -> None:
    script, *words = shlex.split(line)
    found = commands(script.removesuffix(".py"))
    name = "" if "" in found else words.pop(0)
    assert name in found, f"{script} has no command {name}"
    found[name].make_context("shown", words)


def test_every_command_is_shown() -> None:
    names = {f"{script}.py {name}".strip() for script in SCRIPTS for name in commands(script)}
    assert len(names) > len(SCRIPTS)
    assert {name for name in names if not any(line.startswith(name) for line in SHOWN)} == set()
