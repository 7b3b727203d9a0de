"""The export of a long lead table: leads a second, and the memory that it takes.

Each export is a process of its own, which tells the most memory that it ever had. Bounded memory means that 100,000
leads take about as much as 1,000. The time is that of a table service that is free: see benchmarks/made_up_table.py.
`python -m benchmarks.export`
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from time import process_time
from typing import NamedTuple

from benchmarks.made_up_table import made_up_table
from leads.export import write_csv, write_json_lines
from leads.selection import Selection, select
from leads.table import LeadTable

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 100_000)
GOAL = 16  # MiB that 100,000 leads may take beyond 1,000
FORMS = {"csv": write_csv, "jsonl": write_json_lines}


class Taken(NamedTuple):
    """Seconds of processor time, and MiB at most."""

    busy: float
    memory: float


def main() -> None:
    """Export, and print what it took."""
    for form in FORMS:
        took = {size: _measure(size, form) for size in SIZES}
        for size, (busy, memory) in took.items():
            print(f"{form:<6}{size:>8,} leads  {busy:6.1f} s of processor time  {memory:6.1f} MiB at most")
        few, many = (took[size].memory for size in SIZES)
        print(f"{form:<6}{SIZES[1] / took[SIZES[1]].busy:>8,.0f} leads a second", end="; ")
        print(f"{many - few:.1f} MiB beyond those of {SIZES[0]:,} leads (goal: at most {GOAL})")


def export(string: str, form: str) -> None:
    """What a measured process does: print its processor time, and the most memory of all its life."""
    began = process_time()
    with LeadTable(string, "leads") as rows, Path(os.devnull).open("w", encoding="utf-8", newline="") as out:
        FORMS[form](select(rows.rows(), Selection()), out)
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    print(process_time() - began, kibibytes / 1024)


def _measure(size: int, form: str) -> Taken:
    code = "import sys; from benchmarks.export import export; export(*sys.argv[1:])"
    with made_up_table(size) as string:
        command = [sys.executable, "-c", code, string, form]
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return Taken(float(told[0]), float(told[1]))


if __name__ == "__main__":
    main()
