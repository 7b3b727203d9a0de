"""The regions that the settings allow."""

from __future__ import annotations

from localazure.arm import regions as local_cloud
from stacks.regions import REGIONS


def test_they_are_those_of_the_local_cloud() -> None:
    """Two lists, for neither part may import the other: they must not part."""
    assert set(REGIONS) == set(local_cloud.REGIONS)
