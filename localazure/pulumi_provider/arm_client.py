"""ARM over HTTPS as azure-native uses it: token, retries, PUT with polling, existence check.

One client serves all threads of the provider and keeps its connections open. Source: azure-native
`provider/pkg/azure/client_azcore.go`, azcore's retry policy.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from localazure.pulumi_provider.arm_errors import (
    ArmCallError,
    CanceledError,
    TimedOutError,
    json_object,
    json_value,
    not_json,
    parsed,
    refusal,
)
from localazure.pulumi_provider.configuration import Configuration
from localazure.pulumi_provider.long_running import Poller, retry_after

Json = dict[str, Any]

_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_RETRIED_CONFLICTS = frozenset({"AnotherOperationInProgress", "StorageAccountOperationInProgress"})
_DEFAULT_TIMEOUT = 120 * 60.0
_EARLY = 120.0  # a token is renewed this long before it expires


@dataclass(frozen=True)
class Timing:
    """Seconds between tries. The real provider waits 20, 60, 120 and polls every 10 or 30 s; a local cloud answers in
    milliseconds, so the same sequence runs a hundred times faster unless ARM says `Retry-After`."""

    retries: tuple[float, ...] = (0.2, 0.6, 1.2)
    poll_put: float = 0.1
    poll_delete: float = 0.3


class Deadline:
    """How long an operation may take, and whether the engine canceled it meanwhile."""

    def __init__(self, seconds: float = 0.0, canceled: threading.Event | None = None) -> None:
        self._end = time.monotonic() + (seconds or _DEFAULT_TIMEOUT)
        self._canceled = canceled or threading.Event()

    def left(self) -> float:
        """Seconds left; raises `TimedOutError` or `CanceledError` when the operation must not go on."""
        if self._canceled.is_set():
            raise CanceledError
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimedOutError
        return left

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        self._canceled.wait(min(seconds, self.left()))
        self.left()


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    query: Mapping[str, Any] | None = None
    body: Json | None = None


class ArmClient:
    """Calls ARM with one configuration. `transport` stands in for the network in tests."""

    def __init__(
        self, configuration: Configuration, timing: Timing | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._configuration = configuration
        self._timing = timing or Timing()
        # No proxies from the environment: the local cloud is on this machine.
        self._http = httpx.Client(
            verify=_trust(configuration.ca_file),
            trust_env=False,
            transport=transport,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=60.0),
            headers={"Accept": "application/json", "User-Agent": "pulumi-azure-native/3.29.0"},
        )
        self._token_lock = threading.Lock()
        self._token = ""
        self._token_end = 0.0

    def get(self, path: str, version: str, deadline: Deadline) -> Json:
        """GET of a resource; anything but 200 is a failure."""
        answer = self._call("GET", path, {"api-version": version}, None, deadline)
        if answer.status_code != 200:
            raise refusal(answer)
        return json_object(answer)

    def post(self, path: str, query: Mapping[str, Any], body: Json, deadline: Deadline) -> Any:
        """POST of an action; returns whatever JSON it answers."""
        answer = self._call("POST", path, query, body, deadline)
        if answer.status_code not in (200, 201):
            raise refusal(answer)
        return json_value(answer)

    def check_free(self, path: str, version: str, deadline: Deadline) -> None:
        """Raise unless a resource with this id can be created."""
        answer = self._call("GET", path, {"api-version": version}, None, deadline)
        if answer.status_code in (204, 404):
            return
        if answer.status_code != 200:
            shown = f"status code {answer.status_code}, {answer.text}"
            raise ArmCallError(f"cannot check existence of resource '{path}': {shown}")
        # Some services answer 200 without a body for what does not exist.
        if isinstance(body := parsed(answer), dict) and body:
            raise ArmCallError(f"cannot create already existing resource '{path}'")

    def put(
        self, path: str, query: Mapping[str, Any], body: Json, deadline: Deadline, *, long_running: bool
    ) -> PutResult:
        """PUT of a resource (PATCH when the body holds nulls), and polling until it is there."""
        method = "PATCH" if _holds_null(body) else "PUT"
        answer = self._call(method, path, query, body, deadline)
        if answer.status_code not in (200, 201, 202):
            raise refusal(answer)
        first = json_object(answer)
        if not (long_running or answer.status_code == 202):
            return PutResult(first)
        version, frequency = str(query["api-version"]), self._timing.poll_put
        poller = Poller(answer, self._getter(deadline), deadline.sleep, frequency, version)
        try:
            return PutResult(poller.finish())
        except ArmCallError as failure:
            return PutResult(first, failure)

    def delete(self, path: str, version: str, deadline: Deadline, *, long_running: bool) -> None:
        """DELETE of a resource; one that is gone already is fine."""
        answer = self._call("DELETE", path, {"api-version": version}, None, deadline)
        if answer.status_code == 404:
            return
        if answer.status_code not in (200, 202, 204):
            raise refusal(answer)
        if long_running:
            poller = Poller(answer, self._getter(deadline), deadline.sleep, self._timing.poll_delete, version)
            poller.finish(gone_is_done=True)

    def token(self, deadline: Deadline) -> str:
        """A bearer token for ARM, from the cloud's token endpoint; kept until it is about to expire."""
        with self._token_lock:
            if time.monotonic() >= self._token_end:
                self._renew_token(deadline)
            return self._token

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _getter(self, deadline: Deadline) -> Callable[[str], httpx.Response]:
        return lambda url: self._send(_Request("GET", url), deadline)

    def _call(
        self, method: str, path: str, query: Mapping[str, Any], body: Json | None, deadline: Deadline
    ) -> httpx.Response:
        return self._send(_Request(method, self._url(path), query, body), deadline)

    def _send(self, request: _Request, deadline: Deadline) -> httpx.Response:
        """The answer of the first try that does not fail in passing, or of the last one."""
        for delay in self._timing.retries:
            try:
                answer = self._authorized(request, deadline)
            except httpx.TransportError:
                deadline.sleep(delay)
                continue
            if not _is_retried(answer):
                return answer
            deadline.sleep(retry_after(answer) or delay)
        try:
            return self._authorized(request, deadline)
        except httpx.TransportError as error:
            shown = f"{request.method} {request.url}: {error}"
            raise ArmCallError(f"{shown}. Is the local cloud running? (`localazure status`)") from error

    def _authorized(self, request: _Request, deadline: Deadline) -> httpx.Response:
        try:
            answer = self._try(request, deadline)
            if answer.status_code != 401:
                return answer
            # The cloud may have been reset since, and its tokens with it.
            self._token_end = 0.0
            return self._try(request, deadline)
        except httpx.TimeoutException as error:
            raise TimedOutError from error

    def _try(self, request: _Request, deadline: Deadline) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token(deadline)}"}
        content = None
        if request.body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
            content = json.dumps(request.body, ensure_ascii=False).encode()
        return self._http.request(
            request.method,
            request.url,
            params=request.query,
            content=content,
            headers=headers,
            timeout=deadline.left(),
        )

    def _url(self, path: str) -> str:
        return f"{self._configuration.arm_endpoint.rstrip('/')}/{path.lstrip('/')}"

    def _renew_token(self, deadline: Deadline) -> None:
        metadata = self._discover(deadline)
        login = str(metadata["authentication"]["loginEndpoint"]).rstrip("/")
        audience = str(metadata["authentication"]["audiences"][0])
        answer = self._http.post(
            f"{login}/{self._configuration.tenant_id}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self._configuration.client_id,
                "client_secret": self._configuration.client_secret,
                "scope": f"{audience.rstrip('/')}/.default",
            },
            timeout=deadline.left(),
        )
        body = parsed(answer)
        if answer.status_code != 200 or not isinstance(body, dict) or "access_token" not in body:
            raise ArmCallError(_refused_token(body, answer))
        self._token = str(body["access_token"])
        self._token_end = time.monotonic() + float(body.get("expires_in", 3600)) - _EARLY

    def _discover(self, deadline: Deadline) -> Json:
        url = self._url("metadata/endpoints")
        answer = self._http.get(url, params={"api-version": "2022-09-01"}, timeout=deadline.left())
        if answer.status_code != 200:
            raise not_json(answer)
        return json_object(answer)


@dataclass(frozen=True)
class PutResult:
    """What became of a PUT: the resource, and the failure if ARM accepted it but the operation failed later."""

    body: Json
    failure: ArmCallError | None = None


def _trust(ca_file: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def _is_retried(answer: httpx.Response) -> bool:
    if answer.status_code == 409:
        return getattr(refusal(answer), "code", "") in _RETRIED_CONFLICTS
    return answer.status_code in _RETRIED


def _holds_null(body: Any) -> bool:
    """Whether an item was taken out of a set of strings. Lists are not looked into, as in the provider."""
    return isinstance(body, dict) and any(value is None or _holds_null(value) for value in body.values())


def _refused_token(body: Any, answer: httpx.Response) -> str:
    told = body.get("error_description") or body.get("error") if isinstance(body, dict) else None
    return f"the token endpoint refused ARM_CLIENT_ID and ARM_CLIENT_SECRET: {told or f'HTTP {answer.status_code}'}"
