"""When triggers fire, and what they hand to a run."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from verify.site import Json, Site, compose
from verify.statement import Observation, Topic

TOPIC = Topic("When triggers fire")

_SCHEDULE = "localazure/workflows/schedule.py"
_ACTIONS: Json = {"Note": compose("@utcNow()")}
_REQUEST = {"manual": {"type": "Request", "kind": "Http", "inputs": {"method": "POST"}}}


@TOPIC.statement(
    "first-run-on-save",
    "A Recurrence without `startTime` fires once, at once, when its workflow is saved.",
    otherwise="the first leads wait one period longer than docs and local cloud say",
    places=(_SCHEDULE, "__main__.py"),
)
def first_run_on_save(site: Site) -> Observation:
    """Saves a daily workflow and looks for a run."""
    workflow = site.deploy(_ACTIONS)
    found = site.patience.until(lambda: workflow.runs() or None, site.patience.quiet)
    return Observation(found is not None, {"runs": len(found or [])})


@TOPIC.statement(
    "save-again-fires-again",
    "Saving such a workflow once more begins its recurrence anew: it fires again at once.",
    otherwise="a deployment does not read the table by itself, and the local cloud should not either",
    places=(_SCHEDULE,),
)
def save_again_fires_again(site: Site) -> Observation:
    """Saves a daily workflow, waits for its first run, saves it again and looks for a second one."""
    workflow = site.deploy(_ACTIONS)
    if site.patience.until(lambda: workflow.runs() or None, site.patience.quiet) is None:
        return Observation(None, {}, "there was no first run (first-run-on-save)")
    workflow.save(_ACTIONS).needed("saving again")
    found = site.patience.until(lambda: len(workflow.runs()) > 1 or None, site.patience.quiet)
    return Observation(found is not None, {"runs": len(workflow.runs())})


@TOPIC.statement(
    "enable-does-not-fire",
    "Enabling a disabled workflow does not fire its Recurrence: it goes on at the next scheduled interval.",
    otherwise="`manage_flow.py start` mails at once, and the local cloud does not show it",
    places=(_SCHEDULE, "scripts/manage_flow.py"),
)
def enable_does_not_fire(site: Site) -> Observation:
    """Saves a daily workflow, waits for its first run, disables and enables it, and looks for a second run."""
    workflow = site.deploy(_ACTIONS)
    if site.patience.until(lambda: workflow.runs() or None, site.patience.quiet) is None:
        return Observation(None, {}, "there was no first run (first-run-on-save)")
    workflow.post("disable").needed("disabling")
    workflow.post("enable").needed("enabling")
    stayed = site.patience.stays(lambda: len(workflow.runs()) == 1)
    return Observation(stayed, {"runs": len(workflow.runs())})


@TOPIC.statement(
    "run-answer",
    "Running a Recurrence by hand (`POST …/triggers/Recurrence/run`) answers 202, with the name of the run in"
    " `x-ms-workflow-run-id`.",
    otherwise="the scripts find their run by its time, as they do where the header is missing",
    places=("leads/flow.py", "localazure/arm/logic_triggers.py"),
)
def run_answer(site: Site) -> Observation:
    """Fires the trigger of a workflow and looks for the run that the answer names."""
    workflow = site.deploy(_ACTIONS)
    answer = workflow.fire()
    name = answer.headers.get("x-ms-workflow-run-id", "")
    known = site.patience.until(lambda: name in {run["name"] for run in workflow.runs()} or None, site.patience.quiet)
    told = {"status": answer.status, "namesRun": bool(name), "runExists": bool(known)}
    return Observation(told == {"status": 202, "namesRun": True, "runExists": True}, told)


@TOPIC.statement(
    "disabled-is-not-run",
    "Running the trigger of a disabled workflow is refused with 400 `WorkflowTriggerIsNotEnabled`.",
    otherwise="the scripts explain the refusal by the wrong code",
    places=("leads/arm_errors.py", "localazure/arm/logic_triggers.py"),
)
def disabled_is_not_run(site: Site) -> Observation:
    """Fires the trigger of a workflow that was saved disabled."""
    answer = site.deploy(_ACTIONS, state="Disabled").fire()
    told = {"status": answer.status, "code": answer.code}
    return Observation(told == {"status": 400, "code": "WorkflowTriggerIsNotEnabled"}, told)


@TOPIC.statement(
    "sliding-window-outputs",
    "A SlidingWindow hands its window to the run as `triggerOutputs()?['windowStartTime']` and `['windowEndTime']`, not"
    " under `body`.",
    otherwise="flows that read their window so find nothing there",
    places=(_SCHEDULE,),
)
def sliding_window_outputs(site: Site) -> Observation:
    """Saves an hourly SlidingWindow that began three hours ago and looks at the trigger's outputs in its runs."""
    outputs = _windows(site)[0]
    names = {"outputs": sorted(outputs), "body": sorted(outputs.get("body") or {})}
    return Observation({"windowStartTime", "windowEndTime"} <= set(outputs), names)


@TOPIC.statement(
    "sliding-windows-are-contiguous",
    "Windows that were missed are made up for, one after the other, and each begins at the very instant at which the"
    " one before it ends.",
    otherwise="a flow over windows could lose or repeat the leads at their edges",
    places=(_SCHEDULE,),
)
def sliding_windows_are_contiguous(site: Site) -> Observation:
    """Saves an hourly SlidingWindow that began three hours ago and compares ends and beginnings."""
    found = [outputs if "windowStartTime" in outputs else outputs.get("body") or {} for outputs in _windows(site)]
    edges = sorted((str(one.get("windowStartTime")), str(one.get("windowEndTime"))) for one in found)
    fits = all(before[1] == after[0] for before, after in pairwise(edges))
    return Observation(fits and len(edges) >= 3, {"windows": edges})


@TOPIC.statement(
    "wrong-method-status",
    "A Request trigger that is called with another method answers 405 `TriggerRequestMethodNotValid`.",
    otherwise="the local cloud answers with another status than Azure",
    places=("localazure/workflows/callbacks.py",),
)
def wrong_method_status(site: Site) -> Observation:
    """Calls the callback address of a trigger for POST with PUT."""
    workflow = site.deploy(_ACTIONS, triggers=_REQUEST)
    address = workflow.post("triggers/manual/listCallbackUrl").needed("asking for the callback address")["value"]
    status, text = _called("PUT", address)
    told = {"status": status, "code": "TriggerRequestMethodNotValid" if "TriggerRequestMethodNotValid" in text else ""}
    return Observation(told == {"status": 405, "code": "TriggerRequestMethodNotValid"}, told)


def _windows(site: Site) -> list[Json]:
    """The trigger's outputs of the first three runs of a SlidingWindow that is three windows late."""
    began = (datetime.now(UTC) - timedelta(hours=3, minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    recurrence = {"frequency": "Hour", "interval": 1, "startTime": began}
    triggers = {"Window": {"type": "SlidingWindow", "recurrence": recurrence}}
    workflow = site.deploy({"Outputs": compose("@triggerOutputs()")}, triggers=triggers)
    return [_outputs(workflow.action(run, "Outputs")) for run in workflow.finished(3)]


def _outputs(action: Json) -> Json:
    found: Any = action.get("outputs")
    return found if isinstance(found, dict) else {}


def _called(method: str, address: str) -> tuple[int, str]:
    request = urllib.request.Request(address, b"{}", {"Content-Type": "application/json"}, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - an address that ARM gave
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
