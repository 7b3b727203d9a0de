#!/usr/bin/env python
"""Settle on Azure what docs/unverified.md lists: deploy a throw-away stack, probe, write one file to send back, remove
everything."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts._console import Console  # noqa: E402
from scripts._project import local_environment  # noqa: E402
from scripts._stack import told  # noqa: E402
from scripts._subscription import subscription_of  # noqa: E402
from scripts._throwaway import ThrowAway, Wanted, committed_stacks  # noqa: E402
from scripts._verifying import Options, Verification, without  # noqa: E402
from stacks import guard  # noqa: E402
from verify.arm import Arm  # noqa: E402
from verify.statement import Need, Statement  # noqa: E402
from verify.statements import STATEMENTS  # noqa: E402


def verify_azure(
    stack: Annotated[str, typer.Option("--stack", "-s", help="Name of the throw-away stack.")] = "verify",
    recipient: Annotated[str | None, typer.Option(help="Who gets the sample leads and alerts; you, best.")] = None,
    location: Annotated[str, typer.Option(help="Azure region.")] = "westeurope",
    only: Annotated[list[str] | None, typer.Option(help="Probe only this statement; may be repeated.")] = None,
    skip_slow: Annotated[bool, typer.Option("--skip-slow", help="Leave out what waits for minutes.")] = False,
    consent: Annotated[bool, typer.Option(help="Wait for you to consent to the Office 365 connection.")] = True,
    leads_of: Annotated[str, typer.Option(help="A stack with leads of Microsoft: only their form is reported.")] = "",
    output: Annotated[Path, typer.Option(help="The report.")] = Path("verify-azure.json"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before deploying.")] = False,
) -> None:
    console = Console()
    with told(console):
        _check_name(stack, console)
        is_local = _is_rehearsal(console)
        recipients = [recipient or ("you@example.com" if is_local else "")]
        if not recipients[0]:
            console.fail("who gets the sample leads and alerts? Say --recipient you@your-company.com", 2)
        statements = _chosen(only or [], skip_slow, console)
        _check_output(output, console)
        asks = consent and not is_local and sys.stdin.isatty()
        wanted = Wanted(stack, location, recipients)
        complete = _verify(wanted, Options(is_local, statements, output, leads_of, asks), yes or is_local, console)
    sys.exit(0 if complete else 1)


def _verify(wanted: Wanted, options: Options, sure: bool, console: Console) -> bool:
    environ = local_environment(os.environ) if options.is_local else dict(os.environ)
    _check_environment(wanted.stack, environ, console)
    os.environ.update(environ)  # where Azure's sign-in looks
    if (subscription := subscription_of({}, environ)) is None:
        console.fail("which subscription? Run `az login`, or set ARM_SUBSCRIPTION_ID", 2)
    throwaway = ThrowAway(wanted, Arm(environ, subscription.id), environ)
    try:
        if throwaway.exists():
            console.fail(f"there is a resource group {wanted.group} already; choose another name: STACK=verify-2", 2)
        if not (sure or typer.confirm(_question(wanted.group, subscription.id, len(options.statements)))):
            console.fail("nothing was deployed")
        return Verification(throwaway, options, environ, console).run()
    finally:
        throwaway.forget()


def _is_rehearsal(console: Console) -> bool:
    try:
        return guard.is_rehearsal(os.environ)
    except guard.GuardError as error:
        console.fail(str(error))


def _check_environment(stack: str, environ: Mapping[str, str], console: Console) -> None:
    try:
        guard.check_environment(stack, environ)
    except guard.GuardError as error:
        console.fail(str(error))


def _check_name(stack: str, console: Console) -> None:
    if stack in committed_stacks():
        console.fail(f"'{stack}' is a stack of this project and not for throwing away; choose another: STACK=verify", 2)
    if not (stack.isascii() and stack.replace("-", "").isalnum() and len(stack) <= 40):
        console.fail(f"{stack!r} cannot be a stack's name; use letters, digits and hyphens: STACK=verify", 2)


def _chosen(only: Sequence[str], skip_slow: bool, console: Console) -> list[Statement]:
    if unknown := [name for name in only if name not in STATEMENTS]:
        console.fail(f"there is no statement {unknown[0]!r}; docs/unverified.md lists them", 2)
    statements = [one for one in STATEMENTS.values() if not only or one.id in only]
    return without(statements, Need.MINUTES) if skip_slow else statements


def _check_output(file: Path, console: Console) -> None:
    """Now, not after half an hour of probing."""
    if file.is_dir() or not file.parent.is_dir() or not os.access(file.parent, os.W_OK):
        console.fail(f"the report {file} cannot be written; name a file in a folder that you may write to: --output", 2)


def _question(group: str, subscription: str, number: int) -> str:
    return (
        f"This makes the resource group {group} in subscription {subscription}, probes {number} statements in it (about"
        " half an hour, a few cents), and deletes it again. Go on?"
    )


def main() -> None:
    """Run the command."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(help=__doc__)(verify_azure)
    app()


if __name__ == "__main__":
    main()
