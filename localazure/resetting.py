"""Empty a data folder: what a cloud holds goes, who may use it and where it listens stays."""

from __future__ import annotations

import shutil

from localazure.data_folder import DataFolder
from localazure.explained import Explained
from localazure.files import private_folder
from localazure.locks import held


class CloudRuns(Explained):
    """A cloud runs on the data folder; the message says what to do."""


def empty(folder: DataFolder) -> None:
    """Delete everything but the lock, the log, ports, credentials and certificates. Raises `CloudRuns`.

    The folders that `localazure env` has led a shell to are there again, empty: the shell goes on working.
    """
    if not folder.path.exists():
        return
    # A cloud that is started meanwhile waits for the lock.
    with held(folder.lock) as descriptor:
        if descriptor is None:
            raise CloudRuns(f"A local cloud was started on {folder.path} meanwhile: nothing was deleted. Try it again.")
        _empty(folder)


def _empty(folder: DataFolder) -> None:
    led_to = [path for path in (folder.pulumi_state, folder.pulumi_home, folder.azure_config) if path.exists()]
    kept = {folder.lock, folder.log, folder.ports, folder.credentials, folder.tls}
    for path in folder.path.iterdir():
        if path in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    for path in led_to:
        private_folder(path)
