"""Connectors that a user gives: a Python function, or answers recorded in a file.

host.add(FunctionConnector("sql", lambda request: {"value": []}))
host.add(RecordedConnector.load(Path("teams.json")))
"""

from __future__ import annotations

import inspect
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from localazure.connectors.connection import Connection
from localazure.connectors.errors import ConnectorError, json_answer
from localazure.connectors.operations import Operation
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from wdl import values
from wdl.errors import ExpressionError

_METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS")
Given = Callable[[ConnectorRequest], Any]
"""Answers a call: with a `ConnectorResponse`, or with a JSON value, which is the body of a 200 (None: an empty one).
May be a coroutine function; may raise `ConnectorError(status, message)`."""


class FunctionConnector:
    """A managed API answered by a function. `calls` are the calls it got, for a test to look at."""

    def __init__(
        self, api: str, function: Given, *, needs_consent: bool = False, operations: Sequence[Operation] = ()
    ) -> None:
        self.api = api.lower()
        self.needs_consent = needs_consent
        self.operations = tuple(operations)
        self.calls: list[ConnectorRequest] = []
        self._function = function

    async def call(self, _connection: Connection, request: ConnectorRequest) -> ConnectorResponse:
        """One operation; raises what the function raises, and ConnectorError if it answers with what is no JSON."""
        self.calls.append(request)
        answer = self._function(request)
        if inspect.isawaitable(answer):
            answer = await _awaited(answer)
        if not isinstance(answer, ConnectorResponse):
            answer = ConnectorResponse(200) if answer is None else json_answer(200, answer)
        return self._checked(answer)

    def _checked(self, answer: ConnectorResponse) -> ConnectorResponse:
        """The answer as the wire would bring it: tuples are lists, and no run can change what the function keeps."""
        if isinstance(answer.status, bool) or not isinstance(answer.status, int):
            raise ConnectorError(500, f"The connector '{self.api}' answered with a status that is no whole number.")
        try:
            body = values.loads(values.dumps(answer.body))
        except (TypeError, ExpressionError) as error:
            message = (
                f"The connector '{self.api}' answered with what is no JSON value ({error}). "
                "Return None, a JSON value, or a ConnectorResponse whose body is one."
            )
            raise ConnectorError(500, message) from None
        return ConnectorResponse(answer.status, answer.headers, body)


@dataclass(frozen=True)
class RecordedAnswer:
    """An answer for the calls that match. `path` is compared decoded, in any case; `*` in it stands for anything.
    `queries`, if given, must all be in the call."""

    method: str
    path: str
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    queries: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.method, str) or self.method.upper() not in _METHODS:
            raise ValueError(f"the method '{self.method}' of a recorded answer is not one of {', '.join(_METHODS)}")
        if not isinstance(self.path, str):
            raise ValueError(f"the path '{self.path}' of a recorded answer is not a text")
        if isinstance(self.status, bool) or not isinstance(self.status, int) or not 100 <= self.status <= 599:
            raise ValueError(f"the status '{self.status}' of a recorded answer is not a number from 100 to 599")

    def matches(self, request: ConnectorRequest) -> bool:
        """Whether this answers a call."""
        pattern = ".*".join(re.escape(piece) for piece in self.path.strip("/").split("*"))
        path = unquote(unquote(request.path)).strip("/")
        return (
            self.method.upper() == request.method.upper()
            and re.fullmatch(pattern, path, re.IGNORECASE | re.DOTALL) is not None
            and all(request.queries.get(name) == value for name, value in self.queries.items())
        )


class RecordedConnector(FunctionConnector):
    """A managed API answered from a list. Several answers to the same call are given one after the other, the last
    again and again; a call that none answers gets 404, which names it."""

    def __init__(self, api: str, answers: Sequence[RecordedAnswer], *, needs_consent: bool = False) -> None:
        super().__init__(api, self._answer, needs_consent=needs_consent)
        self._answers = deque(answers)

    @classmethod
    def load(cls, file: Path | str) -> RecordedConnector:
        """Read `{"api": …, "answers": [{"method", "path", "status", "body", "headers", "queries"}]}`; raises ValueError
        that names what is wrong."""
        try:
            content = json.loads(Path(file).read_text(encoding="utf-8-sig"))
            answers = [RecordedAnswer(**answer) for answer in content["answers"]]
            return cls(str(content["api"]), answers, needs_consent=content.get("needsConsent") is True)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(
                f"{file} is no file of recorded answers ({type(error).__name__}: {error}). It must hold "
                '{"api": "teams", "answers": [{"method": "post", "path": "/v3/*", "status": 200, "body": {}}]}.'
            ) from None

    def _answer(self, request: ConnectorRequest) -> ConnectorResponse:
        matching = [answer for answer in self._answers if answer.matches(request)]
        if not matching:
            raise ConnectorError(
                404, f"Resource not found: no recorded answer of '{self.api}' fits {request.method} {request.path}."
            )
        if len(matching) > 1:
            self._answers.remove(matching[0])
        found = matching[0]
        headers = dict(found.headers)
        if found.body is not None:
            headers.setdefault("Content-Type", "application/json; charset=utf-8")
        return ConnectorResponse(found.status, headers, found.body)


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer
