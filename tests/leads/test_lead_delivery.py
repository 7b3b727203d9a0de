"""A lead counts as delivered when one run read it from the table and mailed it; anything else is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leads.delivery import DeliveryError, Wait, find_deliveries, lead_marks, wait_for_delivery
from leads.flow import Action, Run
from leads.table import Inserted

WRITTEN = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
CONTACT = json.dumps({"FirstName": "Ann", "Email": "ann@example.com"})


def row(key: str = "r1") -> dict[str, str]:
    return {"PartitionKey": "p", "RowKey": key, "CustomerInfo": CONTACT}


def inserted(*keys: str) -> list[Inserted]:
    return [Inserted("p", key, WRITTEN) for key in keys or ("r1",)]


def read(*rows: dict[str, str]) -> Action:
    return Action(
        "Get_entities", "Succeeded", "OK", {"method": "get"}, {"statusCode": 200, "body": {"value": list(rows)}}
    )


def mail(body: str, status: str = "Succeeded", code: str = "OK") -> Action:
    message = {"To": "sales@contoso.com", "Subject": "New leads!", "Body": body}
    return Action("Send_an_email", status, code, {"path": "/v2/Mail", "body": message}, {"statusCode": 200})


class Script:
    """Runs that change from look to look; the clock only moves when somebody sleeps."""

    def __init__(self, *looks: dict[Run, list[Action]]) -> None:
        self._looks = list(looks)
        self._shown: dict[Run, list[Action]] = {}
        self.time = 0.0
        self.since: list[datetime] = []

    def runs_since(self, moment: datetime) -> Iterator[Run]:
        self.since.append(moment)
        if self._looks:
            self._shown = self._looks.pop(0)
        return iter(sorted(self._shown, key=lambda run: run.started, reverse=True))

    def actions(self, run: str) -> list[Action]:
        return next(actions for found, actions in self._shown.items() if found.name == run)

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    @property
    def wait(self) -> Wait:
        return Wait(10, now=lambda: self.time, sleep=self.sleep, pause=1)


def run(name: str = "run1", status: str = "Succeeded", after: float = 1) -> Run:
    return Run(name, status, WRITTEN + timedelta(seconds=after), "Recurrence")


def test_a_run_that_reads_and_mails_the_lead_delivers_it() -> None:
    script = Script({run(): [read(row("r0"), row()), mail('<p>[{"RowKey":"r1"}]</p>')]})
    (delivery,) = wait_for_delivery(script, inserted(), script.wait).values()
    assert (delivery.run, delivery.read_by, delivery.mailed_by) == ("run1", "Get_entities", "Send_an_email")
    assert (delivery.to, delivery.subject) == ("sales@contoso.com", "New leads!")


def test_it_waits_for_the_run_to_begin_and_to_end() -> None:
    done = {run(): [read(row()), mail("r1")]}
    script = Script({}, {run(status="Running"): []}, {run(status="Waiting"): []}, done)
    wait_for_delivery(script, inserted(), script.wait)
    assert script.time == 3


def test_it_gives_up_in_time_and_tells_what_the_runs_do() -> None:
    script = Script({run(status="Running"): []})
    with pytest.raises(DeliveryError, match="within 10 seconds; its runs: run1 Running"):
        wait_for_delivery(script, inserted(), script.wait)
    assert script.time == 10


def test_it_tells_when_the_flow_never_ran() -> None:
    script = Script()
    with pytest.raises(DeliveryError, match="has not run since"):
        wait_for_delivery(script, inserted(), script.wait)


def test_a_run_that_began_before_the_lead_may_deliver_it_too() -> None:
    script = Script({run(after=-5): [read(row()), mail("r1")]})
    assert wait_for_delivery(script, inserted(), script.wait)
    assert script.since[0] < WRITTEN


def test_a_run_that_began_before_the_lead_and_missed_it_proves_nothing() -> None:
    early = run("early", after=-5)
    script = Script({early: [read()]}, {early: [read()], run("late"): [read(row()), mail("r1")]})
    assert wait_for_delivery(script, inserted(), script.wait)["p", "r1"].run == "late"


def test_several_leads_may_be_delivered_by_several_runs() -> None:
    early, late = run("early", after=-5), run("late")
    script = Script({early: [read(row("r1")), mail("r1")]}, {late: [read(row("r1"), row("r2")), mail("r1 r2")]})
    found = wait_for_delivery(script, inserted("r1", "r2"), script.wait)
    assert {key[1]: delivery.run for key, delivery in found.items()} == {"r1": "early", "r2": "late"}


def test_a_finished_run_that_read_nothing_ends_the_wait() -> None:
    script = Script({run(): [read()]})
    with pytest.raises(DeliveryError, match="run1 Succeeded, but none of its actions returned the lead") as refused:
        wait_for_delivery(script, inserted(), script.wait)
    assert script.time == 0
    assert refused.value.run == "run1"


@pytest.mark.parametrize("body", ["<p>[]</p>", "", "somebody else"])
def test_a_mail_without_the_lead_does_not_count(body: str) -> None:
    script = Script({run(): [read(row()), mail(body)]})
    with pytest.raises(DeliveryError, match="it read the lead, but no action mailed it"):
        wait_for_delivery(script, inserted(), script.wait)


def test_a_mail_of_a_run_that_did_not_read_the_lead_does_not_count() -> None:
    script = Script({run(): [read(), mail("r1")]})
    with pytest.raises(DeliveryError, match="none of its actions returned the lead"):
        wait_for_delivery(script, inserted(), script.wait)


def test_a_failed_mail_is_told_with_its_code_and_never_with_the_lead() -> None:
    refused_mail = mail("r1 ann@example.com", "Failed", "Unauthorized")
    script = Script({run(status="Failed"): [read(row()), refused_mail]})
    with pytest.raises(DeliveryError) as refused:
        wait_for_delivery(script, inserted(), script.wait)
    message = str(refused.value)
    assert "run run1 Failed: Send_an_email Failed (Unauthorized)" in message
    assert "pulumi stack output mailAuthorization" in message
    assert "ann@example.com" not in message


def test_a_failed_query_is_told() -> None:
    failed = Action("Get_entities", "Failed", "Forbidden", {}, {"statusCode": 403, "body": {"error": "x"}})
    skipped = Action("Condition", "Skipped", "ActionSkipped")
    script = Script({run(status="Failed"): [failed, skipped]})
    with pytest.raises(DeliveryError, match=r"Get_entities Failed \(Forbidden\)$"):
        wait_for_delivery(script, inserted(), script.wait)


def test_each_finished_run_is_told_once() -> None:
    told: list[str] = []
    script = Script({run("a", after=-5): [read()]}, {run("a", after=-5): [read()], run("b"): [read(row()), mail("r1")]})
    wait = script.wait
    wait.tell = lambda found: told.append(found.name)
    wait_for_delivery(script, inserted(), wait)
    assert told == ["a", "b"]


@pytest.mark.parametrize("outputs", [None, [], "text", {"body": None}, {"body": {"value": "x"}}, {"body": [1, None]}])
def test_contents_of_any_shape_are_no_leads(outputs: Any) -> None:
    actions = [Action("A", "Succeeded", "OK", outputs, outputs)]
    assert find_deliveries("run1", actions, [("p", "r1")]) == []


def test_a_lead_is_recognised_by_its_row_key_or_its_address_in_any_layout() -> None:
    quoted = {"PartitionKey": "p", "RowKey": 'a"b', "CustomerInfo": CONTACT}
    assert lead_marks(quoted) == {'a"b', 'a\\"b', "ann@example.com"}
    script = Script({run(): [read(row()), mail("<td>ann@example.com</td>")]})
    assert wait_for_delivery(script, inserted(), script.wait)


@pytest.mark.parametrize("contact", ["", "x", "[]", "null", "5"])
def test_a_lead_without_readable_contact_is_recognised_by_its_row_key(contact: str) -> None:
    assert lead_marks({"RowKey": "r1", "CustomerInfo": contact}) == {"r1"}
