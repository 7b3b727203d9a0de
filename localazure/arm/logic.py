"""Microsoft.Logic 2019-05-01: workflows, and below them versions, triggers, runs and actions.

Source: azure-rest-api-specs, Microsoft.Logic/stable/2019-05-01/logic.json and its examples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localazure.arm import logic_documents, refusals
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Route
from localazure.arm.lists import page_of
from localazure.arm.logic_documents import TYPE
from localazure.arm.logic_filters import terms
from localazure.arm.logic_more import More
from localazure.arm.logic_runs import Runs
from localazure.arm.logic_scope import ONE, VERSIONS, Workflows, guarded
from localazure.arm.logic_triggers import Triggers
from localazure.arm.resource_ids import group_id, resource_id
from localazure.workflows.runtime import WorkflowRuntime

_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Logic/workflows"
_SUBSCRIPTION = "/subscriptions/{subscription}/providers/Microsoft.Logic/workflows"
_LOCATION = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Logic/locations/{location}"
_TENANT = "10ca1a2e-0000-4000-8000-000000000002"
_PAGE = 100


class LogicProvider:
    """The resource provider over a runtime. `tenant` is the one that system-assigned identities belong to."""

    def __init__(self, documents: Documents, runtime: WorkflowRuntime, tenant: str = _TENANT) -> None:
        self._documents, self._runtime, self._tenant = documents, runtime, tenant
        self._workflows = Workflows(documents, runtime)
        self._parts = (Triggers(self._workflows), Runs(self._workflows), More(documents, self._workflows))

    def routes(self) -> list[Route]:
        """What ARM serves."""
        table: list[tuple[str, str, Callable[[ArmRequest], ArmResponse]]] = [
            ("GET", _GROUP, self._list),
            ("GET", _SUBSCRIPTION, self._list),
            ("PUT", ONE, self._put),
            ("GET", ONE, self._get),
            ("PATCH", ONE, self._patch),
            ("DELETE", ONE, self._delete),
            ("POST", f"{ONE}/enable", self._enable),
            ("POST", f"{ONE}/disable", self._disable),
            ("POST", f"{ONE}/validate", self._validate),
            ("POST", f"{_LOCATION}/workflows/{{name}}/validate", self._validate),
            ("POST", f"{ONE}/regenerateAccessKey", self._regenerate_key),
            ("GET", f"{ONE}/versions", self._list_versions),
            ("GET", f"{ONE}/versions/{{version}}", self._get_version),
        ]
        table += [row for part in self._parts for row in part.table()]
        return [Route(method, template, guarded(handler), VERSIONS) for method, template, handler in table]

    def delete(self, id: str) -> None:  # noqa: A002 - Azure's name for it
        """Called when a workflow goes with its resource group."""
        self._runtime.delete(id)

    # -- workflows ------------------------------------------------------------------------------------------------

    def _list(self, request: ArmRequest) -> ArmResponse:
        scope = f"/subscriptions/{request.parameters['subscription']}"
        if "group" in request.parameters:
            scope = group_id(request.parameters["subscription"], request.parameters["group"])
        shown = [self._workflows.shown(document) for document in self._documents.list(TYPE, scope)]
        wanted = terms(request.query.get("$filter", ""), ("state", "trigger", "referencedresourceid"))
        return page_of(request, [one for one in shown if all(_matches(one, *term) for term in wanted)], _PAGE)

    def _put(self, request: ArmRequest) -> ArmResponse:
        body, properties = logic_documents.check_body(request.body)
        logic_documents.check_name(request.parameters["name"])
        identity = _id(request)
        old = self._documents.get(identity)
        state = logic_documents.state_of(properties)
        with self._documents.store.transaction():
            document = self._save(identity if old is None else old["id"], body, state, old)
        return ArmResponse(self._workflows.shown(document), 201 if old is None else 200)

    def _save(self, identity: str, body: dict[str, Any], state: str, old: dict[str, Any] | None) -> dict[str, Any]:
        properties = body["properties"]
        parameters = properties.get("parameters") or {}
        workflow = self._runtime.put(
            identity, properties["definition"], parameters, state, location=body["location"], tags=body.get("tags")
        )
        program = self._runtime.program(workflow["guid"], workflow["version"])
        document = logic_documents.new_document(identity, body, program, old, self._tenant)
        self._documents.put(identity, TYPE, document)
        return document

    def _get(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(self._workflows.shown(self._workflows.document(request)))

    def _patch(self, request: ArmRequest) -> ArmResponse:
        """Tags alone change no version; a definition, parameters or state make a new one."""
        document, body = self._workflows.document(request), request.body or {}
        if not isinstance(body, dict):
            raise refusals.invalid_content("A JSON object is expected.")
        if isinstance(body.get("tags"), dict):
            document["tags"] = body["tags"]
            self._documents.put(document["id"], TYPE, document)
        if isinstance(body.get("properties"), dict) and body["properties"]:
            document = self._patched(document, body["properties"])
        return ArmResponse(self._workflows.shown(document))

    def _patched(self, document: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
        workflow = self._runtime.workflow(document["id"])
        saved = self._runtime.catalog.version(workflow["guid"], workflow["version"]) or {}
        kept = {"definition": saved["definition"], "parameters": saved["parameters"]}
        merged = {**document, "properties": {**document["properties"], **kept, **properties}}
        state = logic_documents.state_of(properties, workflow["state"])
        return self._save(document["id"], merged, state, document)

    def _delete(self, request: ArmRequest) -> ArmResponse:
        identity = _id(request)
        with self._documents.store.transaction():
            self._runtime.delete(identity)
            existed = self._documents.delete(identity)
        return ArmResponse(status=200 if existed else 204)

    def _enable(self, request: ArmRequest) -> ArmResponse:
        self._runtime.enable(self._workflows.document(request)["id"])
        return ArmResponse()

    def _disable(self, request: ArmRequest) -> ArmResponse:
        self._runtime.disable(self._workflows.document(request)["id"])
        return ArmResponse()

    def _validate(self, request: ArmRequest) -> ArmResponse:
        """What a PUT would refuse; without a definition in the body, the deployed one."""
        body = request.body if isinstance(request.body, dict) else {}
        properties = body.get("properties") or {}
        if not isinstance(properties, dict):
            raise refusals.invalid_content("The 'properties' must be an object.")
        if properties.get("definition") is None:
            document = self._workflows.document(request)
            properties = document["properties"]
        self._runtime.validate(properties["definition"], properties.get("parameters"))
        return ArmResponse()

    def _regenerate_key(self, request: ArmRequest) -> ArmResponse:
        body = request.body if isinstance(request.body, dict) else {}
        key = str(body.get("keyType", "Primary"))
        if key.lower() not in ("primary", "secondary"):
            raise ArmError(400, "InvalidKeyType", f"The key type '{key}' is not valid: it is Primary or Secondary.")
        self._runtime.regenerate_key(self._workflows.document(request)["id"], key)
        return ArmResponse()

    # -- versions -------------------------------------------------------------------------------------------------

    def _list_versions(self, request: ArmRequest) -> ArmResponse:
        document = self._workflows.document(request)
        workflow = self._runtime.workflow(document["id"])
        versions = self._runtime.catalog.versions(workflow["guid"])
        return page_of(request, [self._workflows.version(document, name) for name, _ in versions], _PAGE)

    def _get_version(self, request: ArmRequest) -> ArmResponse:
        document = self._workflows.document(request)
        return ArmResponse(self._workflows.version(document, request.parameters["version"]))


def _id(request: ArmRequest) -> str:
    parameters = request.parameters
    return resource_id(parameters["subscription"], parameters["group"], TYPE, parameters["name"])


def _matches(shown: dict[str, Any], name: str, _: str, value: str) -> bool:
    properties = shown["properties"]
    if name == "state":
        return bool(properties["state"].lower() == value.lower())
    if name == "trigger":
        triggers = properties["definition"].get("triggers") or {}
        return any(value.lower() in (key.lower(), str(raw.get("type", "")).lower()) for key, raw in triggers.items())
    return value.lower() in str(properties.get("parameters", {})).lower()
