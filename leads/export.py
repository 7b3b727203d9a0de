"""Leads as files: CSV for a spreadsheet, JSON Lines for a program. One lead after the other, for any number of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TextIO

from leads.csv_cells import safe_cell
from leads.lead import CONTACT_FIELDS, Lead
from leads.selection import received

# The columns of a CSV file: a heading, and what of a lead is below it.
COLUMNS: Mapping[str, Callable[[Lead], str]] = {
    "Received (UTC)": lambda lead: _to_the_second(lead),
    "Test": lambda lead: "yes" if lead.is_test else "no",
    "Action": lambda lead: lead.action,
    "Meaning": lambda lead: lead.action_meaning,
    "Source": lambda lead: lead.source,
    "Offer": lambda lead: lead.offer,
    "Offer id": lambda lead: lead.offer_id,
    "First name": lambda lead: lead.contact.first_name,
    "Last name": lambda lead: lead.contact.last_name,
    "E-mail": lambda lead: lead.contact.email,
    "Phone": lambda lead: lead.contact.phone,
    "Company": lambda lead: lead.contact.company,
    "Title": lambda lead: lead.contact.title,
    "Country": lambda lead: lead.contact.country,
    "Description": lambda lead: lead.description.strip(),
    "Created": lambda lead: lead.created,
    "PartitionKey": lambda lead: lead.partition_key,
    "RowKey": lambda lead: lead.row_key,
    "Contact as written": lambda lead: _not_taken_apart(lead),
    "Other columns": lambda lead: _compact(lead.other) if lead.other else "",
}
_KNOWN_FIELDS = {name.lower() for name in CONTACT_FIELDS}
BYTE_ORDER_MARK = "\ufeff"  # by it Excel knows UTF-8


def write_csv(leads: Iterable[Lead], out: TextIO, separator: str = ",") -> int:
    """Write leads as CSV (RFC 4180, every cell quoted, headings first) and return their number.

    `out` is opened with `newline=""` and an encoding that has every character. Texts are those of `safe_cell`.
    """
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    number = 0
    for lead in leads:
        writer.writerow([safe_cell(cell(lead)) for cell in COLUMNS.values()])
        number += 1
    return number


def write_json_lines(leads: Iterable[Lead], out: TextIO) -> int:
    """Write one JSON object a line and return their number. Texts are exactly those of the table."""
    number = 0
    for lead in leads:
        out.write(_compact(as_json(lead)) + "\n")
        number += 1
    return number


def as_json(lead: Lead) -> dict[str, Any]:
    """A lead as JSON: what is known of it under names of its own, every unknown column under `other`."""
    found = {_camel(name): value for name, value in vars(lead).items()}
    found["contact"] = {_camel(name): value for name, value in vars(lead.contact).items()}
    return {**found, "actionMeaning": lead.action_meaning, "other": dict(lead.other)}


def _to_the_second(lead: Lead) -> str:
    moment = received(lead)
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else lead.timestamp


def _not_taken_apart(lead: Lead) -> str:
    """The contact as Microsoft wrote it, if the columns do not show all of it: no JSON, or fields nobody knows."""
    try:
        names = {name.lower() for name in json.loads(lead.contact_text)}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return lead.contact_text
    return "" if names <= _KNOWN_FIELDS else lead.contact_text


@cache
def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
