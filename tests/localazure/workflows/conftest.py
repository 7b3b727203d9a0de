from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from workflow_world import World


@pytest.fixture
def world() -> Iterator[World]:
    """A runtime in memory on a virtual clock that starts on 2026-01-01."""
    made = World()
    yield made
    made.close()
