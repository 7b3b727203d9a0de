"""Faults by rule: what a test or a person lets go wrong between a workflow and its connectors.

    host.faults.add(Fault(api="azuretables", status=503, times=2))
    host.faults.add(Fault(api="office365", share=0.1, lost_answer=True))
    host.faults.add(Fault(path="/entities", empty_page=True, times=1))

Each call is held against the rules in their order; the first that applies and still has something to do decides. Which
calls of a share are hit follows from the seed alone, so that a run can be repeated exactly.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from localazure.clock import Clock
from localazure.connectors.connection import Connection
from localazure.connectors.errors import ConnectorError, failure
from localazure.connectors.paging import PageLinks
from localazure.connectors.request import ConnectorRequest, ConnectorResponse

MARK = "localazure-real-page"
"""Query parameter of the page that follows an empty one."""

Call = Callable[[ConnectorRequest], Awaitable[ConnectorResponse]]


@dataclass(frozen=True)
class Fault:
    """Which calls (all that match every given filter), and what happens to them.

    Filters: `api`; `connection` (its name or id); `method`; `path`, a part of the decoded path; all in any case.
    `share` is the share of the matching calls that is hit, `after` how many are let pass first, `times` how many are
    hit at most. Effects, each alone or with a delay:

    * `status` (with `message`, `retry_after` in seconds): the connector answers so and does nothing;
    * `lost_answer`: the connector does its work, the caller gets 504;
    * `empty_page`: a page of a list comes empty, with a `nextLink` that leads to the real page;
    * `delay` of the call, on the cloud's clock.
    """

    api: str | None = None
    connection: str | None = None
    method: str | None = None
    path: str | None = None
    share: float = 1.0
    after: int = 0
    times: int | None = None
    status: int | None = None
    message: str = "A fault that was asked for."
    retry_after: int | None = None
    lost_answer: bool = False
    empty_page: bool = False
    delay: timedelta = timedelta()

    def __post_init__(self) -> None:
        effects = [self.status is not None, self.lost_answer, self.empty_page]
        if sum(effects) > 1 or not (any(effects) or self.delay):
            raise ValueError("A fault has one of status, lost_answer, empty_page, or at least a delay.")
        if not 0 <= self.share <= 1 or (self.status is not None and not 400 <= self.status <= 599):
            raise ValueError("share must be between 0 and 1, and status between 400 and 599.")

    def matches(self, connection: Connection, request: ConnectorRequest) -> bool:
        """Whether a call passes the filters."""
        names = (connection.id.lower(), connection.id.rsplit("/", 1)[-1].lower())
        return (
            (self.api is None or self.api.lower() == connection.api.lower())
            and (self.connection is None or self.connection.lower() in names)
            and (self.method is None or self.method.upper() == request.method.upper())
            and (self.path is None or self.path.lower() in unquote(unquote(request.path)).lower())
        )


@dataclass
class _Rule:
    fault: Fault
    chance: random.Random
    seen: int = 0
    hit: int = 0

    def takes(self) -> bool:
        """Count a matching call and say whether it is hit."""
        self.seen += 1
        lucky = self.chance.random() >= self.fault.share
        spent = self.fault.times is not None and self.hit >= self.fault.times
        if lucky or spent or self.seen <= self.fault.after:
            return False
        self.hit += 1
        return True


@dataclass
class Faults:
    """The rules that are in force."""

    clock: Clock
    links: PageLinks
    seed: int = 0
    _rules: list[_Rule] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Put a rule in force, behind those that are."""
        self._rules.append(_Rule(fault, random.Random(f"{self.seed}/{len(self._rules)}")))  # noqa: S311

    def clear(self) -> None:
        """Take all rules away."""
        self._rules.clear()

    @property
    def hits(self) -> int:
        """How many calls were hit by the rules in force."""
        return sum(rule.hit for rule in self._rules)

    async def around(self, connection: Connection, request: ConnectorRequest, call: Call) -> ConnectorResponse:
        """Let a call happen as the rules want it."""
        if MARK in request.queries:
            return await call(_without_mark(request))
        fault = self._choose(connection, request)
        if fault is None:
            return await call(request)
        if fault.delay:
            await self.clock.sleep_until(self.clock.now() + fault.delay)
        return await self._apply(fault, connection, request, call)

    def _choose(self, connection: Connection, request: ConnectorRequest) -> Fault | None:
        matching = (rule for rule in self._rules if rule.fault.matches(connection, request))
        return next((rule.fault for rule in matching if rule.takes()), None)

    async def _apply(
        self, fault: Fault, connection: Connection, request: ConnectorRequest, call: Call
    ) -> ConnectorResponse:
        if fault.status is not None:
            return _refused(connection, fault)
        answer = await call(request)
        if fault.lost_answer:
            return failure(connection.api, ConnectorError(504, "The server did not respond within the timeout limit."))
        if fault.empty_page and _is_page(answer.body):
            link = self.links.next(connection, request, {MARK: "1"})
            return ConnectorResponse(answer.status, answer.headers, {**answer.body, "value": [], "nextLink": link})
        return answer


def _refused(connection: Connection, fault: Fault) -> ConnectorResponse:
    answer = failure(connection.api, ConnectorError(fault.status or 500, fault.message))
    if fault.retry_after is None:
        return answer
    return ConnectorResponse(answer.status, {**answer.headers, "Retry-After": str(fault.retry_after)}, answer.body)


def _is_page(body: Any) -> bool:
    return isinstance(body, Mapping) and isinstance(body.get("value"), list)


def _without_mark(request: ConnectorRequest) -> ConnectorRequest:
    queries = {name: value for name, value in request.queries.items() if name != MARK}
    return ConnectorRequest(request.method, request.path, queries, request.headers, request.body)
