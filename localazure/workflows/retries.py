"""Retry policies of actions that call something: how often, after how long, on which answers.

Source: Azure Logic Apps, "Handle errors and exceptions" (retry policies): interval PT5S to P1D, 1 to 90 retries.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from wdl.durations import parse_duration

_SHORTEST, _LONGEST = timedelta(seconds=5), timedelta(days=1)
_MOST = 90
_ENDLESS = 10**10  # seconds: no answer can ask for a longer wait


@dataclass(frozen=True)
class RetryPolicy:
    """`count` retries; the n-th waits a time drawn between the n-th bounds (equal for a fixed interval)."""

    type: str
    count: int
    interval: timedelta = timedelta()
    minimum: timedelta = _SHORTEST
    maximum: timedelta = _LONGEST

    def wait(self, retry: int, chance: random.Random) -> timedelta:
        """How long to wait before the `retry`-th retry (1 is the first)."""
        if self.type == "fixed":
            return self.interval
        low, high = self._bounds(retry)
        return low + (high - low) * chance.random()

    def _bounds(self, retry: int) -> tuple[timedelta, timedelta]:
        """Retry n is uniform in [max(2^(n-2) interval, minimum), min(2^(n-1) interval, maximum)]."""
        steps = min(retry, 40)
        high = min(self.interval * 2.0 ** (steps - 1), self.maximum)
        low = timedelta() if retry == 1 else self.interval * 2.0 ** (steps - 2)
        return min(max(low, self.minimum), max(high, self.minimum)), max(high, self.minimum)


NONE = RetryPolicy("none", 0)
DEFAULT = RetryPolicy("default", 4, timedelta(seconds=7.5), timedelta(seconds=5), timedelta(seconds=45))


def parse_policy(policy: Mapping[str, Any] | None) -> RetryPolicy:
    """Read `inputs.retryPolicy`; ValueError, saying what is allowed, if it is not valid."""
    if policy is None:
        return DEFAULT
    kind = str(policy.get("type", "default")).lower()
    if kind == "none":
        return NONE
    if kind == "default":
        return DEFAULT
    if kind not in {"fixed", "exponential"}:
        raise ValueError(f"the retry policy type '{policy['type']}' is not one of default, none, fixed, exponential")
    return _counted(kind, policy)


def _counted(kind: str, policy: Mapping[str, Any]) -> RetryPolicy:
    count = policy.get("count")
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= _MOST:
        raise ValueError(f"the retry policy's count '{count}' is not a whole number from 1 to {_MOST}")
    lengths = {name: _length(policy, name) for name in ("interval", "minimumInterval", "maximumInterval")}
    if lengths["interval"] is None:
        raise ValueError(f"a retry policy of type '{kind}' needs an interval, PT5S to P1D")
    return RetryPolicy(
        kind,
        count,
        lengths["interval"],
        lengths["minimumInterval"] or _SHORTEST,
        lengths["maximumInterval"] or _LONGEST,
    )


def _length(policy: Mapping[str, Any], name: str) -> timedelta | None:
    if policy.get(name) is None:
        return None
    length = parse_duration(policy[name])
    if not _SHORTEST <= length <= _LONGEST:
        raise ValueError(f"the retry policy's {name} '{policy[name]}' is not between PT5S and P1D")
    return length


def is_retryable(status: int) -> bool:
    """408, 429 and every 5xx: what the service tries again."""
    return status in {408, 429} or status >= 500


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The wait that an answer asks for with `Retry-After` (seconds or an HTTP date), or None."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    if text is None:
        return None
    if text.strip().isdigit():
        return timedelta(seconds=min(int(text), _ENDLESS))
    try:
        return max(_utc(parsedate_to_datetime(text)) - now, timedelta())
    except (ValueError, TypeError):
        return None


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
