"""Runs of a workflow and their actions: lists, links to inputs and outputs, repetitions, calls, cancelling."""

from __future__ import annotations

from typing import Any

from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse
from localazure.arm.lists import page_of
from localazure.arm.logic_filters import list_filter, page_size, terms
from localazure.arm.logic_pages import next_link
from localazure.arm.logic_scope import ONE, Table, Workflows
from localazure.workflows.catalog import Workflow
from localazure.workflows.errors import action_not_found
from localazure.workflows.state import Record, RunData

_RUN = f"{ONE}/runs/{{run}}"
_ACTION = f"{_RUN}/actions/{{action}}"
_REPETITION = f"{_ACTION}/repetitions/{{repetition}}"


class Runs:
    """Part of `LogicProvider`."""

    def __init__(self, workflows: Workflows) -> None:
        self._workflows, self._runtime = workflows, workflows.runtime

    def table(self) -> Table:
        """What it serves."""
        return [
            ("GET", f"{ONE}/runs", self._list),
            ("GET", _RUN, self._get),
            ("POST", f"{_RUN}/cancel", self._cancel),
            ("GET", f"{_RUN}/actions", self._list_actions),
            ("GET", _ACTION, self._get_action),
            ("GET", f"{_ACTION}/repetitions", self._list_repetitions),
            ("GET", _REPETITION, self._get_repetition),
            ("GET", f"{_ACTION}/scopeRepetitions", self._list_iterations),
            ("GET", f"{_ACTION}/scopeRepetitions/{{repetition}}", self._get_iteration),
            ("GET", f"{_ACTION}/requestHistories", self._list_calls),
            ("GET", f"{_ACTION}/requestHistories/{{history}}", self._get_call),
            ("GET", f"{_REPETITION}/requestHistories", self._list_calls),
            ("GET", f"{_REPETITION}/requestHistories/{{history}}", self._get_call),
        ]

    # -- runs -----------------------------------------------------------------------------------------------------

    def _list(self, request: ArmRequest) -> ArmResponse:
        workflow = self._workflows.workflow(request)
        found = self._runtime.runs(workflow["id"], list_filter(request))
        size = page_size(request)
        shown = [self._workflows.shapes(workflow, data["version"]).run(data) for data in found[:size]]
        body: dict[str, Any] = {"value": shown}
        if len(found) > size:
            body["nextLink"] = next_link(request, found[size - 1]["name"])
        return ArmResponse(body)

    def _get(self, request: ArmRequest) -> ArmResponse:
        workflow, data = self._run(request)
        return ArmResponse(self._workflows.shapes(workflow, data["version"]).run(data))

    def _cancel(self, request: ArmRequest) -> ArmResponse:
        workflow, data = self._run(request)
        self._runtime.cancel(workflow["id"], data["name"])
        return ArmResponse()

    # -- actions --------------------------------------------------------------------------------------------------

    def _list_actions(self, request: ArmRequest) -> ArmResponse:
        workflow, data = self._run(request)
        history = self._runtime.history
        records, sums = history.records(data["name"], repetition=""), history.sums(data["name"])
        shown = self._workflows.shapes(workflow, data["version"]).actions(data, records, sums)
        wanted = terms(request.query.get("$filter", ""), ("status",))
        kept = [one for one in shown if all(one["properties"]["status"].lower() == term[2].lower() for term in wanted)]
        return page_of(request, kept, page_size(request))

    def _get_action(self, request: ArmRequest) -> ArmResponse:
        workflow, data, name = self._action(request)
        total = self._runtime.history.sums(data["name"]).get(name)
        found = self._runtime.history.records(data["name"], name=name, repetition="")
        if not found and total is None:
            raise action_not_found(request.parameters["name"], data["name"], name)
        record = found[0][2] if found else None
        return ArmResponse(self._workflows.shapes(workflow, data["version"]).action(data, name, record, total))

    def _list_repetitions(self, request: ArmRequest) -> ArmResponse:
        return self._list_inside(request, "action", "repetitions")

    def _list_iterations(self, request: ArmRequest) -> ArmResponse:
        return self._list_inside(request, "iteration", "scopeRepetitions")

    def _list_inside(self, request: ArmRequest, kind: str, shown: str) -> ArmResponse:
        workflow, data, name = self._action(request)
        size, after = page_size(request), request.query.get("$skiptoken", "")
        found = self._runtime.history.repetitions(data["name"], kind, name, after, size + 1)
        shapes = self._workflows.shapes(workflow, data["version"])
        body: dict[str, Any] = {"value": [shapes.repetition(data, *one, shown) for one in found[:size]]}
        if len(found) > size:
            body["nextLink"] = next_link(request, found[size - 1][1])
        return ArmResponse(body)

    def _get_repetition(self, request: ArmRequest) -> ArmResponse:
        return self._get_inside(request, "action", "repetitions")

    def _get_iteration(self, request: ArmRequest) -> ArmResponse:
        return self._get_inside(request, "iteration", "scopeRepetitions")

    def _get_inside(self, request: ArmRequest, kind: str, shown: str) -> ArmResponse:
        workflow, data, name = self._action(request)
        record = self._record(data, kind, name, request.parameters["repetition"])
        shapes = self._workflows.shapes(workflow, data["version"])
        return ArmResponse(shapes.repetition(data, name, request.parameters["repetition"], record, shown))

    # -- calls ----------------------------------------------------------------------------------------------------

    def _list_calls(self, request: ArmRequest) -> ArmResponse:
        return page_of(request, self._calls(request), page_size(request))

    def _get_call(self, request: ArmRequest) -> ArmResponse:
        name = request.parameters["history"]
        found = next((one for one in self._calls(request) if one["name"] == name), None)
        if found is None:
            message = f"The request history '{name}' of action '{request.parameters['action']}' could not be found."
            raise ArmError(404, "WorkflowRunActionRequestHistoryNotFound", message)
        return ArmResponse(found)

    def _calls(self, request: ArmRequest) -> list[dict[str, Any]]:
        """The calls of an action, or of one of its repetitions, first to last. Those of an action inside a loop are
        with its repetitions."""
        workflow, data, name = self._action(request)
        repetition = request.parameters.get("repetition", "")
        if not repetition and not self._runtime.history.records(data["name"], "action", name, ""):
            return []
        record = self._record(data, "action", name, repetition)
        shapes = self._workflows.shapes(workflow, data["version"])
        return [shapes.request_history(data, name, repetition, record, entry) for entry in record.get("requests", [])]

    # -- finding --------------------------------------------------------------------------------------------------

    def _run(self, request: ArmRequest) -> tuple[Workflow, RunData]:
        workflow = self._workflows.workflow(request)
        return workflow, self._runtime.run(workflow["id"], request.parameters["run"])

    def _action(self, request: ArmRequest) -> tuple[Workflow, RunData, str]:
        """The workflow, the run, and the action's name as the definition spells it."""
        workflow, data = self._run(request)
        node = self._runtime.program(workflow["guid"], data["version"]).find(request.parameters["action"])
        if node is None:
            raise action_not_found(request.parameters["name"], data["name"], request.parameters["action"])
        return workflow, data, node.name

    def _record(self, data: RunData, kind: str, name: str, repetition: str) -> Record:
        found = self._runtime.history.records(data["name"], kind, name, repetition)
        if not found:
            message = f"The repetition '{repetition}' of action '{name}' could not be found."
            raise ArmError(404, "WorkflowRunActionRepetitionNotFound", message)
        return found[0][2]
