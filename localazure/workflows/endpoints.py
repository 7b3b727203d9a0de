"""What answers signed addresses over HTTP: contents of runs, callback addresses of triggers and webhook actions.

Mount `routes(runtime)` at the root of the server whose address is `runtime.endpoint`. No bearer token is asked for:
the signature in the address is the permission.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localazure.workflows.callbacks import Callbacks, refusal, signed_workflow
from localazure.workflows.catalog import Workflow
from localazure.workflows.contents import call_body, content_text
from localazure.workflows.errors import WorkflowError
from localazure.workflows.runtime import WorkflowRuntime
from localazure.workflows.state import Record

_ROOT = "/workflows/{guid}"
_RUN = f"{_ROOT}/runs/{{run}}"
_ACTION = f"{_RUN}/actions/{{action}}"
_TRIGGER = f"{_ROOT}/triggers/{{trigger}}"
_ANY = ["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_PARTS = {"inputs": "inputs", "outputs": "outputs"}

Handler = Callable[[Request], Awaitable[Response]]


def routes(runtime: WorkflowRuntime) -> list[Route]:
    """All routes of a runtime."""
    contents, callbacks = Contents(runtime), Callbacks(runtime)
    table: list[tuple[str, Handler, list[str]]] = [
        (f"{_RUN}/contents/Trigger{{part}}", contents.of_trigger, ["GET"]),
        (f"{_ACTION}/contents/Action{{part}}", contents.of_action, ["GET"]),
        (f"{_ACTION}/repetitions/{{repetition}}/contents/Action{{part}}", contents.of_action, ["GET"]),
        (f"{_ACTION}/requestHistories/{{call}}/contents/ResponseBody", contents.of_call, ["GET"]),
        (
            f"{_ACTION}/repetitions/{{repetition}}/requestHistories/{{call}}/contents/ResponseBody",
            contents.of_call,
            ["GET"],
        ),
    ]
    table += [
        (f"{_TRIGGER}/paths/invoke", callbacks.invoke, _ANY),
        (f"{_TRIGGER}/paths/invoke/{{relative:path}}", callbacks.invoke, _ANY),
        (f"{_TRIGGER}/run", callbacks.run, ["POST"]),
        (f"{_ACTION}/run", callbacks.answer, _ANY),
        (f"{_ACTION}/repetitions/{{repetition}}/run", callbacks.answer, _ANY),
        (f"{_RUN}/operations/{{operation}}", callbacks.operation, ["GET"]),
    ]
    return [Route(path, guarded(handler), methods=methods) for path, handler, methods in table]


def guarded(handler: Handler) -> Handler:
    """The handler, its refusals worded as the service words them."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except WorkflowError as error:
            return refusal(error)

    return answer


class Contents:
    """Inputs and outputs of triggers and actions, bodies of single calls."""

    def __init__(self, runtime: WorkflowRuntime) -> None:
        self._runtime = runtime

    async def of_trigger(self, request: Request) -> Response:
        workflow = self._permitted(request)
        run = request.path_params["run"]
        data = self._runtime.run(workflow["id"], run)
        trigger = self._runtime.program(workflow["guid"], data["version"]).trigger(data["trigger"]["name"])
        return _content(data["trigger"], request, trigger.secure_data if trigger else frozenset())

    async def of_action(self, request: Request) -> Response:
        workflow = self._permitted(request)
        record = self._record(request)
        version = self._runtime.run(workflow["id"], request.path_params["run"])["version"]
        node = self._runtime.program(workflow["guid"], version).find(request.path_params["action"])
        return _content(record, request, node.hidden if node else frozenset())

    async def of_call(self, request: Request) -> Response:
        workflow = self._permitted(request)
        record, wanted = self._record(request), request.path_params["call"]
        version = self._runtime.run(workflow["id"], request.path_params["run"])["version"]
        node = self._runtime.program(workflow["guid"], version).find(request.path_params["action"])
        entry = next((one for one in record.get("requests", []) if one["name"] == wanted), None)
        if entry is None or (node is not None and "outputs" in node.hidden):
            raise _no_content()
        return _json(call_body(record, entry))

    def _permitted(self, request: Request) -> Workflow:
        path = request.scope["path"].removeprefix(f"/workflows/{request.path_params['guid']}")
        return signed_workflow(self._runtime, request, f"{path}/read")

    def _record(self, request: Request) -> Record:
        repetition = request.path_params.get("repetition", "")
        run, name = request.path_params["run"], request.path_params["action"]
        found = self._runtime.history.records(run, name=name, repetition=repetition)
        if not found:
            raise _no_content()
        return found[0][2]


def _content(record: Mapping[str, Any], request: Request, hidden: frozenset[str]) -> Response:
    part = _PARTS.get(request.path_params["part"].lower(), "")
    if part not in record or part in hidden:
        raise _no_content()
    return _json(record[part])


def _json(value: Any) -> Response:
    return Response(content_text(value).encode("utf-8", "surrogatepass"), media_type="application/json; charset=utf-8")


def _no_content() -> WorkflowError:
    return WorkflowError(404, "ContentNotFound", "The content could not be found, or it is secured.")
