"""The rarer operations of Microsoft.Logic: swagger, schemas, callback address of a workflow, move, upgrade, reset.

What is not served says so: traces of expressions, copying the state of a trigger, callback addresses of old versions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localazure.arm import refusals
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse
from localazure.arm.logic_documents import TYPE, check_name
from localazure.arm.logic_scope import ONE, Table, Workflows
from localazure.arm.resource_ids import group_id, parse_id, resource_id
from localazure.workflows.errors import not_supported, trigger_not_found
from wdl.definition import Trigger
from wdl.values import dumps

_TRIGGER = f"{ONE}/triggers/{{trigger}}"
_ACTION = f"{ONE}/runs/{{run}}/actions/{{action}}"
_SCHEMAS = ("2014-12-01-preview", "2015-08-01-preview", "2016-04-01-preview", "2016-06-01")
_SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/{}/workflowdefinition.json#"
_QUERY = (
    ("api-version", "The service API version."),
    ("sp", "The permissions; generally 'read' or 'write'."),
    ("sv", "The version number of the query parameters."),
    ("sig", "The SHA 256 hash of the entire request URI with an internal key."),
)


class More:
    """Part of `LogicProvider`."""

    def __init__(self, documents: Documents, workflows: Workflows) -> None:
        self._documents, self._workflows, self._runtime = documents, workflows, workflows.runtime

    def table(self) -> Table:
        """What it serves, and what it refuses by name."""
        return [
            ("POST", f"{ONE}/listCallbackUrl", self._list_callback_url),
            ("POST", f"{ONE}/listSwagger", self._list_swagger),
            ("POST", f"{ONE}/move", self._move),
            ("POST", f"{ONE}/generateUpgradedDefinition", self._upgrade),
            ("POST", f"{_TRIGGER}/reset", self._reset),
            ("GET", f"{_TRIGGER}/schemas/json", self._schema),
            ("GET", f"{ONE}/runs/{{run}}/operations/{{operation}}", self._operation),
            ("POST", f"{_TRIGGER}/setState", _refuse("The state of one trigger cannot be copied to another here")),
            ("POST", f"{ONE}/versions/{{version}}/triggers/{{trigger}}/listCallbackUrl", _refuse(_OLD_VERSION)),
            ("POST", f"{_ACTION}/listExpressionTraces", _refuse(_TRACES)),
            ("POST", f"{_ACTION}/repetitions/{{repetition}}/listExpressionTraces", _refuse(_TRACES)),
        ]

    def _list_callback_url(self, request: ArmRequest) -> ArmResponse:
        workflow = self._workflows.workflow(request)
        program = self._runtime.program(workflow["guid"], workflow["version"])
        trigger = next((one for one in program.definition.triggers.values() if one.type == "Request"), None)
        if trigger is None:
            message = f"The workflow '{request.parameters['name']}' has no trigger of type 'Request' to call."
            raise ArmError(400, "WorkflowTriggerNotCallable", message)
        body = request.body if isinstance(request.body, dict) else {}
        answer = self._runtime.callback_url(workflow["id"], trigger.name, body.get("notAfter"), body.get("keyType"))
        return ArmResponse(answer)

    def _list_swagger(self, request: ArmRequest) -> ArmResponse:
        workflow = self._workflows.workflow(request)
        program = self._runtime.program(workflow["guid"], workflow["version"])
        scheme, _, host = self._runtime.endpoint.partition("://")
        callable_ones = [one for one in program.definition.triggers.values() if one.type == "Request"]
        document = {
            "swagger": "2.0",
            "info": {"title": request.parameters["name"], "description": "Azure Logic App.", "version": "1.0.0.0"},
            "host": host,
            "basePath": f"/workflows/{workflow['guid']}/triggers",
            "schemes": [scheme],
            "consumes": ["application/json"],
            "produces": ["application/json"],
            "paths": {f"/{one.name}/paths/invoke": _path(one) for one in callable_ones},
        }
        return ArmResponse(document)

    def _move(self, request: ArmRequest) -> ArmResponse:
        """To another group or name; runs, history and access keys go along."""
        document = self._workflows.document(request)
        body = request.body if isinstance(request.body, dict) else {}
        target = parse_id(str(body.get("id") or ""))
        if target.type.lower() != TYPE.lower() or not target.name:
            raise refusals.invalid_content("The body must hold the new 'id' of the workflow.")
        check_name(target.name)
        if self._documents.get(group_id(target.subscription, target.group)) is None:
            raise refusals.group_not_found(target.group)
        identity = resource_id(target.subscription, target.group, TYPE, target.name)
        if self._documents.get(identity) is not None:
            raise ArmError(409, "WorkflowAlreadyExists", f"The workflow '{target.name}' exists in '{target.group}'.")
        with self._documents.store.transaction():
            self._documents.put(identity, TYPE, {**document, "id": identity, "name": target.name})
            self._documents.delete(document["id"])
            self._runtime.move(document["id"], identity)
        return ArmResponse()

    def _upgrade(self, request: ArmRequest) -> ArmResponse:
        """The definition under another schema version: the language of all of them is the same here."""
        document = self._workflows.document(request)
        body = request.body if isinstance(request.body, dict) else {}
        version = str(body.get("targetSchemaVersion") or "")
        if version not in _SCHEMAS:
            message = f"The schema version '{version}' is not one of {', '.join(_SCHEMAS)}."
            raise ArmError(400, "InvalidSchemaVersion", message)
        return ArmResponse({**document["properties"]["definition"], "$schema": _SCHEMA.format(version)})

    def _reset(self, request: ArmRequest) -> ArmResponse:
        self._runtime.reset_trigger(self._workflows.workflow(request)["id"], request.parameters["trigger"])
        return ArmResponse()

    def _schema(self, request: ArmRequest) -> ArmResponse:
        workflow = self._workflows.workflow(request)
        program = self._runtime.program(workflow["guid"], workflow["version"])
        trigger = program.trigger(request.parameters["trigger"])
        if trigger is None:
            raise trigger_not_found(request.parameters["name"], request.parameters["trigger"])
        # Title and the schema as text, as in the official example.
        return ArmResponse({"title": trigger.name, "content": dumps(_schema(trigger))})

    def _operation(self, request: ArmRequest) -> ArmResponse:
        """The run that an asynchronous Response belongs to."""
        workflow = self._workflows.workflow(request)
        data = self._runtime.run(workflow["id"], request.parameters["run"])
        if request.parameters["operation"].lower() != str(data["trackingId"]).lower():
            message = f"The operation '{request.parameters['operation']}' of run '{data['name']}' could not be found."
            raise ArmError(404, "WorkflowRunOperationNotFound", message)
        return ArmResponse(self._workflows.shapes(workflow, data["version"]).run(data))


_TRACES = "The traces of expressions are not kept here; the action's inputs and outputs show the results"
_OLD_VERSION = "Only the present version of a workflow can be called here"


def _refuse(message: str) -> Callable[[ArmRequest], ArmResponse]:
    def refuse(_: ArmRequest) -> ArmResponse:
        raise not_supported(f"{message}.")

    return refuse


def _schema(trigger: Trigger) -> dict[str, Any]:
    schema = trigger.inputs.get("schema") if isinstance(trigger.inputs, Mapping) else None
    return schema if isinstance(schema, dict) else {}


def _path(trigger: Trigger) -> dict[str, Any]:
    """One callable trigger as swagger describes it."""
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "query", "description": text, "required": True, "type": "string"} for name, text in _QUERY
    ]
    if schema := _schema(trigger):
        parameters.append({"name": "body", "in": "body", "required": False, "schema": schema})
    inputs = trigger.inputs if isinstance(trigger.inputs, Mapping) else {}
    operation = {
        "description": "Trigger a run of the logic app.",
        "operationId": f"{trigger.name}-invoke",
        "parameters": parameters,
        "responses": {"default": {"description": "The Logic App Response.", "schema": {"type": "object"}}},
    }
    return {str(inputs.get("method") or "POST").lower(): operation}
