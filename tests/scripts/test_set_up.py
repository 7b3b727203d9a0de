"""`make setup` of several checkouts, or twice at once in one; a cache that was left half-made."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
PROGRAMS = ("pulumi", "pulumi-language-python")
# What the official installer does, as far as set-up relies on it.
INSTALLER = b"""#!/bin/sh
while [ "$1" != --install-root ]; do shift; done
mkdir -p "$2/bin"
for program in pulumi pulumi-language-python; do echo "#!/bin/sh" > "$2/bin/$program"; done
chmod +x "$2/bin/"*
"""
_TURN = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from turns import turn

with turn(Path(sys.argv[2]), "Waiting for the other"):
    print("in", flush=True)
    sys.stdin.readline()
    print("out", flush=True)
"""


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The set-up of a checkout without environment, cache or a Pulumi of the user; the installer can be reached."""
    monkeypatch.syspath_prepend(SCRIPTS)
    found = importlib.import_module("install")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(found, "ROOT", tmp_path / "checkout")
    monkeypatch.setattr(found, "BIN", tmp_path / "checkout" / ".venv" / "bin")
    monkeypatch.setattr(found, "own_pulumi_is_good", lambda: False)
    monkeypatch.setattr(found, "fetch", lambda _url: INSTALLER)
    monkeypatch.setattr(found.sys, "platform", "linux")
    found.BIN.mkdir(parents=True)
    return found


def spawn(lock: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", textwrap.dedent(_TURN), str(SCRIPTS), str(lock)]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_the_second_waits_for_the_first_and_says_so(tmp_path: Path) -> None:
    first = spawn(tmp_path / "lock")
    assert first.stdout is not None
    assert first.stdout.readline() == "in\n"
    second = spawn(tmp_path / "lock")
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(0.5)
    assert first.communicate("\n")[0] == "out\n"
    said, waited = second.communicate("\n")
    assert said == "in\nout\n"
    assert "✓ Waiting for the other" in waited


def test_one_that_is_killed_lets_the_next_go_on(tmp_path: Path) -> None:
    first = spawn(tmp_path / "lock")
    assert first.stdout is not None
    first.stdout.readline()
    first.kill()
    first.communicate()
    assert spawn(tmp_path / "lock").communicate("\n")[0] == "in\nout\n"


def linked(install: Any) -> list[str]:
    return sorted(program.name for program in install.BIN.iterdir() if program.resolve().exists())


def test_the_cli_is_got_once_and_nothing_is_left_beside_it(install: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    install.install_pulumi()
    assert linked(install) == sorted(PROGRAMS)
    assert sorted(left.name for left in install.cache_folder().iterdir()) == ["bin", "lock"]
    for program in install.BIN.iterdir():
        program.unlink()
    monkeypatch.setattr(install, "get_pulumi", lambda _: pytest.fail("it is there already"))
    install.install_pulumi()
    assert linked(install) == sorted(PROGRAMS)


def test_a_cache_that_is_half_made_is_made_anew(install: Any) -> None:
    (install.cache_folder() / "tmp1234").mkdir()
    programs = install.cache_folder() / "bin"
    programs.mkdir()
    (programs / "pulumi").write_text("without its language host")
    install.install_pulumi()
    assert linked(install) == sorted(PROGRAMS)
    assert sorted(left.name for left in install.cache_folder().iterdir()) == ["bin", "lock"]


def test_without_a_home_to_write_to_the_checkout_has_a_cache_of_its_own(
    install: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(tmp_path / "file" / "home"))
    install.install_pulumi()
    assert linked(install) == sorted(PROGRAMS)
    assert install.cache_folder().is_relative_to(tmp_path / "checkout" / ".cache")
