"""What must survive is on disk, whole or not at all."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from localazure.arm.documents import Documents
from localazure.files import write_private
from localazure.store import Store


def test_a_transaction_is_all_or_nothing_and_may_be_nested() -> None:
    store = Store()
    store.ensure("CREATE TABLE IF NOT EXISTS t (x INTEGER)")

    def write(fail: bool) -> None:
        with store.transaction():
            store.execute("INSERT INTO t VALUES (1)")
            with store.transaction():
                store.execute("INSERT INTO t VALUES (2)")
            if fail:
                raise RuntimeError

    with pytest.raises(RuntimeError):
        write(fail=True)
    assert store.rows("SELECT x FROM t") == []
    write(fail=False)
    assert [row["x"] for row in store.rows("SELECT x FROM t")] == [1, 2]


def test_threads_take_turns() -> None:
    store = Store()
    store.ensure("CREATE TABLE IF NOT EXISTS t (x INTEGER)", "INSERT INTO t VALUES (0)")

    def count() -> None:
        for _ in range(200):
            with store.transaction():
                row = store.row("SELECT x FROM t")
                assert row is not None
                store.execute("UPDATE t SET x = ?", (row["x"] + 1,))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.rows("SELECT x FROM t")[0]["x"] == 800


def test_another_process_in_the_middle_of_writing_is_waited_for(tmp_path: Path) -> None:
    store = Store(tmp_path / "cloud.db")
    store.ensure("CREATE TABLE IF NOT EXISTS t (x INTEGER)")
    other = sqlite3.connect(tmp_path / "cloud.db", check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, other.execute, ("COMMIT",)).start()
    with store.transaction():
        store.execute("INSERT INTO t VALUES (1)")
    busy = store.row("PRAGMA busy_timeout")
    assert busy is not None
    assert busy[0] >= 60_000, "a process that stands still for half a minute is no error"
    other.close()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "data" / "cloud.db")
    store.ensure("CREATE TABLE IF NOT EXISTS t (x INTEGER)")
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "data").iterdir()} == {0}
    store.close()


WRITER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from localazure.arm.documents import Documents
    from localazure.store import Store

    documents = Documents(Store(Path(sys.argv[1])))
    for number in range(1_000_000):
        with documents.store.transaction():
            documents.put(f"/a/{number}", "t", {"number": number})
            documents.put(f"/b/{number}", "t", {"number": number})
        print(number, flush=True)
""")


def test_kill_9_loses_no_committed_document_and_halves_no_transaction(tmp_path: Path) -> None:
    file = tmp_path / "cloud.db"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) == 200:
            break
    os.kill(process.pid, signal.SIGKILL)
    acknowledged = [int(line) for line in process.stdout]
    process.wait()
    process.stdout.close()
    store = Store(file)
    documents = Documents(store)
    first = {document["number"] for document in documents.list(under="/a")}
    assert first == {document["number"] for document in documents.list(under="/b")}
    assert set(range(max([200, *acknowledged]) + 1)) <= first
    store.close()


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    store = Store(tmp_path / "cloud.db")
    documents = Documents(store)
    documents.put("/a", "t", {"x": 1})
    # SQLite's own limit makes the same error as the disk.
    pages = store.rows("PRAGMA page_count")[0][0]
    store.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        documents.put("/a", "t", {"x": "y" * 1_000_000})
    assert documents.get("/a") == {"x": 1}
    store.rows("PRAGMA max_page_count = 100000")
    documents.put("/a", "t", {"x": 2})
    assert documents.get("/a") == {"x": 2}
    store.close()


def test_documents_are_found_in_any_case_and_below_a_prefix_only() -> None:
    documents = Documents(Store())
    for name in ("rg1", "rg10", "RG1/providers/p/t/one"):
        documents.put(f"/subscriptions/s/resourceGroups/{name}", "T" if "one" in name else "group", {"name": name})
    assert documents.get("/SUBSCRIPTIONS/S/resourcegroups/RG10/") == {"name": "rg10"}
    assert documents.list(under="/subscriptions/s/resourceGroups/rg1") == [{"name": "RG1/providers/p/t/one"}]
    assert [found["name"] for found in documents.list("GROUP")] == ["rg1", "rg10"]
    assert documents.delete("/subscriptions/s/resourcegroups/rg10")
    assert not documents.delete("/subscriptions/s/resourcegroups/rg10")


def test_secrets_lie_beside_a_document_and_stay_when_it_is_written_again() -> None:
    documents = Documents(Store())
    documents.put("/a", "t", {"x": 1}, {"key": "k"})
    documents.put("/a", "t", {"x": 2})
    assert documents.get("/a") == {"x": 2}
    assert documents.secrets("/A") == {"key": "k"}
    documents.put_secrets("/a", {})
    assert documents.secrets("/a") == {}
    with pytest.raises(KeyError):
        documents.put_secrets("/b", {})
    documents.delete("/a")
    assert documents.secrets("/a") == {}


def test_a_private_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "keys.json"
    write_private(file, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
    assert file.stat().st_mode & 0o777 == 0o600
