"""Leads out of a user's file: what a table takes is read, everything else gets one clear line."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from leads.own import LeadFileError, Row, read_rows

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def rows(tmp_path: Path, content: Any) -> list[Row]:
    file = tmp_path / "leads.json"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_rows(file, NOW, random.Random(1))


def test_one_object_is_one_lead_and_gets_the_keys_it_lacks(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, {"CustomerInfo": {"Email": "ann@example.com", "FirstName": "Zoë"}, "Score": 5})
    assert row["PartitionKey"] == "11:2F24:2F2026"
    assert len(str(row["RowKey"])) == 36
    assert row["CustomerInfo"] == '{"Email":"ann@example.com","FirstName":"Zoë"}'
    assert row["Score"] == 5


def test_a_list_is_several_leads_with_their_own_keys(tmp_path: Path) -> None:
    found = rows(tmp_path, [{"PartitionKey": "p", "RowKey": "1"}, {"PartitionKey": "p", "RowKey": "2", "Note": None}])
    assert [(row["PartitionKey"], row["RowKey"]) for row in found] == [("p", "1"), ("p", "2")]
    assert "Note" not in found[1]


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert len(rows(tmp_path, '\ufeff{"Description": "x"}'.encode())) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not JSON: Expecting value in line 1, column 1"),
        ('{"a": 1,}', "not JSON"),
        (b"\xff\xfe", "not a text in UTF-8"),
        ("[]", "the list is empty"),
        ("5", "lead 1: not an object"),
        ([{"A": 1}, "x"], "lead 2: not an object"),
        ({}, "lead 1: not an object"),
        ({"Timestamp": "2026-01-01"}, "column Timestamp is set by the table service"),
        ({"rowKey": "1"}, "write RowKey for rowKey"),
        ({"odata.etag": "1"}, "'odata.etag' is no column name"),
        ({"a b": "1"}, "'a b' is no column name"),
        ({"Tags": ["a"]}, "column Tags: a table holds texts, numbers and true or false"),
        ({"Tags": {"a": 1}}, "column Tags: a table holds texts"),
        ('{"Note": "a\\ud800"}', "column Note: the text holds half a character"),
        ("[" * 100_000, "nested too deeply"),
        ({"RowKey": 5}, "column RowKey: a key is a text"),
        ({"RowKey": "a/b"}, "column RowKey: a key is a text"),
        ({"PartitionKey": ""}, "column PartitionKey: a key is a text"),
        ({"RowKey": "x" * 513}, "column RowKey: a key is a text"),
        ({"Note": "x" * 32769}, "column Note: a text has at most 32768 characters"),
        ({"Score": 2**63}, "column Score: a whole number has at most 64 bits"),
        ([{"PartitionKey": "p", "RowKey": "1"}] * 2, "lead 2 has the keys of lead 1"),
    ],
)
def test_a_malformed_file_is_answered_with_one_line(tmp_path: Path, content: Any, reason: str) -> None:
    with pytest.raises(LeadFileError) as refused:
        rows(tmp_path, content)
    message = str(refused.value)
    assert reason in message
    assert "leads.json" in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["absent.json", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(LeadFileError, match="cannot be read"):
        read_rows(tmp_path / name, NOW, random.Random(1))
