"""The OData filters of Microsoft.Logic's lists: `status eq 'Failed' and startTime ge 2026-11-24T00:00:00Z`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from localazure.arm.envelope import ArmError, ArmRequest
from localazure.workflows.history import Filter
from localazure.workflows.stamps import stamp, unstamp

_TERM = re.compile(
    r"\s*\(*\s*(\w+)\s+(eq|ne|gt|ge|lt|le)\s+('(?:[^']|'')*'|datetime'[^']*'|[^\s)]+)\s*\)*\s*", re.IGNORECASE
)
_OPERATORS = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}

DEFAULT_PAGE = 30
LARGEST_PAGE = 250


def list_filter(request: ArmRequest) -> Filter:
    """What `$filter`, `$top` and `$skiptoken` of a list of runs or histories ask for."""
    text = request.query.get("$filter", "")
    values: dict[str, Any] = {"started": []}
    for name, operator, value in terms(text, ("status", "starttime", "clienttrackingid")):
        if name == "starttime":
            values["started"].append((_OPERATORS[operator], _instant(value, text)))
        elif operator != "eq":
            raise invalid_filter(text)
        else:
            values["status" if name == "status" else "tracking"] = value
    return Filter(**values, before=request.query.get("$skiptoken"), top=page_size(request) + 1)


def terms(text: str, known: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Name (lower case), operator and value of each term; terms are joined with `and`."""
    if not text.strip():
        return []
    return [_term(part, text, known) for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE)]


def page_size(request: ArmRequest) -> int:
    """`$top`, at most the service's largest page."""
    text = request.query.get("$top")
    if text is None:
        return DEFAULT_PAGE
    if not text.isdecimal() or int(text) == 0:
        raise ArmError(400, "InvalidQueryParameter", f"The value '{text}' of the query parameter '$top' is invalid.")
    return min(int(text), LARGEST_PAGE)


def invalid_filter(text: str) -> ArmError:
    return ArmError(
        400,
        "InvalidFilterInQueryString",
        f"Invalid $filter '{text}' specified in the query string. The local cloud takes terms such as "
        "status eq 'Failed', startTime ge 2026-11-24T00:00:00Z, clientTrackingId eq '…', joined with 'and'.",
    )


def _term(part: str, text: str, known: tuple[str, ...]) -> tuple[str, str, str]:
    match = _TERM.fullmatch(part)
    if match is None or match[1].lower() not in known or match[2].lower() == "ne":
        raise invalid_filter(text)
    value = re.sub(r"^datetime(?=')", "", match[3], flags=re.IGNORECASE)
    if value.startswith("'"):
        value = value[1:-1].replace("''", "'")
    return match[1].lower(), match[2].lower(), value


def _instant(value: str, text: str) -> str:
    try:
        return stamp(_parsed(value))
    except ValueError:
        raise invalid_filter(text) from None


def _parsed(value: str) -> datetime:
    return unstamp(value.replace(" ", "+"))
