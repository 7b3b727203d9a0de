#!/usr/bin/env python
"""Put sample leads into a stack's lead table, run the flow, and prove that the mail was delivered."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from leads.own import LeadFileError, read_rows  # noqa: E402
from leads.samples import Kind, sample_rows  # noqa: E402
from scripts._console import Console  # noqa: E402
from stacks import guard  # noqa: E402


@dataclass(frozen=True)
class Options:
    """The command line, checked."""

    stack: str
    rows: Sequence[Mapping[str, Any]]
    clean: bool
    run: bool
    seconds: float
    as_json: bool


def seed_lead(
    stack: Annotated[str | None, typer.Option("--stack", "-s", help="Stack. [on the local cloud: local]")] = None,
    number: Annotated[int | None, typer.Option("--number", "-n", min=1, max=1000, help="How many leads. [1]")] = None,
    kind: Annotated[Kind | None, typer.Option(help="What they are. [contact]")] = None,
    file: Annotated[Path | None, typer.Option(help="Own leads: a JSON object, or a list, of columns.")] = None,
    clean: Annotated[bool, typer.Option("--clean/--keep", help="Remove the leads at the end, or leave them.")] = False,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Run the flow and wait, or only insert.")] = True,
    timeout: Annotated[int, typer.Option(min=1, help="Seconds to wait for the delivery.")] = 180,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    console = Console(quiet=as_json)
    if file is not None and (number is not None or kind is not None):
        console.fail("--file brings its own leads; leave out --number and --kind", code=2)
    if clean and not run:
        console.fail("--clean with --no-run would insert leads only to remove them; leave one of them out", code=2)
    name = _stack(stack, console)
    rows = _rows(file, kind or Kind.CONTACT, number or 1, console)
    _seed(Options(name, rows, clean, run, timeout, as_json), console)


def _stack(given: str | None, console: Console) -> str:
    name = given or (guard.LOCAL_STACK if os.environ.get("LOCALAZURE_ARM_ENDPOINT") else "")
    if not name:
        console.fail(
            'which stack? Say --stack NAME, or lead this shell to the local cloud: eval "$(localazure env)"', 2
        )
    try:
        guard.check_environment(name, os.environ)
    except guard.GuardError as error:
        console.fail(str(error))
    return name


def _rows(file: Path | None, kind: Kind, number: int, console: Console) -> Sequence[Mapping[str, Any]]:
    now, rng = datetime.now(UTC), random.Random()
    if file is None:
        return sample_rows(kind, number, now, rng)
    try:
        return read_rows(file, now, rng)
    except LeadFileError as error:
        console.fail(str(error))


def _seed(options: Options, console: Console) -> None:
    # The Azure clients take half a second to import: bad input is answered without them.
    from leads.environment import StackError, read_stack
    from leads.seeding import Seeding
    from leads.table import LeadTable

    began = time.monotonic()
    seeding = Seeding(options.rows)
    try:
        with console.waiting(f"Reading the outputs of stack {options.stack}"):
            deployed = read_stack(options.stack, ROOT)
    except StackError as error:
        console.fail(str(error))
    console.step(f"Stack {deployed.stack}: table {deployed.table} of account {deployed.account}")
    with LeadTable(deployed.connection_string, deployed.table) as table:
        problem = _attempt(options, console, seeding, deployed, table)
        if options.clean:
            seeding.remove_quietly(table, console.step)
    _conclude(options, console, seeding, problem, time.monotonic() - began)


def _attempt(options: Options, console: Console, seeding: Any, deployed: Any, table: Any) -> str | None:
    """Insert and deliver; returns the error's text instead of raising: the rows have to be accounted for in any case."""
    from leads.delivery import DeliveryError
    from leads.flow import FlowError
    from leads.inbox import InboxError
    from leads.table import LeadTableError

    try:
        with console.waiting("Inserting"):
            seeding.insert(table, console.step)
        if options.run:
            _deliver(options, console, seeding, deployed)
    except (LeadTableError, FlowError, DeliveryError, InboxError) as error:
        return str(error)
    except KeyboardInterrupt:
        return "interrupted"
    return None


def _deliver(options: Options, console: Console, seeding: Any, deployed: Any) -> None:
    from leads.delivery import Wait
    from leads.environment import logic_client
    from leads.flow import Flow
    from leads.inbox import Inbox

    local = options.stack == guard.LOCAL_STACK
    wait = Wait(options.seconds, time.monotonic, time.sleep, pause=0.1 if local else 2.0)
    with console.waiting("Waiting for the flow to mail the lead"):
        seeding.deliver(Flow(logic_client(deployed, os.environ), deployed), wait, console.step)
    inbox = os.environ.get("LOCALAZURE_INBOX")
    if local and inbox:
        seeding.find_mails(Inbox(inbox), wait, console.step)


def _conclude(options: Options, console: Console, seeding: Any, problem: str | None, seconds: float) -> None:
    if options.as_json:
        print(json.dumps(_report(options, seeding, problem, seconds), indent=2))
    if problem is None and options.run:
        console.note(f"Delivered in {seconds:.1f} s.")
    elif problem is None:
        console.note("The flow was not started: it finds the leads at its next run, and nobody has checked that.")
    else:
        console.error(f"{problem}{_left(seeding)}")
        sys.exit(1)


def _left(seeding: Any) -> str:
    """What a failed seeding left behind."""
    keys = seeding.remaining
    if not keys:
        return "; no lead was left in the table"
    shown = ", ".join(" / ".join(key) for key in keys[:10]) + (", …" if len(keys) > 10 else "")
    return f"; {len(keys)} of {len(seeding.rows)} leads are in the table: {shown}"


def _report(options: Options, seeding: Any, problem: str | None, seconds: float) -> dict[str, Any]:
    return {
        "stack": options.stack,
        "delivered": problem is None and options.run,
        "error": problem,
        "run": seeding.run,
        "leads": [_lead(seeding, row) for row in seeding.inserted],
        "seconds": round(seconds, 2),
    }


def _lead(seeding: Any, row: Any) -> dict[str, Any]:
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


def main() -> None:
    """Run the command."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(help=__doc__)(seed_lead)
    app()


if __name__ == "__main__":
    main()
