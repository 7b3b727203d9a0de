"""Links to the next page of a list that goes on after a name."""

from __future__ import annotations

from urllib.parse import quote

from localazure.arm.envelope import ArmRequest


def next_link(request: ArmRequest, token: str) -> str:
    """The absolute address of the page after the entry named `token`; `%24skiptoken=` as Azure writes it."""
    kept = [(name, value) for name, value in request.query.items() if name.lower() != "$skiptoken"]
    pairs = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in [*kept, ("$skiptoken", token)]
    )
    return f"{request.base_url}{request.path}?{pairs}"
