"""An ARM that accepts anything, for tests in which the rules of the local cloud would be in the way."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from localazure.pulumi_provider.arm_client import Deadline

SUBSCRIPTION = "10ca1a2e-0000-4000-8000-000000000001"

Answer = tuple[int, dict[str, str], Any]
Rule = Callable[["ArmStub", str, str, Any], "Answer | None"]


class ArmStub:
    """Keeps resources by lower-cased path; `rules` may answer a call first. `calls` records (method, path, body)."""

    def __init__(self) -> None:
        self.endpoint = "https://arm.test"
        self.resources: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str, Any]] = []
        self.queries: list[dict[str, str]] = []
        self.rules: list[Rule] = []
        self.token_requests = 0
        self.claims: dict[str, str] = {}

    def answer(self, method: str, url: str, body: Any) -> Answer:
        """One call, as (status, headers, body)."""
        parts = urlsplit(url)
        if parts.path == "/metadata/endpoints":
            return 200, {}, {"authentication": {"loginEndpoint": self.endpoint, "audiences": [self.endpoint]}}
        if parts.path.endswith("/oauth2/v2.0/token"):
            self.token_requests += 1
            return 200, {}, {"access_token": token(self.claims), "expires_in": 3599}
        self.calls.append((method, parts.path, body))
        self.queries.append(dict(parse_qsl(parts.query)))
        for rule in self.rules:
            if (found := rule(self, method, parts.path, body)) is not None:
                return found
        return self._resource(method, parts.path, body)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """One call of an httpx client."""
        body = json.loads(request.content) if request.content.startswith(b"{") else None
        status, headers, answer = self.answer(request.method, str(request.url), body)
        content = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
        return httpx.Response(status, headers=headers, content=content)

    def claim(self, **claims: str) -> None:
        """What the tokens say from now on."""
        self.claims = claims

    def written(self, ending: str) -> Any:
        """The body of the last PUT or PATCH of a path with this ending."""
        bodies = [b for m, p, b in self.calls if m in ("PUT", "PATCH") and p.lower().endswith(ending.lower())]
        return bodies[-1]

    def _resource(self, method: str, path: str, body: Any) -> Answer:
        key = path.lower()
        if method in ("PUT", "PATCH"):
            self.resources[key] = document(path, body)
            return 200, {}, self.resources[key]
        if key not in self.resources:
            message = f"The Resource '{path}' was not found."
            return 404, {}, {"error": {"code": "ResourceNotFound", "message": message}}
        if method == "DELETE":
            for name in [name for name in self.resources if name == key or name.startswith(key + "/")]:
                del self.resources[name]
            return 200, {}, None
        return 200, {}, self.resources[key]


def document(path: str, body: Any) -> dict[str, Any]:
    """What a GET answers after a PUT."""
    properties = {**(body or {}).get("properties", {}), "provisioningState": "Succeeded"}
    return {**(body or {}), "id": path, "name": path.rsplit("/", 1)[-1], "type": _type(path), "properties": properties}


def _type(path: str) -> str:
    if "/providers/" not in path:
        return "Microsoft.Resources/resourceGroups"
    namespace, *rest = path.rsplit("/providers/", 1)[-1].split("/")
    return "/".join([namespace, *rest[::2]])


class RecordedSleeps(Deadline):
    """A deadline that never comes, and only writes down what it was asked to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)


def token(claims: dict[str, str]) -> str:
    """A JWT of which only the claims matter."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


class StubServer:
    """The stub over HTTP on a free port."""

    def __init__(self, stub: ArmStub) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                body = json.loads(raw) if raw.startswith(b"{") else None
                status, headers, answer = stub.answer(self.command, self.path, body)
                content = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

            def log_message(self, *_arguments: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        stub.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
