"""Whoever asks for a lock must not be taken for its holder, by another who asks or by one who wants to have it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localazure.data_folder import DataFolder
from localazure.locks import held, is_free


@contextmanager
def asking(lock: Path) -> Iterator[int]:
    """As `is_free` in the middle of its question."""
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_a_lock_is_held_once_and_free_afterwards(lock: Path) -> None:
    assert is_free(lock)
    with held(lock) as first:
        assert first is not None
        assert not is_free(lock)
        with held(lock) as second:
            assert second is None
        assert not is_free(lock)
    assert is_free(lock)


def test_two_that_ask_do_not_see_each_other(lock: Path) -> None:
    with asking(lock):
        assert is_free(lock)


def test_who_wants_the_lock_waits_for_who_only_asks(lock: Path) -> None:
    with asking(lock) as question:
        threading.Timer(0.2, fcntl.flock, (question, fcntl.LOCK_UN)).start()
        with held(lock) as descriptor:
            assert descriptor is not None


def test_a_child_that_inherits_it_holds_it(lock: Path) -> None:
    with held(lock) as descriptor:
        assert descriptor is not None
        child = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[descriptor], text=True
        )
    assert not is_free(lock)
    child.communicate("\n")
    assert is_free(lock)


def test_a_killed_cloud_does_not_run_however_many_ask(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.lock.write_text("99999999")
    folder.state.write_text('{"pid": 99999999}')
    with asking(folder.lock):
        assert folder.running_pid() is None
        assert folder.read_state() is None
