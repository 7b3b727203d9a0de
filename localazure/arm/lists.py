"""Lists in Azure's form: `value`, and an absolute `nextLink` until the last page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse

PAGE = 1000


def page_of(request: ArmRequest, items: Sequence[Any], default: int = PAGE) -> ArmResponse:
    """One page of `items`, as `$top` and `$skiptoken` of the request ask (`$top` is a page size, as in ARM)."""
    size, start = _number(request, "$top", default), _number(request, "$skiptoken", 0)
    body: dict[str, Any] = {"value": list(items[start : start + size])}
    if start + size < len(items):
        body["nextLink"] = _next_link(request, start + size)
    return ArmResponse(body)


def _number(request: ArmRequest, name: str, default: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or (name == "$top" and int(text) == 0):
        raise ArmError(400, "InvalidQueryParameter", f"The value '{text}' of the query parameter '{name}' is invalid.")
    return int(text)


def _next_link(request: ArmRequest, start: int) -> str:
    kept = [(name, value) for name, value in request.query.items() if name.lower() != "$skiptoken"]
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in [*kept, ("$skiptoken", str(start))])
    return f"{request.base_url}{request.path}?{pairs}"
