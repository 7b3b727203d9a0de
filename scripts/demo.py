"""From nothing to a mail in the inbox: local cloud, `pulumi up` on stack local, a lead, the flow, the delivered mail.

Run again it starts from what is there. It touches nothing outside this checkout's data folder.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from io import TextIOWrapper
from pathlib import Path

from progress import step
from turns import turn

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
STACK = "local"


class DemoError(Exception):
    """A step that failed; the text is what a person needs to go on."""


def main() -> None:
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # the mail is a stranger's, and the locale may be of another encoding
    try:
        environment = start_cloud()
        # One stack: the engine refuses a second deployment of it, and so would what makes it.
        with turn(Path(environment["LOCALAZURE_HOME"]) / "demo.lock", "Waiting for another demo on this local cloud"):
            select_stack(environment)
            deploy(environment)
            show(seed(environment), environment)
    except DemoError as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("Interrupted. `make demo` goes on from what is there; `make down` stops the local cloud.")


def run(command: list[str], environment: dict[str, str] | None = None) -> str:
    """The standard output of a command; its last words if it fails."""
    environment = {**(environment or os.environ), "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    except FileNotFoundError:
        raise DemoError(f"`{command[0]}` is missing; `make setup` gets it.") from None
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-4000:]
        raise DemoError(f"`{' '.join(command)}` failed with exit code {done.returncode}:\n{said}")
    return done.stdout


def start_cloud() -> dict[str, str]:
    """Start the local cloud (or find it running) and return the environment that leads to it."""
    with step("Starting the local cloud"):
        run([str(BIN / "localazure"), "start"])
    variables = json.loads(run([str(BIN / "localazure"), "env", "--json"]))
    return {**os.environ, **variables}


def select_stack(environment: dict[str, str]) -> None:
    state = Path(environment["PULUMI_BACKEND_URL"].removeprefix("file://"))
    state.mkdir(parents=True, exist_ok=True)
    if not (state / ".pulumi" / "stacks" / "marketplace-leads" / f"{STACK}.json").exists():
        with step(f"Creating the Pulumi stack {STACK}"):
            run(["pulumi", "stack", "select", "--create", STACK, "--non-interactive"], environment)


def deploy(environment: dict[str, str]) -> None:
    with step(f"pulumi up --stack {STACK}: storage account, table, connections, Logic App, alert") as progress:
        if is_locked_by_the_dead(Path(environment["PULUMI_BACKEND_URL"].removeprefix("file://"))):
            run(["pulumi", "cancel", STACK, "--yes", "--non-interactive"], environment)
        command = ["pulumi", "up", "--stack", STACK, "--yes", "--skip-preview", "--non-interactive", "--color", "never"]
        progress.note = changes_of(run(command, environment))


def is_locked_by_the_dead(state: Path) -> bool:
    """Whether the stack is locked by nothing but engines of this machine that were killed, as after a power cut."""
    locks = list((state / ".pulumi" / "locks" / "organization" / "marketplace-leads" / STACK).glob("*.json"))
    return bool(locks) and all(map(is_of_the_dead, locks))


def is_of_the_dead(lock: Path) -> bool:
    try:
        holder = json.loads(lock.read_text())
        if holder["hostname"] != socket.gethostname():
            return False
        os.kill(int(holder["pid"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, KeyError, TypeError):
        pass  # of another user, or not to be understood: the engine says what it thinks of it
    return False


def changes_of(said: str) -> str:
    """The summary that the engine prints under `Resources:`, on one line."""
    lines = said.partition("Resources:")[2].partition("Duration:")[0].splitlines()
    return ", ".join(line.strip(" +~-") for line in lines if line.strip())


def seed(environment: dict[str, str]) -> str:
    """Seed one lead; returns the id of the mail that brought it."""
    with step("scripts/seed_lead.py: a sample lead, a run of the flow, its mail"):
        command = [sys.executable, "scripts/seed_lead.py", "--stack", STACK, "--json"]
        report = json.loads(run(command, environment))
    return str(report["leads"][0]["mail"])


def show(mail_id: str, environment: dict[str, str]) -> None:
    listed = run([str(BIN / "localazure"), "inbox", "--json"], environment)
    mails = {str(mail["id"]): mail for mail in map(json.loads, listed.splitlines())}
    print(as_text(mails[mail_id]))
    inbox = environment["LOCALAZURE_INBOX"]
    print(f"The inbox as a page: {inbox}\n")
    print("Next, in this terminal:")
    print('  . .venv/bin/activate && eval "$(localazure env)"   # lead this shell to the local cloud')
    print("  scripts/seed_lead.py --number 3                    # three more leads, and proof of their delivery")
    print("  pulumi stack output --stack local                  # what Partner Center and you need to know")
    print("\n`make down` stops the local cloud; its data stay for the next time.")


def as_text(mail: dict[str, str]) -> str:
    rule = "─" * 78
    head = f"To:       {mail['to']}\nSubject:  {mail['subject']}\nReceived: {mail['received']}"
    return f"\n{rule}\n{head}\n\n{mail['text'].strip()}\n{rule}\n"


if __name__ == "__main__":
    main()
