"""The parts of a local cloud, made to be asked what they serve. Nothing is started, nothing is left behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localazure.clock import WallClock
from localazure.cloud import PORTS, Settings
from localazure.credentials import load_credentials
from localazure.data_folder import DataFolder
from localazure.parts import Parts


@contextmanager
def parts() -> Iterator[Parts]:
    """Every part, wired as in a cloud that runs."""
    with tempfile.TemporaryDirectory(prefix="localazure-coverage-") as place:
        folder = DataFolder(Path(place))
        made = Parts(folder, dict.fromkeys(PORTS, 0), load_credentials(folder.credentials), Settings(), WallClock())
        try:
            yield made
        finally:
            made.store.close()
