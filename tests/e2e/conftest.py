"""A local cloud of its own for each test, driven by the real Pulumi engine and the project's scripts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from harness import ROOT, STACK, LocalCloud, Stack


@pytest.fixture
def cloud(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LocalCloud]:
    """A running local cloud; stopped afterwards, with no process left behind. A test's parameter is how it starts."""
    under_test = LocalCloud(tmp_path / "cloud", options=getattr(request, "param", ()))
    under_test.start()
    family = [under_test.process(), *under_test.process().children(recursive=True)]
    yield under_test
    under_test.stop()
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive, f"left behind: {alive}"


@pytest.fixture
def stack(engine: None, cloud: LocalCloud, tmp_path: Path) -> Stack:
    """Stack `local`, created and not yet deployed."""
    config_file = tmp_path / f"Pulumi.{STACK}.yaml"
    shutil.copy(ROOT / config_file.name, config_file)
    Path(cloud.environment["PULUMI_BACKEND_URL"].removeprefix("file://")).mkdir(parents=True, exist_ok=True)
    cloud.run("pulumi", "stack", "init", STACK, "--non-interactive")
    return Stack(cloud, config_file)
