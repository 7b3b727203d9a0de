"""The documents of workflows: made of a PUT's body, shown with what the runtime adds, never with a secure value."""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from localazure.arm import refusals
from localazure.arm.envelope import ArmError
from localazure.workflows.catalog import Workflow
from localazure.workflows.deployment import evaluated_recurrence
from localazure.workflows.program import Program
from localazure.workflows.stamps import short

TYPE = "Microsoft.Logic/workflows"
STATES = ("Enabled", "Disabled")
_KEPT = ("integrationAccount", "integrationServiceEnvironment", "accessControl")
_NAME = re.compile(r"[A-Za-z0-9()._-]{1,80}")
_HERE = [{"address": "127.0.0.1"}]
_ENDPOINTS = {
    "workflow": {"outgoingIpAddresses": _HERE, "accessEndpointIpAddresses": _HERE},
    "connector": {"outgoingIpAddresses": _HERE},
}


def check_body(body: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The body of a PUT and its properties; ArmError if they cannot be one."""
    if not isinstance(body, dict):
        raise refusals.invalid_content("A JSON object is expected.")
    if not isinstance(body.get("location"), str):
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    properties = body.get("properties")
    if not isinstance(properties, dict) or not isinstance(properties.get("definition"), dict):
        message = "The workflow must have a 'definition' in its properties."
        raise ArmError(400, "InvalidWorkflow", message)
    return body, properties


def check_name(name: str) -> None:
    """ArmError for what cannot name a workflow. Source: Azure page "Naming rules and restrictions"."""
    if not _NAME.fullmatch(name):
        message = f"The workflow name '{name}' is invalid: 1 to 80 letters, digits, '-', '(', ')', '.' and '_'."
        raise ArmError(400, "InvalidResourceName", message)


def state_of(properties: Mapping[str, Any], otherwise: str = "Enabled") -> str:
    """The state that a body asks for."""
    given = properties.get("state", otherwise)
    found = next((state for state in STATES if state.lower() == str(given).lower()), None)
    if found is None:
        message = f"The workflow state '{given}' is not valid: a caller sets 'Enabled' or 'Disabled'."
        raise ArmError(400, "InvalidWorkflowState", message)
    return found


def new_document(
    resource_id: str, body: Mapping[str, Any], program: Program, old: Mapping[str, Any] | None, tenant: str
) -> dict[str, Any]:
    """The document of a PUT: what Azure keeps of it."""
    given = body["properties"]
    properties = {name: given[name] for name in _KEPT if given.get(name) is not None}
    properties["definition"] = shown_definition(given["definition"], program)
    properties["parameters"] = shown_parameters(given.get("parameters") or {}, program)
    name = resource_id.rsplit("/", 1)[-1]
    document = {"properties": properties, "id": resource_id, "name": name, "type": TYPE, "location": body["location"]}
    document["tags"] = body.get("tags") or {}
    identity = _identity(body.get("identity"), (old or {}).get("identity"), tenant)
    return {**document, "identity": identity} if identity else document


def shown(document: Mapping[str, Any], workflow: Workflow, endpoint: str) -> dict[str, Any]:
    """What a GET returns."""
    stored = document["properties"]
    properties = {
        "provisioningState": "Succeeded",
        "createdTime": short(workflow["created"]),
        "changedTime": short(workflow["changed"]),
        "state": workflow["state"],
        "version": workflow["version"],
        "accessEndpoint": f"{endpoint}/workflows/{workflow['guid']}",
        **stored,
        "endpointsConfiguration": _ENDPOINTS,
    }
    return {**document, "properties": properties}


def shown_version(
    document: Mapping[str, Any],
    workflow: Workflow,
    version: str,
    saved: Mapping[str, Any],
    program: Program,
    endpoint: str,
) -> dict[str, Any]:
    """One version of a workflow."""
    stored = {
        **{name: value for name, value in document["properties"].items() if name in _KEPT},
        "definition": shown_definition(saved["definition"], program),
        "parameters": shown_parameters(saved["parameters"], program),
    }
    then = {**workflow, "version": version, "state": saved["state"], "changed": saved["changed"]}
    whole = shown({**document, "properties": stored}, then, endpoint)
    identity = f"{document['id']}/versions/{version}"
    return {**whole, "id": identity, "name": version, "type": "Microsoft.Logic/workflows/versions"}


def shown_definition(definition: Mapping[str, Any], program: Program) -> dict[str, Any]:
    """A definition as the service gives it back: parameter types in its spelling, recurrences evaluated."""
    given = copy.deepcopy(dict(definition))
    for name, parameter in (given.get("parameters") or {}).items():
        if isinstance(parameter, dict) and name in program.definition.parameters:
            parameter["type"] = program.definition.parameters[name].type
    for name, trigger in (given.get("triggers") or {}).items():
        declared = program.definition.triggers.get(name)
        if isinstance(trigger, dict) and declared is not None and isinstance(trigger.get("recurrence"), dict):
            with suppress(ValueError):
                trigger["evaluatedRecurrence"] = evaluated_recurrence(declared)
    return given


def shown_parameters(parameters: Mapping[str, Any], program: Program) -> dict[str, Any]:
    """Parameters as given, secure ones without their value."""
    declared = {name.lower(): parameter for name, parameter in program.definition.parameters.items()}
    return {
        name: {"type": declared[name.lower()].type}
        if name.lower() in declared and declared[name.lower()].secure
        else copy.deepcopy(value)
        for name, value in parameters.items()
    }


def _identity(wanted: Any, old: Any, tenant: str) -> dict[str, Any] | None:
    if not isinstance(wanted, dict) or str(wanted.get("type", "None")).lower() == "none":
        return None
    identity = dict(wanted)
    if "systemassigned" in str(wanted["type"]).lower():
        before = old if isinstance(old, dict) else {}
        identity["principalId"] = before.get("principalId") or str(uuid.uuid4())
        identity["tenantId"] = tenant
    return identity
