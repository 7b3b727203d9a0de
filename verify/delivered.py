"""How the rows look that Microsoft writes. Only somebody with a published offer has some; only their form is told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from verify.site import Json, Site
from verify.statement import Need, Observation, Topic

TOPIC = Topic("Leads as Microsoft writes them")

_PLACES = ("leads/samples.py", "leads/lead.py")
_COLUMNS = {
    "PartitionKey",
    "RowKey",
    "Timestamp",
    "ActionCode",
    "CreatedTime",
    "CustomerInfo",
    "Description",
    "LeadSource",
    "OfferDisplayName",
}
_CREATED = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2} (AM|PM)")
_SOURCE = re.compile(r"[\w() ]+-\w+\|[^|]+")
_SHOWN = 8


def form_of(text: str) -> str:
    """A text without what it says: letters as `a`, digits as `9`; a run of one kind is written once.

    >>> form_of("11:2F24:2F2026")
    '9:9a9:9a9'
    """
    kinds = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", text))
    return re.sub(r"(.)\1+", r"\1", kinds)


@TOPIC.statement(
    "lead-columns",
    "A row has the columns `ActionCode`, `CreatedTime`, `CustomerInfo`, `Description`, `LeadSource` and"
    " `OfferDisplayName`, and no others.",
    otherwise="export and mails leave out what else there is",
    places=_PLACES,
    needs=(Need.LEADS,),
)
def lead_columns(site: Site) -> Observation:
    """Names the columns of the rows and counts in how many each is."""
    rows = _rows(site)
    names = Counter(name for row in rows for name in row)
    return _judged(rows, set(names) == _COLUMNS, {"rows": len(rows), "columns": dict(names)})


@TOPIC.statement(
    "lead-partition-key",
    "`PartitionKey` is the day in UTC, month first and unpadded, with `:2F` for `/`: `11:2F24:2F2026`.",
    otherwise="nothing: no program depends on it",
    places=("leads/samples.py",),
    needs=(Need.LEADS,),
)
def lead_partition_key(site: Site) -> Observation:
    """Compares the day in each key with the day of the row's Timestamp."""
    rows = _rows(site)
    same = [_day(str(row.get("Timestamp", ""))) == row.get("PartitionKey") for row in rows]
    return _judged(rows, all(same), {"forms": _forms(rows, "PartitionKey"), "dayOfTimestamp": Counter(same)[True]})


@TOPIC.statement(
    "lead-row-key",
    "`RowKey` is a GUID.",
    otherwise="nothing: no program depends on it",
    places=("leads/samples.py",),
    needs=(Need.LEADS,),
)
def lead_row_key(site: Site) -> Observation:
    """Looks at the form of the keys."""
    return _all_match(site, "RowKey", re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"))


@TOPIC.statement(
    "lead-created-time",
    "`CreatedTime` is a text as .NET writes a date by default: `11/24/2026 1:05:09 PM`.",
    otherwise="the time in mails and exports is that of the row, not that of the lead",
    places=_PLACES,
    needs=(Need.LEADS,),
)
def lead_created_time(site: Site) -> Observation:
    """Looks at type and form of the values."""
    return _all_match(site, "CreatedTime", _CREATED)


@TOPIC.statement(
    "lead-source",
    "`LeadSource` is source, action and offer in one: `AzureMarketplace-INS|publisher.offer`.",
    otherwise="the offer's id cannot be told from the row",
    places=_PLACES,
    needs=(Need.LEADS,),
)
def lead_source(site: Site) -> Observation:
    """Looks at the form of the values."""
    return _all_match(site, "LeadSource", _SOURCE)


def _rows(site: Site) -> list[Json]:
    return site.lead_rows() if site.lead_rows else []


def _judged(rows: list[Json], holds: bool, seen: Json) -> Observation:
    if not rows:
        return Observation(None, {}, "no lead table with rows was named (--leads-of STACK)")
    return Observation(holds, seen)


def _all_match(site: Site, column: str, pattern: re.Pattern[str]) -> Observation:
    rows = [row for row in _rows(site) if column in row]
    matches = [isinstance(row[column], str) and bool(pattern.fullmatch(row[column])) for row in rows]
    types = dict(Counter(type(row[column]).__name__ for row in rows))
    return _judged(rows, all(matches), {"types": types, "forms": _forms(rows, column), "match": Counter(matches)[True]})


def _forms(rows: Iterable[Json], column: str) -> dict[str, int]:
    """The forms of a column, the most frequent first; no more than a few, as rare ones could tell something."""
    counted: Counter[Any] = Counter(form_of(str(row.get(column, ""))) for row in rows)
    return dict(counted.most_common(_SHOWN))


def _day(stamp: str) -> str:
    found = re.match(r"(\d{4})-(\d{2})-(\d{2})T", stamp)
    return f"{int(found[2])}:2F{int(found[3])}:2F{found[1]}" if found else ""
