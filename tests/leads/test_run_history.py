"""Runs are found, followed and judged; what a person asked for is asked of the service, and checked again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from leads.arm_errors import FlowError
from leads.environment import Deployed
from leads.flow import Action, Run, action_of
from leads.runs import Patience, Query, RunHistory, culprit, follow

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/lead-notifier"


def model(name: str, status: str = "Succeeded", started: datetime = NOON, **more: Any) -> SimpleNamespace:
    trigger = SimpleNamespace(name="Recurrence", scheduled_time=started - timedelta(seconds=1))
    found = {"name": name, "status": status, "start_time": started, "end_time": started + timedelta(seconds=2)}
    rest = {"wait_end_time": None, "trigger": trigger, "code": None, "error": None}
    return SimpleNamespace(**{**found, **rest, **more})


class Runs:
    """Answers like the service: it takes a filter and may give more than that."""

    def __init__(self, *found: SimpleNamespace) -> None:
        self.found, self.asked = found, dict[str, Any]()

    def list(self, *place: str, **query: Any) -> Iterator[SimpleNamespace]:
        self.asked = query
        return iter(self.found)

    def get(self, group: str, workflow: str, name: str) -> SimpleNamespace:
        for one in self.found:
            if one.name == name:
                return one
        raise refusal("WorkflowRunNotFound")


def refusal(code: str) -> HttpResponseError:
    error = HttpResponseError(message="Ann Beebe is quoted here")
    error.error = SimpleNamespace(code=code)  # type: ignore[assignment]
    return error


def history(*found: SimpleNamespace) -> tuple[RunHistory, Runs]:
    runs = Runs(*found)
    clients: Any = SimpleNamespace(
        deployed=Deployed("dev", "t", "a", ID, "c"), logic=SimpleNamespace(workflow_runs=runs)
    )
    return RunHistory(clients), runs


def test_the_service_is_asked_for_what_is_wanted_and_pages_are_small_where_little_is() -> None:
    asked, runs = history()
    assert list(asked.runs(Query("Failed", NOON, NOON + timedelta(hours=1)), limit=5)) == []
    assert runs.asked == {
        "top": 5,
        "filter": "status eq 'Failed' and startTime ge 2026-11-24T12:00:00Z and startTime lt 2026-11-24T13:00:00Z",
    }
    list(asked.runs())
    assert runs.asked == {"top": 250, "filter": None}


def test_what_the_service_gives_beyond_that_is_left_out() -> None:
    others = [model("a", "Succeeded"), model("b", "Failed", NOON - timedelta(seconds=1))]
    asked, _ = history(model("c", "Failed"), *others)
    assert [run.name for run in asked.runs(Query("Failed", since=NOON))] == ["c"]


def test_a_run_knows_its_times() -> None:
    asked, _ = history(model("a"))
    run = asked.find("a")
    assert (run.seconds, run.planned, run.trigger) == (2.0, NOON - timedelta(seconds=1), "Recurrence")


def test_the_newest_and_the_newest_that_failed_have_short_names() -> None:
    asked, _ = history(model("b"), model("a", "Failed"))
    assert asked.find("last").name == "b"
    assert asked.find("failed").name == "a"
    with pytest.raises(FlowError, match="Logic App lead-notifier has no run in its history"):
        history()[0].find("last")
    with pytest.raises(FlowError, match="has no failed run in its history"):
        history(model("a"))[0].find("failed")


def test_an_error_of_the_service_is_told_without_what_it_quotes() -> None:
    with pytest.raises(FlowError, match=r"it has no such run; `scripts/manage_flow\.py runs` lists them") as refused:
        history()[0].find("nope")
    assert "Ann" not in str(refused.value)


class Going:
    """A run that goes on for some looks; its actions end one after the other."""

    def __init__(self, looks: int) -> None:
        self.looks, self.slept = looks, 0.0

    def find(self, name: str) -> Run:
        return Run(name, "Running" if self.slept < self.looks else "Succeeded", NOON)

    def actions(self, name: str, contents: bool) -> list[Action]:
        assert not contents, "to follow a run, its contents are not fetched"
        ended = [NOON if number <= self.slept else None for number in range(3)]
        return [Action(f"a{number}", "Succeeded", "OK", ended=moment) for number, moment in enumerate(ended)]

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


def test_a_run_is_followed_to_its_end_and_each_action_told_once() -> None:
    going: Any = Going(looks=4)
    told: list[str] = []
    run = follow(going, "r", Patience(10, lambda: going.slept, going.sleep), lambda action: told.append(action.name))
    assert run.status == "Succeeded"
    assert told == ["a0", "a1", "a2"]


def test_a_run_that_takes_too_long_is_left_alone() -> None:
    going: Any = Going(looks=4)
    with pytest.raises(FlowError, match="run r is still Running after 2 seconds; it goes on"):
        follow(going, "r", Patience(2, lambda: going.slept, going.sleep), lambda _: None)


def test_the_culprit_is_the_first_that_failed_by_itself() -> None:
    outer = Action("Condition", "Failed", "ActionFailed")
    mail = Action("Send_an_email", "Failed", "Unauthorized")
    assert culprit([Action("Get", "Succeeded", "OK"), outer, mail]) is mail
    assert culprit([outer]) is outer
    assert culprit([Action("Get", "Succeeded", "OK"), Action("Next", "Skipped", "ActionSkipped")]) is None


def test_what_is_secured_is_told_apart_from_what_is_not_there() -> None:
    link = SimpleNamespace(uri=None, metadata=None)
    loop = SimpleNamespace(uri=None, metadata={"foreachItemsCount": 3})
    found: dict[str, Any] = {"inputs_link": link, "outputs_link": None, "retry_history": [1, 2]}
    action = action_of(model("Send", code="OK", **found))
    assert (action.secured, action.inputs, action.looped, action.retries) == (("inputs",), None, False, 2)
    assert action_of(model("Each", code="OK", **{**found, "inputs_link": loop})).secured == ()
    assert action_of(model("In", code="NotSpecified", **{**found, "inputs_link": None})).looped
