"""A place for the probes, on the run's own local cloud."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from probe_site import make_site

from localazure.testing import MockAzure
from verify.patience import Patience
from verify.site import Site


@pytest.fixture
def make_patience() -> Callable[..., Patience]:
    """`make_patience(quiet=…)`: waiting as on the local cloud, where nothing takes longer than a moment."""

    def make(**seconds: float) -> Patience:
        return Patience(time.monotonic, time.sleep, **{"long": 60, "quiet": 1.5, "pause": 0.1, "monitor": 1, **seconds})

    return make


@pytest.fixture
def site(mock_azure: MockAzure, azure_group: str, make_patience: Callable[..., Patience]) -> Site:
    """A place of the test's own."""
    return make_site(mock_azure, azure_group, make_patience())
