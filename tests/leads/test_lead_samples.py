"""Samples look like Microsoft's leads."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import pytest

from leads.lead import ACTIONS, CONTACT_FIELDS
from leads.samples import Kind, created_time, partition_key, sample_row, sample_rows, test_mark, ticks

NOW = datetime(2026, 11, 4, 13, 5, 9, 123456, tzinfo=UTC)
test_mark.__test__ = False  # type: ignore[attr-defined] # a function of the program, not a test


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2018, 3, 22, 15, 48, 3, 131884, tzinfo=UTC), 636573304831318844),
        (datetime(2018, 9, 28, 18, 24, 18, 711771, tzinfo=UTC), 636737558587117715),
    ],
)
def test_ticks_are_those_of_microsofts_test_leads(moment: datetime, expected: int) -> None:
    assert ticks(moment) == expected // 10 * 10  # to the microsecond, which is all that a clock of Python has


def test_the_partition_is_the_day_as_microsoft_writes_it() -> None:
    assert partition_key(datetime(2018, 9, 28, tzinfo=UTC)) == "9:2F28:2F2018"


@pytest.mark.parametrize(
    ("hour", "text"), [(0, "12:05:09 AM"), (11, "11:05:09 AM"), (12, "12:05:09 PM"), (13, "1:05:09 PM")]
)
def test_the_creation_time_is_written_as_dotnet_does(hour: int, text: str) -> None:
    assert created_time(NOW.replace(hour=hour)) == f"11/4/2026 {text}"


def test_a_test_lead_has_the_form_of_microsofts() -> None:
    row = sample_row(Kind.TEST, NOW, random.Random(1))
    mark = f"MSFT_TEST_{ticks(NOW)}"
    assert json.loads(row["CustomerInfo"]) == {
        "FirstName": mark,
        "LastName": mark,
        "Email": f"{mark}@test.com",
        "Phone": "1234567890",
        "Country": "US",
        "Company": mark,
        "Title": mark,
    }
    assert row["Description"] == mark
    assert row["ActionCode"] == "INS"


@pytest.mark.parametrize("kind", Kind)
def test_every_sample_has_microsofts_columns_and_contact_fields(kind: Kind) -> None:
    row = sample_row(kind, NOW, random.Random(1))
    assert set(row) == {
        "PartitionKey",
        "RowKey",
        "ActionCode",
        "CreatedTime",
        "CustomerInfo",
        "Description",
        "LeadSource",
        "OfferDisplayName",
    }
    assert tuple(json.loads(row["CustomerInfo"])) == CONTACT_FIELDS
    source, _, offer = row["LeadSource"].partition("|")
    assert source.endswith(f"-{row['ActionCode']}")
    assert offer.count(".") == 1


def test_the_kinds_cover_every_documented_action() -> None:
    assert {sample_row(kind, NOW, random.Random(1))["ActionCode"] for kind in Kind} == set(ACTIONS)


@pytest.mark.parametrize("kind", Kind)
def test_many_samples_have_keys_and_addresses_of_their_own(kind: Kind) -> None:
    rows = sample_rows(kind, 200, NOW, random.Random(1))
    assert len({row["RowKey"] for row in rows}) == 200
    assert len({json.loads(row["CustomerInfo"])["Email"] for row in rows}) == 200


def test_the_same_seed_makes_the_same_samples() -> None:
    assert sample_rows(Kind.CONTACT, 3, NOW, random.Random(7)) == sample_rows(Kind.CONTACT, 3, NOW, random.Random(7))
