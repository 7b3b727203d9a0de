"""What Microsoft's engine was seen not to check: a verdict may not hang on it, whatever the service thinks of it."""

from __future__ import annotations

from typing import Any

import pytest

from wdl.checker import check

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
HOURLY = {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 1}}


def _compose(inputs: Any) -> dict[str, Any]:
    return {"A": {"type": "Compose", "inputs": inputs}}


def _http(policy: dict[str, Any]) -> dict[str, Any]:
    return {"A": {"type": "Http", "inputs": {"method": "GET", "uri": "https://example.com", "retryPolicy": policy}}}


def _loop(repetitions: int) -> dict[str, Any]:
    loop = {"type": "Foreach", "foreach": "@createArray(1)", "actions": {}}
    return {"A": {**loop, "runtimeConfiguration": {"concurrency": {"repetitions": repetitions}}}}


def _variable(name: str) -> dict[str, Any]:
    return {"type": "InitializeVariable", "inputs": {"variables": [{"name": name, "type": "String"}]}}


def _scheduled(**recurrence: Any) -> dict[str, Any]:
    return {"R": {"type": "Recurrence", "recurrence": {"frequency": "Week", "interval": 1, **recurrence}}}


PAST = {"type": "Expression", "kind": "GetPastTime", "inputs": {"interval": 1, "timeUnit": "Hours"}}
ONE = {"runtimeConfiguration": {"concurrency": {"runs": 1}}, "operationOptions": "SingleInstance"}

NOT_CHECKED: dict[str, dict[str, Any]] = {
    "unknown function": {"actions": _compose("@nope(1)")},
    "unknown parameter": {"actions": _compose("@parameters('nope')")},
    "no trigger": {"triggers": {}, "actions": _compose(1)},
    "two triggers": {"triggers": {"R": HOURLY, "S": HOURLY}},
    "unknown time unit": {"actions": {"A": PAST}},
    "item outside a loop": {"actions": _compose("@item()")},
    "Until without limit": {"actions": {"A": {"type": "Until", "expression": "@equals(1, 1)", "actions": {}}}},
    "variable initialized in a scope": {"actions": {"S": {"type": "Scope", "actions": {"A": _variable("v")}}}},
    "connector call without anything": {"actions": {"A": {"type": "ApiConnection", "inputs": {}}}},
    "retries out of range": {"actions": _http({"type": "fixed", "interval": "PT1S", "count": 100})},
    "schedule out of range": {"triggers": _scheduled(schedule={"hours": [25], "minutes": [70]})},
    "unknown time zone": {"triggers": _scheduled(timeZone="Nowhere Standard Time")},
    "concurrency of 0": {"actions": _loop(0)},
    "concurrency of 200": {"actions": _loop(200)},
    "SingleInstance and concurrency": {"triggers": {"R": {**HOURLY, **ONE}}},
    "unknown run status": {"actions": {"A": {"type": "Terminate", "inputs": {"runStatus": "Nope"}}}},
    "name of 90 characters": {"actions": {"A" * 90: {"type": "Compose", "inputs": 1}}},
}


@pytest.mark.parametrize("members", NOT_CHECKED.values(), ids=NOT_CHECKED.keys())
def test_what_the_engine_does_not_check_is_no_error(members: dict[str, Any]) -> None:
    definition = {"$schema": SCHEMA, "triggers": {"R": HOURLY}, "actions": {}, **members}
    findings = check(definition)
    assert [finding for finding in findings if finding.severity == "error"] == []
    assert findings, "what fails later is worth a warning"
