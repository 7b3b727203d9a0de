#!/usr/bin/env python
"""Show the leads of a stack, or write them as CSV (for Excel) or JSON Lines. Times are UTC."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from leads.selection import Selection, Which  # noqa: E402
from scripts._console import Console  # noqa: E402
from scripts._stack import JsonOption, StackOption, period, read, told  # noqa: E402


class Form(StrEnum):
    """How leads are written."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"


FormOption = Annotated[Form | None, typer.Option("--format", "-f", help="[by the ending of --output, else table]")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="File to write. [standard output]")]
_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}


class Separator(StrEnum):
    """What separates the cells of a CSV file; Excel expects a semicolon where a comma is the decimal sign."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"


def export_leads(
    stack: StackOption = None,
    form: FormOption = None,
    output: OutputOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    separator: Annotated[Separator, typer.Option(help="Of CSV.")] = Separator.COMMA,
    limit: Annotated[int, typer.Option(min=0, help="How many of the newest the table shows; 0: all.")] = 20,
    since: Annotated[str | None, typer.Option(help="Written at this time or later: 2026-11-24, 24h, 7d.")] = None,
    until: Annotated[str | None, typer.Option(help="Written before this time.")] = None,
    offer: Annotated[str, typer.Option(help="A part of the offer's title or id.")] = "",
    country: Annotated[str, typer.Option(help="The country as in the lead (free text: US, USA).")] = "",
    source: Annotated[str, typer.Option(help="AzureMarketplace, AppSource, …")] = "",
    action: Annotated[str, typer.Option(help="INS, PLT, DNC, Create, StartTestDrive, …")] = "",
    which: Annotated[Which, typer.Option(help="Real leads, Microsoft's test leads, or all.")] = Which.ALL,
    as_json: JsonOption = False,
) -> None:
    console = Console(quiet=as_json or (output is None and form in (Form.CSV, Form.JSONL)))
    form = form or _form_of(output, console)
    if form is Form.TABLE and output is not None:
        console.fail("a table is for the terminal; write --format csv or jsonl with --output", 2)
    if as_json and form is not Form.TABLE and output is None:
        console.fail("--json and the leads themselves cannot share standard output; name a file with --output", 2)
    if output is not None and output.exists() and not force:
        console.fail(f"{output} is there already; --force replaces it", 2)
    selection = Selection(*period(since, until, console), offer, country, source, action, which)
    deployed = read(stack, console)
    from scripts import _exporting

    with told(console):
        if form is Form.TABLE:
            _exporting.show(deployed, selection, limit or None, as_json, console)
        else:
            write = _exporting.writer(form.value, _SEPARATORS[separator])
            _exporting.write(deployed, selection, write, output, as_json, console)


def _form_of(output: Path | None, console: Console) -> Form:
    if output is None:
        return Form.TABLE
    forms = {".csv": Form.CSV, ".jsonl": Form.JSONL, ".ndjson": Form.JSONL}
    found = forms.get(output.suffix.lower())
    if found is None:
        console.fail(f"what is {output} to hold? Say --format csv or --format jsonl", 2)
    return found


def main() -> None:
    """Run the command."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(help=__doc__)(export_leads)
    app()


if __name__ == "__main__":
    main()
