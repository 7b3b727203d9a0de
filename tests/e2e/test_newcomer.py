"""What a newcomer's commands leave behind: nothing in tracked files, no process, no listener beyond 127.0.0.1."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from harness import LocalCloud, Stack, project_files

pytestmark = [pytest.mark.engine, pytest.mark.cloud]


def test_the_demo_ends_with_the_mail_and_leaves_the_checkout_as_it_was(engine: None, tmp_path: Path) -> None:
    before = project_files()
    cloud = LocalCloud(tmp_path / "cloud")
    try:
        shown = cloud.run(sys.executable, "scripts/demo.py").stdout
        assert "New leads!" in shown
        assert "CustomerInfo" in shown
        assert "http://127.0.0.1:" in shown
        again = cloud.run(sys.executable, "scripts/demo.py")
        assert "unchanged" in again.stderr
    finally:
        cloud.stop()
    assert project_files() == before


def test_of_two_demos_at_once_the_second_waits(engine: None, tmp_path: Path) -> None:
    """Behind a proxy, which no part of the local cloud may be asked through."""
    cloud = LocalCloud(tmp_path / "cloud")
    proxy = {f"{kind}_proxy": "http://127.0.0.1:1" for kind in ("http", "https", "all")}

    def demo(_number: int) -> str:
        return cloud.run(sys.executable, "scripts/demo.py", no_proxy="internal.example", **proxy).stdout

    try:
        with ThreadPoolExecutor() as pool:
            shown = list(pool.map(demo, range(2)))
    finally:
        cloud.stop()
    assert all("New leads!" in text for text in shown)


def test_every_listener_is_on_the_loopback_address(stack: Stack) -> None:
    stack.up()
    family = [stack.cloud.process(), *stack.cloud.process().children(recursive=True)]
    listeners = {
        connection.laddr.ip.removeprefix("::ffff:")  # gRPC listens on the same address, written as IPv6
        for process in family
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listeners == {"127.0.0.1"}


def test_files_that_hold_keys_are_readable_by_their_owner_alone(stack: Stack) -> None:
    stack.up()
    data = stack.cloud.data
    assert data.stat().st_mode & 0o077 == 0
    exposed = [file for file in data.rglob("*") if file.is_file() and file.stat().st_mode & 0o077]
    assert exposed == [] or all(parent_is_closed(file, data) for file in exposed)


def parent_is_closed(file: Path, data: Path) -> bool:
    """A file may be world-readable only inside a folder that nobody else can enter."""
    return any(folder.stat().st_mode & 0o077 == 0 for folder in file.parents if folder.is_relative_to(data))


def test_stack_local_refuses_to_run_without_the_local_cloud(engine: None, stack: Stack) -> None:
    refused = stack.cloud.run(
        "pulumi", "preview", "--stack", "local", "--non-interactive", ok=False, LOCALAZURE_ARM_ENDPOINT=""
    )
    assert refused.returncode != 0
    assert 'eval "$(localazure env)"' in refused.stdout + refused.stderr
