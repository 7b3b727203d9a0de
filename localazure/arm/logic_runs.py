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
        records = self._runtime.history.records(data["name"])
        shown = self._workflows.shapes(workflow, data["version"]).actions(data, records)
        wanted = terms(request.query.get("$filter", ""), ("status",))
        kept = [one for one in shown if all(one["properties"]["status"].lower() == term[2].lower() for term in wanted)]
        return page_of(request, kept, page_size(request))

    def _get_action(self, request: ArmRequest) -> ArmResponse:
        workflow, data, found = self._action(request)
        pairs = [(repetition, record) for _, repetition, record in found]
        return ArmResponse(self._workflows.shapes(workflow, data["version"]).action(data, found[0][0], pairs))

    def _list_repetitions(self, request: ArmRequest) -> ArmResponse:
        workflow, data, found = self._action(request)
        return self._repetitions(request, workflow, data, found, "repetitions")

    def _list_iterations(self, request: ArmRequest) -> ArmResponse:
        workflow, data, found = self._action(request)
        iterations = self._runtime.history.records(data["name"], "iteration", found[0][0])
        return self._repetitions(request, workflow, data, iterations, "scopeRepetitions")

    def _repetitions(
        self, request: ArmRequest, workflow: Workflow, data: RunData, found: list[tuple[str, str, Record]], kind: str
    ) -> ArmResponse:
        shapes = self._workflows.shapes(workflow, data["version"])
        ordered = sorted((one for one in found if one[1]), key=lambda one: one[1])
        return page_of(request, [shapes.repetition(data, *one, kind) for one in ordered], page_size(request))

    def _get_repetition(self, request: ArmRequest) -> ArmResponse:
        workflow, data, found = self._action(request)
        return self._one_repetition(request, workflow, data, found, "repetitions")

    def _get_iteration(self, request: ArmRequest) -> ArmResponse:
        workflow, data, found = self._action(request)
        iterations = self._runtime.history.records(data["name"], "iteration", found[0][0])
        return self._one_repetition(request, workflow, data, iterations, "scopeRepetitions")

    def _one_repetition(
        self, request: ArmRequest, workflow: Workflow, data: RunData, found: list[tuple[str, str, Record]], kind: str
    ) -> ArmResponse:
        one = _chosen(request, found)
        return ArmResponse(self._workflows.shapes(workflow, data["version"]).repetition(data, *one, kind))

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
        """The calls of an action, or of one of its repetitions, first to last."""
        workflow, data, found = self._action(request)
        name, repetition, record = _chosen(request, found)
        shapes = self._workflows.shapes(workflow, data["version"])
        return [shapes.request_history(data, name, repetition, record, entry) for entry in record.get("requests", [])]

    # -- finding --------------------------------------------------------------------------------------------------

    def _run(self, request: ArmRequest) -> tuple[Workflow, RunData]:
        workflow = self._workflows.workflow(request)
        return workflow, self._runtime.run(workflow["id"], request.parameters["run"])

    def _action(self, request: ArmRequest) -> tuple[Workflow, RunData, list[tuple[str, str, Record]]]:
        workflow, data = self._run(request)
        name = request.parameters["action"]
        found = self._runtime.history.records(data["name"], name=name)
        if not found:
            raise action_not_found(request.parameters["name"], data["name"], name)
        return workflow, data, found


def _chosen(request: ArmRequest, found: list[tuple[str, str, Record]]) -> tuple[str, str, Record]:
    """The record of the repetition that the call names; without one, the action's only or first record."""
    wanted = request.parameters.get("repetition")
    chosen = next((one for one in found if wanted is None or one[1] == wanted), None)
    if chosen is None:
        message = f"The repetition '{wanted}' of action '{request.parameters['action']}' could not be found."
        raise ArmError(404, "WorkflowRunActionRepetitionNotFound", message)
    return chosen
