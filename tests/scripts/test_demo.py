"""`make demo` goes on from what is there, whatever ended the one before."""

from __future__ import annotations

import importlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module("demo")


def lock(state: Path, content: object) -> None:
    folder = state / ".pulumi" / "locks" / "organization" / "marketplace-leads" / "local"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{len(list(folder.iterdir()))}.json").write_text(json.dumps(content))


def ended() -> int:
    """The id of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_only_locks_of_engines_that_were_killed_are_taken_away(demo: Any, tmp_path: Path) -> None:
    assert not demo.is_locked_by_the_dead(tmp_path)
    lock(tmp_path, {"pid": ended(), "hostname": socket.gethostname()})
    assert demo.is_locked_by_the_dead(tmp_path)
    lock(tmp_path, {"pid": os.getpid(), "hostname": socket.gethostname()})
    assert not demo.is_locked_by_the_dead(tmp_path)


@pytest.mark.parametrize("holder", [{"pid": 2**22 + 1, "hostname": "elsewhere.example"}, {"pid": "x"}, {}, [], 7])
def test_a_lock_of_another_machine_or_form_is_left_to_the_engine(demo: Any, tmp_path: Path, holder: object) -> None:
    lock(tmp_path, holder)
    assert not demo.is_locked_by_the_dead(tmp_path)
