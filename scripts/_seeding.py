"""What seed_lead.py does: insert, run the flow, prove, clean up, tell. Whatever fails, the rows are accounted for."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leads.delivery import DeliveryError, Wait
from leads.environment import Deployed, StackError, logic_client, read_stack
from leads.flow import Flow, FlowError
from leads.inbox import Inbox, InboxError
from leads.seeding import Seeding, count
from leads.table import Inserted, Key, LeadTable, LeadTableError
from scripts._console import Console
from stacks import guard

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Options:
    """The command line, checked."""

    stack: str
    rows: Sequence[Mapping[str, Any]]
    clean: bool
    run: bool
    seconds: float
    as_json: bool


def seed(options: Options, console: Console) -> None:
    """Do what the command line says; ends the process with 1 unless every lead was delivered (or just inserted)."""
    began = time.monotonic()
    deployed = _read_stack(options.stack, console)
    console.step(f"Stack {deployed.stack}: table {deployed.table} of account {deployed.account}")
    seeding = Seeding(options.rows)
    with LeadTable(deployed.connection_string, deployed.table) as table:
        problems = [_attempt(options, console, seeding, deployed, table)]
        if options.clean:
            problems.append(_clean(console, seeding, table))
    problem = "; ".join(text for text in problems if text)
    _conclude(options, console, seeding, problem, time.monotonic() - began)


def _read_stack(stack: str, console: Console) -> Deployed:
    try:
        with console.waiting(f"Reading the outputs of stack {stack}"):
            return read_stack(stack, ROOT)
    except StackError as error:
        console.fail(str(error))


def _attempt(options: Options, console: Console, seeding: Seeding, deployed: Deployed, table: LeadTable) -> str:
    """Insert and deliver. Returns the error's text instead of raising it, as the rows have to be accounted for."""
    try:
        with console.waiting("Inserting"):
            seeding.insert(table, console.step)
        if options.run:
            _deliver(options, console, seeding, deployed)
    except (LeadTableError, FlowError, DeliveryError, InboxError) as error:
        return str(error)
    except KeyboardInterrupt:
        return "interrupted"
    return ""


def _deliver(options: Options, console: Console, seeding: Seeding, deployed: Deployed) -> None:
    local = options.stack == guard.LOCAL_STACK
    wait = Wait(options.seconds, time.monotonic, time.sleep, pause=0.1 if local else 2.0)
    with console.waiting("Waiting for the flow to mail the lead"):
        seeding.deliver(Flow(logic_client(deployed, os.environ), deployed), wait, console.step)
    if local:
        seeding.find_mails(Inbox(os.environ.get("LOCALAZURE_INBOX", "")), wait, console.step)


def _clean(console: Console, seeding: Seeding, table: LeadTable) -> str:
    try:
        seeding.remove(table, console.step)
    except LeadTableError as error:
        return str(error)
    except KeyboardInterrupt:
        return "interrupted"
    return ""


def _conclude(options: Options, console: Console, seeding: Seeding, problem: str, seconds: float) -> None:
    if options.as_json:
        print(json.dumps(_report(options, seeding, problem, seconds), indent=2))
    if problem:
        console.fail(f"{problem}; {what_is_left(seeding)}")
    if options.run:
        console.note(f"Delivered in {seconds:.1f} s.")
    else:
        console.note("The flow was not started: its next run finds the leads, and nobody has checked that.")


def what_is_left(seeding: Seeding) -> str:
    """The rows that a failed seeding left in the table, as a clause."""
    left = f"{len(seeding.remaining)} of {count(seeding.rows, 'lead')} left in the table"
    if seeding.remaining:
        left += ": " + _listed(seeding.remaining)
    if seeding.uncertain:
        left += f"; perhaps also {_listed([seeding.uncertain])}, whose insertion was not answered"
    return left


def _listed(keys: Sequence[Key]) -> str:
    return ", ".join(" / ".join(key) for key in keys[:10]) + (", …" if len(keys) > 10 else "")


def _report(options: Options, seeding: Seeding, problem: str, seconds: float) -> dict[str, Any]:
    return {
        "stack": options.stack,
        "delivered": not problem and options.run,
        "error": problem or None,
        "run": seeding.run,
        "leads": [_lead(seeding, row) for row in seeding.inserted],
        "seconds": round(seconds, 2),
    }


def _lead(seeding: Seeding, row: Inserted) -> dict[str, Any]:
    found = seeding.delivered.get(row.key)
    return {
        "partitionKey": row.partition_key,
        "rowKey": row.row_key,
        "inTable": row.key in seeding.remaining,
        "run": found and found.run,
        "readBy": found and found.read_by,
        "mailedBy": found and found.mailed_by,
        "to": found and found.to,
        "subject": found and found.subject,
        "mail": seeding.mails.get(row.key),
    }
