"""docs/unverified.md, generated: `python -m verify.document` writes it, a test keeps it true."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from verify.statement import Statement
from verify.statements import STATEMENTS, TOPICS

FILE = Path(__file__).resolve().parents[1] / "docs" / "unverified.md"

_HEAD = """\
<!-- Generated from verify/ by `python -m verify.document`; change it there. -->
# What only Azure can confirm

Nobody on this project has an Azure account. These {number} statements are what it takes for true without having seen
it; wherever a document builds on one, it says `[unverified]` and leads here. If you have an account, one command
settles them:

    az login
    make verify-azure STACK=verify VERIFY='--recipient you@your-company.com'

It makes a resource group `marketplace-leads-verify` with a throw-away stack, asks you to consent to its Office 365
connection (or goes on without), runs the probe of every statement (about half an hour, a few cents), writes
`verify-azure.json`, and deletes the group, also after a failure or Ctrl-C. Please send the file back. It holds
verdicts, codes, names of members and counts; no key, no id of your subscription, no address, nothing of a lead.

| option in `VERIFY='…'` | |
|---|---|
| `--recipient ADDRESS` | who gets the sample leads and the alerts |
| `--location REGION` | where; `westeurope` unless given |
| `--only ID` | this statement alone; may be repeated |
| `--skip-slow` | without what waits for Azure Monitor |
| `--no-consent` | do not wait for a consent |
| `--leads-of STACK` | also look at the form of real leads, in the table of a stack that Microsoft delivers to |
| `--output FILE` | the report, instead of `verify-azure.json` |

A verdict is `confirmed`, `refuted`, `open` (what the probe needs was not there) or `failed` (the probe broke). On the
local cloud (`MARKETPLACE_LEADS_REHEARSAL=1 make verify-azure`) the same probes run in the test-suite: they show that
the kit works, and where the local cloud is known to differ.
"""


def document() -> str:
    """The whole text."""
    parts = [_HEAD.format(number=len(STATEMENTS))]
    for topic in TOPICS:
        parts.append(f"## {topic.title}\n")
        parts += [_entry(statement) for statement in topic.statements]
    return "\n".join(parts)


def _entry(statement: Statement) -> str:
    lines = [
        f"### {statement.id}\n",
        f"[unverified] {statement.text}\n",
        f"- If it is not so: {statement.otherwise}.",
        f"- Where it matters: {_listed(statement.places)}.",
        f"- Probe: {statement.how}",
        *(f"- Needs {need}." for need in statement.needs),
    ]
    return "\n".join(lines) + "\n"


def _listed(places: Iterable[str]) -> str:
    return ", ".join(f"`{place}`" for place in places)


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
