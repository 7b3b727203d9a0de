"""`pulumi up` of stack local on the local cloud, side by side with a provider that answers every call at once.

Each pair deploys the same program into a fresh stack twice, once with each provider, in turn, so that a machine whose
speed drifts slows both. Prints the medians and the median of the pairwise ratios (goal: at most 1.25).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.cloud import ROOT, local_cloud

PAIRS = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, local_cloud(Path(folder) / "cloud") as environment:
        floor = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.instant_provider"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert floor.stdin is not None and floor.stdout is not None
        instant = {**environment, "PULUMI_DEBUG_PROVIDERS": f"azure-native:{floor.stdout.readline().strip()}"}
        pairs = [
            (_up(environment, Path(folder) / f"cloud-{n}"), _up(instant, Path(folder) / f"floor-{n}"))
            for n in range(PAIRS + 1)
        ][1:]  # the first pair warms the disk cache
        floor.stdin.close()
        floor.wait()
    _report(pairs)


def _up(environment: dict[str, str], state: Path) -> float:
    """Seconds of one `pulumi up` into a new stack; the resources are destroyed again, untimed."""
    state.mkdir()
    own = {**os.environ, **environment, "PULUMI_BACKEND_URL": f"file://{state}"}
    _pulumi(own, "stack", "init", "local")
    started = time.perf_counter()
    _pulumi(own, "up", "--yes", "--skip-preview", "--stack", "local")
    seconds = time.perf_counter() - started
    if environment["PULUMI_DEBUG_PROVIDERS"] and "cloud-" in state.name:
        _pulumi(own, "destroy", "--yes", "--skip-preview", "--stack", "local")
    return seconds


def _pulumi(environment: dict[str, str], *arguments: str) -> None:
    command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _report(pairs: list[tuple[float, float]]) -> None:
    cloud, floor = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(first / second for first, second in pairs)
    print(f"pulumi up, stack local, {len(pairs)} pairs (medians)")
    print(f"  local cloud        {cloud:6.2f} s")
    print(f"  instant provider   {floor:6.2f} s")
    print(f"  ratio              {ratio:6.2f}    goal: at most 1.25")


if __name__ == "__main__":
    main()
