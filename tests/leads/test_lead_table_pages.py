"""The lead table is read to its end, page by page, whatever the pages are like."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from benchmarks.made_up_table import PAGE, made_up_table
from leads.table import LeadTable, LeadTableError


@pytest.mark.parametrize("size", [0, 1, PAGE, PAGE + 1, 3 * PAGE])
def test_pages_without_rows_are_followed_by_others(size: int) -> None:
    with made_up_table(size) as string, LeadTable(string, "leads") as table:
        keys = [row["CreatedTime"] for row in table.rows()]
    assert len(keys) == len(set(keys)) == size


def test_a_page_that_comes_again_and_again_ends_the_reading() -> None:
    read: list[str] = []
    with made_up_table(5 * PAGE, repeats_after=4) as string, LeadTable(string, "leads") as table:
        keys = (row["RowKey"] for row in table.rows())
        with pytest.raises(LeadTableError, match="the service repeats a page of table leads; reading was given up"):
            read.extend(keys)
    assert len(read) == len(set(read)) == 3 * PAGE


def test_a_row_has_its_time_as_the_service_wrote_it() -> None:
    with made_up_table(1) as string, LeadTable(string, "leads") as table:
        (row,) = table.rows()
    assert row["Timestamp"] == "2026-01-01T00:00:00.0000001Z"
    assert type(row["Timestamp"]) is str


@pytest.fixture
def hanging_up() -> Iterator[str]:
    """The connection string of an account whose service ends every connection after a request, without an answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)

        threading.Thread(target=serve, daemon=True).start()
        yield f"AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:{server.getsockname()[1]}/a"
        server.shutdown(socket.SHUT_RDWR)


def test_a_service_that_does_not_answer_is_told_in_words(hanging_up: str) -> None:
    with LeadTable(hanging_up, "leads") as table:
        with pytest.raises(LeadTableError, match=r"does not answer; is it running, is the network there\?$"):
            list(table.rows())
        with pytest.raises(LeadTableError, match="does not answer") as unanswered:
            table.insert({"PartitionKey": "p", "RowKey": "r"})
    assert not unanswered.value.refused, "nobody knows whether the row was written"
