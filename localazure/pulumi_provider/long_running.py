"""Waits for what ARM does in the background, in the order of azcore's `runtime.NewPoller`:
`Azure-AsyncOperation`, `Operation-Location`, `Location`, then the resource's own `provisioningState`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import httpx

from localazure.pulumi_provider.arm_errors import ArmCallError, json_object, json_value, refusal

Json = dict[str, Any]
_FAILED = ("failed", "canceled", "cancelled")
_DONE = ("succeeded", *_FAILED)

Get = Callable[[str], httpx.Response]
Sleep = Callable[[float], None]


def retry_after(answer: httpx.Response) -> float:
    """Seconds that an answer asks to wait; 0 where it does not. The finer headers come first, as in azcore."""
    for name, unit in (("retry-after-ms", 1000.0), ("x-ms-retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = answer.headers.get(name, "")
        if value.isdigit() and int(value) > 0:
            return int(value) / unit
    return 0.0


class Poller:
    """Follows one operation from its first answer to its end."""

    def __init__(self, first: httpx.Response, get: Get, sleep: Sleep, frequency: float, api_version: str) -> None:
        self._first = first
        self._get = get
        self._sleep = sleep
        self._frequency = frequency
        self._api_version = api_version

    def finish(self, *, gone_is_done: bool = False) -> Json:
        """The resource when the operation has succeeded; raises `ArmCallError` when it has failed."""
        headers, method = self._first.headers, self._first.request.method
        for name in ("Azure-AsyncOperation", "Operation-Location"):
            if headers.get(name):
                return self._by_status(self._absolute(headers[name]), method)
        if headers.get("Location"):
            return self._by_location(self._absolute(headers["Location"]), gone_is_done=gone_is_done)
        if method in ("PUT", "PATCH"):
            return self._by_resource(str(self._first.request.url))
        if self._first.status_code == 202:
            raise ArmCallError("response is missing polling URL")
        return {}

    def _by_status(self, url: str, method: str) -> Json:
        answer = self._poll(url, lambda answer: _status(answer).lower() in _DONE)
        if _status(answer).lower() in _FAILED:
            raise refusal(answer)
        return self._resource() if method in ("PUT", "PATCH") else {}

    def _by_location(self, url: str, *, gone_is_done: bool) -> Json:
        if _provisioning_state(self._first).lower() == "succeeded":
            return json_object(self._first)
        answer = self._poll(url, _location_is_done)
        if answer.status_code == 404 and gone_is_done:
            return {}
        if answer.status_code >= 400 or _provisioning_state(answer).lower() in _FAILED:
            raise refusal(answer)
        return json_object(answer)

    def _by_resource(self, url: str) -> Json:
        answer = self._first if _resource_is_done(self._first) else self._poll(url, _resource_is_done)
        if answer.status_code >= 400 or _provisioning_state(answer).lower() in _FAILED:
            raise refusal(answer)
        return json_object(answer)

    def _poll(self, url: str, is_done: Callable[[httpx.Response], bool]) -> httpx.Response:
        if wait := retry_after(self._first):
            self._sleep(wait)
        while True:
            answer = self._get(url)
            if answer.status_code >= 400 or is_done(answer):
                return answer
            self._sleep(retry_after(answer) or self._frequency)

    def _resource(self) -> Json:
        answer = self._get(str(self._first.request.url))
        if answer.status_code != 200:
            raise refusal(answer)
        return json_object(answer)

    def _absolute(self, url: str) -> str:
        """Some services send a path only, or forget the api-version."""
        parts = urlsplit(urljoin(str(self._first.request.url), url))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if "api-version" in {name.lower() for name in query}:
            return urlunsplit(parts)
        query["api-version"] = self._api_version
        return urlunsplit(parts._replace(query=urlencode(query)))


def _location_is_done(answer: httpx.Response) -> bool:
    state = _provisioning_state(answer).lower()
    return state in _DONE if state else answer.status_code != 202


def _resource_is_done(answer: httpx.Response) -> bool:
    state = _provisioning_state(answer).lower()
    return state in _DONE if state else answer.status_code in (200, 204)


def _status(answer: httpx.Response) -> str:
    return str(json_object(answer).get("status") or "") if answer.status_code < 400 else "failed"


def _provisioning_state(answer: httpx.Response) -> str:
    body = json_value(answer) if answer.content and answer.status_code < 400 else {}
    inner = body.get("properties") if isinstance(body, dict) else None
    return str(inner.get("provisioningState") or "") if isinstance(inner, dict) else ""
