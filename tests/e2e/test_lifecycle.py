"""Deploy, change, drift, refresh, destroy: the life of stack local under the real engine."""

from __future__ import annotations

import base64
import json
import urllib.parse
from typing import Any

import pytest
from harness import Stack

pytestmark = [pytest.mark.engine, pytest.mark.cloud]


def resources_of(state: str) -> dict[str, dict[str, Any]]:
    """Resources of an exported state by type, providers and components left out."""
    listed = json.loads(state)["deployment"].get("resources", [])
    return {one["type"]: one for one in listed if one["type"].startswith("azure-native:")}


def recurrence_and_look_back(state: str) -> tuple[Any, Any]:
    definition = resources_of(state)["azure-native:logic:Workflow"]["inputs"]["definition"]
    recurrence = definition["triggers"]["Recurrence"]["recurrence"]
    look_back = definition["actions"]["Get_past_time"]["inputs"]
    return (recurrence["frequency"], recurrence["interval"]), (look_back["timeUnit"], look_back["interval"])


def test_the_life_of_a_stack(stack: Stack) -> None:
    first = stack.up()
    assert "created" in first
    assert "unchanged" in stack.up("--expect-no-changes")
    assert_no_secret_in_plain(stack, "after up")

    stack.pulumi("config", "set", "interval", "2")
    assert "1 updated" in stack.up().replace("~ ", "")
    recurrence, look_back = recurrence_and_look_back(stack.export())
    assert recurrence == look_back == ("Hour", 2)

    someone_disables_the_flow(stack)
    refreshed = stack.pulumi("refresh", "--yes", "--skip-preview").stdout
    assert "1 updated" in refreshed.replace("~ ", "")
    assert_no_secret_in_plain(stack, "after refresh")
    stack.up()
    stack.pulumi("refresh", "--yes", "--skip-preview")
    stack.pulumi("preview", "--expect-no-changes")

    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert resources_of(stack.export()) == {}
    assert arm(stack).resource_groups() == []


def assert_no_secret_in_plain(stack: Stack, when: str) -> None:
    outputs = stack.outputs()
    secrets = arm(stack).account_keys(outputs["resourceGroupName"], outputs["storageAccountName"])
    state = stack.export() + stack.pulumi("stack", "output", "--json").stdout + stack.pulumi("preview", "--diff").stdout
    for secret in [*secrets, outputs["connectionString"]]:
        for form in (secret, urllib.parse.quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
            assert form not in state, f"a secret stands in plain {when}"


def someone_disables_the_flow(stack: Stack) -> None:
    workflow_id = stack.outputs()["logicAppId"].split("/")
    arm(stack).logic().workflows.disable(workflow_id[4], workflow_id[8])


def arm(stack: Stack) -> Any:
    from arm_clients import ArmClients

    return ArmClients(stack.cloud.environment)


def test_a_stack_moves_to_another_region_and_works_there(stack: Stack) -> None:
    stack.up()
    stack.pulumi("config", "set", "location", "northeurope")
    stack.up()
    assert "unchanged" in stack.up("--expect-no-changes")
    stack.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    stack.seed()
