"""The command `localazure`. Every command loads only what it needs: `env` and `status` answer at once."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from localazure import daemon
from localazure.data_folder import DataFolder, find_data_folder
from localazure.explained import Explained

app = typer.Typer(
    help="A local cloud for Azure Logic Apps: ARM, Table storage, connectors, alerts and an inbox on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_NOT_RUNNING = 3
_EXPECTED = (Explained, OSError, sqlite3.Error)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def main() -> None:
    """Entry point. An expected failure is one message and exit code 1, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # Mails are in every script of the world, and the locale may be of another encoding: files and pipes get UTF-8,
        # a terminal `?` for what it cannot show.
        if isinstance(stream, TextIOWrapper) and stream.isatty():
            stream.reconfigure(errors="replace")
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    app()


@app.command()
def start(
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay in this terminal until Ctrl-C.")] = False,
    auto_consent: Annotated[bool, typer.Option(help="Connections that need consent get it by themselves.")] = True,
    deliver_smtp: Annotated[
        bool, typer.Option("--deliver-smtp", help="smtp connections reach their real server, not the inbox.")
    ] = False,
    put_drops_consent: Annotated[
        bool, typer.Option("--put-drops-consent", help="Writing over a connection takes its consent away.")
    ] = False,
) -> None:
    """Start the local cloud (or find it running) and wait until it answers."""
    folder = find_data_folder()
    with _errors():
        if foreground:
            _run(folder, auto_consent, deliver_smtp, put_drops_consent)
            return
        options = ["--auto-consent" if auto_consent else "--no-auto-consent"]
        options += ["--deliver-smtp"] if deliver_smtp else []
        options += ["--put-drops-consent"] if put_drops_consent else []
        with _progress("Starting the local cloud"):
            state, new = daemon.start(folder, options)
    if new:
        _warn_of_missing_tools()
    typer.echo(f"The local cloud {'runs' if new else 'runs already'}: inbox {state['inbox']}, data {folder.path}")
    typer.echo('Lead this shell to it: eval "$(localazure env)"')


@app.command()
def stop() -> None:
    """Stop the local cloud; its data stay."""
    folder = find_data_folder()
    with _errors(), _progress("Stopping the local cloud"):
        stopped = daemon.stop(folder)
    typer.echo("The local cloud is stopped." if stopped else f"No local cloud runs on {folder.path}.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Tell whether it runs, and its addresses. Exit code 3 if it does not run."""
    folder = find_data_folder()
    state = folder.read_state()
    shown: dict[str, Any] = {"running": state is not None, "data": str(folder.path), **(state or {})}
    if as_json:
        typer.echo(json.dumps(shown))
    else:
        for name, value in shown.items():
            typer.echo(f"{name + ':':14}{value}")
    raise typer.Exit(0 if state else _NOT_RUNNING)


@app.command()
def env(as_json: AsJson = False) -> None:
    """Print the variables that lead a shell to the local cloud: eval "$(localazure env)"."""
    from localazure import environment

    folder = find_data_folder()
    with _errors():
        values = environment.variables(folder)
    if folder.read_state() is None:
        typer.echo("The local cloud does not run: localazure start", err=True)
    typer.echo(json.dumps(values, indent=2) if as_json else environment.as_exports(values))


@app.command()
def reset(yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Delete what the cloud holds (resources, rows, runs, mails, Pulumi state); addresses and credentials stay."""
    from localazure.resetting import empty

    folder = find_data_folder()
    if not yes:
        typer.confirm(f"Delete all resources, rows, runs, mails and the Pulumi state in {folder.path}?", abort=True)
    with _errors():
        running = daemon.stop(folder)
        empty(folder)
        if running:
            daemon.start(folder)
    typer.echo("The local cloud is empty." + (" It runs again." if running else ""))


@app.command()
def inbox(
    as_json: Annotated[bool, typer.Option("--json", help="One mail a line.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with mails as they arrive.")] = False,
) -> None:
    """Print the delivered mails, oldest first."""
    from localazure import inbox_command

    folder = find_data_folder()
    with _errors():
        for mail in inbox_command.mails(folder, follow):
            typer.echo(json.dumps(mail, ensure_ascii=False) if as_json else inbox_command.as_text(mail))
            sys.stdout.flush()


@app.command()
def evaluate(
    expression: Annotated[str | None, typer.Argument(help="The text as it stands in a definition.")] = None,
    context: Annotated[
        Path | None,
        typer.Option(help="JSON file: finished actions by name, or actions, trigger, variables, parameters, …"),
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Read {"expr": …} or {"condition": …} from standard input, one a line.')
    ] = False,
) -> None:
    """Evaluate an expression of the Workflow Definition Language and print its value as JSON.

    As in a definition, an expression begins with @ or stands in @{…}; anything else is a text.
    """
    from localazure.evaluate import evaluate as run

    run(expression, context, jsonl)


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="JSON files with workflow definitions; - is standard input.")],
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
) -> None:
    """Say what Logic Apps would refuse in workflow definitions, and what would misbehave."""
    from localazure.check import check_files

    raise typer.Exit(check_files(files, as_json=as_json, strict=strict, write=typer.echo))


@app.command()
def logs(
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many lines of the end.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with lines as they are written.")] = False,
) -> None:
    """Print the end of the log. It holds no keys and no data of yours."""
    folder = find_data_folder()
    for part in _log_parts(folder, lines, follow):
        typer.echo(part, nl=False)
        sys.stdout.flush()


def _warn_of_missing_tools() -> None:
    """The rest of the cloud works without them; storage accounts do not."""
    from localazure.azurite_tools import MissingTool, find_tools

    try:
        find_tools()
    except MissingTool as missing:
        typer.echo(f"Storage accounts cannot be made yet. {missing}", err=True)


def _run(folder: DataFolder, auto_consent: bool, deliver_smtp: bool, put_drops_consent: bool) -> None:
    from localazure.cloud import AlreadyRunning, Settings
    from localazure.foreground import run

    try:
        run(folder, Settings(auto_consent, deliver_smtp, put_drops_consent=put_drops_consent))
    except AlreadyRunning:
        daemon.notify_busy()
        raise
    except Exception as error:
        daemon.notify_failure(_text(error) if isinstance(error, _EXPECTED) else "")
        raise


@contextmanager
def _errors() -> Iterator[None]:
    """What is expected to go wrong ends the command with its message."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except _EXPECTED as error:
        typer.echo(_text(error), err=True)
        raise typer.Exit(1) from None


def _text(error: Exception) -> str:
    if isinstance(error, Explained):
        return str(error)
    where, why = find_data_folder().path, str(error)
    if isinstance(error, OSError) and error.strerror:
        why = error.strerror if error.filename in (None, str(where)) else f"{error.strerror} ({error.filename})"
    return f"The data folder {where} cannot be used: {why}. Mend that, or name another folder in LOCALAZURE_HOME."


@contextmanager
def _progress(what: str) -> Iterator[None]:
    """A sign of life for people; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …"):
        yield


def _log_parts(folder: DataFolder, lines: int, follow: bool) -> Iterator[str]:
    if not folder.log.exists():
        yield f"There is no log yet: {folder.log}\n"
        return
    with folder.log.open(errors="replace") as log:
        yield "".join(log.readlines()[-lines:])
        while follow:
            if part := log.read():
                yield part
            else:
                time.sleep(0.2)
