"""The ARM front door: one ASGI application over all resource providers.

What ARM does before a provider sees a call happens here, in ARM's order: bearer token, api-version, subscription,
route, resource group. What a provider returns or raises becomes Azure's envelope and headers.
"""

from __future__ import annotations

import inspect
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.routing import Route as WebRoute

from localazure.arm import refusals, tracked
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Route
from localazure.arm.failures import as_arm_error
from localazure.arm.headers import answer_headers
from localazure.arm.resource_ids import ResourceId, group_id, parse_id
from localazure.arm.routing import Match, Router
from localazure.arm.rules import Call, Rule

_LOG = logging.getLogger(__name__)
_METHODS = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"]


class ResourceProvider(Protocol):
    """One module of `localazure.arm`: `Microsoft.Storage` and the like."""

    def routes(self) -> list[Route]:
        """What it serves."""
        ...


class TokenChecker(Protocol):
    """What the front door needs of `localazure.identity`."""

    def check(self, authorization: str | None) -> Mapping[str, Any] | None:
        """The claims of the token; raise `ArmError` 401 unless the header holds a valid bearer token for ARM."""
        ...


class Query(Mapping[str, str]):
    """Query parameters; names match in any case, as in Azure (`$skiptoken`, `$skipToken`)."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._values = {name.lower(): value for name, value in pairs}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def create_app(
    providers: Sequence[ResourceProvider],
    identity: TokenChecker,
    documents: Documents,
    subscriptions: Sequence[str],
    open_routes: Sequence[BaseRoute] = (),
    rules: Sequence[Rule] = (),
) -> Starlette:
    """The ARM application. `open_routes` need no token (token endpoint, metadata) and come first; `rules` are asked,
    in their order, before a provider sees a call."""
    router = Router([route for provider in providers for route in provider.routes()])
    door = FrontDoor(router, identity, documents, subscriptions, rules)
    return Starlette(routes=[*open_routes, WebRoute("/{path:path}", door.answer, methods=_METHODS)])


class FrontDoor:
    """Answers every ARM call; holds no state of its own."""

    def __init__(
        self,
        router: Router,
        identity: TokenChecker,
        documents: Documents,
        subscriptions: Sequence[str],
        rules: Sequence[Rule] = (),
    ) -> None:
        self._router = router
        self._identity = identity
        self._documents = documents
        self._subscriptions = {subscription.lower() for subscription in subscriptions}
        self._rules = rules

    async def answer(self, request: Request) -> Response:
        """One HTTP exchange; never raises."""
        try:
            answer = await self._serve(request)
        except Exception as error:  # whatever a provider raises, the client gets an envelope
            failure = as_arm_error(error)
            answer = ArmResponse(failure.body(), failure.status, _failure_headers(failure))
        return _http_response(request, answer)

    async def _serve(self, request: Request) -> ArmResponse:
        claims = self._identity.check(request.headers.get("authorization")) or {}
        path, query = _path(request), Query(request.query_params.multi_items())
        if not query.get("api-version"):
            raise refusals.missing_api_version()
        self._check_subscription(parse_id(path).subscription)
        match = self._router.match(path)
        body = _parse_body(await request.body())
        route = self._choose(request.method, path, query["api-version"], match, body)
        call = Call(request.method, unquote(path), str(claims.get("oid", "")), str(claims.get("appid", "")))
        self._check_group(request.method, parse_id(path))
        for rule in self._rules:
            rule.check(call)
        if request.method in ("PUT", "PATCH"):
            tracked.check_location(parse_id(path), body, self._documents.get(path))
            tracked.check_tags(body)
        parameters = match.parameters if match else {}
        base_url = str(request.base_url).rstrip("/")
        asked = ArmRequest(request.method, path, parameters, query, body, request.headers, base_url, call.principal)
        answer = await _call(route, asked)
        if request.method == "DELETE":
            self._forget_extensions(call.path)
        return answer

    def _forget_extensions(self, path: str) -> None:
        """Locks, role assignments and the like end with the resource that they hang on."""
        if parse_id(path).names and self._documents.get(path) is None:
            for left in self._documents.list(under=path):
                self._documents.delete(left["id"])

    def _check_subscription(self, subscription: str) -> None:
        if subscription and subscription.lower() not in self._subscriptions:
            raise refusals.subscription_not_found(subscription)

    def _choose(self, method: str, path: str, version: str, match: Match | None, body: Any) -> Route:
        if match is None:
            raise self._unserved(method, path, version)
        route = match.routes.get(method) or (match.routes.get("GET") if method == "HEAD" else None)
        if route is None:
            raise refusals.method_not_served(method, sorted(match.routes))
        if version not in route.api_versions:
            raise _wrong_version(route, parse_id(path), version, body)
        return route

    def _unserved(self, method: str, path: str, version: str) -> ArmError:
        wanted = parse_id(path)
        if not wanted.types:
            return refusals.path_not_served(method, path)
        served = list(self._router.types(wanted.namespace))
        if not served:
            return refusals.namespace_not_served(wanted.namespace, self._router.namespaces())
        return refusals.type_not_served(version, wanted.namespace, "/".join(wanted.types), served)

    def _check_group(self, method: str, wanted: ResourceId) -> None:
        if not (wanted.group and wanted.types):
            return
        group = self._documents.get(group_id(wanted.subscription, wanted.group))
        if group is None:
            raise refusals.group_not_found(wanted.group)
        if method in ("PUT", "PATCH") and group.get("properties", {}).get("provisioningState") == "Deleting":
            raise refusals.group_being_deleted(wanted.group)


async def _call(route: Route, request: ArmRequest) -> ArmResponse:
    answer = route.handler(request)
    if inspect.isawaitable(answer):
        answer = await answer
    if request.method == "HEAD" and answer.body is not None:
        return ArmResponse(None, 204, answer.headers)
    return answer


def _failure_headers(failure: ArmError) -> dict[str, str]:
    headers = {"x-ms-failure-cause": "gateway"}
    if failure.status == 401:
        description = failure.message.replace('"', "'")
        headers["WWW-Authenticate"] = f'Bearer error="invalid_token", error_description="{description}"'
    return headers


def _path(request: Request) -> str:
    raw = request.scope.get("raw_path") or request.url.path.encode()
    # Clients that put an id into a `{scope}` send its leading slash too: `//subscriptions/…`.
    return "/" + re.sub("/+", "/", raw.decode("ascii").split("?")[0]).strip("/")


def _parse_body(raw: bytes) -> Any:
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise refusals.invalid_content(str(error)) from None


def _wrong_version(route: Route, wanted: ResourceId, version: str, body: Any) -> ArmError:
    kind = "/".join(wanted.types)
    if not wanted.namespace or wanted.namespace.lower() == "microsoft.resources":
        return refusals.invalid_api_version(version, route.api_versions)
    if isinstance(body, dict) and isinstance(body.get("location"), str):
        location = body["location"].replace(" ", "").lower()
        return refusals.no_registered_provider(version, location, kind, route.api_versions)
    return refusals.invalid_resource_type(version, wanted.namespace, kind, route.api_versions)


def _http_response(request: Request, answer: ArmResponse) -> Response:
    headers = {**answer_headers(request.headers, request.method), **answer.headers}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    headers["Content-Type"] = "application/json; charset=utf-8"
    return Response(text, answer.status, headers)
