"""The connector host over HTTP: `/apim/{api}/{key}/{path of the operation}`, as the generated clients call it.

The path is read as it is on the wire: an account is percent-encoded twice, and frameworks decode once too early.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localazure.connectors.connection import Connections
from localazure.connectors.errors import json_answer
from localazure.connectors.host import ConnectorHost
from localazure.connectors.paging import connection_of
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.local_hosts import is_local
from wdl import values
from wdl.errors import ExpressionError

Authorize = Callable[[str | None], bool]
"""Told the Authorization header: may this caller use connections?"""

_METHODS = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"]


def connector_routes(host: ConnectorHost, connections: Connections, authorize: Authorize) -> list[Route]:
    """The routes for the root of a local HTTP server."""
    side = _HttpSide(host, connections, authorize)
    return [Route("/apim/{rest:path}", side.answer, methods=_METHODS)]


def connector_app(host: ConnectorHost, connections: Connections, authorize: Authorize) -> Starlette:
    """An ASGI application of these routes."""
    return Starlette(routes=connector_routes(host, connections, authorize))


class _HttpSide:
    def __init__(self, host: ConnectorHost, connections: Connections, authorize: Authorize) -> None:
        self._host = host
        self._connections = connections
        self._authorize = authorize

    async def answer(self, request: Request) -> Response:
        if not is_local(request.headers.get("host", "")):
            return _response(_error(421, "MisdirectedRequest", "Only this machine's own names are served."))
        if not self._authorize(request.headers.get("authorization")):
            return _response(_error(401, "Unauthorized", "A bearer token of this local cloud is required."))
        raw = request.scope.get("raw_path", b"") or request.url.path.encode()
        parts = raw.decode("ascii", "replace").split("?")[0].split("/", 4)
        if len(parts) < 5 or (connection_id := self._connection(parts[2], parts[3])) is None:
            return _response(_error(404, "ConnectionNotFound", "The address names no connection: /apim/{api}/{key}/…"))
        try:
            body = values.loads(content) if (content := await request.body()).strip() else None
        except ExpressionError:
            return _response(_error(400, "InvalidJSON", "The body of the request is not valid JSON."))
        return _response(await self._host.call(connection_id, _request(request, "/" + parts[4], body)))

    def _connection(self, api: str, key: str) -> str | None:
        connection_id = connection_of(key)
        found = self._connections(connection_id) if connection_id else None
        return connection_id if found is not None and found.api.lower() == api.lower() else None


def _request(request: Request, path: str, body: values.Value) -> ConnectorRequest:
    # Not the framework's parameters: they turn "+" into a space, which is right, and lose nothing else.
    queries = dict(parse_qsl(request.url.query, keep_blank_values=True))
    return ConnectorRequest(request.method, path, queries, dict(request.headers), body)


def _response(answer: ConnectorResponse) -> Response:
    headers = {name: value for name, value in answer.headers.items() if name.lower() not in ("content-length", "date")}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    headers.setdefault("Content-Type", "application/json; charset=utf-8")
    return Response(values.dumps(answer.body), answer.status, headers)


def _error(status: int, code: str, message: str) -> ConnectorResponse:
    return json_answer(status, {"error": {"code": code, "message": message}})
