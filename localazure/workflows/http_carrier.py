"""Carries out HTTP calls of workflows: what the service adds and drops, what it makes of the answer.

Source: Azure page "Call external HTTP or HTTPS endpoints", published request histories.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from localazure.local_hosts import NO_PROXY
from localazure.workflows.authentication import AuthenticationError, TokenSource, authorization, client_certificate
from localazure.workflows.call_headers import service_headers
from localazure.workflows.carriers import failure
from localazure.workflows.http_bodies import NotJsonError, decode_body, encode_body, header_value
from localazure.workflows.outcome import ABSENT
from localazure.workflows.state import Instruction, RunData

_TIMEOUT_SECONDS = 120.0
LARGEST_MESSAGE = 104_857_600
_DROPPED = {
    *("allow", "cookie", "expires", "last-modified", "set-cookie", "transfer-encoding", "host", "origin"),
    *("content-length", "content-location", "content-range", "content-md5", "content-language"),
}
_SPELLED = {
    name.lower(): name
    for name in (
        *("Cache-Control", "Connection", "Date", "Pragma", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Warning"),
        *("Accept-Ranges", "Age", "ETag", "Location", "Proxy-Authenticate", "Retry-After", "Server", "Vary"),
        *("WWW-Authenticate", "Allow", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length"),
        *("Content-Location", "Content-MD5", "Content-Range", "Content-Type", "Expires", "Last-Modified"),
    )
}


@dataclass(frozen=True)
class HttpRequest:
    """A call as it goes out."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


@dataclass(frozen=True)
class HttpAnswer:
    """An answer as it came in."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


Send = Callable[[HttpRequest], Awaitable[HttpAnswer]]


class HttpCarrier:
    """Carries out `http` instructions. `send` replaces the network, for tests; `managed_identity` issues tokens."""

    def __init__(self, send: Send | None = None, managed_identity: Callable[[str], str] | None = None) -> None:
        self.send = send
        self.tokens = TokenSource(self._fetch_token, managed_identity)
        self._client: httpx.AsyncClient | None = None

    async def __call__(self, data: RunData, instruction: Instruction) -> dict[str, Any]:
        request = instruction["request"]
        try:
            answer = await self._exchange(data, instruction, request)
            return _too_large() if len(answer.content) > LARGEST_MESSAGE else _read(answer)
        except asyncio.CancelledError:
            raise
        except AuthenticationError as error:
            return failure("BadRequest", str(error), retry=False)
        except (UnicodeError, httpx.LocalProtocolError):
            message = "Http request failed: a header or the address holds characters that cannot be sent."
            return failure("BadRequest", message, retry=False)
        except NotJsonError as error:
            message = "Http request failed: the content was not a valid JSON. Error while parsing JSON: "
            return failure("BadRequest", f"{message}'{error}'.", retry=False)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            return _no_answer(error, str(request["uri"]))

    async def close(self) -> None:
        """Close what is open."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _exchange(self, data: RunData, instruction: Instruction, request: Mapping[str, Any]) -> HttpAnswer:
        content, kind = encode_body(request.get("body"))
        headers = {name: value for name, value in (request.get("headers") or {}).items() if not _is_dropped(name)}
        if kind and header_value(headers, "content-type") is None:
            headers["Content-Type"] = kind
        if request.get("cookie"):
            headers["Cookie"] = request["cookie"]
        if not request.get("suppress"):
            headers |= service_headers(data, instruction)
        authentication = request.get("authentication")
        if (value := await authorization(authentication, self.tokens)) is not None:
            headers["Authorization"] = value
        call = HttpRequest(str(request["method"]), _url(request), headers, content)
        certificate = client_certificate(authentication)
        if self.send is not None:
            return await self.send(call)
        return await self._send_over_network(call, certificate)

    async def _send_over_network(self, call: HttpRequest, context: ssl.SSLContext | None) -> HttpAnswer:
        if context is not None:
            async with httpx.AsyncClient(verify=context, timeout=_TIMEOUT_SECONDS, mounts=NO_PROXY) as client:
                return await _send(client, call)
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, mounts=NO_PROXY)
        return await _send(self._client, call)

    async def _fetch_token(self, url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        content = str(httpx.QueryParams(dict(form))).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        call = HttpRequest("POST", url, headers, content)
        answer = await (self.send(call) if self.send is not None else self._send_over_network(call, None))
        try:
            found = json.loads(answer.content)
        except ValueError:
            found = None
        return found if isinstance(found, dict) else {"error": f"status {answer.status}"}


async def _send(client: httpx.AsyncClient, call: HttpRequest) -> HttpAnswer:
    response = await client.request(call.method, call.url, headers=dict(call.headers), content=call.content)
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        name = _SPELLED.get(name.lower(), name)
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    headers["Content-Length"] = str(len(response.content))
    return HttpAnswer(response.status_code, headers, response.content)


def _read(answer: HttpAnswer) -> dict[str, Any]:
    body = decode_body(answer.content, header_value(answer.headers, "content-type"))
    read = {"status": answer.status, "headers": dict(answer.headers)}
    return read if body is ABSENT else {**read, "body": body}


def _too_large() -> dict[str, Any]:
    message = (
        "Http request failed as there is an error: 'Cannot write more bytes to the buffer than the configured "
        f"maximum buffer size: {LARGEST_MESSAGE}.'."
    )
    return failure("BadRequest", message, retry=False)


def _url(request: Mapping[str, Any]) -> str:
    """`queries` replace the query string of `uri`."""
    uri, queries = str(request["uri"]), request.get("queries")
    return str(httpx.URL(uri.split("?", 1)[0], params=queries)) if queries else uri


def _is_dropped(name: str) -> bool:
    return name.lower() in _DROPPED or (name.lower().startswith("accept-") and name.lower() != "accept")


def _no_answer(error: Exception, uri: str) -> dict[str, Any]:
    """What the service says of a call without an answer."""
    if _caused_by(error, socket.gaierror):
        host = httpx.URL(uri).host
        return failure("UnresolvableHostName", f"The provided host name '{host}' could not be resolved.")
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        message = (
            "Http request failed: the server did not respond within the timeout limit. "
            "Please see logic app limits at https://aka.ms/logic-apps-limits-and-config#http-limits."
        )
        return failure("BadRequest", message)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return failure(
            "BadRequest", f"The 'uri' '{uri.split('?', 1)[0]}' is not an address of http or https.", retry=False
        )
    message = (
        "Http request failed with status code 'ConnectFailure' and status message: "
        "'Unable to connect to the remote server'."
    )
    return failure("BadRequest", message)


def _caused_by(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
