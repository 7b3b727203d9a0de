"""What the checker finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]
Refuser = Literal["engine", "service"]


@dataclass(frozen=True)
class Finding:
    """One finding: `error` is what the template engine of Logic Apps refuses, `warning` what it accepts.

    What it accepts is refused on save all the same when `refused_by` is `service`; otherwise it goes wrong later.
    `json_path` leads from the root of the document that was checked; `line` counts from 1 (None without its text).
    `what` is the fault, `why` what comes of it, `cure` what to do.
    """

    rule: str
    severity: Severity
    json_path: str
    line: int | None
    what: str
    why: str
    cure: str
    refused_by: Refuser | None = None

    def as_json(self) -> dict[str, Any]:
        """The finding as `localazure check --json` prints it."""
        return asdict(self)
