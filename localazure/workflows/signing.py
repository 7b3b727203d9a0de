"""Signed addresses: who knows the address may call it. Shape: `?api-version&se?&sp&sv=1.0&sig`.

`sp` is what the address permits (`/triggers/manual/run`, `/runs/…/contents/ActionInputs/read`), `se` when it ends,
`sig` 43 characters: HMAC-SHA256 under an access key of the workflow.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from localazure.workflows.catalog import Workflow
from localazure.workflows.stamps import stamp, unstamp
from wdl.definition import Trigger

API_VERSION = "2016-10-01"
_VALID = timedelta(hours=4)


def signed_queries(
    workflow: Workflow,
    permission: str,
    until: datetime | None = None,
    key: str = "primary",
    api_version: str = API_VERSION,
) -> dict[str, str]:
    """The query parameters of a signed address, in Azure's order."""
    queries = {"api-version": api_version}
    if until is not None:
        queries["se"] = stamp(until)
    queries |= {"sp": permission, "sv": "1.0"}
    return {**queries, "sig": _signature(workflow["keys"][key], workflow["guid"], permission, queries.get("se", ""))}


def is_signed(workflow: Workflow, permission: str, queries: Mapping[str, str], now: datetime) -> bool:
    """Whether the query parameters permit `permission` at this moment."""
    end = queries.get("se", "")
    if queries.get("sp") != permission or (end and _over(end, now)):
        return False
    given = queries.get("sig", "")
    expected = (_signature(key, workflow["guid"], permission, end) for key in workflow["keys"].values())
    return any(hmac.compare_digest(given.encode(), one.encode()) for one in expected)


def content_end(now: datetime) -> datetime:
    """Links to contents end on a full hour some hours ahead."""
    return (now + _VALID).replace(minute=0, second=0, microsecond=0)


def address(base: str, path: str, queries: Mapping[str, str]) -> str:
    """An absolute address; `path` is not encoded yet."""
    return f"{base}{quote(path, safe='/')}?{urlencode(queries)}"


def action_path(run: str, action: str, repetition: str) -> str:
    """The path, below the workflow's address, to which a webhook action's callback goes."""
    inside = f"/repetitions/{repetition}" if repetition else ""
    return f"/runs/{run}/actions/{action}{inside}/run"


def action_address(base: str, workflow: Workflow, run: str, action: str, repetition: str) -> str:
    """What `listCallbackUrl()` gives inside a webhook action."""
    path = action_path(run, action, repetition)
    return address(f"{base}/workflows/{workflow['guid']}", path, signed_queries(workflow, path))


def trigger_address(
    base: str, workflow: Workflow, trigger: Trigger, until: datetime | None = None, key: str = "primary"
) -> dict[str, Any]:
    """The answer of `listCallbackUrl`. Source: azure-mgmt-logic, WorkflowTriggerCallbackUrl."""
    called = trigger.type in {"Request", "HttpWebhook", "ApiConnectionWebhook"}
    path = f"/triggers/{trigger.name}/" + ("paths/invoke" if called else "run")
    queries = signed_queries(workflow, f"/triggers/{trigger.name}/run", until, key)
    root = f"{base}/workflows/{workflow['guid']}"
    inputs = trigger.inputs if isinstance(trigger.inputs, Mapping) else {}
    relative = str(inputs.get("relativePath") or "").strip("/")
    found: dict[str, Any] = {
        "value": address(root, f"{path}/{relative}" if relative else path, queries)
        .replace("%7B", "{")
        .replace("%7D", "}"),
        "method": str(inputs.get("method") or "POST").upper(),
        "basePath": f"{root}{quote(path)}",
    }
    if relative:
        found |= {"relativePath": relative, "relativePathParameters": re.findall(r"\{(\w+)\}", relative)}
    return {**found, "queries": queries}


def _signature(key: str, guid: str, permission: str, end: str) -> str:
    digest = hmac.new(base64.b64decode(key), f"{guid}\n{permission}\n{end}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _over(end: str, now: datetime) -> bool:
    try:
        return unstamp(end) < now
    except ValueError:
        return True
