"""docs/localazure.md beside its coverage: its Python is run, its fixtures and commands are all there are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from localazure import cli, pytest_plugin

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "localazure.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "overdue_invoices" / "test_overdue_invoices.py"
DEFINITION = ROOT / "examples" / "overdue_invoices" / "workflow.json"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    """The text from a heading to the next one of the same level or a higher."""
    level = title.split(" ")[0]
    found = re.search(rf"^{re.escape(title)}$(.*?)(?=^#{{1,{len(level)}}} |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def test_the_worked_example_is_the_one_that_is_tested() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") in BLOCKS


@pytest.mark.cloud
def test_its_python_does_what_it_says(tmp_path: Path) -> None:
    own = [block for block in BLOCKS if block != EXAMPLE.read_text(encoding="utf-8")]
    first, *rest = own
    (tmp_path / "test_first.py").write_text(first, encoding="utf-8")
    (tmp_path / "test_rest.py").write_text("\n".join(rest), encoding="utf-8")
    (tmp_path / "workflow.json").write_text(DEFINITION.read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    number = len(re.findall(r"^def test_", "\n".join(own), re.MULTILINE))
    assert (done.returncode, f"{number} passed" in done.stdout) == (0, True), done.stdout


def test_it_tells_of_every_fixture() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", section("### Fixtures"), re.MULTILINE))
    there = {
        name
        for name, found in vars(pytest_plugin).items()
        if type(found).__name__ == "FixtureFunctionDefinition" and not name.startswith("_")
    }
    assert told == there


def test_it_tells_of_every_command_and_switch() -> None:
    told = set(re.findall(r"^\| `localazure (\w+)` \|", section("## Commands"), re.MULTILINE))
    group = typer.main.get_command(cli.app)
    commands = group.commands  # type: ignore[attr-defined]
    assert told == set(commands)
    options = commands["start"].params
    switches = {switch for option in options for switch in (*option.opts, *option.secondary_opts)}
    assert switches - {"--auto-consent"} <= set(re.findall(r"`(--[\w-]+)`", section("## Commands")))
