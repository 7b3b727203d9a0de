"""docs/operations.md shows commands that there are, with options that they have."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import click
import pytest
import typer

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
SCRIPTS = ("manage_flow", "export_leads", "rotate_keys")
SHOWN = sorted(set(re.findall(r"^ {4}\$ scripts/(.+)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)))


def command(script: str) -> click.Command:
    module = import_module(f"scripts.{script}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command()(getattr(module, script))
    return typer.main.get_command(app)


@pytest.mark.parametrize("line", SHOWN)
def test_each_command_that_is_shown_can_be_typed(line: str) -> None:
    script, *words = shlex.split(line)
    found = command(script.removesuffix(".py"))
    if isinstance(found, click.Group):
        name, found, words = found.resolve_command(click.Context(found), words)
        assert found is not None, name
    found.make_context("shown", list(words))


def test_every_command_is_shown() -> None:
    groups = {script: command(script) for script in SCRIPTS}
    names = {
        f"{script}.py {name}".strip()
        for script, found in groups.items()
        for name in (found.commands if isinstance(found, click.Group) else [""])
    }
    assert {name for name in names if not any(line.startswith(name) for line in SHOWN)} == set()
