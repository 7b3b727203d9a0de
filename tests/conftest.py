"""What the whole suite shares: SIGINT as a terminal sends it, and the figures that tests report, printed at the end."""

from __future__ import annotations

import signal

import pytest


def pytest_configure() -> None:
    """Tests send SIGINT as a terminal does; a suite that a script runs in the background inherits it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded with `record_property("figure", "…")`, also under xdist."""
    reports = [report for name in ("passed", "failed") for report in terminalreporter.stats.get(name, [])]
    figures = [value for report in reports for key, value in report.user_properties if key == "figure"]
    if figures:
        terminalreporter.section("figures")
    for figure in figures:
        terminalreporter.write_line(str(figure))
