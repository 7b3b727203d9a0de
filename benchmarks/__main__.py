"""Every measurement, one after the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PARTS = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if "def main()" in path.read_text() and path.stem not in {"__main__", "instant_provider"}
)

for part in PARTS:
    print(f"\n== {part}", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{part}"], check=True)
