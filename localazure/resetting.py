"""Empty a data folder: what a cloud holds goes, who may use it and where it listens stays."""

from __future__ import annotations

import shutil

from localazure.data_folder import DataFolder
from localazure.files import private_folder


def empty(folder: DataFolder) -> None:
    """Delete everything but the lock, the log, ports, credentials and certificates. No cloud may run on the folder.

    The folders that `localazure env` has led a shell to are there again, empty: the shell goes on working.
    """
    led_to = [path for path in (folder.pulumi_state, folder.pulumi_home, folder.azure_config) if path.exists()]
    kept = {folder.lock, folder.log, folder.ports, folder.credentials, folder.tls}
    for path in folder.path.iterdir() if folder.path.exists() else ():
        if path in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    for path in led_to:
        private_folder(path)
