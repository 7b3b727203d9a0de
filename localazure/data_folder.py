"""Where a local cloud keeps what it must not forget, and what each file is."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localazure.locks import is_free

NAME = ".localazure"


@dataclass(frozen=True)
class DataFolder:
    """The files of a local cloud. Nothing is created by asking for a path."""

    path: Path

    @property
    def lock(self) -> Path:
        """Locked, and holding the process id, while a cloud runs on this folder."""
        return self.path / "lock"

    @property
    def state(self) -> Path:
        """Written when the cloud is ready, removed when it stops: see `localazure.daemon`."""
        return self.path / "cloud.json"

    @property
    def log(self) -> Path:
        return self.path / "cloud.log"

    @property
    def ports(self) -> Path:
        return self.path / "ports.json"

    @property
    def credentials(self) -> Path:
        return self.path / "credentials.json"

    @property
    def tls(self) -> Path:
        return self.path / "tls"

    @property
    def bundle(self) -> Path:
        """The certificates that the environment of `localazure env` trusts."""
        return self.tls / "bundle.pem"

    @property
    def database(self) -> Path:
        return self.path / "cloud.db"

    @property
    def tables(self) -> Path:
        """One folder for each storage account."""
        return self.path / "azurite"

    @property
    def children(self) -> Path:
        """Each child process holds a lock on a file in it."""
        return self.tables / ".children"

    @property
    def pulumi_state(self) -> Path:
        return self.path / "pulumi" / "state"

    @property
    def pulumi_home(self) -> Path:
        return self.path / "pulumi" / "home"

    @property
    def azure_config(self) -> Path:
        """In place of the user's own `~/.azure`."""
        return self.path / "azure"

    def running_pid(self) -> int | None:
        """The process id of the cloud that runs on this folder (0: it is about to write it); None if none does."""
        if is_free(self.lock):
            return None
        try:
            return int(self.lock.read_text() or 0)
        except FileNotFoundError:
            return None

    def read_state(self) -> dict[str, Any] | None:
        """What the running cloud wrote when it was ready; None if it is not (yet) running."""
        try:
            state: dict[str, Any] = json.loads(self.state.read_text())
        except FileNotFoundError:
            return None
        return state if self.running_pid() == state["pid"] else None


def find_data_folder(start: Path | None = None) -> DataFolder:
    """$LOCALAZURE_HOME, else `.localazure` of the nearest folder upwards that has one, else of the current folder."""
    if named := os.environ.get("LOCALAZURE_HOME"):
        return DataFolder(Path(named).expanduser().absolute())
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        if (folder / NAME).is_dir():
            return DataFolder(folder / NAME)
    return DataFolder(here / NAME)
