"""What a check found: fine, worth a look, in the way, or not to be found out; with its cure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from scripts._console import Console


class Status(StrEnum):
    """`ERROR` would make a deployment fail, `WARNING` would not, `UNKNOWN` could not be checked."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """`cure` is what to do, commands included; empty where nothing has to be done."""

    check: str
    status: Status
    text: str
    cure: str = ""


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check, Status.OK, text)


def warning(check: str, text: str, cure: str) -> Finding:
    """Somebody should look at it; a deployment would work."""
    return Finding(check, Status.WARNING, text, cure)


def error(check: str, text: str, cure: str) -> Finding:
    """A deployment would fail."""
    return Finding(check, Status.ERROR, text, cure)


def unknown(check: str, text: str, cure: str = "") -> Finding:
    """It could not be checked."""
    return Finding(check, Status.UNKNOWN, text, cure)


def exit_code(findings: Sequence[Finding]) -> int:
    """0: nothing is in the way as far as can be seen; 1: something must be mended; 3: nothing could be asked."""
    found = {finding.status for finding in findings}
    if Status.ERROR in found:
        return 1
    return 0 if Status.OK in found else 3


def show(findings: Iterable[Finding], console: Console) -> None:
    """Each finding on a line, its cure below it."""
    for finding in findings:
        _show_line(finding, f"{finding.check}: {finding.text}", console)
        if finding.cure:
            console.note("\n".join(f"    {part}" for part in finding.cure.splitlines()))


def _show_line(finding: Finding, line: str, console: Console) -> None:
    if finding.status is Status.OK:
        console.step(line)
    elif finding.status is Status.ERROR:
        console.note(f"✗ {line}")
    else:
        console.warn(line if finding.status is Status.WARNING else f"not checked: {line}")


def verdict(findings: Sequence[Finding]) -> str:
    """In one clause what keeps from going on; "" if nothing does."""
    errors = sum(finding.status is Status.ERROR for finding in findings)
    if errors:
        return f"{errors} thing{'s' if errors > 1 else ''} must be mended first"
    return "nothing could be checked" if exit_code(findings) else ""


def is_complete(findings: Sequence[Finding]) -> bool:
    """Whether everything could be checked."""
    return all(finding.status is not Status.UNKNOWN for finding in findings)


def as_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """For programs."""
    return [asdict(finding) for finding in findings]
