"""The filters of Microsoft.Authorization's lists: `atScope()`, `principalId eq '…'` and the like, joined by `and`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from localazure.arm.envelope import ArmError, ArmRequest

_EQUALS = re.compile(r"(\w+)\s+eq\s+'((?:[^']|'')*)'", re.IGNORECASE)
_CALL = re.compile(r"(\w+)\(\s*(?:'([^']*)')?\s*\)")
_FUNCTIONS = ("atscope", "atscopeandbelow", "assignedto")

Keep = Callable[[Mapping[str, Any]], bool]


def authorization_filter(request: ArmRequest, names: Sequence[str]) -> Keep:
    """Whether properties fulfil every `name eq 'value'` of the request's `$filter`; `names` are those it may name."""
    wanted: dict[str, str] = {}
    for term in _terms(request):
        if found := _EQUALS.fullmatch(term):
            name = next((name for name in names if name.lower() == found[1].lower()), None)
            if name is None:
                raise _invalid(term, names)
            wanted[name] = found[2].replace("''", "'").lower()
        elif _function(term) is None:
            raise _invalid(term, names)
    return lambda properties: all(str(properties.get(name, "")).lower() == value for name, value in wanted.items())


def filter_functions(request: ArmRequest) -> dict[str, str]:
    """The functions that the request's `$filter` calls, in lower case, with their argument or ""."""
    return dict(found for term in _terms(request) if (found := _function(term)))


def _terms(request: ArmRequest) -> list[str]:
    text = request.query.get("$filter", "").strip()
    return [term.strip() for term in re.split(r"\s+and\s+", text, flags=re.IGNORECASE)] if text else []


def _function(term: str) -> tuple[str, str] | None:
    found = _CALL.fullmatch(term)
    if found is None or found[1].lower() not in _FUNCTIONS:
        return None
    return found[1].lower(), found[2] or ""


def _invalid(term: str, names: Sequence[str]) -> ArmError:
    return ArmError(
        400,
        "UnsupportedQuery",
        f"The filter '{term}' is not supported. The local cloud takes "
        f"{', '.join(f'{name} eq ...' for name in names)}, atScope(), atScopeAndBelow(), assignedTo(...).",
    )
