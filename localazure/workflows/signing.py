"""Signed addresses: who knows the address may call it. Shape: `?api-version&se?&sp&sv=1.0&sig`.

`sp` is what the address permits (`/triggers/manual/run`, `/runs/…/contents/ActionInputs/read`), `se` when it ends,
`sig` 43 characters: HMAC-SHA256 under an access key of the workflow.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from localazure.workflows.catalog import Workflow
from localazure.workflows.stamps import stamp, unstamp

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


def _signature(key: str, guid: str, permission: str, end: str) -> str:
    digest = hmac.new(base64.b64decode(key), f"{guid}\n{permission}\n{end}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _over(end: str, now: datetime) -> bool:
    try:
        return unstamp(end) < now
    except ValueError:
        return True
