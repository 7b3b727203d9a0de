"""Starts, stops and resets that meet each other. The cloud is here a process that holds the lock as a cloud does."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localazure import daemon
from localazure.cloud import Cloud, Settings
from localazure.data_folder import DataFolder
from localazure.locks import held
from localazure.resetting import CloudRuns, empty

_CLOUD = """
import json, os, signal, sys, threading
from pathlib import Path
from localazure.data_folder import DataFolder
from localazure.locks import held

folder, ended = DataFolder(Path(sys.argv[1])), threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ended.set())
with held(folder.lock) as descriptor:
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    folder.state.write_text(json.dumps({"pid": os.getpid()}))
    print("ready", flush=True)
    ended.wait()
"""

Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    found = DataFolder(tmp_path)
    found.children.mkdir(parents=True)
    return found


@pytest.fixture
def start(folder: DataFolder) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _CLOUD, str(folder.path)]
        cloud = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(cloud)
        assert cloud.stdout is not None
        assert cloud.stdout.readline() == "ready\n"
        return cloud

    yield start
    for cloud in started:
        cloud.kill()
        cloud.communicate()


def test_a_stop_leaves_the_cloud_alone_that_somebody_starts_meanwhile(folder: DataFolder, start: Start) -> None:
    former = start()
    with held(folder.children / "child.lock"):  # a child of the former cloud saves its tables
        stop = threading.Thread(target=daemon.stop, args=(folder,))
        stop.start()
        former.wait(60)
        new = start()
        stop.join(60)
        assert not stop.is_alive(), "it waits for what is not its own"
    assert folder.read_state() == {"pid": new.pid}
    assert new.poll() is None


def test_a_stop_waits_for_the_children_of_a_cloud_that_was_killed(folder: DataFolder, start: Start) -> None:
    start().kill()
    with held(folder.children / "child.lock"):
        stop = threading.Thread(target=daemon.stop, args=(folder,))
        stop.start()
        stop.join(0.5)
        assert stop.is_alive()
    stop.join(60)
    assert not stop.is_alive()


def test_a_stop_waits_for_the_process_id_of_a_cloud_that_has_just_begun(folder: DataFolder) -> None:
    with held(folder.lock) as descriptor:
        assert descriptor is not None
        stop = threading.Thread(target=daemon.stop, args=(folder,))
        stop.start()
        stop.join(0.3)
        assert stop.is_alive()
    stop.join(60)
    assert not stop.is_alive()


def test_nothing_is_deleted_under_a_running_cloud(folder: DataFolder, start: Start) -> None:
    start()
    folder.database.write_text("rows")
    with pytest.raises(CloudRuns, match="nothing was deleted"):
        empty(folder)
    assert folder.database.read_text() == "rows"


def test_an_old_log_is_put_aside_once(folder: DataFolder) -> None:
    folder.log.write_bytes(b"x" * 6_000_000)
    threads = [threading.Thread(target=daemon._rotate, args=(folder.log,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert folder.log.with_suffix(".log.1").stat().st_size == 6_000_000
    assert not folder.log.exists()


def test_the_state_of_a_killed_cloud_is_not_found_by_one_that_gets_its_process_id(folder: DataFolder) -> None:
    """In a container ids of processes come again with every start."""
    folder.state.write_text(json.dumps({"pid": os.getpid(), "inbox": "of the killed one"}))

    async def state_at_the_start() -> object:
        async with Cloud(folder.path, Settings(provider=False)):
            return folder.read_state()

    assert asyncio.run(state_at_the_start()) is None
