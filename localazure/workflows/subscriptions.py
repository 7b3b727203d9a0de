"""Webhook triggers: subscribe on save and enable, unsubscribe on disable, delete, removal and changed inputs.

What is subscribed is kept on disk with the inputs that did it, so that a restart subscribes nothing twice. One that
fails leaves a failed entry in the trigger's history and the workflow as it is: it can still be fired by hand, and the
next save, enable or start tries again.
Source: Azure pages "Schema reference for trigger and action types" (HTTPWebhook trigger), "Create webhooks".
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from localazure.clock import Clock, hold
from localazure.workflows.actions.calls import answer_header
from localazure.workflows.actions.connections import connector_request
from localazure.workflows.actions.http import http_request
from localazure.workflows.actions.webhooks import subscribing, unsubscribing
from localazure.workflows.catalog import Catalog, Workflow
from localazure.workflows.errors import WorkflowError
from localazure.workflows.firing import Firing, about
from localazure.workflows.outcome import ActionError
from localazure.workflows.program import Program
from localazure.workflows.retries import is_retryable, parse_policy, retry_after
from localazure.workflows.stamps import guid as new_guid
from localazure.workflows.statuses import status_name
from wdl.context import Context
from wdl.definition import Trigger
from wdl.errors import ExpressionError
from wdl.template import compile_template

WEBHOOKS = frozenset({"HttpWebhook", "ApiConnectionWebhook"})
_LOG = logging.getLogger(__name__)
Call = Callable[[dict[str, Any], dict[str, Any]], Awaitable[dict[str, Any]]]
Kept = dict[str, Any]
"""`type` of the trigger, evaluated `inputs`, `location` of the subscription if its answer named one."""


class Subscriptions:
    """`carriers` make calls of kind `http` and `connector`; `address` gives a trigger's callback address."""

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        carriers: Mapping[str, Call],
        firing: Firing,
        chance: random.Random,
        program_of: Callable[[str, str], Program],
        address: Callable[[str, str], str],
    ) -> None:
        self._catalog, self._clock, self._carriers, self._firing = catalog, clock, carriers, firing
        self._chance, self._program_of, self._address = chance, program_of, address
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: dict[str, asyncio.Lock] = {}
        self._started = False

    def start(self) -> None:
        """Bring every workflow's subscriptions to what they should be."""
        self._started = True
        for workflow in self._catalog.all():
            self.settle(workflow["guid"])

    async def stop(self) -> None:
        """Break off what goes on; the next start goes on with it."""
        self._started = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def settle(self, guid: str) -> None:
        """A workflow was saved, enabled or disabled: bring its subscriptions to what they should be, soon."""
        workflow = self._catalog.by_guid(guid)
        if self._started and workflow is not None and (self._wanted(workflow) or self._kept(guid)):
            self._do(self._settle(guid))

    def withdraw(self, workflow: Workflow) -> None:
        """A workflow is about to be deleted: take back its subscriptions."""
        for name, kept in self._kept(workflow["guid"]).items():
            if self._started:
                self._do(self._unsubscribe(workflow, name, kept))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, guid: str) -> None:
        """One at a time for each workflow, and always towards its present state."""
        async with self._turns.setdefault(guid, asyncio.Lock()):
            if (workflow := self._catalog.by_guid(guid)) is None:
                return
            wanted = self._wanted(workflow)
            for name, kept in self._kept(guid).items():
                if name not in wanted or self._inputs(workflow, wanted[name]) != kept["inputs"]:
                    self._catalog.put_trigger(guid, name, {})
                    await self._unsubscribe(workflow, name, kept)
            for name, trigger in wanted.items():
                if name not in self._kept(guid):
                    await self._try_to_subscribe(workflow, trigger)

    def _wanted(self, workflow: Workflow) -> dict[str, Trigger]:
        if workflow["state"] != "Enabled":
            return {}
        triggers = self._program_of(workflow["guid"], workflow["version"]).definition.triggers
        return {name: trigger for name, trigger in triggers.items() if trigger.type in WEBHOOKS}

    def _kept(self, guid: str) -> dict[str, Kept]:
        remembered = self._catalog.triggers(guid)
        return {name: data["subscription"] for name, data in remembered.items() if "subscription" in data}

    def _inputs(self, workflow: Workflow, trigger: Trigger) -> Any:
        """The evaluated inputs; None if they cannot be evaluated (which is told when they are subscribed)."""
        try:
            return self._evaluated(workflow, trigger)
        except ExpressionError:
            return None

    def _evaluated(self, workflow: Workflow, trigger: Trigger) -> Any:
        context = Context(
            parameters=self._program_of(workflow["guid"], workflow["version"]).parameters,
            workflow=about(workflow),
            utc_now=self._clock.now,
        )
        context.list_callback_url = lambda: self._address(workflow["id"], trigger.name)
        return compile_template(trigger.inputs).evaluate(context)

    async def _try_to_subscribe(self, workflow: Workflow, trigger: Trigger) -> None:
        try:
            await self._subscribe(workflow, trigger)
        except ExpressionError as error:
            self._firing.fail(workflow, trigger, "InvalidTemplate", error.message)
        except ActionError as failure:
            told = failure.outcome.error or {}
            self._firing.fail(workflow, trigger, failure.outcome.code, str(told.get("message", "")))

    async def _subscribe(self, workflow: Workflow, trigger: Trigger) -> None:
        inputs = self._evaluated(workflow, trigger)
        kept = {"type": trigger.type, "inputs": inputs}
        answer = await self._call(workflow, trigger.name, *_subscribing(trigger.name, kept))
        if "failure" in answer:
            raise ActionError(answer["failure"]["code"], answer["failure"]["message"])
        if answer["status"] >= 400:
            code = status_name(answer["status"])
            raise ActionError(code, f"The subscription of trigger '{trigger.name}' was refused with status '{code}'.")
        kept["location"] = answer_header(answer, "location")
        if self._catalog.by_guid(workflow["guid"]) is None:  # deleted meanwhile
            await self._unsubscribe(workflow, trigger.name, kept)
            return
        self._catalog.put_trigger(workflow["guid"], trigger.name, {"subscription": kept})

    async def _unsubscribe(self, workflow: Workflow, name: str, kept: Kept) -> None:
        """Best effort: whoever cannot be told goes on calling, and is refused."""
        try:
            if (call := _unsubscribing(name, kept)) is not None:
                await self._call(workflow, name, *call)
        except (ActionError, WorkflowError) as error:
            _LOG.warning("trigger %s of %s did not unsubscribe: %s", name, workflow["id"], type(error).__name__)

    async def _call(
        self, workflow: Workflow, name: str, kind: str, request: dict[str, Any], policy: Any = None
    ) -> dict[str, Any]:
        """One call with its retries."""
        retries, attempt = _policy(name, policy), 1
        while True:
            answer = await self._once(workflow, name, kind, request)
            if attempt > retries.count or not _may_retry(answer):
                return answer
            wait = retry_after(answer.get("headers", {}), self._clock.now())
            await self._clock.sleep_until(
                self._clock.now() + (retries.wait(attempt, self._chance) if wait is None else wait)
            )
            attempt += 1

    async def _once(self, workflow: Workflow, name: str, kind: str, request: dict[str, Any]) -> dict[str, Any]:
        tracking = new_guid(self._chance)
        own = {key: workflow[key] for key in ("id", "guid", "version")}
        data = {**own, "about": about(workflow), "name": tracking, "trackingId": tracking, "clientTrackingId": tracking}
        with hold(self._clock):
            return await self._carriers[kind](data, {"action": name, "request": request, "tracking": tracking})


