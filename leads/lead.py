"""What a lead is: a row of the lead table, as Microsoft writes it.

Microsoft publishes no schema. Columns, names and codes come from its samples and from what publishers found in their
tables (documentation: "Customer leads from your commercial marketplace offer"). So everything here tolerates: other
spelling of names, missing fields, unknown columns, broken JSON. Nothing of a lead is ever dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# The documented codes, completely.
ACTIONS: Mapping[str, str] = {
    "INS": "a customer acquired the offer",
    "PLT": "a customer asked to be contacted (Contact me)",
    "DNC": "do not contact: a partner was contacted already",
    "Create": "a customer created the offer in the Azure portal",
    "StartTestDrive": "a customer started a test drive",
}
SOURCES: Mapping[str, str] = {
    "AzureMarketplace": "Azure Marketplace",
    "AzurePortal": "Azure portal",
    "AppSource (SPZA)": "AppSource",
    "SPZA": "AppSource",
    "TestDrive": "test drive",
}
CONTACT_FIELDS = ("FirstName", "LastName", "Email", "Phone", "Country", "Company", "Title")

_TEST_MARK = re.compile(r"MSFT_TEST_\d{18}")
_CONTACT_COLUMNS = ("customerinfo", "userdetails")
_OFFER_COLUMNS = ("offerdisplayname", "offertitle")
_KNOWN = {"partitionkey", "rowkey", "timestamp", "actioncode", "createdtime", "description", "leadsource"}


@dataclass(frozen=True)
class Contact:
    """Who the lead is, as far as Microsoft says: fields may be empty, all of them for protected addresses."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    company: str = ""
    title: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is no contact data at all: to be said, not to be dropped."""
        return not any(vars(self).values())


@dataclass(frozen=True)
class Lead:
    """One lead. `contact_text` is the contact column as written; `contact` is empty where that is no JSON object.

    `source` and `offer_id` are taken apart from `LeadSource` (`Source-Action|publisher.offer`, or only a source).
    `other` holds the columns nobody knows yet.
    """

    partition_key: str
    row_key: str
    timestamp: str = ""
    created: str = ""
    action: str = ""
    source: str = ""
    offer_id: str = ""
    offer: str = ""
    description: str = ""
    contact: Contact = Contact()
    contact_text: str = field(default="", repr=False)
    is_test: bool = False
    other: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the row: PartitionKey and RowKey."""
        return self.partition_key, self.row_key

    @property
    def action_meaning(self) -> str:
        """The action in words; an unknown code as it is."""
        known = {code.lower(): meaning for code, meaning in ACTIONS.items()}
        return known.get(self.action.lower(), self.action)


def parse_lead(row: Mapping[str, Any]) -> Lead:
    """A lead out of a table row; names of columns are compared without case."""
    columns = {name.lower(): value for name, value in row.items()}
    contact_text = _first(columns, _CONTACT_COLUMNS)
    source, action, offer_id = split_source(_text(columns.get("leadsource")))
    used = {*_KNOWN, *_CONTACT_COLUMNS, *_OFFER_COLUMNS}
    return Lead(
        partition_key=_text(columns.get("partitionkey")),
        row_key=_text(columns.get("rowkey")),
        timestamp=_text(columns.get("timestamp")),
        created=_text(columns.get("createdtime")),
        action=_text(columns.get("actioncode")) or action,
        source=source,
        offer_id=offer_id,
        offer=_first(columns, _OFFER_COLUMNS),
        description=_text(columns.get("description")),
        contact=parse_contact(contact_text),
        contact_text=contact_text,
        is_test=is_test(row),
        other={name: value for name, value in row.items() if name.lower() not in used},
    )


def parse_contact(text: str) -> Contact:
    """The contact out of the JSON of `CustomerInfo` (`UserDetails` elsewhere); an empty one if it cannot be read."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Contact()
    if not isinstance(found, dict):
        return Contact()
    fields = {name.lower(): _text(value) for name, value in found.items()}
    return Contact(*(fields.get(name.lower(), "") for name in CONTACT_FIELDS))


def split_source(text: str) -> tuple[str, str, str]:
    """Source, action and offer id out of a `LeadSource`; what is not there is empty.

    >>> split_source("AzureMarketplace-INS|contoso.leads")
    ('AzureMarketplace', 'INS', 'contoso.leads')
    >>> split_source("AppSource (SPZA)")
    ('AppSource (SPZA)', '', '')
    """
    origin, _, offer_id = text.partition("|")
    source, _, action = origin.rpartition("-") if "-" in origin else (origin, "", "")
    return source.strip(), action.strip(), offer_id.strip()


def is_test(row: Mapping[str, Any]) -> bool:
    """Whether Microsoft sent the row to test the destination: some field holds `MSFT_TEST_` and .NET ticks."""
    return any(isinstance(value, str) and _TEST_MARK.search(value) for value in row.values())


def _first(columns: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((_text(columns[name]) for name in names if columns.get(name) is not None), "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
