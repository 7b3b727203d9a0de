"""Actions that the tests of whole workflows are made of."""

from __future__ import annotations

import json
from typing import Any

from workflow_world import run_after

from localazure.workflows.http_carrier import HttpAnswer


def inner(**actions: Any) -> dict[str, Any]:
    return {name: {"runAfter": {}, **action} for name, action in actions.items()}


def variable(name: str, kind: str, value: Any) -> dict[str, Any]:
    return {"type": "InitializeVariable", "inputs": {"variables": [{"name": name, "type": kind, "value": value}]}}


def http(method: str, uri: str, **more: Any) -> dict[str, Any]:
    after = more.pop("after", {})
    return {"type": "Http", "inputs": {"method": method, "uri": uri, **more}, "runAfter": run_after(**after)}


def answer(body: Any, status: int = 200, **headers: str) -> HttpAnswer:
    return HttpAnswer(status, {"Content-Type": "application/json", **headers}, json.dumps(body).encode())
