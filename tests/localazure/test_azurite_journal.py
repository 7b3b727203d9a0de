"""What Azurite has acknowledged survives kill -9 of Azurite itself, in whatever order things happened."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.data.tables import TableClient, TableServiceClient, UpdateMode

from localazure.azurite import AccountKeys, Azurite, new_key
from localazure.azurite_child import AzuriteChild
from localazure.azurite_tools import find_tools
from localazure.ports import free_port

pytestmark = pytest.mark.cloud
KEYS = AccountKeys(new_key(), new_key())


class Service:
    """One Azurite, its data folder and how to reach it."""

    def __init__(self, azurite: Azurite, folder: Path, port: int) -> None:
        self.azurite, self.folder, self.port = azurite, folder, port

    def client(self) -> TableServiceClient:
        endpoint = f"http://127.0.0.1:{self.port}/leads"
        text = f"AccountName=leads;AccountKey={KEYS.key1};TableEndpoint={endpoint};DefaultEndpointsProtocol=http"
        return TableServiceClient.from_connection_string(text, retry_total=0)

    def content(self) -> dict[str, dict[str, Any]]:
        """Every table's rows: key to the column `N`."""
        with self.client() as service:
            return {
                table.name: {
                    row["RowKey"]: row.get("N") for row in service.get_table_client(table.name).list_entities()
                }
                for table in service.list_tables()
            }

    async def kill(self) -> None:
        """kill -9, and wait until its successor answers."""
        old = self.azurite.pid
        assert old is not None
        os.kill(old, signal.SIGKILL)
        await wait_for(lambda: self.azurite.pid not in (None, old))
        await wait_for(self._answers)

    def _answers(self) -> bool:
        try:
            self.content()
        except Exception:  # not yet
            return False
        return True


async def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    def block() -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.01)

    await asyncio.to_thread(block)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Service]:
    port = free_port()
    azurite = Azurite(lambda: AzuriteChild.spawn(find_tools(), folder / "children"), folder, "leads", port, KEYS)
    await azurite.start()
    try:
        yield Service(azurite, folder, port)
    finally:
        await azurite.stop()


def row(key: int, number: int) -> dict[str, Any]:
    return {"PartitionKey": "p", "RowKey": f"{key:04}", "N": number}


def change_everything(service: TableServiceClient, turn: int) -> None:
    """Inserts, updates, merges, deletes, a batch, a refused batch, tables made, dropped and made again."""
    kept = service.create_table_if_not_exists("Kept")
    for key in range(10):
        kept.upsert_entity(row(key, turn), UpdateMode.REPLACE)
    kept.update_entity(row(3, turn * 100), UpdateMode.MERGE)
    kept.delete_entity("p", "0004")
    kept.submit_transaction([("upsert", row(key, turn + 7)) for key in range(20, 40)])
    with pytest.raises(HttpResponseError):
        kept.submit_transaction([("create", row(50, turn)), ("create", row(3, turn))])
    again = service.create_table_if_not_exists("Again")
    again.upsert_entity(row(turn, turn))
    service.delete_table("Again")
    service.create_table("Again").create_entity(row(turn + 500, turn))
    service.create_table_if_not_exists(f"Turn{turn}")


def expected(turn: int) -> dict[str, dict[str, Any]]:
    kept = {f"{key:04}": turn for key in range(10)} | {"0003": turn * 100}
    del kept["0004"]
    kept |= {f"{key:04}": turn + 7 for key in range(20, 40)}
    made: dict[str, dict[str, Any]] = {f"Turn{number}": {} for number in range(1, turn + 1)}
    return {"Kept": kept, "Again": {f"{turn + 500:04}": turn}} | made


