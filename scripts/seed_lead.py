#!/usr/bin/env python
"""Put sample leads into a stack's lead table, run the flow, and prove that the mail was delivered."""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from leads.own import LeadFileError, read_rows  # noqa: E402
from leads.samples import Kind, sample_rows  # noqa: E402
from scripts._console import Console  # noqa: E402
from scripts._stack import choose_stack, need_local_cloud  # noqa: E402


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
    name = choose_stack(stack, console)
    rows = _rows(file, kind or Kind.CONTACT, number or 1, console)
    need_local_cloud(console)
    from scripts._seeding import Options, seed

    seed(Options(name, rows, clean, run, timeout, as_json), console)


def _rows(file: Path | None, kind: Kind, number: int, console: Console) -> Sequence[Mapping[str, Any]]:
    now, rng = datetime.now(UTC), random.Random()
    if file is None:
        return sample_rows(kind, number, now, rng)
    try:
        return read_rows(file, now, rng)
    except LeadFileError as error:
        console.fail(str(error))


def main() -> None:
    """Run the command."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(help=__doc__)(seed_lead)
    app()


if __name__ == "__main__":
    main()
