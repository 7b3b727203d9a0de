"""A local cloud of its own for a measurement, in a folder that goes away with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCALAZURE = str(Path(sys.executable).parent / "localazure")


@contextmanager
def local_cloud(data: Path) -> Iterator[dict[str, str]]:
    """Start a cloud in `data`; yields the whole environment that leads to it; stops it at the end."""
    own = {**os.environ, "LOCALAZURE_HOME": str(data)}
    subprocess.run([LOCALAZURE, "start"], env=own, check=True, stdout=subprocess.DEVNULL)
    try:
        variables = subprocess.run([LOCALAZURE, "env", "--json"], env=own, check=True, capture_output=True, text=True)
        yield {**own, **json.loads(variables.stdout)}
    finally:
        subprocess.run([LOCALAZURE, "stop"], env=own, check=True, stdout=subprocess.DEVNULL)