def _subscribing(name: str, kept: Kept) -> tuple[str, dict[str, Any], Any]:
    """Kind of call, call, retry policy."""
    inputs = kept["inputs"] if isinstance(kept["inputs"], dict) else {}
    if kept["type"] == "ApiConnectionWebhook":
        return "connector", connector_request(name, subscribing(inputs)), inputs.get("retryPolicy")
    part = inputs.get("subscribe")
    if not isinstance(part, Mapping):
        raise ActionError("BadRequest", f"The inputs of trigger '{name}' hold no 'subscribe'.")
    return "http", http_request(name, part, part.get("authentication")), part.get("retryPolicy")


def _unsubscribing(name: str, kept: Kept) -> tuple[str, dict[str, Any]] | None:
    """Kind of call and call; None where there is nothing to call."""
    if kept["type"] == "ApiConnectionWebhook":
        location = kept.get("location")
        return location and ("connector", unsubscribing(_subscribing(name, kept)[1], location))
    part = kept["inputs"].get("unsubscribe")
    if not isinstance(part, Mapping) or not part.get("uri"):
        return None
    return "http", http_request(name, part, part.get("authentication"))


def _policy(name: str, policy: Any) -> Any:
    try:
        return parse_policy(policy if isinstance(policy, Mapping) else None)
    except ValueError as error:
        raise ActionError("BadRequest", f"The retry policy of trigger '{name}' is not valid: {error}.") from None


def _may_retry(answer: Mapping[str, Any]) -> bool:
    if "failure" in answer:
        return bool(answer["failure"].get("retry", True))
    return is_retryable(answer["status"])
