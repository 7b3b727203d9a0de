"""Callback addresses over HTTP: Request triggers and webhooks are fired, waiting webhook actions answered.

Source: Azure page "Receive and respond to inbound HTTPS calls"; published answers for refusals and headers.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from localazure.workflows.catalog import Workflow
from localazure.workflows.errors import WorkflowError, not_found, trigger_not_found
from localazure.workflows.firing import Occasion
from localazure.workflows.http_bodies import NotJsonError, decode_body, encode_body
from localazure.workflows.http_carrier import LARGEST_MESSAGE
from localazure.workflows.invocation import run_headers, settled
from localazure.workflows.outcome import ABSENT
from localazure.workflows.program import Program
from localazure.workflows.runtime import WorkflowRuntime
from localazure.workflows.schemas import schema_errors
from localazure.workflows.signing import action_path, address, is_signed, signed_queries
from localazure.workflows.stamps import stamp
from localazure.workflows.state import RunData
from wdl.definition import Trigger

CALLER_WAITS = timedelta(seconds=120)
_SIGNATURE = frozenset({"api-version", "sp", "sv", "sig", "se"})
_CALLED = frozenset({"Request", "HttpWebhook", "ApiConnectionWebhook"})


def refusal(error: WorkflowError, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": {"code": error.code, "message": error.message}}, error.status, headers)


def signed_workflow(runtime: WorkflowRuntime, request: Request, permission: str, shown: str | None = None) -> Workflow:
    """The workflow of the address; WorkflowError if there is none or the signature does not permit `permission`."""
    guid = request.path_params["guid"]
    workflow = runtime.catalog.by_guid(guid)
    if workflow is None:
        raise not_found(guid)
    if "sig" not in request.query_params or "authorization" in request.headers:
        message = "The request must be authenticated only by Shared Access scheme."
        raise WorkflowError(401, "DirectApiAuthorizationRequired", message)
    if not is_signed(workflow, permission, request.query_params, runtime.clock.now()):
        scope, _, action = permission.rpartition("/")
        message = f"You do not have permissions to perform action '{action}' on scope '{shown or scope}'."
        raise WorkflowError(401, "AuthorizationFailed", message)
    return workflow


class Callbacks:
    """Handlers for Starlette's routes."""

    def __init__(self, runtime: WorkflowRuntime) -> None:
        self._runtime = runtime

    async def invoke(self, request: Request) -> Response:
        """A call of a Request trigger, or the callback of a webhook trigger."""
        name = request.path_params["trigger"]
        workflow = signed_workflow(self._runtime, request, f"/triggers/{name}/run", f"/triggers/{name}/paths/")
        program = self._runtime.program(workflow["guid"], workflow["version"])
        trigger = program.trigger(name)
        if trigger is None or trigger.type not in _CALLED:
            raise trigger_not_found(str(workflow["id"]).rsplit("/", 1)[-1], name)
        _check_method(trigger, request.method)
        outputs = await _outputs(trigger, request)
        _check_schema(trigger, outputs)
        tracking = request.headers.get("x-ms-client-tracking-id")
        extras = {"awaited": program.has_response, "respondBy": stamp(self._runtime.clock.now() + CALLER_WAITS)}
        occasion = Occasion(outputs=outputs, inputs=_inputs(trigger), tracking=tracking, extras=extras)
        runs = self._runtime.fire(workflow["id"], trigger.name, occasion)
        if not runs:
            return Response(status_code=202)
        return await self._answer(workflow, runs[0], _is_asynchronous(program))

    async def run(self, request: Request) -> Response:
        """The address that fires a trigger of another type."""
        name = request.path_params["trigger"]
        workflow = signed_workflow(self._runtime, request, f"/triggers/{name}/run")
        run = self._runtime.run_trigger(workflow["id"], name)
        return Response(status_code=202, headers=run_headers(workflow, run) if run else {})

    async def answer(self, request: Request) -> Response:
        """The callback of a webhook action."""
        run, action = request.path_params["run"], request.path_params["action"]
        repetition = request.path_params.get("repetition", "")
        workflow = signed_workflow(self._runtime, request, action_path(run, action, repetition))
        body = await _body(request)
        self._runtime.answer_webhook(workflow["id"], run, action, body, _headers(request), repetition)
        return Response(status_code=200)

    async def operation(self, request: Request) -> Response:
        """Where an asynchronous Response says how it goes."""
        run, operation = request.path_params["run"], request.path_params["operation"]
        workflow = signed_workflow(self._runtime, request, _operation_path(run, operation))
        data = self._runtime.run(workflow["id"], run)
        found = settled(data)
        return self._accepted(workflow, data) if found is None else _response(found, workflow, data)

    async def _answer(self, workflow: Workflow, data: RunData, asynchronous: bool) -> Response:
        if not data.get("awaited"):
            return Response(status_code=202, headers=_answer_headers(workflow, data))
        if asynchronous:
            return self._accepted(workflow, data)
        waiting = asyncio.ensure_future(self._runtime.responses.wait(data))
        limit = asyncio.ensure_future(self._runtime.clock.sleep_until(self._runtime.clock.now() + CALLER_WAITS))
        await asyncio.wait({waiting, limit}, return_when=asyncio.FIRST_COMPLETED)
        limit.cancel()
        if not waiting.done():
            waiting.cancel()
            return refusal(_too_late(data), _answer_headers(workflow, data))
        return _response(waiting.result(), workflow, data)

    def _accepted(self, workflow: Workflow, data: RunData) -> Response:
        path = _operation_path(data["name"], data["trackingId"])
        location = address(
            f"{self._runtime.endpoint}/workflows/{workflow['guid']}", path, signed_queries(workflow, path)
        )
        headers = {**_answer_headers(workflow, data), "Location": location, "Retry-After": "20"}
        return Response(status_code=202, headers=headers)


