"""A local cloud for the tests of preflight and bootstrap."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from azure_world import Azure

from localazure.cloud import Settings
from localazure.threaded import ThreadedCloud


@pytest.fixture(scope="session")
def whole() -> Iterator[Azure]:
    with ThreadedCloud(settings=Settings(provider=False)) as cloud:
        yield Azure(cloud, cloud.environment())


@pytest.fixture
def azure(whole: Azure, monkeypatch: pytest.MonkeyPatch) -> Iterator[Azure]:
    for name, value in whole.environ.items():
        monkeypatch.setenv(name, value)
    yield whole
    while whole.made:
        whole.arm.delete(*whole.made.pop())
