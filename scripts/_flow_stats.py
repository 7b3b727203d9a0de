"""manage_flow.py stats."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from leads.arrivals import arrivals
from leads.clients import Clients
from leads.environment import Deployed
from leads.errors import LeadsError
from leads.metrics import totals
from leads.periods import duration
from leads.runs import FAILURES, Query, RunHistory
from leads.stats import Period, Spread, Statistics, statistics, success_rate
from leads.table import LeadTable
from scripts._console import Console

_LONGEST = timedelta(days=90)  # as long as Azure keeps runs


class StatsError(LeadsError):
    """There are no statistics of such a period."""


def stats(
    deployed: Deployed,
    period: tuple[datetime | None, datetime | None],
    picture: Path | None,
    as_json: bool,
    console: Console,
) -> None:
    """Count, tell, draw."""
    until = min(period[1] or datetime.now(UTC), datetime.now(UTC))
    since = _begin(period[0], until)
    clients = Clients(deployed, os.environ)
    with console.waiting("Reading run history, table and metrics"):
        found = _statistics(clients, since, until)
        counted = totals(clients, since, until)
    if picture is not None:
        _draw(found, deployed, picture)
    if as_json:
        print(json.dumps({"stack": deployed.stack, **_as_json(found, counted)}, indent=2))
        return
    _show(found, counted, console)
    if picture is not None:
        console.step(f"Wrote {picture}")


def _begin(since: datetime | None, until: datetime) -> datetime:
    begin = since or until - timedelta(days=7)
    if begin >= until:
        raise StatsError("the period ends before it begins; give --since a time before --until")
    if until - begin > _LONGEST:
        raise StatsError("Azure keeps runs for 90 days; give --since at most 90d")
    return begin


def _statistics(clients: Clients, since: datetime, until: datetime) -> Statistics:
    deployed = clients.deployed
    runs = list(RunHistory(clients).runs(Query(since=since, until=until)))
    with LeadTable(deployed.connection_string, deployed.table) as table:
        return statistics(runs, arrivals(table, since, until), since, until)


def _draw(found: Statistics, deployed: Deployed, picture: Path) -> None:
    from leads.stats_picture import draw

    span = f"{found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M}"
    draw(found, f"{deployed.logic_app} of stack {deployed.stack}, {span}", picture)


def _show(found: Statistics, counted: dict[str, int], console: Console) -> None:
    rows = [_row(period) for period in found.periods if period.runs or period.leads]
    heading = f"From (UTC), {duration(found.step.total_seconds())} each"
    if rows:
        console.table((heading, "Runs", "Succeeded", "Failed", "Success", "Leads", "Longest wait"), rows)
        console.note("")
    for name, text in _summary(found, counted):
        console.note(f"{name:<26} {text}")


def _row(period: Period) -> tuple[str, ...]:
    return (
        f"{period.begin:%Y-%m-%d %H:%M}",
        str(period.runs.total()),
        str(period.runs["Succeeded"]),
        str(_failed(period.runs)),
        _percent(period.success_rate),
        str(period.leads),
        duration(period.longest_wait),
    )


def _summary(found: Statistics, counted: dict[str, int]) -> list[tuple[str, str]]:
    runs = ", ".join(f"{number} {status}" for status, number in found.runs.most_common()) or "none"
    waiting = f"; {found.waiting} still to be mailed" if found.waiting else ""
    return [
        ("Runs", f"{found.runs.total()} ({runs})" if found.runs else runs),
        ("Success rate", _percent(success_rate(found.runs))),
        ("A run took", _spread_text(found.durations)),
        ("A run began late by", _spread_text(found.lateness)),
        ("Leads", f"{found.leads}{waiting}"),
        ("A lead waited", _spread_text(found.waits)),
        ("Counted by Azure Monitor", ", ".join(f"{name} {number}" for name, number in counted.items())),
    ]


def _spread_text(found: Spread) -> str:
    if not found.count:
        return "-"
    return f"{duration(found.median)} (median), {duration(found.p95)} (95 %), {duration(found.longest)} (longest)"


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f} %"


def _failed(runs: Counter[str]) -> int:
    return sum(runs[status] for status in FAILURES)


def _as_json(found: Statistics, counted: dict[str, int]) -> dict[str, Any]:
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "runs": dict(found.runs),
        "successRate": success_rate(found.runs),
        "leads": found.leads,
        "leadsWaiting": found.waiting,
        "seconds": {
            "runTook": asdict(found.durations),
            "runBeganLateBy": asdict(found.lateness),
            "leadWaited": asdict(found.waits),
        },
        "stepSeconds": found.step.total_seconds(),
        "periods": [
            {
                "begin": one.begin.isoformat(),
                "runs": dict(one.runs),
                "successRate": one.success_rate,
                "leads": one.leads,
                "longestWaitSeconds": one.longest_wait,
            }
            for one in found.periods
        ],
        "metrics": counted,
    }
