#!/usr/bin/env python
"""Give the mail connection of a stack its consent anew: sign in as the account that is to send the mails."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts._console import Console  # noqa: E402
from scripts._stack import JsonOption, StackOption, read, told  # noqa: E402


def renew_consent(
    stack: StackOption = None,
    anew: Annotated[bool, typer.Option("--anew", help="Also where it is valid, to send as another account.")] = False,
    browser: Annotated[bool, typer.Option(help="Open the page, not only show its address.")] = True,
    timeout: Annotated[int, typer.Option(min=1, help="Seconds to wait for the consent.")] = 600,
    as_json: JsonOption = False,
) -> None:
    console = Console(quiet=as_json)
    deployed = read(stack, console)
    from scripts import _renewing

    with told(console):
        _renewing.renew(deployed, _renewing.Options(anew, browser, timeout, as_json), console)


renew_consent.__doc__ = __doc__


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(renew_consent)
    app()