def test_every_kind_of_change_survives_kill_9(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as service:
            for turn in (1, 2, 3):
                with service.client() as client:
                    await asyncio.to_thread(change_everything, client, turn)
                await service.kill()
                assert await asyncio.to_thread(service.content) == expected(turn)
        # And after an orderly end, which leaves no journal to be applied.
        async with running(tmp_path) as service:
            assert await asyncio.to_thread(service.content) == expected(3)

    asyncio.run(run())


def test_a_snapshot_replaces_the_journals_before_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as service:
            with service.client() as client:
                await asyncio.to_thread(change_everything, client, 1)
            first = _journals(tmp_path)
            assert any(path.stat().st_size for path in first)
            # Azurite saves every five seconds what has changed.
            await wait_for(lambda: not any(path.exists() for path in first))
            await service.kill()
            assert await asyncio.to_thread(service.content) == expected(1)

    asyncio.run(run())


def test_journals_that_a_snapshot_holds_already_do_no_harm(tmp_path: Path) -> None:
    """A kill between the snapshot and the deletion of the journals: they are applied to what they led to."""

    async def run() -> None:
        async with running(tmp_path) as service:
            with service.client() as client:
                await asyncio.to_thread(change_everything, client, 1)
            kept = {path: path.read_bytes() for path in _journals(tmp_path)}
            with service.client() as client:
                await asyncio.to_thread(change_everything, client, 2)
            kept |= {path: path.read_bytes() for path in _journals(tmp_path)}
        for path, content in kept.items():
            path.write_bytes(content)
        async with running(tmp_path) as service:
            assert await asyncio.to_thread(service.content) == expected(2)

    asyncio.run(run())


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as service:
            with service.client() as client:
                await asyncio.to_thread(change_everything, client, 1)
            old = service.azurite.pid
            assert old is not None
            with _journals(tmp_path)[-1].open("ab") as journal:
                journal.write(b'[{"put":{"PartitionKey":"p","RowKey":"9999","properties":{"N":1')
            await service.kill()
            assert await asyncio.to_thread(service.content) == expected(1)

    asyncio.run(run())


def test_writers_lose_nothing_while_it_is_killed_again_and_again(tmp_path: Path) -> None:
    done = threading.Event()
    acknowledged: list[set[str]] = [set(), set()]

    def write(port: int, number: int) -> None:
        key = 0
        while not done.is_set():
            name = f"{number}-{key:06}"
            try:
                with _table(port) as table:
                    while not done.is_set():
                        table.create_entity({"PartitionKey": "p", "RowKey": name})
                        acknowledged[number].add(name)
                        key, name = key + 1, f"{number}-{key + 1:06}"
            except ResourceExistsError:
                key += 1  # written, but the kill came before the answer
            except Exception:  # killed: try again until it is back
                time.sleep(0.02)

    async def run() -> None:
        async with running(tmp_path) as service:
            with service.client() as client:
                client.create_table("Rows")
            writers = [threading.Thread(target=write, args=(service.port, number)) for number in range(2)]
            for writer in writers:
                writer.start()
            for _ in range(3):
                before = [len(names) for names in acknowledged]
                await wait_for(lambda b=before: all(len(n) > c + 20 for n, c in zip(acknowledged, b, strict=True)))
                await service.kill()
            done.set()
            for writer in writers:
                await asyncio.to_thread(writer.join)
            rows = (await asyncio.to_thread(service.content))["Rows"]
            assert acknowledged[0] | acknowledged[1] <= set(rows)

    asyncio.run(run())


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of another process's files: Linux only")
def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path: Path) -> None:
    def check(service: Service, limit: Callable[[int], None]) -> None:
        with service.client() as client:
            change_everything(client, 1)
            limit(_journals(tmp_path)[-1].stat().st_size + 10)
            with pytest.raises(HttpResponseError) as refused:
                client.get_table_client("Kept").create_entity(row(900, 1))
            assert refused.value.status_code == 507
            assert "Free some space" in str(refused.value)
            limit(resource.RLIM_INFINITY)
            client.get_table_client("Kept").create_entity(row(901, 1))

    async def run() -> None:
        async with running(tmp_path) as service:
            pid = service.azurite.pid
            assert pid is not None
            unlimited = resource.RLIM_INFINITY
            await asyncio.to_thread(
                check, service, lambda most: resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, unlimited))
            )
            assert service.azurite.pid == pid
            await service.kill()
            kept = (await asyncio.to_thread(service.content))["Kept"]
            assert kept.items() >= {**expected(1)["Kept"], "0901": 1}.items()

    asyncio.run(run())


def _table(port: int) -> TableClient:
    text = f"AccountName=leads;AccountKey={KEYS.key1};TableEndpoint=http://127.0.0.1:{port}/leads"
    return TableClient.from_connection_string(f"{text};DefaultEndpointsProtocol=http", "Rows", retry_total=0)


def _journals(folder: Path) -> list[Path]:
    return sorted(folder.glob("journal.*.log"), key=lambda path: int(path.name.split(".")[1]))
