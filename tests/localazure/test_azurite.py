"""Azurite as a child: it saves its tables however the parent ends, and takes other keys without losing a row."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableClient, TableServiceClient

from localazure.azurite import AccountKeys, Azurite, new_key
from localazure.azurite_child import AzuriteChild, AzuriteError, wait_for_former
from localazure.azurite_tools import MissingTool, find_tools
from localazure.ports import free_port

LOCKS = "children"
KEYS = AccountKeys(new_key(), new_key())


def connection_string(port: int, key: str) -> str:
    return (
        f"AccountName=leads;AccountKey={key};TableEndpoint=http://127.0.0.1:{port}/leads;DefaultEndpointsProtocol=http"
    )


def table(port: int, key: str = KEYS.key1) -> TableClient:
    transport = RequestsTransport(connection_timeout=5)
    return TableClient.from_connection_string(
        connection_string(port, key), "rows", transport=transport, retry_total=0, logging_enable=False
    )


def rows(port: int) -> set[str]:
    with table(port) as client:
        return {entity["RowKey"] for entity in client.list_entities()}


@pytest.fixture
def port() -> int:
    return free_port()


@asynccontextmanager
async def running(folder: Path, port: int, keys: AccountKeys = KEYS) -> AsyncIterator[Azurite]:
    await wait_for_former(folder / LOCKS)
    azurite = Azurite(lambda: AzuriteChild.spawn(find_tools(), folder / LOCKS), folder, "leads", port, keys)
    await azurite.start()
    try:
        yield azurite
    finally:
        await azurite.stop()


async def in_thread(work: Callable[[], object]) -> object:
    return await asyncio.to_thread(work)


def test_both_keys_open_the_tables_and_others_do_not(tmp_path: Path, port: int) -> None:
    def check() -> None:
        with TableServiceClient.from_connection_string(connection_string(port, KEYS.key2)) as service:
            service.create_table("rows")
        with table(port) as client:
            client.create_entity({"PartitionKey": "p", "RowKey": "r"})
        with table(port, new_key()) as client, pytest.raises(HttpResponseError) as refused:
            list(client.list_entities())
        assert refused.value.status_code == 403

    async def run() -> None:
        async with running(tmp_path, port):
            await in_thread(check)

    asyncio.run(run())


def test_it_listens_on_the_loopback_alone_and_its_files_are_the_owners(tmp_path: Path, port: int) -> None:
    async def run() -> None:
        async with running(tmp_path / "data", port):
            with socket.socket() as probe:
                assert probe.connect_ex((_other_address(), port)) != 0
            open_to_others = [path for path in (tmp_path / "data").rglob("*") if path.stat().st_mode & 0o077]
            assert open_to_others == []

    asyncio.run(run())


def _other_address() -> str:
    return "127.0.0.2" if sys.platform == "linux" else socket.gethostbyname(socket.gethostname())


PARENT = textwrap.dedent("""
    import asyncio, sys
    from pathlib import Path
    from localazure.azurite import AccountKeys, Azurite
    from localazure.azurite_child import AzuriteChild
    from localazure.azurite_tools import find_tools

    async def main():
        folder, port, key1, key2 = sys.argv[1:]
        spawn = lambda: AzuriteChild.spawn(find_tools(), Path(folder) / "children")
        azurite = Azurite(spawn, Path(folder), "leads", int(port), AccountKeys(key1, key2))
        await azurite.start()
        print(azurite.pid, flush=True)
        await asyncio.sleep(600)

    asyncio.run(main())
