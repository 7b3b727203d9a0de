#!/usr/bin/env python
"""Look after the Logic App that mails new leads: status, stop, start, runs, statistics, checks. Times are UTC."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts._console import Console  # noqa: E402
from scripts._stack import JsonOption, StackOption, period, read, told  # noqa: E402

# What needs Azure's clients is imported by the command that needs it: help and errors of the command line come at once.
app = typer.Typer(
    help=__doc__, add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, rich_markup_mode=None
)


class RunStatus(StrEnum):
    """The statuses of a run, in Azure's words."""

    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    RUNNING = "Running"
    CANCELLED = "Cancelled"
    TIMED_OUT = "TimedOut"
    WAITING = "Waiting"
    SKIPPED = "Skipped"
    ABORTED = "Aborted"


RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="Name of the run; last or failed for the newest such.")]
FollowOption = Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for the end of the run.")]
TimeoutOption = Annotated[int, typer.Option(min=1, help="Seconds to wait for the end of the run.")]
SinceOption = Annotated[str | None, typer.Option(help="At this time or later: 2026-11-24, 24h, 7d.")]
UntilOption = Annotated[str | None, typer.Option(help="Before this time.")]
SecretsOption = Annotated[bool, typer.Option("--show-secrets", help="Show keys, tokens and signatures too.")]


@app.command()
def status(stack: StackOption = None, as_json: JsonOption = False) -> None:
    """State, last and next run, last lead, alerts, connections."""
    console = Console(quiet=as_json)
    deployed = read(stack, console)
    from scripts import _flow_state

    with told(console):
        _flow_state.status(deployed, as_json, console)


@app.command()
def stop(stack: StackOption = None, as_json: JsonOption = False) -> None:
    """Disable the flow. What runs goes on to its end, nothing new begins."""
    _switch(stack, as_json, enabled=False)


@app.command()
def start(stack: StackOption = None, as_json: JsonOption = False) -> None:
    """Enable the flow again."""
    _switch(stack, as_json, enabled=True)


def _switch(stack: str | None, as_json: bool, enabled: bool) -> None:
    console = Console(quiet=as_json)
    deployed = read(stack, console)
    from scripts import _flow_state

    with told(console):
        _flow_state.switch(deployed, enabled, as_json, console)


@app.command()
def run(
    stack: StackOption = None, follow: FollowOption = True, timeout: TimeoutOption = 300, as_json: JsonOption = False
) -> None:
    """Run the flow now and follow the run to its end. Exit code 0 only if it succeeded."""
    console = Console(quiet=as_json)
    deployed = read(stack, console)
    from scripts import _flow_runs

    with told(console):
        _flow_runs.run(deployed, timeout if follow else None, as_json, console)


@app.command()
def runs(
    stack: StackOption = None,
    of_status: Annotated[
        RunStatus | None, typer.Option("--status", case_sensitive=False, help="In Azure's words.")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[int, typer.Option(min=0, help="How many of the newest; 0: all.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List runs, newest first (Azure keeps 90 days)."""
    console = Console(quiet=as_json)
    chosen = period(since, until, console)
    deployed = read(stack, console)
    from scripts import _flow_runs

    with told(console):
        _flow_runs.runs(deployed, of_status.value if of_status else None, chosen, limit or None, as_json, console)


@app.command()
def show(
    name: RunArgument = "last",
    stack: StackOption = None,
    full: Annotated[bool, typer.Option("--full", help="Long inputs and outputs too.")] = False,
    show_secrets: SecretsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show why a run failed, and what each action did. With status, duration, inputs and outputs of each."""
    console = Console(quiet=as_json)
    deployed = read(stack, console)
    from scripts import _flow_runs

    with told(console):
        _flow_runs.show(deployed, name, _flow_runs.View(full, show_secrets, as_json), console)


@app.command()
def resubmit(
    name: RunArgument,
    stack: StackOption = None,
    follow: FollowOption = True,
    timeout: TimeoutOption = 300,
    as_json: JsonOption = False,
) -> None:
    """Run a run again, with the trigger's data of then. Follows it; exit code 0 only if it succeeded."""
    console = Console(quiet=as_json)
    deployed = read(stack, console)
    from scripts import _flow_runs

    with told(console):
        _flow_runs.resubmit(deployed, name, timeout if follow else None, as_json, console)


@app.command()
def cancel(name: RunArgument, stack: StackOption = None, as_json: JsonOption = False) -> None:
    """Cancel a run that is going on."""
    console = Console(quiet=as_json)
    deployed = read(stack, console)
    from scripts import _flow_runs

    with told(console):
        _flow_runs.cancel(deployed, name, as_json, console)


@app.command()
def stats(
    stack: StackOption = None,
    since: SinceOption = "7d",
    until: UntilOption = None,
    picture: Annotated[Path | None, typer.Option(help="File for the picture: .png, .svg or .pdf.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Runs, success rate, how long runs took and leads waited. With --picture also drawn."""
    console = Console(quiet=as_json)
    chosen = period(since, until, console)
    deployed = read(stack, console)
    from scripts import _flow_stats

    with told(console):
        _flow_stats.stats(deployed, chosen, picture, as_json, console)


@app.command()
def check(stack: StackOption = None, as_json: JsonOption = False) -> None:
    """Look for what is wrong, each with its cure. Exit code 1 if leads may not be mailed."""
    console = Console(quiet=as_json)
    deployed = read(stack, console)
    from scripts import _flow_check

    with told(console):
        _flow_check.check(deployed, as_json, console)


@app.command()
def diff(stack: StackOption = None, as_json: JsonOption = False) -> None:
    """Compare what is deployed with what the program would deploy. Exit code 1 if they differ."""
    console = Console(quiet=as_json)
    deployed = read(stack, console)
    from scripts import _flow_check

    with told(console):
        _flow_check.diff(deployed, as_json, console)


if __name__ == "__main__":
    app()
