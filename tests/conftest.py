"""What the whole suite shares: SIGINT as a terminal sends it, patience, the figures that tests report."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings


def pytest_configure() -> None:
    """Tests send SIGINT as a terminal does; a suite that a script runs in the background inherits it ignored.

    Hypothesis does not judge how fast examples come: a busy machine makes any of them slow.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Nothing here leaves this machine: the user's proxies are for those tests alone that are about proxies.
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("patient")


@pytest.fixture(scope="session")
def engine() -> None:
    """The real Pulumi engine is there, in the environment or on PATH. In CI, where set-up has just installed it, its
    absence is a failure."""
    if shutil.which("pulumi", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}") is None:
        if os.environ.get("CI"):
            pytest.fail("no `pulumi` although CI is set: `make setup` installs it")
        pytest.skip("no `pulumi`: run `make setup`")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded with `record_property("figure", "…")`, also under xdist."""
    reports = [report for name in ("passed", "failed") for report in terminalreporter.stats.get(name, [])]
    figures = [value for report in reports for key, value in report.user_properties if key == "figure"]
    if figures:
        terminalreporter.section("figures")
    for figure in figures:
        terminalreporter.write_line(str(figure))
