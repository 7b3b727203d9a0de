"""What is known of an alert between two evaluations, on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from localazure.monitor.alert_mail import FIRED, RESOLVED
from localazure.store import Store

_TABLE = """CREATE TABLE IF NOT EXISTS alert_states (
    rule TEXT NOT NULL, resource TEXT NOT NULL, condition TEXT NOT NULL, alert_id TEXT NOT NULL,
    healthy INTEGER NOT NULL, since TEXT NOT NULL, checked TEXT NOT NULL, fired_at TEXT,
    PRIMARY KEY (rule, resource))"""


@dataclass(frozen=True)
class AlertState:
    """`condition` is Fired or Resolved (also before the first time), `healthy` the number of evaluations in a row
    that did not meet the condition, `since` when the rule was first seen, `checked` its last scheduled evaluation."""

    rule: str
    resource: str
    condition: str
    alert_id: str
    healthy: int
    since: datetime
    checked: datetime
    fired_at: datetime | None

    def checked_at(self, now: datetime, met: bool) -> AlertState:
        """The state after a scheduled evaluation."""
        return replace(self, checked=now, healthy=0 if met else self.healthy + 1)

    def fired(self, now: datetime, alert_id: str) -> AlertState:
        """The state after it was fired."""
        return replace(self, condition=FIRED, alert_id=alert_id, fired_at=now, healthy=0)

    def resolved(self) -> AlertState:
        """The state after it was resolved."""
        return replace(self, condition=RESOLVED)


class AlertStates:
    """The states of all alerts, by rule and resource in any case."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.ensure(_TABLE)

    def ensure(self, rule: str, resource: str, now: datetime) -> AlertState:
        """The state of a rule for a resource; a new one if there is none."""
        keys = (rule.lower(), resource.lower())
        row = self._store.row("SELECT * FROM alert_states WHERE rule = ? AND resource = ?", keys)
        if row is not None:
            return replace(_state(row), resource=resource)
        state = AlertState(rule, resource, RESOLVED, "", 0, now, now, None)
        self.save(state)
        return state

    def save(self, state: AlertState) -> None:
        """Write a state."""
        fired_at = state.fired_at.isoformat() if state.fired_at else None
        self._store.execute(
            "INSERT OR REPLACE INTO alert_states VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                state.rule.lower(),
                state.resource.lower(),
                state.condition,
                state.alert_id,
                state.healthy,
                state.since.isoformat(),
                state.checked.isoformat(),
                fired_at,
            ),
        )

    def of_rule(self, rule: str) -> list[AlertState]:
        """The states of one rule."""
        rows = self._store.rows("SELECT * FROM alert_states WHERE rule = ? ORDER BY resource", (rule.lower(),))
        return [_state(row) for row in rows]

    def keep_only(self, rules: Mapping[str, Any]) -> None:
        """Forget the states of rules that are gone (keys: ids in lower case)."""
        for row in self._store.rows("SELECT DISTINCT rule FROM alert_states"):
            if row["rule"] not in rules:
                self._store.execute("DELETE FROM alert_states WHERE rule = ?", (row["rule"],))


def _state(row: sqlite3.Row) -> AlertState:
    return AlertState(
        rule=row["rule"],
        resource=row["resource"],
        condition=row["condition"],
        alert_id=row["alert_id"],
        healthy=row["healthy"],
        since=datetime.fromisoformat(row["since"]),
        checked=datetime.fromisoformat(row["checked"]),
        fired_at=datetime.fromisoformat(row["fired_at"]) if row["fired_at"] else None,
    )
