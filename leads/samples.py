"""Sample leads that look like Microsoft's: columns, forms of keys and values, codes, sources, test leads.

What is known of real rows, and what is guessed here: the form of `PartitionKey` was seen in a real table in 2018; that
of `RowKey` and `CreatedTime` was never shown in public.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

Row = dict[str, str]


class Kind(StrEnum):
    """What the sample is: Microsoft's test lead, or what a customer did."""

    TEST = "test"
    CONTACT = "contact"
    INSTALL = "install"
    CREATE = "create"
    TRIAL = "trial"
    NO_CONTACT = "no-contact"


@dataclass(frozen=True)
class _Origin:
    action: str
    source: str
    note: str = " "


_ORIGINS = {
    Kind.TEST: _Origin("INS", "AzureMarketplace"),
    Kind.CONTACT: _Origin("PLT", "AppSource (SPZA)", "Please call me about prices for 200 seats & support."),
    Kind.INSTALL: _Origin("INS", "AzureMarketplace", "Campaigns: "),
    Kind.CREATE: _Origin("Create", "AzurePortal"),
    Kind.TRIAL: _Origin("StartTestDrive", "AzureMarketplace"),
    Kind.NO_CONTACT: _Origin("DNC", "AppSource (SPZA)"),
}
# Names with what careless mails and expressions trip over: accents, apostrophes, ampersands, other scripts.
_PEOPLE = (
    ("Ann", "Beebe", "Contoso", "CTO", "US"),
    ("Zoë", "Müller", "Fabrikam & Söhne", "Einkauf", "Germany"),
    ("Conor", "O'Neill", "Northwind Traders", "Head of IT", "IE"),
    ("美咲", "佐藤", "Adventure Works", "部長", "Japan"),
    ("Inés", "Núñez", "Tailwind Toys & Co.", "Compras", "ES"),
)
_OFFER = ("contoso.lead-demo", "Contoso Lead Demo")


def sample_rows(kind: Kind, number: int, now: datetime, rng: random.Random) -> list[Row]:
    """`number` rows of one kind, created at `now` (UTC); the same `rng` state makes the same rows."""
    return [sample_row(kind, now + timedelta(microseconds=index), rng) for index in range(number)]


def sample_row(kind: Kind, now: datetime, rng: random.Random) -> Row:
    """One row, without `Timestamp`: the table service stamps it."""
    origin = _ORIGINS[kind]
    offer_id, offer = _OFFER
    return {
        "PartitionKey": partition_key(now),
        "RowKey": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "ActionCode": origin.action,
        "CreatedTime": created_time(now),
        "CustomerInfo": _test_contact(now) if kind is Kind.TEST else _contact(rng),
        "Description": test_mark(now) if kind is Kind.TEST else origin.note,
        "LeadSource": f"{origin.source}-{origin.action}|{offer_id}",
        "OfferDisplayName": offer,
    }


def partition_key(moment: datetime) -> str:
    """The day, unpadded, with `/` escaped as Microsoft does: `11:2F24:2F2026`."""
    return f"{moment.month}:2F{moment.day}:2F{moment.year}"


def created_time(moment: datetime) -> str:
    """A date as .NET writes it by default: `11/24/2026 1:05:09 PM`."""
    hour, half = (moment.hour % 12 or 12), ("AM" if moment.hour < 12 else "PM")
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment.minute:02}:{moment.second:02} {half}"


def ticks(moment: datetime) -> int:
    """.NET ticks: 100-nanosecond steps since the year 1, 18 digits. `moment` is in UTC."""
    return (moment - datetime(1, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10


def test_mark(moment: datetime) -> str:
    """What marks a test lead sent at `moment`: `MSFT_TEST_` and ticks."""
    return f"MSFT_TEST_{ticks(moment)}"


def _test_contact(moment: datetime) -> str:
    mark = test_mark(moment)
    return _contact_json((mark, mark, f"{mark}@test.com", "1234567890", "US", mark, mark))


def _contact(rng: random.Random) -> str:
    first, last, company, title, country = rng.choice(_PEOPLE)
    number = rng.randrange(10**7)
    email = f"lead{number:07}@example.com"
    return _contact_json((first, last, email, f"555{number:07}", country, company, title))


def _contact_json(values: Sequence[str]) -> str:
    names = ("FirstName", "LastName", "Email", "Phone", "Country", "Company", "Title")
    return json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False, separators=(",", ":"))
