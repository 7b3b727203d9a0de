"""How often a connection may be used: calls a minute, as the connectors' reference pages say. More get 429."""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta

from localazure.connectors.connection import Connection
from localazure.connectors.errors import json_answer
from localazure.connectors.request import ConnectorResponse

PERIOD = timedelta(seconds=60)
LIMITS = {"azuretables": 1200, "office365": 300, "smtp": 100}
"""Calls of one connection within `PERIOD`."""


class Throttle:
    """Counts calls by connection. `limits` may be changed; an API that is not in it is not limited."""

    def __init__(self, limits: dict[str, int] | None = None) -> None:
        self.limits = dict(LIMITS if limits is None else limits)
        self._calls: dict[str, deque[datetime]] = {}

    def refuse(self, connection: Connection, now: datetime) -> ConnectorResponse | None:
        """Count a call; the answer 429 if it is one too many."""
        limit = self.limits.get(connection.api.lower())
        if limit is None:
            return None
        calls = self._calls.setdefault(connection.id.lower(), deque())
        while calls and now - calls[0] >= PERIOD:
            calls.popleft()
        if len(calls) < limit:
            calls.append(now)
            return None
        return _too_many((calls[0] + PERIOD - now).total_seconds() if calls else PERIOD.total_seconds())


def _too_many(seconds: float) -> ConnectorResponse:
    wait = max(1, math.ceil(seconds))
    message = f"Rate limit is exceeded. Try again in {wait} seconds."
    answer = json_answer(429, {"statusCode": 429, "message": message})
    return ConnectorResponse(429, {**answer.headers, "Retry-After": str(wait)}, answer.body)
