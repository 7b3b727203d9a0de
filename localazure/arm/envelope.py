"""The shapes every resource provider module speaks: request, response, error, route.

A resource provider is an object with `routes() -> list[Route]`. The server (`localazure.arm.server`) matches the path
without regard to case, checks the bearer token and the api-version, and turns exceptions into Azure's error envelope:
handlers only return `ArmResponse` or raise `ArmError`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class ArmError(Exception):
    """An error as Azure words it: HTTP status, code, message. Source: azure-resource-manager-rpc."""

    def __init__(
        self, status: int, code: str, message: str, *, target: str | None = None, details: list[Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.details = details

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer: `{"error": {...}}`."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.target is not None:
            error["target"] = self.target
        if self.details is not None:
            error["details"] = self.details
        return {"error": error}


@dataclass(frozen=True)
class ArmRequest:
    """One call. `parameters` are the `{…}` parts of the route, decoded, in the caller's spelling.

    `caller` is the object id of who calls, "" if the token names none.
    """

    method: str
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]
    base_url: str
    caller: str = ""

    @property
    def api_version(self) -> str:
        return self.query.get("api-version", "")


@dataclass(frozen=True)
class ArmResponse:
    """The answer: `body` is JSON-serialisable, or None for an empty body."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[ArmRequest], "ArmResponse | Awaitable[ArmResponse]"]


@dataclass(frozen=True)
class Route:
    """`template`: `/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Logic/workflows/{name}`.

    A parameter called `scope` or `resourceUri` takes a whole id with its slashes. `{name}` comes decoded.
    """

    method: str
    template: str
    handler: Handler
    api_versions: tuple[str, ...]
