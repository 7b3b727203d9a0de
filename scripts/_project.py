"""Where the Pulumi commands of a stack run, and with which environment.

A stack on Azure runs in the checkout with the caller's environment. Stack `local` takes the local cloud's environment.
A rehearsal (`MARKETPLACE_LEADS_REHEARSAL=1`) does too, and in a project folder of its own inside the local cloud's data
folder: the CLI writes salts and encrypted values into stack files, and those of the team must not change by it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from leads.environment import explain
from leads.errors import LeadsError
from leads.files import whole
from stacks import guard

ROOT = Path(__file__).resolve().parent.parent
NAME = "marketplace-leads"
_NO_STACK = "no stack named"
_CHOICE = "choose one: make TARGET STACK=local (also dev, staging, prod)"

Json = dict[str, Any]


class ProjectError(LeadsError):
    """The stack's commands cannot run; the message says what to do."""


class CommandError(LeadsError):
    """A command that failed has told why itself; `code` is its exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Project:
    """One stack: the folder of its `Pulumi.yaml`, and the environment of everything that is run for it."""

    stack: str
    folder: Path
    environ: Mapping[str, str]

    @property
    def config_file(self) -> Path:
        return self.folder / f"Pulumi.{self.stack}.yaml"

    @property
    def is_local(self) -> bool:
        """Whether it runs on the local cloud."""
        return guard.runs_on_local_cloud(self.stack, self.environ)

    def by_hand(self, command: str) -> str:
        """A Pulumi command as a person types it in the checkout."""
        place = "" if self.folder == ROOT else f" --cwd {self.folder}"
        return f"pulumi {command} --stack {self.stack}{place}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A Pulumi command whose output is for the caller, not for a person."""
        return self._ended(self.command(*arguments), self.folder, subprocess.PIPE)

    def show(self, *arguments: str) -> None:
        """A Pulumi command whose output a person sees as it comes; raises `CommandError` if it fails."""
        self._shown(self.command(*arguments), self.folder, f"pulumi {arguments[0]}")

    def script(self, name: str, *arguments: str) -> None:
        """One of the project's own scripts for this stack, seen as it runs; raises `CommandError` if it fails."""
        command = [sys.executable, str(ROOT / "scripts" / name), "--stack", self.stack, *arguments]
        self._shown(command, ROOT, f"scripts/{name}")

    def exists(self) -> bool:
        """Whether the stack is in the state backend; raises `ProjectError` if that cannot be asked."""
        done = self.run("stack", "--show-name")
        if done.returncode != 0 and _NO_STACK not in done.stderr:
            raise ProjectError(explain(self.stack, done.stderr))
        return done.returncode == 0

    def create(self) -> None:
        """Make the stack in the state backend, with the secrets provider that its file names."""
        provider = str(read_yaml(self.config_file).get("secretsprovider", "")) if self.config_file.exists() else ""
        done = self.run("stack", "init", "--no-select", *(["--secrets-provider", provider] if provider else []))
        if done.returncode != 0:
            raise ProjectError(
                f"stack '{self.stack}' cannot be made: {first_line(done.stderr)}. By hand, once: `pulumi stack init"
                f" {self.stack} --secrets-provider …` (scripts/bootstrap.py prints which), and commit"
                f" {self.config_file.name}"
            )

    def command(self, *arguments: str) -> list[str]:
        """A Pulumi command for this stack."""
        return [_pulumi(), *arguments, "--stack", self.stack, "--non-interactive", "--color", "never"]

    def _shown(self, command: list[str], folder: Path, name: str) -> None:
        sys.stdout.flush()
        code = self._ended(command, folder, None).returncode
        if code != 0:
            raise CommandError(f"`{name}` of stack '{self.stack}' failed; what it said stands above", code)

    def _ended(self, command: list[str], folder: Path, output: int | None) -> subprocess.CompletedProcess[str]:
        """A command that has come to its end. A Ctrl-C is its to obey: the terminal tells it too.

        `subprocess.run` would kill it a quarter of a second later. A killed engine leaves its stack locked and forgets
        what it was just making; a killed script leaves the lead that it was about to remove.
        """
        reads = None if output is None else subprocess.DEVNULL
        interrupted = False
        with subprocess.Popen(
            command, cwd=folder, env=dict(self.environ), stdin=reads, stdout=output, stderr=output, text=True
        ) as process:
            while True:
                try:
                    said, errors = process.communicate()
                    break
                except KeyboardInterrupt:
                    interrupted = True
        if interrupted:
            raise KeyboardInterrupt
        return subprocess.CompletedProcess(command, process.returncode, said, errors)


