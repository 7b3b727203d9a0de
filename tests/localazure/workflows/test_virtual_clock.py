"""The virtual clock: jumps when nothing can go on, keeps still while anything does, and repeats exactly."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from workflow_world import WORKFLOW, World, call, compose, run_after, workflow

from localazure.clock import VirtualClock, WallClock, hold
from localazure.connectors.request import ConnectorResponse

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_sleepers_wake_in_the_order_of_their_times_and_then_of_falling_asleep() -> None:
    async def main() -> list[tuple[str, int]]:
        clock, woken = VirtualClock(START), list[tuple[str, int]]()

        async def sleeper(name: str, minutes: int) -> None:
            await clock.sleep_until(START + timedelta(minutes=minutes))
            woken.append((name, (clock.now() - START) // timedelta(minutes=1)))

        tasks = [asyncio.create_task(sleeper(*one)) for one in (("a", 9), ("b", 3), ("c", 9), ("d", 0))]
        await clock.advance(timedelta(minutes=5))
        assert clock.now() == START + timedelta(minutes=5)
        await clock.run_until(START + timedelta(minutes=9))
        assert all(task.done() for task in tasks)
        return woken

    assert asyncio.run(main()) == [("d", 0), ("b", 3), ("a", 9), ("c", 9)]


def test_a_sleeper_that_was_cancelled_does_not_draw_time_on() -> None:
    async def main() -> None:
        clock = VirtualClock(START)
        task = asyncio.create_task(clock.sleep_until(START + timedelta(days=1)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(RuntimeError, match="nothing is due"):
            await clock.drive(asyncio.Event().wait())
        assert clock.now() == START
        assert asyncio.all_tasks() == {asyncio.current_task()}, "the work that cannot end is given up"

    asyncio.run(main())


def test_time_stands_still_while_it_is_held() -> None:
    async def main() -> None:
        clock = VirtualClock(START)
        seen = []

        async def worker() -> None:
            await clock.sleep_until(START + timedelta(minutes=1))
            with hold(clock):
                await asyncio.sleep(0.02)
                seen.append(clock.now())

        async def other() -> None:
            await clock.sleep_until(START + timedelta(minutes=2))
            seen.append(clock.now())

        tasks = [asyncio.create_task(one()) for one in (worker, other)]
        await clock.advance(timedelta(minutes=5))
        assert seen == [START + timedelta(minutes=1), START + timedelta(minutes=2)]
        await asyncio.gather(*tasks)

    asyncio.run(main())


def test_drive_lets_pass_what_the_work_needs_and_no_more() -> None:
    async def main() -> None:
        clock = VirtualClock(START)

        async def work() -> str:
            await clock.sleep_until(START + timedelta(hours=7))
            return "done"

        assert await clock.drive(work()) == "done"
        assert clock.now() == START + timedelta(hours=7)
        with pytest.raises(ZeroDivisionError):
            await clock.drive(_fail())

    asyncio.run(main())


async def _fail() -> None:
    raise ZeroDivisionError


def test_the_wall_clock_sleeps_no_longer_than_it_must() -> None:
    async def main() -> None:
        clock = WallClock()
        until = clock.now() + timedelta(milliseconds=20)
        with hold(clock):
            await clock.sleep_until(until)
        assert clock.now() >= until
        await clock.sleep_until(START)

    asyncio.run(main())


def history(seed: int) -> list[Any]:
    """Everything that a busy month leaves behind."""
    world = World(seed=seed)
    answers = iter([ConnectorResponse(503), ConnectorResponse(200, {}, {"n": 1})] * 10_000)
    world.connectors.answers = lambda *_: next(answers)
    loop = {
        "type": "Foreach",
        "foreach": "@range(0, 3)",
        "actions": {"Call": call(), "Id": compose("@concat(guid(), rand(0, 9999))", Call="Succeeded")},
        "runAfter": {},
    }
    trigger = {"T": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 6}}}
    world.put(workflow({"Loop": loop, "After": compose("@utcNow()", Loop=["Succeeded", "Failed"])}, trigger))
    world.advance(days=5)
    runs = [(data, world.runtime.history.records(data["name"])) for data in world.runtime.runs(WORKFLOW)]
    kept = [*runs, world.runtime.trigger_histories(WORKFLOW, "T"), sorted(world.metrics.totals.items())]
    world.close()
    return kept


def test_the_same_work_on_the_same_start_leaves_the_same_history() -> None:
    first = history(3)
    assert first == history(3)
    assert len(first) == 21 + 2
    assert first != history(4)


def test_a_month_of_hourly_runs_takes_seconds(world: World) -> None:
    """Not measured here (benchmarks do), but it must not wait for anything."""
    trigger = {"T": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 1}}}
    world.put(workflow({"A": compose("@utcNow()"), "B": {**call(), "runAfter": run_after(A="Succeeded")}}, trigger))
    world.advance(days=30)
    assert len(world.connectors.calls) == 721
    assert world.metrics.totals["RunsSucceeded"] == 721
