"""A local cloud and a stack on it, driven by the same commands that a person types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from scripts._project import read_yaml, rehearsed, write_project, write_yaml
from stacks import guard

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
STACK = "local"


def project_files(pattern: str = "[!.]*") -> dict[str, bytes]:
    """The files at the top of the checkout. Not asked of git: a checkout may be a copy without its history."""
    return {file.name: file.read_bytes() for file in ROOT.glob(pattern) if file.is_file()}


@dataclass
class LocalCloud:
    """A local cloud started by the `localazure` command, as a person would; `options` are those of `start`."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    def start(self) -> None:
        self.run("localazure", "start", *self.options)
        variables = json.loads(self.run("localazure", "env", "--json").stdout)
        self.environment.update(variables)

    def stop(self) -> None:
        self.run("localazure", "stop")

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.run("localazure", "status", "--json").stdout)
        return answer

    def process(self) -> psutil.Process:
        return psutil.Process(self.status()["pid"])

    def inbox(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.run("localazure", "inbox", "--json").stdout.splitlines()]

    def run(
        self, *command: str, ok: bool = True, cwd: Path = ROOT, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment's `bin` folder (or of the checkout) against this cloud."""
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        own = {**os.environ, "LOCALAZURE_HOME": str(self.data), **self.environment, "PATH": path, **environment}
        done = subprocess.run(list(command), cwd=cwd, env=own, capture_output=True, text=True, timeout=240)
        if ok and done.returncode != 0:
            pytest.fail(f"{' '.join(command)} → {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done


@dataclass
class Stack:
    """A stack on a cloud, with a configuration file of its own: tracked files stay as they are.

    Every stack but `local` is a rehearsal in a project folder of its own.
    """

    cloud: LocalCloud
    config_file: Path
    name: str = STACK
    folder: Path = ROOT

    def pulumi(self, *arguments: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        options = ["--stack", self.name, "--non-interactive", "--color", "never"]
        if arguments[0] in {"up", "preview", "refresh", "destroy", "config"}:
            options += ["--config-file", str(self.config_file)]
        return self.cloud.run("pulumi", *arguments, *options, ok=ok, cwd=self.folder, **self._rehearsal())

    def up(self, *arguments: str) -> str:
        return self.pulumi("up", "--yes", "--skip-preview", *arguments).stdout

    def outputs(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json", "--show-secrets").stdout)
        return answer

    def export(self) -> str:
        return self.pulumi("stack", "export").stdout

    def seed(self, *arguments: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        return self.script("seed_lead.py", *arguments, ok=ok)

    def script(self, name: str, *arguments: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, f"scripts/{name}", *arguments, "--stack", self.name)
        return self.cloud.run(*command, ok=ok, **self._rehearsal())

    def configure(self, **settings: str) -> None:
        """As `pulumi config set` does, without its second for each setting."""
        file = read_yaml(self.config_file)
        file["config"] |= {f"marketplace-leads:{key}": value for key, value in settings.items()}
        write_yaml(self.config_file, file)

    def _rehearsal(self) -> dict[str, str]:
        return {} if self.name == STACK else {guard.REHEARSAL: "1"}


def rehearse(cloud: LocalCloud, folder: Path, name: str, **settings: str) -> Stack:
    """A stack other than `local`, as the team has configured it but for `settings`, made and not yet deployed."""
    config = rehearsed(name, read_yaml(ROOT / f"Pulumi.{name}.yaml"))
    project = write_project(folder, name, config, cloud.environment)
    stack = Stack(cloud, project.config_file, name, folder)
    stack.configure(**settings)
    stack.pulumi("stack", "init", "--no-select")
    return stack
