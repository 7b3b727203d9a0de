"""runAfter, skipped records, handled failures, the status of blocks and of the run."""

from __future__ import annotations

from typing import Any

import pytest
from workflow_world import World, compose, failing, run_after


def scope(actions: dict[str, Any], **after: str | list[str]) -> dict[str, Any]:
    inner = {name: {"runAfter": {}, **action} for name, action in actions.items()}
    return {"type": "Scope", "actions": inner, "runAfter": run_after(**after)}


def test_actions_run_in_the_order_of_run_after(world: World) -> None:
    run = world.run({"B": compose("@concat(outputs('A'), 'b')", A="Succeeded"), "A": compose("a")})
    assert run.status == "Succeeded"
    assert [name for name, _ in run.records] == ["A", "B"]
    assert run.out("B") == "ab"
    assert run["A"]["code"] == "OK" and run["A"]["inputs"] == "a"


def test_a_failed_expression_fails_the_action_and_the_run(world: World) -> None:
    run = world.run({"A": failing()})
    assert run.status == "Failed"
    assert run.data["error"] == {"code": "ActionFailed", "message": "An action failed. No dependent actions succeeded."}
    assert run["A"]["code"] == "BadRequest"
    assert run["A"]["error"]["code"] == "InvalidTemplate"
    assert run["A"]["error"]["message"].startswith(
        "Unable to process template language expressions in action 'A' inputs at line '0' and column '0': '"
    )
    assert "outputs" not in run["A"] and "inputs" not in run["A"]


def test_an_action_whose_run_after_is_not_met_is_skipped_and_says_why(world: World) -> None:
    run = world.run({"A": failing(), "B": compose(1, A=["Succeeded", "Skipped"])})
    assert run.status == "Failed"
    assert run["B"]["status"] == "Skipped" and run["B"]["code"] == "ActionSkipped"
    assert run["B"]["error"] == {
        "code": "ActionConditionFailed",
        "message": "The execution of template action 'B' is skipped: the 'runAfter' condition for action 'A' is not "
        "satisfied. Expected status values 'Succeeded, Skipped' and actual value 'Failed'.",
    }


def test_a_handled_failure_leaves_the_run_succeeded(world: World) -> None:
    run = world.run({"A": failing(), "Handler": compose(1, A="Failed")})
    assert run.status == "Succeeded"


def test_the_first_unmet_dependency_is_named_and_all_must_be_met(world: World) -> None:
    run = world.run({"A": compose(1), "B": failing(), "C": compose(1, A="Failed", B="Failed")})
    assert "for action 'A'" in run["C"]["error"]["message"]


def test_a_skipped_leaf_counts_as_its_predecessor(world: World) -> None:
    """W fails; of its two leaves one handles that, the other is skipped: the run is Failed, by W."""
    run = world.run({"W": failing(), "A": compose(1, W="Succeeded"), "B": compose(1, W="Failed")})
    assert run.statuses() == {"W": "Failed", "A": "Skipped", "B": "Succeeded"}
    assert run.status == "Failed"


def test_a_failure_handled_inside_a_scope_leaves_the_scope_succeeded(world: World) -> None:
    run = world.run({"S": scope({"A": failing(), "B": compose(1, A="Failed")})})
    assert run["S"]["status"] == "Succeeded" and run["S"]["code"] == "NotSpecified"
    assert run.status == "Succeeded"


def test_a_scope_fails_with_its_leaf_and_its_skipped_successor_scope_has_records_of_all_children(world: World) -> None:
    inner = scope({"Deep": compose(1)})
    run = world.run({"S": scope({"A": failing()}), "T": scope({"C": compose(1), "In": inner}, S="Succeeded")})
    assert run["S"]["code"] == "ActionFailed"
    assert run["T"]["status"] == "Skipped"
    assert run["C"]["error"] == {
        "code": "ActionDependencyFailed",
        "message": "The execution of template action 'C' is skipped: dependant action 'T' completed with status "
        "'Skipped' and code 'ActionSkipped'.",
    }
    assert "dependant action 'In'" in run["Deep"]["error"]["message"]


def test_a_workflow_without_actions_succeeds(world: World) -> None:
    assert world.run({}).status == "Succeeded"


def test_an_empty_scope_succeeds(world: World) -> None:
    assert world.run({"S": scope({})}).statuses() == {"S": "Succeeded"}


def test_a_chain_of_five_hundred_skipped_actions_does_not_exhaust_the_stack(world: World) -> None:
    chain = {f"A{n}": compose(1, **{f"A{n - 1}": "Succeeded"}) for n in range(1, 400)}
    run = world.run({"A0": failing(), **chain})
    assert run["A399"]["status"] == "Skipped"


