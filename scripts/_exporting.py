"""What export_leads.py does: read the table page by page, show or write one lead after the other."""

from __future__ import annotations

import heapq
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count as numbers
from pathlib import Path
from typing import TextIO

from leads.environment import Deployed
from leads.errors import LeadsError
from leads.export import as_json as lead_as_json
from leads.export import write_csv, write_json_lines
from leads.files import whole
from leads.lead import Lead
from leads.selection import Selection, received, select
from leads.table import LeadTable
from scripts._console import Console

Write = Callable[[Iterable[Lead], TextIO], int]

HEADINGS = ("Received (UTC)", "Action", "Offer", "Name", "E-mail", "Company", "Country", "")


class ExportError(LeadsError):
    """The file cannot be written."""


def show(deployed: Deployed, selection: Selection, limit: int | None, as_json: bool, console: Console) -> None:
    """The newest leads as a table, newest first; with `as_json` as one JSON object."""
    number = numbers()
    with _leads(deployed, selection) as found, console.waiting("Reading the table"):
        newest = _newest((lead for lead in found if next(number) >= 0), limit)
    total = next(number)
    if as_json:
        shown = [lead_as_json(lead) for lead in newest]
        print(json.dumps({"stack": deployed.stack, "found": total, "leads": shown}, indent=2, ensure_ascii=False))
        return
    if newest:
        console.table(HEADINGS, map(_row, newest))
    console.note(_summary(len(newest), total, deployed.table))


def write(
    deployed: Deployed, selection: Selection, write: Write, output: Path | None, as_json: bool, console: Console
) -> None:
    """Every selected lead into a file, or to standard output where there is none."""
    with _leads(deployed, selection) as found:
        if output is None:
            _to_standard_output(write, found)
            return
        with console.waiting(f"Writing {output}"):
            number = _to_file(write, found, output)
    if as_json:
        print(json.dumps({"stack": deployed.stack, "written": number, "file": str(output)}))
    console.step(f"Wrote {number} lead{'' if number == 1 else 's'} to {output}")


def writer(form: str, separator: str) -> Write:
    """What writes leads in a form: `csv` or `jsonl`."""
    return partial(write_csv, separator=separator) if form == "csv" else write_json_lines


@contextmanager
def _leads(deployed: Deployed, selection: Selection) -> Iterator[Iterator[Lead]]:
    with LeadTable(deployed.connection_string, deployed.table) as table:
        yield select(table.rows(selection.filter), selection)


def _newest(leads: Iterable[Lead], limit: int | None) -> list[Lead]:
    def age(lead: Lead) -> str:
        moment = received(lead)
        return moment.isoformat() if moment else ""

    return sorted(leads, key=age, reverse=True) if limit is None else heapq.nlargest(limit, leads, key=age)


def _row(lead: Lead) -> tuple[str, ...]:
    contact, moment = lead.contact, received(lead)
    return (
        moment.strftime("%Y-%m-%d %H:%M:%S") if moment else lead.timestamp,
        lead.action,
        lead.offer or lead.offer_id,
        f"{contact.first_name} {contact.last_name}".strip() or ("" if contact.email else "no contact data"),
        contact.email,
        contact.company,
        contact.country,
        "test" if lead.is_test else "",
    )


def _summary(shown: int, total: int, table: str) -> str:
    if not total:
        return f"No such lead in table {table}."
    if shown < total:
        return f"\nThe newest {shown} of {total} leads; --limit 0 shows all, --output leads.csv writes all."
    return f"\n{total} lead{'' if total == 1 else 's'}."


def _to_standard_output(write: Write, leads: Iterable[Lead]) -> None:
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="backslashreplace", newline="")
    try:
        write(leads, out)
        out.flush()
    finally:
        out.detach()


def _to_file(write: Write, leads: Iterable[Lead], output: Path) -> int:
    """A file that its owner alone can read; it is there whole, or not at all."""
    try:
        with whole(output) as out:
            return write(leads, out)
    except OSError as error:
        raise ExportError(f"{output} cannot be written: {error.strerror}") from None
