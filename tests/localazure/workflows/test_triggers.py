"""Triggers: recurrences and sliding windows on the virtual clock, conditions, splitOn, concurrency, histories."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from workflow_world import WORKFLOW, World, compose, workflow

from localazure.workflows.errors import WorkflowError
from localazure.workflows.history import Filter


def every(interval: int = 1, frequency: str = "Hour", kind: str = "Recurrence", **more: Any) -> dict[str, Any]:
    outside = {
        key: more.pop(key)
        for key in list(more)
        if key in ("inputs", "conditions", "runtimeConfiguration", "operationOptions")
    }
    return {"T": {"type": kind, "recurrence": {"frequency": frequency, "interval": interval, **more}, **outside}}


def starts(world: World) -> list[str]:
    """When the runs began, oldest first."""
    return [data["startTime"][5:16] for data in world.runtime.runs(WORKFLOW)][::-1]


WAIT = {"W": {"type": "Wait", "inputs": {"interval": {"count": 90, "unit": "Minute"}}}}


def test_a_recurrence_fires_at_once_and_then_every_interval(world: World) -> None:
    world.put(workflow({}, every(2)))
    world.advance(hours=5)
    assert starts(world) == ["01-01T00:00", "01-01T02:00", "01-01T04:00"]
    ((name, entry), *_) = world.runtime.trigger_histories(WORKFLOW, "T")
    assert entry["scheduledTime"] == "2026-01-01T04:00:00.0000000Z" and entry["run"] == name and entry["fired"]
    assert world.runtime.run(WORKFLOW, name)["trigger"]["name"] == "T"


def test_a_start_time_and_an_end_time_bound_it(world: World) -> None:
    world.put(workflow({}, every(startTime="2026-01-01T01:30:00Z", endTime="2026-01-01T04:00:00Z")))
    world.advance(hours=9)
    assert starts(world) == ["01-01T01:30", "01-01T02:30", "01-01T03:30"]


def test_a_disabled_workflow_misses_its_occurrences(world: World) -> None:
    world.put(workflow({}, every()))
    world.advance(minutes=90)
    world.runtime.disable(WORKFLOW)
    world.advance(hours=3)

    async def enable() -> None:
        world.runtime.enable(WORKFLOW)

    world.go(enable())
    world.advance(hours=1)
    assert starts(world) == ["01-01T00:00", "01-01T01:00", "01-01T05:00"]


def test_a_deployment_begins_the_recurrence_anew(world: World) -> None:
    world.put(workflow({}, every()))
    world.advance(minutes=30)
    world.put(workflow({}, every(4)))
    world.advance(hours=5)
    assert starts(world) == ["01-01T00:00", "01-01T00:30", "01-01T04:30"]


def test_a_deleted_workflow_fires_no_more(world: World) -> None:
    world.put(workflow(WAIT, every()))
    world.advance(minutes=10)

    async def delete() -> bool:
        return world.runtime.delete(WORKFLOW)

    assert world.go(delete()) and not world.go(delete())
    world.advance(hours=5)
    with pytest.raises(WorkflowError):
        world.runtime.runs(WORKFLOW)
    assert not world.runtime.history.live()


def test_parameters_set_a_recurrence(world: World) -> None:
    triggers = every("@parameters('hours')")  # type: ignore[arg-type]
    world.put(workflow({}, triggers, parameters={"hours": {"type": "Int"}}), {"hours": {"value": 3}})
    world.advance(hours=7)
    assert starts(world) == ["01-01T00:00", "01-01T03:00", "01-01T06:00"]


def test_sliding_windows_leave_no_gap(world: World) -> None:
    world.put(workflow({"C": compose("@triggerOutputs()")}, every(kind="SlidingWindow")))
    world.advance(hours=2)
    windows = [world.finished(data).out("C") for data in world.runtime.runs(WORKFLOW)][::-1]
    assert [window["windowEndTime"][11:16] for window in windows] == ["00:00", "01:00", "02:00"]
    assert [window["windowStartTime"][11:16] for window in windows] == ["23:00", "00:00", "01:00"]


def test_missed_windows_are_made_up_for_after_a_pause_and_from_a_start_in_the_past(world: World) -> None:
    world.put(workflow({}, every(kind="SlidingWindow", startTime="2025-12-31T21:00:00Z")))
    world.advance(minutes=1)
    ends = [entry["outputs"]["windowEndTime"][11:16] for _, entry in world.runtime.trigger_histories(WORKFLOW, "T")]
    assert ends == ["00:00", "23:00", "22:00", "21:00"]
    world.runtime.disable(WORKFLOW)
    world.advance(hours=3)

    async def enable() -> None:
        world.runtime.enable(WORKFLOW)

    world.go(enable())
    world.advance(minutes=1)
    assert len(world.runtime.runs(WORKFLOW)) == 7
    world.put(workflow({}, every(kind="SlidingWindow", startTime="2025-12-31T21:00:00Z")))
    world.advance(minutes=1)
    assert len(world.runtime.runs(WORKFLOW)) == 7


def test_a_window_may_be_delayed(world: World) -> None:
    world.put(workflow({}, every(kind="SlidingWindow", inputs={"delay": "PT10M"})))
    world.advance(hours=1, minutes=9)
    assert starts(world) == ["01-01T00:10"]
    world.advance(minutes=1)
    (_, entry), _ = world.runtime.trigger_histories(WORKFLOW, "T")
    assert entry["outputs"]["windowEndTime"] == "2026-01-01T01:00:00.0000000Z"


def test_the_delay_of_a_window_may_be_a_parameter(world: World) -> None:
    delayed = every(kind="SlidingWindow", inputs={"delay": "@parameters('wait')"})
    world.put(workflow({}, delayed, parameters={"wait": {"type": "String", "defaultValue": "PT5M"}}))
    world.advance(minutes=6)
    assert starts(world) == ["01-01T00:05"]


@pytest.mark.parametrize("delay", ["soon", 5, "P9999999D", "P99999999Y", "@parameters('none')"])
def test_a_delay_that_is_none_is_refused(world: World, delay: Any) -> None:
    with pytest.raises(WorkflowError, match=r"'delay' of template trigger 'T' is not valid|parameter"):
        world.put(workflow({}, every(kind="SlidingWindow", inputs={"delay": delay})))


def test_a_trigger_whose_conditions_do_not_hold_is_skipped(world: World) -> None:
    condition = [{"expression": "@equals(dayOfMonth(utcNow()), 2)"}]
    world.put(workflow({}, every(12, conditions=condition)))
    world.advance(hours=30)
    assert starts(world) == ["01-02T00:00"]
    skipped = world.runtime.trigger_histories(WORKFLOW, "T", Filter(status="Skipped"))
    assert len(skipped) == 2 and all("run" not in entry and not entry["fired"] for _, entry in skipped)
    assert world.metrics.totals["TriggersSkipped"] == 2 and world.metrics.totals["TriggersFired"] == 1


SPLIT = {"manual": {"type": "Request", "kind": "Http", "inputs": {}, "splitOn": "@triggerBody()?['value']"}}


def test_split_on_makes_a_run_of_every_item(world: World) -> None:
    world.put(workflow({"C": compose("@triggerBody()")}, SPLIT))
    world.fire(body={"value": [1, {"a": 2}, None]})
    world.advance(seconds=1)
    runs = [world.finished(data).out("C") for data in world.runtime.runs(WORKFLOW)]
    assert runs == [None, {"a": 2}, 1]
    assert len(world.runtime.trigger_histories(WORKFLOW, "manual")) == 3


def test_split_on_of_no_array_fails_the_trigger(world: World) -> None:
    world.put(workflow({}, SPLIT))
    assert world.fire(body={}) == ""
    ((_, entry),) = world.runtime.trigger_histories(WORKFLOW, "manual")
    assert entry["status"] == "Failed" and not entry["fired"]
    assert entry["error"]["message"] == (
        "The template language expression evaluation failed: 'The execution of template trigger 'manual' failed: the "
        "result of the evaluation of 'splitOn' expression '@triggerBody()?['value']' is of type 'Null'. The result "
        "must be a valid array.'"
    )


@pytest.mark.parametrize(
    "more", [{"runtimeConfiguration": {"concurrency": {"runs": 1}}}, {"operationOptions": "SingleInstance"}]
)
def test_with_concurrency_runs_wait_for_their_turn(world: World, more: dict[str, Any]) -> None:
    world.put(workflow(WAIT, every(**more)))
    world.advance(hours=1, minutes=1)
    first, second = (world.runtime.runs(WORKFLOW))[::-1]
    assert (first["status"], second["status"]) == ("Running", "Waiting")
    world.advance(hours=1, minutes=58)
    assert [data["status"] for data in world.runtime.runs(WORKFLOW)][::-1] == ["Succeeded", "Running", "Waiting"]
    second = world.runtime.runs(WORKFLOW)[1]
    assert (
        second["waitEndTime"] == "2026-01-01T01:30:00.0000000Z"
        and second["startTime"] == "2026-01-01T01:00:00.0000000Z"
    )


def test_a_full_queue_refuses_callers_and_skips_occurrences(world: World) -> None:
    limited = {"concurrency": {"runs": 1, "maximumWaitingRuns": 2}}
    world.put(
        workflow(WAIT, {"manual": {"type": "Request", "kind": "Http", "inputs": {}, "runtimeConfiguration": limited}})
    )
    for _ in range(3):
        world.fire()
    with pytest.raises(WorkflowError) as caught:
        world.fire()
    assert caught.value.status == 429
    world.put(workflow(WAIT, every(1, "Minute", runtimeConfiguration=limited)))
    world.advance(minutes=30)
    assert len(world.runtime.trigger_histories(WORKFLOW, "T", Filter(status="Skipped"))) == 31


def test_a_waiting_run_can_be_cancelled(world: World) -> None:
    world.put(workflow(WAIT, every(operationOptions="SingleInstance")))
    world.advance(hours=1, minutes=1)
    waiting = world.runtime.runs(WORKFLOW)[0]["name"]

    async def cancel() -> None:
        world.runtime.cancel(WORKFLOW, waiting)

    world.go(cancel())
    world.advance(minutes=30)
    assert [data["status"] for data in world.runtime.runs(WORKFLOW)] == ["Cancelled", "Succeeded"]


def test_resubmitting_runs_again_with_the_same_payload_even_when_disabled(world: World) -> None:
    run = world.run({"C": compose("@triggerBody()")}, body={"x": 1})
    world.runtime.disable(WORKFLOW)

    async def resubmit() -> str:
        return world.runtime.resubmit(WORKFLOW, "manual", run.data["name"])

    again = world.finished(world.go(world.clock.drive(world.runtime.wait(world.go(resubmit())))))
    assert again.out("C") == {"x": 1} and again.data["name"] != run.data["name"]


def test_polling_and_webhook_triggers_are_fired_with_the_payload_given(world: World) -> None:
    host = {"connection": {"name": "/c"}}
    polling = {
        "type": "ApiConnection",
        "recurrence": {"frequency": "Minute", "interval": 3},
        "inputs": {"host": host, "method": "get", "path": "/x"},
    }
    world.put(workflow({"C": compose("@triggerBody()?['a']")}, {"poll": polling}))
    world.advance(minutes=10)
    assert not world.runtime.runs(WORKFLOW)
    world.fire("poll", {"a": 5})
    world.advance(seconds=1)
    assert world.finished(world.runtime.runs(WORKFLOW)[0]).out("C") == 5


def test_histories_are_filtered_and_paged_newest_first(world: World) -> None:
    world.put(workflow({}, every()))
    world.advance(hours=9)
    names = [name for name, _ in world.runtime.trigger_histories(WORKFLOW, "T")]
    assert names == sorted(names) and len(names) == 10
    page = world.runtime.trigger_histories(WORKFLOW, "T", Filter(top=3, before=names[3]))
    assert [name for name, _ in page] == names[4:7]
    since = Filter(started=[(">=", "2026-01-01T07:00:00.0000000Z")])
    assert len(world.runtime.runs(WORKFLOW, since)) == 3


def test_a_reset_trigger_begins_as_if_it_were_deployed_now(world: World) -> None:
    world.put(workflow({}, every(3)))
    world.advance(hours=1)

    async def reset() -> None:
        world.runtime.reset_trigger(WORKFLOW, "T")

    world.go(reset())
    world.advance(hours=3)
    assert starts(world) == ["01-01T00:00", "01-01T01:00", "01-01T04:00"]


def test_a_schedule_in_a_time_zone(world: World) -> None:
    schedule = {"hours": [8], "minutes": [0]}
    world.put(workflow({}, every(1, "Day", timeZone="W. Europe Standard Time", schedule=schedule)))
    world.advance(days=2)
    assert starts(world) == ["01-01T07:00", "01-02T07:00"]


def test_time_begins_where_the_test_says() -> None:
    world = World(start=datetime(2030, 6, 1, 12, tzinfo=UTC))
    world.put(workflow({}, every()))
    world.advance(minutes=1)
    assert starts(world) == ["06-01T12:00"]
    world.close()
