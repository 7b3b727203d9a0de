"""A stack that is deployed to be thrown away: state, stack file and passphrase of its own, one resource group for all.

Nothing of it is in the team's state. It is removed by deleting its resource group, which needs no state at all: that
works however far a deployment came, and takes along what probes have made beside it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts._changes import read_changes
from scripts._project import NAME, ROOT, ProjectError, first_line, write_project
from verify.arm import RESOURCES, Arm
from verify.patience import Patience

_COME_TO_AN_END = 60
_DELETION = 45 * 60


@dataclass(frozen=True)
class Wanted:
    """What is deployed: `recipients` get the sample leads and alerts."""

    stack: str
    location: str
    recipients: Sequence[str]

    @property
    def group(self) -> str:
        return f"{NAME}-{self.stack}"


class ThrowAway:
    """`deploy()`, then `drift()` and `pending()` for the probes, `remove()` in any case, `forget()` at last."""

    def __init__(self, wanted: Wanted, arm: Arm, environ: Mapping[str, str]) -> None:
        self.wanted, self._arm = wanted, arm
        self._group = f"/subscriptions/{arm.subscription}/resourceGroups/{wanted.group}"
        self._folder = Path(tempfile.mkdtemp(prefix=f"{NAME}-"))
        own = {"PULUMI_BACKEND_URL": f"file://{self._folder / 'state'}", "ARM_SUBSCRIPTION_ID": arm.subscription}
        own["PULUMI_CONFIG_PASSPHRASE"] = secrets.token_hex(16)
        self._project = write_project(self._folder / "project", wanted.stack, self._config(), {**environ, **own})

    def _config(self) -> dict[str, Any]:
        settings = {
            "location": self.wanted.location,
            "recipients": list(self.wanted.recipients),
            "tags": ["purpose=probe"],
        }
        return {"config": {f"{NAME}:{name}": value for name, value in settings.items()}}

    def exists(self) -> bool:
        """Whether a resource group of this name is there; raises `ArmError`."""
        answer = self._arm.call("GET", self._group, RESOURCES)
        if answer.status != 404:
            answer.needed("looking for the resource group")
        return answer.status != 404

    def deploy(self) -> dict[str, Any]:
        """`pulumi up`; returns the outputs, secrets included. Raises `ProjectError`."""
        self._project.create()
        self._up()
        done = self._project.run("stack", "output", "--json", "--show-secrets")
        if done.returncode != 0:
            raise ProjectError(f"the outputs of the throw-away stack cannot be read: {first_line(done.stderr)}")
        outputs: dict[str, Any] = json.loads(done.stdout)
        return outputs

    def drift(self) -> list[str]:
        """What differs between the deployed resources and the state, but for what the program leaves to others."""
        return self._changes("refresh", "--preview-only", "--json")

    def pending(self) -> list[str]:
        """What another `pulumi up` would do."""
        return self._changes("preview", "--json")

    def remove(self, patience: Patience) -> bool:
        """Delete the resource group with all that is in it. Whether it is gone; raises `ArmError`."""
        answer = self._arm.call("DELETE", self._group, RESOURCES)
        if answer.status != 404:
            answer.needed("deleting the resource group")
        return patience.until(lambda: None if self.exists() else True, _DELETION) is not None

    def forget(self) -> None:
        """Delete state and stack file, which hold nothing once the group is gone."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _changes(self, *arguments: str) -> list[str]:
        done = self._project.run(*arguments)
        return [str(change) for change in read_changes(done.stdout, done.stderr) if not change.ignored]

    def _up(self) -> None:
        """The engine in a session of its own: a Ctrl-C reaches it once and by us, and it ends what it has begun."""
        command = [*self._project.command("up", "--yes", "--skip-preview")]
        with (self._folder / "up.log").open("w+", encoding="utf-8") as log:
            engine = subprocess.Popen(
                command,
                cwd=self._project.folder,
                env=dict(self._project.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = engine.wait()
            except BaseException:
                _end(engine)
                raise
            if code != 0:
                log.seek(0)
                raise ProjectError(f"`pulumi up` failed: {_last_error(log.read())}")


def committed_stacks() -> set[str]:
    """The stacks of this checkout, which nobody may throw away."""
    return {file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml")}


def _end(engine: subprocess.Popen[bytes]) -> None:
    for sign, seconds in ((signal.SIGINT, _COME_TO_AN_END), (signal.SIGKILL, 10)):
        try:
            os.killpg(engine.pid, sign)
            engine.wait(seconds)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return


def _last_error(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip().startswith("error:")]
    return lines[0].removeprefix("error:").strip() if lines else (said.strip().splitlines() or ["no reason given"])[-1]
