"""Which leads a person wants to see: by time, offer, country, source, action, test or real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from leads.lead import SOURCES, Lead, parse_lead


class Which(StrEnum):
    """Real leads, Microsoft's test leads, or all."""

    ALL = "all"
    REAL = "real"
    TEST = "test"


@dataclass(frozen=True)
class Selection:
    """Written at `since` or later and before `until` (the row's `Timestamp`, UTC); texts compare without case.

    `offer` is a part of the offer's title or id; `country`, `source` and `action` are whole, a source also by its name
    for people (`AppSource` for `SPZA`).
    """

    since: datetime | None = None
    until: datetime | None = None
    offer: str = ""
    country: str = ""
    source: str = ""
    action: str = ""
    which: Which = Which.ALL

    @property
    def filter(self) -> str:
        """What the table service can sort out by itself: the time, in OData."""
        terms = [f"Timestamp ge datetime'{_odata(self.since)}'"] if self.since else []
        terms += [f"Timestamp lt datetime'{_odata(self.until)}'"] if self.until else []
        return " and ".join(terms)

    def admits(self, lead: Lead) -> bool:
        """Whether a lead is one of those."""
        return (
            self._admits_time(received(lead))
            and _holds(self.offer, f"{lead.offer}\n{lead.offer_id}")
            and _is(self.country, lead.contact.country)
            and _is(self.source, lead.source, SOURCES.get(lead.source, ""))
            and _is(self.action, lead.action)
            and (self.which is Which.ALL or lead.is_test == (self.which is Which.TEST))
        )

    def _admits_time(self, moment: datetime | None) -> bool:
        if moment is None:
            return True  # the service has filtered; a row without a time is shown, not lost
        return not (self.since and moment < self.since) and not (self.until and moment >= self.until)


def select(rows: Iterable[Mapping[str, Any]], selection: Selection) -> Iterator[Lead]:
    """The leads among these rows, one by one: nothing is collected."""
    return (lead for lead in map(parse_lead, rows) if selection.admits(lead))


def received(lead: Lead) -> datetime | None:
    """When the row was written (or last changed), in UTC, to the microsecond; None if it does not say."""
    try:
        moment = datetime.fromisoformat(lead.timestamp)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _odata(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z") if moment else ""


def _holds(wanted: str, text: str) -> bool:
    return wanted.casefold() in text.casefold()


def _is(wanted: str, *texts: str) -> bool:
    return not wanted or wanted.strip().casefold() in {text.strip().casefold() for text in texts if text}