def open_project(stack: str, environ: Mapping[str, str]) -> Project:
    """The project of a stack that is meant for where `environ` leads; raises `ProjectError` or `GuardError`."""
    if not stack:
        raise ProjectError(f"which stack? {_CHOICE}")
    is_rehearsal = guard.is_rehearsal(environ)
    if is_rehearsal or stack == guard.LOCAL_STACK:
        environ = local_environment(environ)
    guard.check_environment(stack, environ)
    if not is_rehearsal or stack == guard.LOCAL_STACK:
        return Project(stack, ROOT, environ)
    return _rehearsal(stack, environ)


def _rehearsal(stack: str, environ: Mapping[str, str]) -> Project:
    """What was set in the rehearsal stays set, until the team's file is changed."""
    folder, team = Path(environ["LOCALAZURE_HOME"]) / "pulumi" / "rehearsal", _team_file(stack)
    own = folder / team.name
    is_current = own.exists() and own.stat().st_mtime >= team.stat().st_mtime
    return write_project(folder, stack, read_yaml(own) if is_current else rehearsed(stack, read_yaml(team)), environ)


def local_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment, led to the running local cloud; raises `ProjectError` where none runs."""
    if environ.get("LOCALAZURE_ARM_ENDPOINT"):
        return dict(environ)
    command = [str(Path(sys.executable).parent / "localazure"), "env", "--json"]
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ProjectError("the local cloud does not run; start it: .venv/bin/localazure start")
    return {**environ, **json.loads(done.stdout)}


def write_project(folder: Path, stack: str, config: Json, environ: Mapping[str, str]) -> Project:
    """A folder whose `Pulumi.yaml` is this checkout's program, with a stack file of its own."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    project = read_yaml(ROOT / "Pulumi.yaml")
    project["main"] = str(ROOT)
    project["runtime"]["options"]["virtualenv"] = str(ROOT / project["runtime"]["options"]["virtualenv"])
    write_yaml(folder / "Pulumi.yaml", project)
    write_yaml(folder / f"Pulumi.{stack}.yaml", config)
    _make_state(environ)
    return Project(stack, folder, environ)


def rehearsed(stack: str, team: Json) -> Json:
    """The team's stack file, fit for the local cloud.

    Its secrets cannot be read here and its key vault is none of ours: both go, and the salt of the local cloud's
    passphrase comes in. Recipients that the team has not named yet are made up.
    """
    own = {key: value for key, value in team.items() if key not in ("secretsprovider", "encryptedkey")}
    config = {key: _readable(key, value) for key, value in (own.get("config") or {}).items()}
    if not config.get(f"{NAME}:recipients"):
        config[f"{NAME}:recipients"] = [f"{stack}@example.com"]
    if config.get(f"{NAME}:smtpPassword") is None:
        config[f"{NAME}:smtpUser"] = None  # a server that asks for no password: the local inbox
    known = {key: value for key, value in config.items() if value is not None}
    return {**own, "encryptionsalt": read_yaml(ROOT / "Pulumi.local.yaml")["encryptionsalt"], "config": known}


def read_yaml(file: Path) -> Json:
    """A YAML file that holds a mapping."""
    found: Json = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return found


def write_yaml(file: Path, content: Json) -> None:
    """A YAML file; it is there whole or not at all, also when two stacks are deployed side by side."""
    with whole(file) as out:
        yaml.safe_dump(content, out, sort_keys=False, allow_unicode=True)


def first_line(said: str) -> str:
    """The first thing that a command said on standard error."""
    lines = [line.removeprefix("error:").strip() for line in said.splitlines() if line.strip()]
    return lines[0] if lines else "it gave no reason"


def retold(action: Callable[[], None], tell: Callable[[str], None]) -> int:
    """Run an action; tell its error in one line. The exit code: 0, that of the failed command, or 1."""
    try:
        action()
    except CommandError as error:
        tell(str(error))
        return error.code
    except (LeadsError, guard.GuardError) as error:
        tell(str(error))
        return 1
    except KeyboardInterrupt:
        tell("interrupted")
        return 130
    return 0


def _team_file(stack: str) -> Path:
    file = ROOT / f"Pulumi.{stack}.yaml"
    if not file.exists():
        raise ProjectError(f"there is no {file.name} to rehearse; stacks with a file: {', '.join(_stacks())}")
    return file


def _stacks() -> list[str]:
    return sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))


def _readable(key: str, value: Any) -> Any:
    """A value as it is; of a secret a stand-in, or None where the local cloud needs none."""
    if not (isinstance(value, dict) and set(value) == {"secure"}):
        return value
    return "smtp.example.com" if key == f"{NAME}:smtpHost" else None


def _make_state(environ: Mapping[str, str]) -> None:
    backend = environ.get("PULUMI_BACKEND_URL", "")
    if backend.startswith("file://"):
        Path(backend.removeprefix("file://")).mkdir(parents=True, exist_ok=True, mode=0o700)


def _pulumi() -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    found = shutil.which("pulumi", path=path)
    if found is None:
        raise ProjectError("the pulumi command is missing; `make setup` gets it")
    return found