@pytest.mark.parametrize(("taken", "other"), [(True, "No"), (False, "Yes")])
def test_both_branches_of_an_if_are_recorded_the_untaken_one_skipped(world: World, taken: bool, other: str) -> None:
    branch = {
        "type": "If",
        "expression": {"equals": [1, 1 if taken else 2]},
        "actions": {"Yes": compose(1), "Yes2": compose(1, Yes=["Succeeded", "Skipped"])},
        "else": {"actions": {"No": compose(1), "No2": compose(1, No=["Succeeded", "Skipped"])}},
    }
    run = world.run({"If": branch})
    assert run["If"]["status"] == "Succeeded"
    assert run["If"]["inputs"] == {"expressionResult": taken} and "outputs" not in run["If"]
    assert run[other]["error"] == {
        "code": "ActionBranchingConditionNotSatisfied",
        "message": f"The execution of template action '{other}' skipped: the branching condition for this action is "
        "not satisfied.",
    }
    assert run[f"{other}2"]["error"]["code"] == "ActionConditionFailed"
    assert run.status == "Succeeded"


def test_a_condition_that_cannot_be_evaluated_fails_the_if(world: World) -> None:
    bad = {"type": "If", "expression": {"greater": [1, "2"]}, "actions": {"Yes": compose(1)}}
    run = world.run({"If": bad})
    assert run["If"]["status"] == "Failed" and run["If"]["error"]["code"] == "InvalidTemplate"
    assert run["Yes"]["error"]["code"] == "ActionDependencyFailed"


def test_terminate_ends_the_run_cancels_blocks_and_skips_the_rest(world: World) -> None:
    stop = {"type": "Terminate", "inputs": {"runStatus": "Failed", "runError": {"code": "E", "message": "m"}}}
    run = world.run({"S": scope({"Stop": stop}), "Later": compose(1, S="Succeeded")})
    assert run.status == "Failed" and run.data["code"] == "Terminated"
    assert run.data["error"] == {"code": "E", "message": "m"}
    assert run["Stop"]["status"] == "Succeeded"
    assert (run["S"]["status"], run["S"]["code"]) == ("Cancelled", "Terminated") and "error" not in run["S"]
    assert (run["Later"]["status"], run["Later"]["code"]) == ("Skipped", "Terminated") and "error" not in run["Later"]


def test_terminate_cancels_what_waits(world: World) -> None:
    wait = {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Hour"}}}
    run = world.run({"Wait": wait, "Stop": {"type": "Terminate", "inputs": {"runStatus": "Cancelled"}}})
    assert run.status == "Cancelled"
    assert run["Wait"]["status"] == "Cancelled"
    assert world.clock.now().hour == 0


def test_metrics_count_runs_actions_and_triggers(world: World) -> None:
    world.run({"A": failing(), "B": compose(1, A="Succeeded"), "C": compose(1)})
    totals = world.metrics.totals
    assert totals["RunsStarted"] == totals["RunsCompleted"] == totals["RunsFailed"] == 1
    assert "RunsSucceeded" not in totals
    assert (totals["ActionsStarted"], totals["ActionsCompleted"]) == (2, 2)
    assert (totals["ActionsSucceeded"], totals["ActionsFailed"], totals["ActionsSkipped"]) == (1, 1, 1)
    assert totals["TriggersFired"] == 1 and totals["TotalBillableExecutions"] == 3


def test_a_run_that_goes_on_for_ninety_days_times_out(world: World) -> None:
    wait = {"type": "Wait", "inputs": {"interval": {"count": 200, "unit": "Day"}}}
    run = world.run({"W": wait, "After": compose(1, W="Succeeded")})
    assert run.status == "TimedOut" and run["W"]["status"] == "Cancelled" and run["After"]["status"] == "Skipped"
    assert (world.clock.now().month, world.clock.now().day) == (4, 1)


def test_blocks_show_no_inputs_to_expressions(world: World) -> None:
    run = world.run({"S": scope({}), "X": compose("@actions('S')", S="Succeeded")})
    assert list(run.out("X")) == ["name", "startTime", "endTime", "trackingId", "clientTrackingId", "status"]


def test_the_callback_address_is_known_to_webhooks_only(world: World) -> None:
    error = world.run({"X": compose("@listCallbackUrl()")})["X"]["error"]
    assert "The template function 'listCallbackUrl' is not expected at this location." in error["message"]
