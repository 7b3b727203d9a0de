"""Triggers of a workflow: state, on-demand run, callback address, history, resubmission."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse
from localazure.arm.lists import page_of
from localazure.arm.logic_filters import list_filter, page_size
from localazure.arm.logic_pages import next_link
from localazure.arm.logic_scope import ONE, Table, Workflows
from localazure.arm.logic_shapes import version_reference
from localazure.workflows.catalog import Workflow
from localazure.workflows.deployment import evaluated_recurrence, recurrence_of
from localazure.workflows.errors import trigger_not_found
from localazure.workflows.history import Filter
from localazure.workflows.invocation import run_headers
from localazure.workflows.program import Program
from localazure.workflows.stamps import short, unstamp
from wdl.definition import Trigger

_TRIGGER = f"{ONE}/triggers/{{trigger}}"
_HISTORY = f"{_TRIGGER}/histories/{{history}}"


class Triggers:
    """Part of `LogicProvider`."""

    def __init__(self, workflows: Workflows) -> None:
        self._workflows, self._runtime = workflows, workflows.runtime

    def table(self) -> Table:
        """What it serves."""
        return [
            ("GET", f"{ONE}/triggers", self._list),
            ("GET", _TRIGGER, self._get),
            ("POST", f"{_TRIGGER}/run", self._run),
            ("POST", f"{_TRIGGER}/listCallbackUrl", self._list_callback_url),
            ("GET", f"{_TRIGGER}/histories", self._list_histories),
            ("GET", _HISTORY, self._get_history),
            ("POST", f"{_HISTORY}/resubmit", self._resubmit),
        ]

    def _list(self, request: ArmRequest) -> ArmResponse:
        workflow, program = self._found(request)
        triggers = program.definition.triggers.values()
        return page_of(request, [self._shown(workflow, trigger) for trigger in triggers])

    def _get(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(self._shown(*self._trigger(request)))

    def _run(self, request: ArmRequest) -> ArmResponse:
        workflow, trigger = self._trigger(request)
        name = self._runtime.run_trigger(workflow["id"], trigger.name, request.body)
        status = 200 if trigger.type == "Request" else 202
        return ArmResponse(status=status, headers=run_headers(workflow, name) if name else {})

    def _list_callback_url(self, request: ArmRequest) -> ArmResponse:
        workflow, trigger = self._trigger(request)
        body = request.body if isinstance(request.body, dict) else {}
        return ArmResponse(
            self._runtime.callback_url(workflow["id"], trigger.name, body.get("notAfter"), body.get("keyType"))
        )

    def _list_histories(self, request: ArmRequest) -> ArmResponse:
        workflow, trigger = self._trigger(request)
        found = self._runtime.trigger_histories(workflow["id"], trigger.name, list_filter(request))
        size, shapes = page_size(request), self._workflows.shapes(workflow)
        body: dict[str, Any] = {"value": [shapes.trigger_history(trigger.name, *one) for one in found[:size]]}
        if len(found) > size:
            body["nextLink"] = next_link(request, found[size - 1][0])
        return ArmResponse(body)

    def _get_history(self, request: ArmRequest) -> ArmResponse:
        workflow, trigger, name, entry = self._history(request)
        return ArmResponse(self._workflows.shapes(workflow).trigger_history(trigger.name, name, entry))

    def _resubmit(self, request: ArmRequest) -> ArmResponse:
        workflow, trigger, name, _ = self._history(request)
        run = self._runtime.resubmit(workflow["id"], trigger.name, name)
        return ArmResponse(status=202, headers=run_headers(workflow, run))

    def _found(self, request: ArmRequest) -> tuple[Workflow, Program]:
        workflow = self._workflows.workflow(request)
        return workflow, self._runtime.program(workflow["guid"], workflow["version"])

    def _trigger(self, request: ArmRequest) -> tuple[Workflow, Trigger]:
        workflow, program = self._found(request)
        trigger = program.trigger(request.parameters["trigger"])
        if trigger is None:
            raise trigger_not_found(request.parameters["name"], request.parameters["trigger"])
        return workflow, trigger

    def _history(self, request: ArmRequest) -> tuple[Workflow, Trigger, str, dict[str, Any]]:
        workflow, trigger = self._trigger(request)
        name = request.parameters["history"]
        entry = self._runtime.history.trigger_history(workflow["guid"], trigger.name, name)
        if entry is None:
            message = (
                f"The workflow '{request.parameters['name']}' trigger '{trigger.name}' history '{name}' "
                "could not be found."
            )
            raise ArmError(404, "WorkflowTriggerHistoryNotFound", message)
        return workflow, trigger, name, entry

    def _shown(self, workflow: Workflow, trigger: Trigger) -> dict[str, Any]:
        properties: dict[str, Any] = {
            "provisioningState": "Succeeded",
            "createdTime": short(workflow["created"]),
            "changedTime": short(workflow["changed"]),
            "state": workflow["state"],
        }
        last = self._runtime.history.trigger_histories(workflow["guid"], trigger.name, Filter(top=1))
        if last:
            properties |= {"status": last[0][1]["status"], "lastExecutionTime": short(last[0][1]["startTime"])}
        coming = self._runtime.catalog.trigger(workflow["guid"], trigger.name).get("next")
        if coming and workflow["state"] == "Enabled" and not _is_over(trigger, coming):
            properties["nextExecutionTime"] = short(coming)
        if isinstance(trigger.raw.get("recurrence"), dict):
            with suppress(ValueError):
                properties["recurrence"] = evaluated_recurrence(trigger)
        properties["workflow"] = version_reference(workflow["id"], workflow["version"])
        identity = f"{workflow['id']}/triggers/{trigger.name}"
        kind = "Microsoft.Logic/workflows/triggers"
        return {"properties": properties, "id": identity, "name": trigger.name, "type": kind}


def _is_over(trigger: Trigger, coming: str) -> bool:
    """Whether the recurrence has ended by then."""
    end = recurrence_of(trigger).end
    return end is not None and unstamp(coming) > end
