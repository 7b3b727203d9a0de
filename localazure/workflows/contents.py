"""Links to inputs and outputs, and what stands behind them: the JSON text as the service writes it, size and hash.

A link is signed and fetched without a bearer token. What an action secures has a link without an address.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from localazure.workflows.catalog import Workflow
from localazure.workflows.signing import address, content_end, signed_queries
from localazure.workflows.state import Record
from wdl.values import dumps

_NAMES = {"inputs": "Inputs", "outputs": "Outputs"}


def content_text(value: Any) -> str:
    """What a link gives: compact JSON."""
    return dumps(value)


def content_path(run: str, part: str, action: str | None = None, repetition: str = "") -> str:
    """The path of a content below the workflow's address: `/runs/…/actions/…/contents/ActionInputs`."""
    if action is None:
        return f"/runs/{run}/contents/Trigger{_NAMES[part]}"
    inside = f"/repetitions/{repetition}" if repetition else ""
    return f"/runs/{run}/actions/{action}{inside}/contents/Action{_NAMES[part]}"


def content_link(endpoint: str, workflow: Workflow, path: str, value: Any, now: datetime) -> dict[str, Any]:
    """`{"uri", "contentVersion", "contentSize", "contentHash"}` of a value."""
    text = content_text(value).encode("utf-8", "surrogatepass")
    digest = base64.b64encode(hashlib.md5(text, usedforsecurity=False).digest()).decode()
    queries = signed_queries(workflow, f"{path}/read", content_end(now))
    return {
        "uri": address(f"{endpoint}/workflows/{workflow['guid']}", path, queries),
        "contentVersion": digest,
        "contentSize": len(text),
        "contentHash": {"algorithm": "md5", "value": digest},
    }


def call_body(record: Record, entry: Mapping[str, Any]) -> Any:
    """The body of one call's answer; the last call's is the action's own output."""
    if "body" in entry or entry is not record["requests"][-1]:
        return entry.get("body")
    outputs = record.get("outputs")
    return outputs.get("body") if isinstance(outputs, Mapping) else None


def hidden_link(part: str) -> dict[str, Any]:
    """The link of a secured content."""
    return {"secureData": {"properties": [part]}}
