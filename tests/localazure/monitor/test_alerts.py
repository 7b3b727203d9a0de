"""Metric alerts on a clock that the test moves, their mails through real SMTP into the inbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localazure.arm.documents import Documents
from localazure.connectors.errors import ConnectorError
from localazure.connectors.mail import OutgoingMail
from localazure.connectors.smtp_delivery import SmtpDelivery, SmtpServer
from localazure.mailbox import Mailbox
from localazure.monitor.alerts import Alerts
from localazure.monitor.metrics import Metrics
from localazure.monitor.rules import MULTIPLE, SINGLE, RuleError, parse_rule
from localazure.store import Store

SCOPE = "/subscriptions/s/resourceGroups/g/providers"
FLOW = f"{SCOPE}/Microsoft.Logic/workflows/leads-flow"
RULE = f"{SCOPE}/Microsoft.Insights/metricAlerts/flow-failed"
GROUP = f"{SCOPE}/Microsoft.Insights/actionGroups/ops"
HOUR = timedelta(hours=1)


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
    criterion = {
        "name": "failed",
        "criterionType": "StaticThresholdCriterion",
        "metricNamespace": "Microsoft.Logic/workflows",
        "metricName": "RunsFailed",
        "operator": "GreaterThan",
        "threshold": 0,
        "timeAggregation": "Total",
    }
    criterion |= changes.pop("criterion", {})
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


def test_a_failed_run_is_mailed_at_once_and_only_once() -> None:
    async def scenario() -> None:
        async with watch() as on:
            await on.fail()
            await on.fail()
            await on.tick()
            assert on.subjects() == [
                "Fired:Sev2 Azure Monitor Alert flow-failed on leads-flow ( microsoft.logic/workflows ) at "
                "11/24/2026 3:04:05 PM"
            ]
            mail = on.mailbox.messages()[0]
            assert mail.to == ["ops@contoso.com"] and mail.sender == "Microsoft Azure <azure-noreply@microsoft.com>"
            for line in ("Severity: Sev2", "Metric name: RunsFailed", "Metric value: 1", "Threshold: 0"):
                assert line in (mail.text or "").splitlines()
            assert "RunsFailed" in (mail.html or "")

    asyncio.run(scenario())


def test_an_alert_is_resolved_after_three_good_evaluations_and_may_fire_again() -> None:
    async def scenario() -> None:
        async with watch() as on:
            await on.fail()
            await on.tick(times=3)  # the failure is still within the window of 15 minutes
            assert on.conditions() == ["Fired"]
            await on.tick(times=2)
            assert on.conditions() == ["Fired"]
            await on.tick(times=1)
            assert on.conditions() == ["Fired", "Resolved"]
            await on.tick(times=5)
            await on.fail()
            assert on.conditions() == ["Fired", "Resolved", "Fired"]

    asyncio.run(scenario())


def test_a_failure_in_between_starts_the_count_again() -> None:
    async def scenario() -> None:
        async with watch() as on:
            await on.fail()
            await on.tick(times=5)
            await on.fail()
            await on.tick(times=5)
            assert on.conditions() == ["Fired"]
            await on.tick()
            assert on.conditions() == ["Fired", "Resolved"]

    asyncio.run(scenario())


def test_without_auto_mitigation_it_fires_once_each_frequency_and_never_resolves() -> None:
    async def scenario() -> None:
        async with watch(rule(autoMitigate=False)) as on:
            await on.fail()
            await on.fail()
            assert on.conditions() == ["Fired"]
            await on.tick(times=3)
            await on.tick(times=9)
            assert on.conditions() == ["Fired"] * 4  # at 0, 5, 10 and 15 minutes, then the window is clean

    asyncio.run(scenario())


def test_a_restart_neither_fires_again_nor_forgets_to_resolve() -> None:
    async def scenario() -> None:
        async with watch() as on:
            await on.fail()
            on.restart()
            await on.alerts.evaluate()
            await on.tick(times=3)
            assert on.conditions() == ["Fired"]
            on.restart()
            await on.tick(times=3)
            assert on.conditions() == ["Fired", "Resolved"]

    asyncio.run(scenario())


def test_a_mail_that_the_inbox_did_not_take_is_sent_later() -> None:
    async def scenario() -> None:
        async with watch() as on:
            refused: list[str] = []

            async def refuse(mail: OutgoingMail) -> None:
                refused.append(mail.subject)
                raise ConnectorError(502, "no inbox")

            on.alerts = Alerts(on.documents.store, on.documents, on.metrics, refuse, on.clock)
            await on.fail()
            assert len(refused) == 1 and on.subjects() == []
            on.restart()
            await on.alerts.settle()
            assert on.subjects() == refused

    asyncio.run(scenario())


def test_who_gets_the_mail() -> None:
    async def scenario() -> None:
        async with watch() as on:
            other = {**group("OPS@contoso.com", "late@contoso.com"), "id": GROUP + "2", "name": "ops2"}
            on.documents.put(other["id"], "Microsoft.Insights/actionGroups", other)
            off = group("ops@contoso.com", "off@contoso.com")
            off["properties"]["emailReceivers"][1]["status"] = "Disabled"
            on.put(off)
            on.put(rule(actions=[{"actionGroupId": GROUP}, {"actionGroupId": GROUP + "2"}, {"actionGroupId": "/gone"}]))
            await on.fail()
            assert [mail.to for mail in on.mailbox.messages()] == [["ops@contoso.com"], ["late@contoso.com"]]

    asyncio.run(scenario())


@pytest.mark.parametrize("how", ["disabled rule", "disabled group", "no action", "deleted rule"])
def test_when_nobody_is_told(how: str) -> None:
    async def scenario() -> None:
        async with watch() as on:
            if how == "disabled rule":
                on.put(rule(enabled=False))
            if how == "disabled group":
                on.put(group("ops@contoso.com", enabled=False))
            if how == "no action":
                on.put(rule(actions=[]))
            if how == "deleted rule":
                on.documents.delete(RULE)
                on.alerts.rules_changed()
                assert on.alerts.states(RULE) == []
            await on.fail()
            await on.tick()
            assert on.subjects() == []

    asyncio.run(scenario())


def test_other_resources_and_other_metrics_do_not_count() -> None:
    async def scenario() -> None:
        async with watch() as on:
            on.metrics.record(FLOW + "2", "RunsFailed", on.clock.now())
            on.metrics.record(FLOW, "RunsSucceeded", on.clock.now())
            await on.alerts.settle()
            await on.tick()
            assert on.subjects() == []

    asyncio.run(scenario())


STOPPED = rule(
    criterion={"metricName": "RunsStarted", "operator": "LessThan", "threshold": 1},
    evaluationFrequency="PT1H",
    windowSize="PT1H",
)


def test_a_flow_that_does_not_run_is_noticed_but_not_before_the_rule_was_there_for_a_whole_window() -> None:
    async def scenario() -> None:
        async with watch(STOPPED) as on:
            await on.tick(timedelta(minutes=55))
            assert on.subjects() == []
            await on.tick(timedelta(minutes=6))
            assert on.conditions() == ["Fired"]
            on.metrics.record(FLOW, "RunsStarted", on.clock.now())
            await on.tick(timedelta(minutes=1), times=3)
            assert on.conditions() == ["Fired", "Resolved"]

    asyncio.run(scenario())


def test_all_criteria_must_hold() -> None:
    async def scenario() -> None:
        both = rule()
        second = {
            **both["properties"]["criteria"]["allOf"][0],
            "name": "b",
            "metricName": "RunsStarted",
            "threshold": 1,
        }
        both["properties"]["criteria"]["allOf"].append(second)
        async with watch(both) as on:
            await on.fail()
            on.metrics.record(FLOW, "RunsStarted", on.clock.now())
            await on.alerts.settle()
            assert on.subjects() == []
            on.metrics.record(FLOW, "RunsStarted", on.clock.now())
            await on.alerts.settle()
            assert on.conditions() == ["Fired"]

    asyncio.run(scenario())


def test_several_resources_have_a_state_each() -> None:
    async def scenario() -> None:
        many = rule(scopes=[FLOW, FLOW + "2"])
        many["properties"]["criteria"]["odata.type"] = MULTIPLE
        async with watch(many) as on:
            await on.fail()
            assert [state.condition for state in on.alerts.states(RULE)] == ["Fired", "Resolved"]
            on.metrics.record(FLOW + "2", "RunsFailed", on.clock.now())
            await on.alerts.settle()
            assert "on leads-flow2 (" in on.subjects()[1]

    asyncio.run(scenario())


async def until(found: Any) -> None:
    """Give the background task its turns; fails if the condition does not come about."""
    for _ in range(500):
        if found():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come about")


def test_in_the_background_it_fires_at_once_and_follows_the_clock() -> None:
    async def scenario() -> None:
        async with watch() as on:
            await on.alerts.start()
            await asyncio.to_thread(on.metrics.record, FLOW, "RunsFailed", on.clock.now())
            await until(lambda: on.conditions() == ["Fired"])
            for _ in range(7):
                before = on.alerts.states(RULE)[0].checked
                on.clock.move(timedelta(minutes=5))
                await until(lambda before=before: on.alerts.states(RULE)[0].checked > before)
            await until(lambda: on.conditions() == ["Fired", "Resolved"])

    asyncio.run(scenario())


def test_a_new_rule_is_taken_up_in_the_background() -> None:
    async def scenario() -> None:
        async with watch(rule(enabled=False)) as on:
            await on.alerts.start()
            on.put(rule())
            on.metrics.record(FLOW, "RunsFailed", on.clock.now())
            await until(lambda: on.conditions() == ["Fired"])

    asyncio.run(scenario())


def test_the_test_mail_of_an_action_group() -> None:
    async def scenario() -> None:
        async with watch() as on:
            await on.alerts.send_test("ops", ["a@b.c", "d@e.f"])
            assert on.subjects() == ["Test notification of the Azure Monitor action group ops"] * 2

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scopes": []}, "'scopes'"),
        ({"scopes": ["/subscriptions/s"]}, "is not the id of one"),
        ({"scopes": [FLOW, FLOW + "2"]}, "takes one scope"),
        ({"severity": 5}, "'severity'"),
        ({"severity": "2"}, "'severity'"),
        ({"severity": True}, "'severity'"),
        ({"evaluationFrequency": "PT2M"}, "'evaluationFrequency' is 'PT2M'; it must be one of PT1M"),
        ({"windowSize": "PT1M"}, "must not be shorter"),
        ({"windowSize": None}, "'windowSize'"),
        ({"criteria": None}, "'criteria' is required"),
        ({"criteria": {"odata.type": "Other"}}, "of the type 'Other'"),
        ({"criteria": {"odata.type": SINGLE, "allOf": []}}, "allOf"),
        ({"criteria": {"odata.type": SINGLE, "allOf": ["x"]}}, "must be an object"),
        (
            {"criterion": {"criterionType": "DynamicThresholdCriterion"}},
            "does not evaluate 'DynamicThresholdCriterion'",
        ),
        ({"criterion": {"metricName": "RunsFaild"}}, "The metric 'RunsFaild' does not exist"),
        ({"criterion": {"metricName": ""}}, "metricName"),
        ({"criterion": {"operator": "Above"}}, "'operator' is 'Above'"),
        ({"criterion": {"threshold": "0"}}, "'threshold'"),
        ({"criterion": {"timeAggregation": "Median"}}, "'timeAggregation'"),
        ({"criterion": {"dimensions": [{"name": "d"}]}}, "no dimensions"),
    ],
)
def test_a_wrong_rule_is_refused_with_what_would_do(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RuleError, match=words):
        parse_rule(rule(**changes))


def test_numbers_and_cases_as_clients_write_them() -> None:
    parsed = parse_rule(
        rule(severity=2.0, windowSize="Pt15m", criterion={"operator": "greaterthan", "metricName": "runsfailed"})
    )
    assert (parsed.severity, parsed.window, parsed.criteria[0].metric) == (2, timedelta(minutes=15), "RunsFailed")
    unknown = parse_rule(rule(criterion={"metricName": "Custom", "skipMetricValidation": True}))
    assert unknown.criteria[0].metric == "Custom"


@pytest.mark.parametrize(
    ("operator", "value", "holds"),
    [
        ("Equals", 1, True), ("NotEquals", 1, False), ("GreaterThan", 1, False), ("GreaterThanOrEqual", 1, True),
        ("LessThan", 1, False), ("LessThanOrEqual", 1, True), ("GreaterThan", 2, True), ("LessThan", 0.5, True),
        ("LessThan", None, False), ("NotEquals", None, False),
    ],
)  # fmt: skip
def test_operators(operator: str, value: float | None, holds: bool) -> None:
    assert parse_rule(rule(criterion={"operator": operator, "threshold": 1})).criteria[0].holds(value) is holds