def _operation_path(run: str, operation: str) -> str:
    return f"/runs/{run}/operations/{operation}"


def _answer_headers(workflow: Workflow, data: RunData) -> dict[str, str]:
    return {
        "Cache-Control": "no-cache",
        "Pragma": "no-cache",
        "Expires": "-1",
        **run_headers(workflow, data["name"], data["clientTrackingId"]),
        "x-ms-tracking-id": data["trackingId"],
        "x-ms-correlation-id": data["trackingId"],
        "x-ms-request-id": f"local:{data['trackingId']}",
    }


def _response(found: dict[str, Any], workflow: Workflow, data: RunData) -> Response:
    content, kind = encode_body(found.get("body"))
    headers = {**_answer_headers(workflow, data), **found["headers"]}
    if kind and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = kind
    return Response(content, found["statusCode"], headers)


def _too_late(data: RunData) -> WorkflowError:
    message = f"The server did not receive a response from an upstream server. Request tracking id '{data['name']}'."
    return WorkflowError(504, "GatewayTimeout", message)


def _is_asynchronous(program: Program) -> bool:
    return any(
        "Asynchronous" in node.action.operation_options for node in program.nodes.values() if node.type == "Response"
    )


def _check_method(trigger: Trigger, method: str) -> None:
    """One method, POST by default; a webhook's callback may come by any."""
    expected = str((trigger.inputs or {}).get("method") or "POST").upper() if trigger.type == "Request" else method
    if method != expected:
        message = (
            f"The request method for trigger '{trigger.name}' of type '{trigger.type}' is not valid: "
            f"expected '{expected}' and actual '{method}'."
        )
        raise WorkflowError(405, "TriggerRequestMethodNotValid", message)


async def _outputs(trigger: Trigger, request: Request) -> dict[str, Any]:
    """What the trigger brings: headers, and body, queries, relativePathParameters where there are any."""
    outputs: dict[str, Any] = {"headers": _headers(request)}
    if (parameters := _relative_parameters(trigger, request)) is not None:
        outputs["relativePathParameters"] = parameters
    queries = {name: value for name, value in request.query_params.items() if name.lower() not in _SIGNATURE}
    if queries:
        outputs["queries"] = queries
    body = await _body(request)
    return outputs if body is ABSENT else {**outputs, "body": body}


async def _body(request: Request) -> Any:
    content = await request.body()
    if len(content) > LARGEST_MESSAGE:
        message = f"The request content size exceeds the maximum of '{LARGEST_MESSAGE}' bytes."
        raise WorkflowError(413, "RequestEntityTooLarge", message)
    try:
        return decode_body(content, request.headers.get("content-type"))
    except NotJsonError as error:
        message = f"The request content is not valid and could not be deserialized: '{error}'."
        raise WorkflowError(400, "InvalidRequestContent", message) from None


def _headers(request: Request) -> dict[str, str]:
    """Header names in their usual spelling: HTTP knows none, servers get them in lower case."""
    return {"-".join(part.capitalize() for part in name.split("-")): value for name, value in request.headers.items()}


def _relative_parameters(trigger: Trigger, request: Request) -> dict[str, str] | None:
    relative = str((trigger.inputs or {}).get("relativePath") or "").strip("/")
    # The path as it was sent: a parameter may hold an encoded slash.
    raw = request.scope.get("raw_path", request.scope["path"].encode()).decode("ascii", "replace").split("?")[0]
    given = raw.partition("/paths/invoke")[2].strip("/")
    parts = re.split(r"\{(\w+)\}", relative)
    pattern = "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    match = re.fullmatch(pattern, given)
    if match is None:
        raise WorkflowError(404, "NotFound", f"The trigger '{trigger.name}' expects the relative path '/{relative}'.")
    return {name: unquote(value) for name, value in match.groupdict().items()} if relative else None


def _inputs(trigger: Trigger) -> Any:
    schema = (trigger.inputs or {}).get("schema")
    return {"schema": schema} if schema else ABSENT


def _check_schema(trigger: Trigger, outputs: dict[str, Any]) -> None:
    schema = (trigger.inputs or {}).get("schema")
    if not schema or "EnableSchemaValidation" not in trigger.operation_options:
        return
    errors = schema_errors(schema, outputs.get("body"))
    if errors:
        details = ",".join(error["message"] for error in errors)
        message = (
            f"The input body for trigger '{trigger.name}' of type '{trigger.type}' did not match its schema "
            f"definition. Error details: '{details}'."
        )
        raise WorkflowError(400, "TriggerInputSchemaMismatch", message)
