"""`localazure check FILE…`: what Logic Apps refuses in workflow definitions, and what it saves although it goes wrong.

Exit codes: 0 the template engine refuses nothing; 1 it refuses something (with `strict` also: any warning); 2 a file
cannot be read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wdl.checker import Finding, check
from wdl.checker.source import SourceError, read

ACCEPTED, REFUSED, UNREADABLE = 0, 1, 2

Write = Callable[[str], None]


@dataclass(frozen=True)
class Checked:
    """The outcome for one file; `problem` says why it could not be read."""

    file: str
    findings: tuple[Finding, ...] = ()
    problem: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the template engine of Logic Apps accepts what is in the file."""
        return self.problem is None and not any(finding.severity == "error" for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        outcome: dict[str, Any] = {"file": self.file, "accepted": self.accepted}
        if self.problem is not None:
            return {**outcome, "problem": self.problem}
        return {**outcome, "findings": [finding.as_json() for finding in self.findings]}


def check_files(files: Sequence[str], *, as_json: bool = False, strict: bool = False, write: Write = print) -> int:
    """Check files (`-` is standard input), write the findings, return the exit code."""
    checked = [check_file(file) for file in files]
    if as_json:
        write(json.dumps({"files": [one.as_json() for one in checked]}, indent=2, ensure_ascii=False))
    else:
        for line in report(checked):
            write(line)
    return exit_code(checked, strict=strict)


def check_file(file: str) -> Checked:
    """Check one file: a definition, an ARM template, or a resource with a definition in it."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
        return Checked(file, tuple(check(read(text), source_text=text)))
    except (OSError, UnicodeDecodeError) as error:
        return Checked(file, problem=f"{_reason(error)}. Name a readable file in UTF-8.")
    except SourceError as error:
        return Checked(file, problem=f"{error}. Correct it there, or give a JSON file.")


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8"


def exit_code(checked: Sequence[Checked], *, strict: bool = False) -> int:
    """The exit code for these outcomes."""
    if any(one.problem is not None for one in checked):
        return UNREADABLE
    if not all(one.accepted for one in checked) or (strict and any(one.findings for one in checked)):
        return REFUSED
    return ACCEPTED


def report(checked: Sequence[Checked]) -> list[str]:
    """The findings as text, one block each, and a last line that counts them."""
    lines = [line for one in checked for line in _lines(one)]
    found = [finding.severity for one in checked for finding in one.findings]
    counts = f"{_count(found.count('error'), 'error')}, {_count(found.count('warning'), 'warning')}"
    return [*lines, f"{counts} in {_count(len(checked), 'file')}"]


def _lines(one: Checked) -> list[str]:
    if one.problem is not None:
        return [f"{one.file}: cannot be read: {one.problem}"]
    return [line for finding in one.findings for line in _block(one.file, finding)]


def _block(file: str, finding: Finding) -> list[str]:
    head = f"{file}:{finding.line or 1}: {finding.severity}: {finding.what} [{finding.rule}]"
    return [head, f"    at   {finding.json_path}", f"    why  {finding.why}", f"    cure {finding.cure}"]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
