"""The headers that ARM puts on every answer. Source: recorded answers quoted in public issues."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

_REGION = "LOCALAZURE"


def answer_headers(request_headers: Mapping[str, str], method: str) -> dict[str, str]:
    """Request ids (the correlation id is the caller's if it sent one), rate limits that never run out, no caching."""
    request_id = str(uuid.uuid4())
    correlation = request_headers.get("x-ms-correlation-request-id") or request_id
    headers = {
        "x-ms-request-id": request_id,
        "x-ms-correlation-request-id": correlation,
        "x-ms-routing-request-id": f"{_REGION}:{datetime.now(UTC):%Y%m%dT%H%M%SZ}:{uuid.uuid4()}",
        _rate_limit(method): "11999",
        "Cache-Control": "no-cache",
        "Pragma": "no-cache",
        "Expires": "-1",
        "X-Content-Type-Options": "nosniff",
    }
    if client_id := request_headers.get("x-ms-client-request-id"):
        headers["x-ms-client-request-id"] = client_id
    return headers


def _rate_limit(method: str) -> str:
    kind = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}.get(method, "writes")
    return f"x-ms-ratelimit-remaining-subscription-{kind}"
