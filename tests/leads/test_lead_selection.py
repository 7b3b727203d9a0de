"""Which leads are selected: by the service as far as it can, by ourselves for the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leads.lead import parse_lead
from leads.selection import Selection, Which, received, select

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def row(**changes: Any) -> dict[str, Any]:
    contact = '{"FirstName":"Ann","Country":"US","Company":"Contoso"}'
    return {
        "PartitionKey": "11:2F24:2F2026",
        "RowKey": "r1",
        "Timestamp": "2026-11-24T12:00:00.0000000Z",
        "ActionCode": "PLT",
        "CustomerInfo": contact,
        "LeadSource": "SPZA-PLT|contoso.leads",
        "OfferDisplayName": "Contoso Leads",
        **changes,
    }


def is_selected(selection: Selection, **changes: Any) -> bool:
    return bool(list(select([row(**changes)], selection)))


@pytest.mark.parametrize(
    ("selection", "admitted"),
    [
        (Selection(), True),
        (Selection(since=NOON), True),
        (Selection(since=NOON + timedelta(microseconds=1)), False),
        (Selection(until=NOON), False),
        (Selection(until=NOON + timedelta(seconds=1)), True),
        (Selection(offer="LEADS"), True),
        (Selection(offer="contoso.l"), True),
        (Selection(offer="fabrikam"), False),
        (Selection(country="us"), True),
        (Selection(country="U"), False),
        (Selection(source="spza"), True),
        (Selection(source="appsource"), True),
        (Selection(source="AzurePortal"), False),
        (Selection(action="plt"), True),
        (Selection(action="INS"), False),
        (Selection(which=Which.REAL), True),
        (Selection(which=Which.TEST), False),
        (Selection(since=NOON, offer="leads", country="US", source="SPZA", action="PLT", which=Which.REAL), True),
        (Selection(since=NOON, offer="leads", country="DE"), False),
    ],
)
def test_a_lead_is_selected_by_what_it_says(selection: Selection, admitted: bool) -> None:
    assert is_selected(selection) is admitted


def test_a_test_lead_is_known_by_its_mark() -> None:
    mark = "MSFT_TEST_636573304831318844"
    assert is_selected(Selection(which=Which.TEST), Description=mark)
    assert not is_selected(Selection(which=Which.REAL), Description=mark)


def test_a_row_without_a_time_is_not_lost() -> None:
    assert is_selected(Selection(since=NOON), Timestamp="")


def test_the_service_is_asked_for_the_time_only() -> None:
    selection = Selection(since=NOON, until=NOON + timedelta(hours=1), country="US")
    assert selection.filter == (
        "Timestamp ge datetime'2026-11-24T12:00:00.000000Z' and Timestamp lt datetime'2026-11-24T13:00:00.000000Z'"
    )
    assert Selection(country="US").filter == ""


def test_the_time_is_read_in_every_form_that_a_row_has() -> None:
    assert received(parse_lead(row(Timestamp="2026-11-24T12:00:00.1234567Z"))) == NOON.replace(microsecond=123456)
    assert received(parse_lead(row(Timestamp="2026-11-24T13:00:00+01:00"))) == NOON
    assert received(parse_lead(row(Timestamp="noon"))) is None
