"""Metric alerts on a clock that the test moves, their mails through real SMTP into the inbox."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from alert_world import FLOW, GROUP, RULE, group, rule, watch

from localazure.connectors.errors import ConnectorError
from localazure.connectors.mail import OutgoingMail
from localazure.monitor.alerts import Alerts
from localazure.monitor.rules import MULTIPLE


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


def test_a_mail_that_nobody_takes_does_not_keep_the_others() -> None:
    async def scenario() -> None:
        async with watch() as on:
            sent: list[str] = []

            async def deliver(mail: OutgoingMail) -> None:
                if mail.recipients == ["bad@contoso.com"]:
                    raise ConnectorError(400, "refused")
                sent.extend(mail.recipients)

            on.alerts = Alerts(on.documents.store, on.documents, on.metrics, deliver, on.clock)
            on.put(group("bad@contoso.com", "ops@contoso.com"))
            await on.fail()
            assert sent == ["ops@contoso.com"]
            await on.alerts.settle()
            assert sent == ["ops@contoso.com"]

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
    async with asyncio.timeout(120):
        while not found():  # noqa: ASYNC110 - what is waited for is looked at, not told
            await asyncio.sleep(0.01)


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
