"""All statements, in the order of docs/unverified.md. A new one is declared in the module of its topic."""

from __future__ import annotations

from verify import connections, delivered, deployment, history, monitoring, saving, shapes, tables, triggers
from verify.statement import Statement, Topic

TOPICS: tuple[Topic, ...] = (
    deployment.TOPIC,
    tables.TOPIC,
    connections.TOPIC,
    triggers.TOPIC,
    history.TOPIC,
    monitoring.TOPIC,
    saving.TOPIC,
    shapes.TOPIC,
    delivered.TOPIC,
)
STATEMENTS: dict[str, Statement] = {one.id: one for topic in TOPICS for one in topic.statements}
