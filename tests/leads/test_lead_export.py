"""Leads as CSV and JSON Lines: complete, readable, and in memory that does not grow with their number."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TextIO

import psutil
import pytest

from leads.export import COLUMNS, write_csv, write_json_lines
from leads.lead import Lead, parse_lead
from leads.selection import Selection, Which, select

CONTACT = {
    "FirstName": "Zoë",
    "LastName": "=1+1",
    "Email": "zoe@example.com",
    "Phone": "+4930123",
    "Country": "DE",
    "Company": 'A "B", C',
    "Title": "CTO",
}
ROW: dict[str, Any] = {
    "PartitionKey": "11:2F24:2F2026",
    "RowKey": "r1",
    "Timestamp": "2026-11-24T12:33:58.8807446Z",
    "ActionCode": "INS",
    "CreatedTime": "11/24/2026 12:33:57 PM",
    "CustomerInfo": json.dumps(CONTACT),
    "Description": "two\r\nlines",
    "LeadSource": "AzureMarketplace-INS|contoso.leads",
    "OfferDisplayName": "Contoso Leads",
    "Score": 7,
}


def as_csv(*rows: dict[str, Any], separator: str = ",") -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    assert write_csv(map(parse_lead, rows), out, separator) == len(rows)
    text = out.getvalue()
    assert text.startswith("\ufeff"), "without the mark Excel takes UTF-8 for something else"
    return list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=separator))


def as_json(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    out = io.StringIO()
    assert write_json_lines(map(parse_lead, rows), out) == len(rows)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_csv_row_has_the_lead_taken_apart_and_nothing_to_run() -> None:
    (found,) = as_csv(ROW)
    assert found == {
        "Received (UTC)": "2026-11-24 12:33:58",
        "Test": "no",
        "Action": "INS",
        "Meaning": "a customer acquired the offer",
        "Source": "AzureMarketplace",
        "Offer": "Contoso Leads",
        "Offer id": "contoso.leads",
        "First name": "Zoë",
        "Last name": "'=1+1",
        "E-mail": "zoe@example.com",
        "Phone": "'+4930123",
        "Company": 'A "B", C',
        "Title": "CTO",
        "Country": "DE",
        "Description": "two\nlines",
        "Created": "11/24/2026 12:33:57 PM",
        "PartitionKey": "11:2F24:2F2026",
        "RowKey": "r1",
        "Contact as written": "",
        "Other columns": '{"Score":7}',
    }


def test_lines_end_as_the_standard_says_and_every_cell_is_quoted() -> None:
    out = io.StringIO(newline="")
    write_csv([parse_lead(ROW)], out)
    first, second = out.getvalue()[1:].removesuffix("\r\n").split("\r\n")
    assert first == ",".join(f'"{name}"' for name in COLUMNS)
    assert second.startswith('"2026-11-24 12:33:58","no"')


@pytest.mark.parametrize("separator", [";", "\t"])
def test_another_separator_gives_the_same_cells(separator: str) -> None:
    assert as_csv(ROW, separator=separator) == as_csv(ROW)


@pytest.mark.parametrize("written", ["no JSON", '{"Email":"a@example.com","Fax":"1"}', "[1]", "7"])
def test_a_contact_that_the_columns_do_not_show_is_there_as_written(written: str) -> None:
    (found,) = as_csv({**ROW, "CustomerInfo": written})
    assert found["Contact as written"] == written


def test_a_json_line_has_exactly_what_the_table_has() -> None:
    (found,) = as_json(ROW)
    assert found["contact"]["lastName"] == "=1+1"
    assert (found["description"], found["contactText"]) == ("two\r\nlines", ROW["CustomerInfo"])
    assert (found["offerId"], found["action"], found["isTest"]) == ("contoso.leads", "INS", False)
    assert (found["timestamp"], found["other"]) == (ROW["Timestamp"], {"Score": 7})


def test_half_of_a_character_does_not_stop_an_export() -> None:
    """JSON may say `\\ud800`, which no encoding has; a file is opened to write its escape."""
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="") as out:
        write_json_lines([parse_lead({**ROW, "CustomerInfo": '{"FirstName":"\\ud800"}'})], out)
        out.flush()
        assert json.loads(raw.getvalue())["contact"]["firstName"] == "\ud800"


@pytest.mark.parametrize(("write", "number"), [(write_csv, 30_000), (write_json_lines, 20_000)])
def test_memory_does_not_grow_with_the_number_of_leads(
    write: Callable[[Iterable[Lead], TextIO], int], number: int, record_property: Callable[[str, object], None]
) -> None:
    """Leads that were collected would take more than a KiB each (100,000 from a real table: benchmarks/export.py)."""
    resident: list[int] = []
    assert write(select(_rows(number, resident), Selection(which=Which.REAL)), _Nowhere()) == number
    grown = max(resident) - resident[0]
    record_property("figure", f"memory that {write.__name__} of {number:,} leads adds: {grown / 2**20:.1f} MiB")
    assert grown < 8 * 2**20


def _rows(number: int, resident: list[int]) -> Iterator[dict[str, Any]]:
    """Rows, and the memory (bytes) that the process has meanwhile, from the thousandth on."""
    process = psutil.Process()
    for count in range(number):
        yield {**ROW, "RowKey": f"r{count}"}
        if count % 1000 == 999:
            resident.append(process.memory_info().rss)


class _Nowhere(io.StringIO):
    """A file that keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)
