"""What the commands over a deployed stack have in common: choose the stack, read it, tell errors in one line."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from leads.errors import LeadsError
from leads.periods import PeriodError, parse_moment
from scripts._console import Console
from stacks import guard

if TYPE_CHECKING:
    from leads.environment import Deployed

ROOT = Path(__file__).resolve().parent.parent

StackOption = Annotated[str | None, typer.Option("--stack", "-s", help="Stack. [on the local cloud: local]")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def choose_stack(given: str | None, console: Console, environ: Mapping[str, str] = os.environ) -> str:
    """The stack that is meant: the one named, else `local` where the shell leads to the local cloud; ends if wrong."""
    name = given or (guard.LOCAL_STACK if environ.get("LOCALAZURE_ARM_ENDPOINT") else "")
    if not name:
        console.fail(
            'which stack? Say --stack NAME, or lead this shell to the local cloud: eval "$(localazure env)"', 2
        )
    try:
        guard.check_environment(name, environ)
    except guard.GuardError as error:
        # Commands that stand below each other there stand in one line here.
        console.fail(re.sub(r"(?m)^(  .*)$(?=\n  )", r"\1 &&", str(error)))
    return name


def need_local_cloud(console: Console, environ: Mapping[str, str] = os.environ, code: int = 1) -> None:
    """End the command if this shell leads to a local cloud that does not run; on Azure there is nothing to look at."""
    endpoint = environ.get("LOCALAZURE_ARM_ENDPOINT", "")
    address = urlsplit(endpoint)
    if not address.hostname:
        return
    try:
        socket.create_connection((address.hostname, address.port or 443), timeout=10).close()
    except OSError:
        console.fail(
            f"the local cloud does not run ({endpoint} does not answer); start it with `localazure start`", code
        )


def period(since: str | None, until: str | None, console: Console) -> tuple[datetime | None, datetime | None]:
    """The moments that --since and --until name, in UTC, None where one is not given; ends with what is allowed."""
    begin, end = _moment(since, "--since", console), _moment(until, "--until", console)
    if begin and end and begin > end:
        console.fail("the period ends before it begins; give --since a time before --until", 2)
    return begin, end


def _moment(text: str | None, option: str, console: Console) -> datetime | None:
    try:
        return None if text is None else parse_moment(text, datetime.now(UTC))
    except PeriodError as error:
        console.fail(f"{option}: {error}", 2)


def read(given: str | None, console: Console) -> Deployed:
    """The outputs of the stack that is meant; ends where there are none, or where nobody could be asked further."""
    name = choose_stack(given, console)
    need_local_cloud(console)
    from leads.environment import StackError, read_stack

    try:
        with console.waiting(f"Reading the outputs of stack {name}"):
            return read_stack(name, ROOT)
    except StackError as error:
        console.fail(str(error))
    except KeyboardInterrupt:
        console.fail("interrupted", 130)


@contextmanager
def told(console: Console) -> Iterator[None]:
    """End the command with one line where Azure, the table or the CLI said no, and at Ctrl-C."""
    try:
        yield
    except LeadsError as error:
        console.fail(str(error))
    except BrokenPipeError:
        os._exit(0)  # who reads the output has seen enough, and nobody is left to be told
    except KeyboardInterrupt:
        console.fail("interrupted", 130)
