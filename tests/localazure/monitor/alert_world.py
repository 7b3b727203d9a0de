"""What an alert needs, on a clock that the test moves; its mails go through real SMTP into the inbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from alert_criteria import RUNS_FAILED

from localazure.arm.documents import Documents
from localazure.connectors.smtp_delivery import SmtpDelivery, SmtpServer
from localazure.mailbox import Mailbox
from localazure.monitor.alerts import Alerts
from localazure.monitor.metrics import Metrics
from localazure.monitor.rules import SINGLE
from localazure.store import Store

SCOPE = "/subscriptions/s/resourceGroups/g/providers"
FLOW = f"{SCOPE}/Microsoft.Logic/workflows/leads-flow"
RULE = f"{SCOPE}/Microsoft.Insights/metricAlerts/flow-failed"
GROUP = f"{SCOPE}/Microsoft.Insights/actionGroups/ops"


class MovableClock:
    """Time stands still until the test moves it; sleepers wake then."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 15, 4, 5, tzinfo=UTC)
        self._moved: asyncio.Event | None = None

    def now(self) -> datetime:
        return self.at

    async def sleep_until(self, when: datetime) -> None:
        while self.at < when:
            self._moved = self._moved or asyncio.Event()
            await self._moved.wait()

    def move(self, by: timedelta) -> None:
        self.at += by
        if self._moved is not None:
            self._moved.set()
            self._moved = None


def rule(**changes: Any) -> dict[str, Any]:
    criterion = RUNS_FAILED | changes.pop("criterion", {})
    properties = {
        "severity": 2,
        "enabled": True,
        "scopes": [FLOW],
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "criteria": {"odata.type": SINGLE, "allOf": [criterion]},
        "autoMitigate": True,
        "actions": [{"actionGroupId": GROUP.upper()}],
        **changes,
    }
    return {"id": RULE, "name": "flow-failed", "type": "Microsoft.Insights/metricAlerts", "properties": properties}


def group(*addresses: str, **properties: Any) -> dict[str, Any]:
    receivers = [{"name": f"r{n}", "emailAddress": address, "status": "Enabled"} for n, address in enumerate(addresses)]
    return {"id": GROUP, "name": "ops", "properties": {"enabled": True, "emailReceivers": receivers, **properties}}


@dataclass
class Watch:
    """Everything that an alert needs."""

    clock: MovableClock
    documents: Documents
    metrics: Metrics
    alerts: Alerts
    mailbox: Mailbox

    async def fail(self) -> None:
        self.metrics.record(FLOW, "RunsFailed", self.clock.now())
        await self.alerts.settle()

    async def tick(self, by: timedelta = timedelta(minutes=5), times: int = 1) -> None:
        """Move the clock and evaluate as the schedule does."""
        for _ in range(times):
            self.clock.move(by)
            await self.alerts.evaluate()

    def put(self, document: dict[str, Any]) -> None:
        kind = "Microsoft.Insights/actionGroups" if "emailReceivers" in document["properties"] else document["type"]
        self.documents.put(document["id"], kind, document)
        self.alerts.rules_changed()

    def restart(self) -> None:
        """A new process on the same store."""
        self.metrics = Metrics(self.documents.store)
        port = self.mailbox.port
        deliver = SmtpDelivery(lambda: SmtpServer("127.0.0.1", port), self.clock).deliver
        self.alerts = Alerts(self.documents.store, self.documents, self.metrics, deliver, self.clock)

    def subjects(self) -> list[str]:
        return [mail.subject for mail in self.mailbox.messages()]

    def conditions(self) -> list[str]:
        return [subject.split(":")[0] for subject in self.subjects()]


@asynccontextmanager
async def watch(document: dict[str, Any] | None = None) -> AsyncIterator[Watch]:
    clock, store = MovableClock(), Store()
    documents, metrics, mailbox = Documents(store), Metrics(store), Mailbox(store, clock)
    port = await mailbox.start()
    deliver = SmtpDelivery(lambda: SmtpServer("127.0.0.1", port), clock).deliver
    found = Watch(clock, documents, metrics, Alerts(store, documents, metrics, deliver, clock), mailbox)
    found.put(group("ops@contoso.com"))
    found.put(document or rule())
    yield found
    await found.alerts.stop()
    await mailbox.stop()
    store.close()
