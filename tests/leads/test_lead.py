"""Rows of the lead table are understood, however Microsoft spells them; nothing is dropped."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.lead import ACTIONS, Contact, is_test, parse_contact, parse_lead, split_source
from leads.samples import Kind, sample_row

# Microsoft's sample of the lead-management FAQ.
JOHN = (
    '{"FirstName":"John","LastName":"Smith","Email":"jsmith@microsoft.com","Phone":"1234567890","Country":"US",'
    '"Company":"Microsoft","Title":"CTO"}'
)
ROW = {
    "PartitionKey": "9:2F28:2F2018",
    "RowKey": "r",
    "Timestamp": "2018-09-28T18:24:18.71Z",
    "ActionCode": "INS",
    "CreatedTime": "9/28/2018 6:24:18 PM",
    "CustomerInfo": JOHN,
    "Description": "Campaigns: ",
    "LeadSource": "AzureMarketplace-INS|bitnami.openedxcypress",
    "OfferDisplayName": "Open edX",
}


def test_a_row_is_taken_apart() -> None:
    lead = parse_lead(ROW)
    assert lead.key == ("9:2F28:2F2018", "r")
    assert lead.contact == Contact("John", "Smith", "jsmith@microsoft.com", "1234567890", "US", "Microsoft", "CTO")
    assert (lead.source, lead.action, lead.offer_id) == ("AzureMarketplace", "INS", "bitnami.openedxcypress")
    assert (lead.offer, lead.description) == ("Open edX", "Campaigns: ")
    assert lead.action_meaning == "a customer acquired the offer"
    assert lead.other == {}
    assert not lead.is_test


def test_names_are_compared_without_case_and_by_both_spellings() -> None:
    row = {name.lower(): value for name, value in ROW.items() if name not in ("CustomerInfo", "OfferDisplayName")}
    lead = parse_lead({**row, "userDetails": JOHN.lower(), "OfferTitle": "Open edX"})
    assert lead.contact.first_name == "john"
    assert lead.offer == "Open edX"
    assert lead.other == {}


def test_unknown_columns_pass_through() -> None:
    assert parse_lead({**ROW, "ProductId": "p", "Score": 5}).other == {"ProductId": "p", "Score": 5}


def test_a_row_may_hold_nothing_but_its_keys() -> None:
    lead = parse_lead({"PartitionKey": "p", "RowKey": "r"})
    assert lead.key == ("p", "r")
    assert lead.contact.is_empty
    assert lead.action_meaning == ""


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", "null", '"text"', "{", '{"FirstName": null}', "\x00", "[" * 100_000]
)
def test_broken_contact_data_is_an_empty_contact_and_keeps_its_text(text: str) -> None:
    lead = parse_lead({**ROW, "CustomerInfo": text})
    assert lead.contact.is_empty
    assert lead.contact_text == text


def test_contact_fields_that_are_no_texts_are_shown_as_json() -> None:
    assert parse_contact('{"Phone": 12, "Title": ["a"], "Email": true}') == Contact(
        phone="12", title='["a"]', email="true"
    )


def test_contact_data_do_not_show_in_a_leads_own_words() -> None:
    assert JOHN not in repr(parse_lead(ROW))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("AzureMarketplace-INS|bitnami.openedxcypress", ("AzureMarketplace", "INS", "bitnami.openedxcypress")),
        ("AzureMarketplace", ("AzureMarketplace", "", "")),
        ("AppSource (SPZA)-PLT|a.b-c", ("AppSource (SPZA)", "PLT", "a.b-c")),
        ("SPZA-INS", ("SPZA", "INS", "")),
        ("|a.b", ("", "", "a.b")),
        ("", ("", "", "")),
    ],
)
def test_a_lead_source_is_source_action_and_offer_or_less(text: str, parts: tuple[str, str, str]) -> None:
    assert split_source(text) == parts


def test_the_action_column_wins_over_the_lead_source() -> None:
    assert parse_lead({**ROW, "ActionCode": "PLT"}).action == "PLT"
    assert parse_lead({**ROW, "ActionCode": None}).action == "INS"


@pytest.mark.parametrize("code", ["ins", "INS", "create", "Uninstall"])
def test_codes_are_explained_without_case_and_unknown_ones_shown(code: str) -> None:
    known = {name.lower(): text for name, text in ACTIONS.items()}
    assert parse_lead({**ROW, "ActionCode": code}).action_meaning == known.get(code.lower(), code)


@pytest.mark.parametrize("column", ["CustomerInfo", "Description", "LeadSource", "Anything"])
def test_a_test_lead_is_known_by_any_field(column: str) -> None:
    assert is_test({**ROW, column: "x MSFT_TEST_636737558587117715 y"})


@pytest.mark.parametrize("text", ["MSFT_TEST_", "MSFT_TEST_12345", "MSFTTEST636737558587117715"])
def test_nothing_else_is_a_test_lead(text: str) -> None:
    assert not is_test({**ROW, "Description": text})


@pytest.mark.parametrize("kind", Kind)
def test_our_samples_are_understood(kind: Kind) -> None:
    lead = parse_lead(sample_row(kind, datetime(2026, 11, 24, 13, 5, tzinfo=UTC), random.Random(1)))
    assert lead.is_test is (kind is Kind.TEST)
    assert lead.action in ACTIONS
    assert lead.contact.email
    assert lead.other == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*ROW, "X"]), json_values | json_values.map(json.dumps)))
def test_no_row_is_too_strange(row: dict[str, Any]) -> None:
    lead = parse_lead(row)
    assert isinstance(lead.contact, Contact)
