"""What the checker finds in our own flow and we know of: each with the reason why it is deployed all the same.

Said on every preview, a warning that nobody can act on teaches people to overlook the next one. `localazure check`
still shows these, and docs/environments.md lists them.
"""

from __future__ import annotations

from dataclasses import dataclass

from wdl.checker.finding import Finding


@dataclass(frozen=True)
class Acknowledged:
    """One known finding: its rule, the place it may be at (nowhere else), and why it stays."""

    rule: str
    json_path: str
    reason: str


ACKNOWLEDGED = (
    Acknowledged(
        "look-back-without-window",
        "$.actions.Get_entities.inputs.queries.$filter",
        "It is the flow of Microsoft's guide: it keeps no state. A run that fails or does not take place is told by the"
        " alerts, and the rows stay in the table: scripts/export_leads.py shows the leads of that time.",
    ),
)


def reason(finding: Finding) -> str | None:
    """Why a finding is lived with; None if it is not an acknowledged one. Errors never are."""
    if finding.severity == "error":
        return None
    known = {(item.rule, item.json_path): item.reason for item in ACKNOWLEDGED}
    return known.get((finding.rule, finding.json_path))
