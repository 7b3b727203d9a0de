"""Empty a data folder: what a cloud holds goes, who may use it and where it listens stays."""

from __future__ import annotations

import shutil

from localazure.data_folder import DataFolder


def empty(folder: DataFolder) -> None:
    """Delete everything but the lock, the log, ports, credentials and certificates. No cloud may run on the folder."""
    kept = {folder.lock, folder.log, folder.ports, folder.credentials, folder.tls}
    for path in folder.path.iterdir() if folder.path.exists() else ():
        if path in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
