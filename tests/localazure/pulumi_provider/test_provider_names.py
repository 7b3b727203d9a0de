"""Names made up by the provider."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from localazure.pulumi_provider.generate import auto_name
from localazure.pulumi_provider.names import Autonaming, NameRequest, chacha8, chacha12, default_name, hex_digits

RECORDED = Path(__file__).parents[2] / "recorded" / "azure-native" / "autonaming-vectors.json"
VECTORS = json.loads(RECORDED.read_text())["vectors"]
GENERATORS = {"chacha8": chacha8, "chacha12": chacha12, "none": None}
SEED = b"seed"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['providerVersion']}-{vector['physicalName']}")
def test_recorded_names_follow_from_their_seeds(vector: dict[str, Any]) -> None:
    seed, name = base64.b64decode(vector["randomSeedBase64"]), vector["logicalName"]
    generator = GENERATORS[vector["generator"]]
    made = {
        "random": name + hex_digits(seed, 8, generator),
        "uuid": str(UUID(hex_digits(seed, 32, generator))),
        "copy": name,
    }
    assert made[vector["strategy"]] == vector["physicalName"]


def test_there_are_vectors_of_every_strategy_and_generator() -> None:
    assert {vector["strategy"] for vector in VECTORS} == {"random", "uuid", "copy"}
    assert {vector["generator"] for vector in VECTORS} == set(GENERATORS)


@pytest.mark.parametrize(
    ("mode", "strategy", "expected"),
    [
        (None, "random", ("test614742c2", True)),
        (None, "uuid", ("614742c2-d31f-db71-69aa-0171258e619a", True)),
        (None, "copy", ("test", False)),
        (Autonaming.PROPOSE, "random", ("proposed", True)),
        (Autonaming.PROPOSE, "copy", ("proposed", True)),
        (Autonaming.PROPOSE, "uuid", ("614742c2-d31f-db71-69aa-0171258e619a", True)),
        (Autonaming.ENFORCE, "random", ("proposed", True)),
        (Autonaming.ENFORCE, "copy", ("proposed", True)),
        (Autonaming.ENFORCE, "uuid", ("proposed", True)),
        (Autonaming.DISABLE, "random", None),
        (Autonaming.DISABLE, "copy", None),
        (Autonaming.DISABLE, "uuid", None),
    ],
)
def test_the_engine_may_propose_enforce_or_forbid_a_name(
    mode: Autonaming | None, strategy: str, expected: tuple[str, bool] | None
) -> None:
    assert default_name(strategy, NameRequest("test", SEED, mode, "proposed")) == expected


def test_without_a_seed_every_name_is_another() -> None:
    assert len({hex_digits(b"", 8) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("path", "strategy"),
    [
        ("/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}", "random"),
        ("/x/providers/Microsoft.Storage/storageAccounts/{accountName}", "random"),
        (
            "/x/providers/Microsoft.Storage/storageAccounts/{accountName}/managementPolicies/{managementPolicyName}",
            "copy",
        ),
        ("/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}", "uuid"),
        ("/{scope}/providers/Microsoft.Authorization/locks/{lockName}", "random"),
    ],
)
def test_the_path_tells_how_a_resource_is_named(path: str, strategy: str) -> None:
    assert auto_name(path) == strategy