""")


class Parent:
    """A process of its own that runs an Azurite and can be killed."""

    def __init__(self, folder: Path, port: int) -> None:
        arguments = [sys.executable, "-c", PARENT, str(folder), str(port), KEYS.key1, KEYS.key2]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self.process.stdout is not None
        self.child = int(self.process.stdout.readline())


@pytest.fixture
def parent(tmp_path: Path, port: int) -> Iterator[Parent]:
    started = Parent(tmp_path / "data", port)
    yield started
    started.process.kill()
    started.process.wait()
    assert started.process.stdout is not None
    started.process.stdout.close()


def write_until_refused(port: int, acknowledged: list[str], first: int) -> None:
    with table(port) as client:
        try:
            for number in range(first, first + 100_000):
                client.create_entity({"PartitionKey": "p", "RowKey": f"{number:07}", "Text": "x" * 200})
                acknowledged.append(f"{number:07}")
        except Exception:  # the end of the server, in whatever form the client meets it
            return


@pytest.mark.cloud
def test_kill_9_in_the_middle_of_writing_loses_no_acknowledged_row(tmp_path: Path, port: int, parent: Parent) -> None:
    with TableServiceClient.from_connection_string(connection_string(port, KEYS.key1)) as service:
        service.create_table("rows")
    written: list[list[str]] = [[] for _ in range(4)]
    writers = [
        threading.Thread(target=write_until_refused, args=(port, list_, 1_000_000 * index))
        for index, list_ in enumerate(written)
    ]
    for writer in writers:
        writer.start()
    _wait_for(lambda: all(len(list_) > 30 for list_ in written))
    os.killpg(parent.process.pid, signal.SIGKILL)
    for writer in writers:
        writer.join()

    async def run() -> None:
        async with running(tmp_path / "data", port):
            kept = await asyncio.to_thread(rows, port)
            assert {row for list_ in written for row in list_} <= kept

    # At once: the new start must wait for the old child that is still saving.
    asyncio.run(run())


@pytest.mark.cloud
def test_the_child_ends_when_its_parent_is_killed(parent: Parent) -> None:
    parent.process.kill()
    _wait_for(lambda: not _is_alive(parent.child))


@pytest.mark.cloud
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_child_that_is_ended_by_others_comes_back_with_its_rows(
    tmp_path: Path, port: int, number: signal.Signals
) -> None:
    async def run() -> None:
        async with running(tmp_path, port) as azurite:
            await asyncio.to_thread(_create_rows, port)
            assert azurite.pid is not None
            old = azurite.pid
            os.kill(old, number)
            # It died without being asked to: it is started again, on the same port, with its rows.
            await _until(lambda: azurite.pid not in (None, old))
            await _until_answered(port)
            assert await asyncio.to_thread(rows, port) == {"a", "b"}

    asyncio.run(run())


def _create_rows(port: int) -> None:
    with TableServiceClient.from_connection_string(connection_string(port, KEYS.key1)) as service:
        client = service.create_table("rows")
        for key in "ab":
            client.create_entity({"PartitionKey": "p", "RowKey": key})


def test_other_keys_are_taken_while_it_runs(tmp_path: Path, port: int) -> None:
    fresh = AccountKeys(KEYS.key1, new_key())

    def check() -> None:
        with table(port, fresh.key2) as client:
            assert {entity["RowKey"] for entity in client.list_entities()} == {"a", "b"}
        with table(port, KEYS.key2) as client, pytest.raises(HttpResponseError):
            list(client.list_entities())

    async def run() -> None:
        async with running(tmp_path, port) as azurite:
            await asyncio.to_thread(_create_rows, port)
            child = azurite.pid
            await azurite.set_keys(fresh)
            await asyncio.to_thread(check)
            assert azurite.pid == child

    asyncio.run(run())


def test_a_taken_port_is_reported_with_the_log(tmp_path: Path, port: int) -> None:
    async def run() -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", port))
            other.listen()
            async with running(tmp_path, port):
                pass

    with pytest.raises(AzuriteError, match="EADDRINUSE"):
        asyncio.run(run())


def test_missing_tools_say_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALAZURE_AZURITE", str(tmp_path))
    with pytest.raises(MissingTool, match="LOCALAZURE_AZURITE is"):
        find_tools()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingTool, match=r"Get Node 20 or newer from https://nodejs\.org"):
        find_tools()


def test_azurite_is_found_by_variable_and_in_the_nearest_node_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = tmp_path / "node_modules/azurite/dist/src/table/main.js"
    main.parent.mkdir(parents=True)
    main.touch()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_tools(below).main == main.resolve()
    monkeypatch.setenv("LOCALAZURE_AZURITE", str(tmp_path / "node_modules/azurite"))
    assert find_tools(Path("/")).main == main.resolve()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def _wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


async def _until(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(_wait_for, condition)


async def _until_answered(port: int) -> None:
    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    await asyncio.to_thread(_wait_for, answers)
