#!/usr/bin/env python
"""Make a key of the lead table's storage account anew, without a lead or a mail lost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts._console import Console  # noqa: E402
from scripts._stack import JsonOption, StackOption, read, told  # noqa: E402

app = typer.Typer(
    help=__doc__, add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, rich_markup_mode=None
)

TimeoutOption = Annotated[int, typer.Option(min=1, help="Seconds to wait for runs that are going on.")]
SharedOption = Annotated[
    bool, typer.Option("--shared-account", help="Yes: other users of an adopted account's keys have been thought of.")
]
SettleOption = Annotated[
    int | None,
    typer.Option(min=0, help="Seconds to wait after the connection was changed. [60; on the local cloud 0]"),
]


@app.command()
def key1(
    stack: StackOption = None,
    shared: SharedOption = False,
    timeout: TimeoutOption = 300,
    settle: SettleOption = None,
    as_json: JsonOption = False,
) -> None:
    """The key that the flow reads the table with. Partner Center does not notice."""
    console = Console(quiet=as_json)
    deployed = read(stack, console)
    from scripts import _rotating

    _rotating.refuse_shared(deployed, shared, console)
    with told(console):
        _rotating.key1(deployed, timeout, settle, as_json, console)


@app.command()
def key2(
    stack: StackOption = None,
    again: Annotated[
        bool, typer.Option("--offer-will-be-published-again", help="Yes: every offer, at once, with the new string.")
    ] = False,
    show_secrets: Annotated[bool, typer.Option("--show-secrets", help="Print the new connection string.")] = False,
    shared: SharedOption = False,
    timeout: TimeoutOption = 300,
    settle: SettleOption = None,
    as_json: JsonOption = False,
) -> None:
    """The key that Partner Center has. Leads are lost until the offers are published again with the new string."""
    console = Console(quiet=as_json)
    if not again:
        console.fail(
            "a new key2 makes the string in Partner Center invalid at once, and leads are lost until the offers are"
            " published with the new one; if they will be, add --offer-will-be-published-again",
            2,
        )
    deployed = read(stack, console)
    from scripts import _rotating

    _rotating.refuse_shared(deployed, shared, console)
    with told(console):
        _rotating.key2(deployed, (timeout, settle), show_secrets, as_json, console)


if __name__ == "__main__":
    app()
