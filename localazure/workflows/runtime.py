"""The Logic Apps (Consumption) runtime: deploy workflows, let their triggers fire, run them, read their history."""

from __future__ import annotations

import asyncio
import base64
import random
import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from localazure.clock import Clock, WallClock
from localazure.store import Store
from localazure.workflows.carriers import ConnectorCarrier, Connectors, Function, FunctionCarrier
from localazure.workflows.catalog import Catalog, Workflow
from localazure.workflows.deployment import deploy
from localazure.workflows.driver import Counter, Driver
from localazure.workflows.errors import WorkflowError, not_enabled, not_found, run_not_found, trigger_not_found
from localazure.workflows.firing import Firing, Occasion
from localazure.workflows.history import Filter, History
from localazure.workflows.http_carrier import HttpCarrier
from localazure.workflows.invocation import NestedCarrier, Responses
from localazure.workflows.outcome import ABSENT, FINAL, WAITING
from localazure.workflows.program import Program
from localazure.workflows.schedule import Schedule
from localazure.workflows.signing import action_address, trigger_address
from localazure.workflows.stamps import stamp, unstamp, version_name
from localazure.workflows.state import Record, RunData
from localazure.workflows.subscriptions import Subscriptions
from wdl.definition import Trigger

RETENTION = timedelta(days=90)
PURGED_EVERY = timedelta(days=1)
_LATEST = 2**63 - 1


class WorkflowRuntime:
    """All workflows of the local cloud. Call it on one event loop.

    `connectors` carries out the operations of managed connectors; `metrics` counts runs, actions and triggers under the
    workflow's id; `endpoint` is the address under which `localazure.workflows.endpoints` is served (callback URLs and
    links to contents begin with it); a `seed` makes names and everything drawn by chance repeatable. `functions` holds
    what stands for Azure Functions, by resource id in lower case; `http.send` replaces the network,
    `http.tokens.managed_identity` issues tokens to workflows.
    """

    def __init__(
        self,
        store: Store,
        connectors: Connectors,
        clock: Clock | None = None,
        metrics: Counter | None = None,
        *,
        endpoint: str = "http://127.0.0.1",
        seed: int | None = None,
    ) -> None:
        self.clock: Clock = clock or WallClock()
        self.endpoint = endpoint
        self.catalog, self.history = Catalog(store), History(store)
        self._store = store
        self._chance = secrets.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311
        self._programs: dict[tuple[str, str], Program] = {}
        self._watchers: dict[str, list[asyncio.Future[RunData]]] = {}
        self.driver = Driver(store, self.history, self.clock, metrics, self._action_callback)
        self.driver.carriers["connector"] = ConnectorCarrier(connectors)
        self.http = HttpCarrier()
        self.functions: dict[str, Function] = {}
        self.driver.carriers["http"] = self.http
        self.driver.carriers["function"] = FunctionCarrier(self.functions)
        self.driver.carriers["workflow"] = NestedCarrier(self)
        self.responses = Responses()
        self.driver.on_change += [self._tell_watchers, self.responses.tell, self._purge_daily]
        self._purged = self.clock.now()
        self._firing = Firing(store, self.history, self.driver, self.clock, metrics, self._chance, self.program)
        self._schedule = Schedule(store, self.catalog, self.clock, self._firing)
        self._subscriptions = Subscriptions(
            *(self.catalog, self.clock, self.driver.carriers, self._firing, self._chance, self.program),
            lambda workflow, trigger: str(self.callback_url(workflow, trigger)["value"]),
        )

    # -- life -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take up the runs that went on when the process ended, and arm the recurring triggers."""
        self._schedule.start()
        self._purge()
        for guid, name in self.history.live():
            data = self.history.load(guid, name)
            if data is not None and data["status"] == WAITING:
                self._firing.release(guid, data["version"], data["trigger"]["name"])
            elif data is not None:
                self.driver.resume(data, self.program(guid, data["version"]))
        for workflow in self.catalog.all():
            self._schedule.arm(workflow, self.program(workflow["guid"], workflow["version"]))
        self._subscriptions.start()

    def _purge(self) -> None:
        self._purged = self.clock.now()
        self.history.purge(stamp(self._purged - RETENTION))

    def _purge_daily(self, _: RunData) -> None:
        """Whatever runs reminds of it: a timer of its own would keep a virtual clock from ever having nothing due."""
        if self.clock.now() - self._purged >= PURGED_EVERY:
            # On a full disk: tomorrow.
            with suppress(sqlite3.Error):
                self._purge()

    async def stop(self) -> None:
        """Stop working; runs that go on are taken up by the next `start`."""
        await self._schedule.stop()
        await self._subscriptions.stop()
        await self.driver.stop()
        await self.http.close()

    # -- deployment -----------------------------------------------------------------------------------------------

    def validate(self, definition: Any, parameters: Mapping[str, Any] | None = None) -> Program:
        """What `put` would check; WorkflowError if it refuses."""
        return deploy(definition, parameters)

    def put(
        self,
        workflow_id: str,
        definition: Any,
        parameters: Mapping[str, Any] | None = None,
        state: str = "Enabled",
        *,
        location: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> Workflow:
        """Save a workflow; a new version each time. WorkflowError if it is refused: nothing is changed then."""
        program = deploy(definition, parameters)
        workflow = self._saved(workflow_id, state, location, tags)
        saved = {"definition": definition, "parameters": dict(parameters or {}), "state": state}
        with self._store.transaction():
            self.catalog.put(workflow)
            self.catalog.put_version(
                workflow["guid"],
                workflow["version"],
                {**saved, "created": workflow["created"], "changed": workflow["changed"]},
            )
            self._programs[workflow["guid"], workflow["version"]] = program
            self._schedule.save(workflow, program)
            self._subscriptions.settle(workflow["guid"])
        return workflow

    def _saved(self, workflow_id: str, state: str, location: str, tags: Mapping[str, str] | None) -> Workflow:
        now = self.clock.now()
        old = self.catalog.get(workflow_id) or {
            "id": workflow_id,
            "guid": f"{self._chance.getrandbits(128):032x}",
            "created": stamp(now),
            "version": str(_LATEST),
            "keys": {"primary": self._key(), "secondary": self._key()},
        }
        # Versions fall with time; two saves within one tick must differ all the same.
        version = min(int(version_name(now)), int(old["version"]) - 1)
        fresh = {"version": f"{version:020d}", "changed": stamp(now), "state": state}
        return {**old, **fresh, "location": location, "tags": dict(tags or {})}

    def move(self, workflow_id: str, new_id: str) -> Workflow:
        """Give a workflow another id; its runs, history and keys stay."""
        workflow = {**self.workflow(workflow_id), "id": new_id}
        with self._store.transaction():
            self.catalog.rename(workflow)
        self._schedule.disarm(workflow["guid"])
        self._schedule.arm(workflow, self.program(workflow["guid"], workflow["version"]))
        return workflow

    def delete(self, workflow_id: str) -> bool:
        """Delete a workflow, its runs and history; runs that go on are cancelled. False if there was none."""
        workflow = self.catalog.get(workflow_id)
        if workflow is None:
            return False
        self._schedule.disarm(workflow["guid"])
        for guid, name in self.history.live():
            if guid == workflow["guid"]:
                self.driver.deliver(name, {"type": "cancel"})
        self._subscriptions.withdraw(workflow)
        with self._store.transaction():
            self.catalog.delete(workflow)
            self.history.forget(workflow["guid"])
        return True

    def enable(self, workflow_id: str) -> Workflow:
        """Let triggers fire again: recurring ones at their next scheduled interval."""
        return self._set_state(workflow_id, "Enabled")

    def disable(self, workflow_id: str) -> Workflow:
        """Let no trigger fire; what runs or waits goes on."""
        return self._set_state(workflow_id, "Disabled")

    def _set_state(self, workflow_id: str, state: str) -> Workflow:
        workflow = {**self.workflow(workflow_id), "state": state, "changed": stamp(self.clock.now())}
        self.catalog.put(workflow)
        self._schedule.disarm(workflow["guid"])
        self._schedule.arm(workflow, self.program(workflow["guid"], workflow["version"]))
        self._subscriptions.settle(workflow["guid"])
        return workflow

    def regenerate_key(self, workflow_id: str, key: str = "primary") -> None:
        """A new access key: addresses signed with the old one no longer work."""
        workflow = self.workflow(workflow_id)
        self.catalog.put({**workflow, "keys": {**workflow["keys"], key.lower(): self._key()}})

    # -- triggers -------------------------------------------------------------------------------------------------

    def run_trigger(self, workflow_id: str, trigger: str, body: Any = None) -> str:
        """Fire a trigger now; the name of the run (or, with splitOn, of the first), "" if its conditions do not hold.

        `body` is what the trigger brings: the body of a request, of a webhook's callback, of a poll's answer.
        """
        outputs = ABSENT if body is None else {"headers": {}, "body": body}
        found = self._trigger(workflow_id, trigger)
        if isinstance(outputs, dict) and found.type in ("ApiConnection", "Http"):
            outputs = {"statusCode": 200, **outputs}
        runs = self.fire(workflow_id, trigger, Occasion(outputs=outputs))
        return str(runs[0]["name"]) if runs else ""

    def fire(self, workflow_id: str, trigger: str, occasion: Occasion) -> list[RunData]:
        """Fire a trigger with all that it brings. WorkflowError if it does not exist or is not enabled."""
        workflow = self.workflow(workflow_id)
        program = self.program(workflow["guid"], workflow["version"])
        found = self._trigger(workflow_id, trigger)
        if workflow["state"] != "Enabled":
            raise not_enabled(workflow["guid"], found.name, workflow["state"])
        return self._firing.fire(workflow, program, found, occasion)

    def resubmit(self, workflow_id: str, trigger: str, history: str) -> str:
        """Run again with what the trigger brought then; the name of the new run. Works on disabled workflows too."""
        workflow = self.workflow(workflow_id)
        program = self.program(workflow["guid"], workflow["version"])
        found, entry = program.trigger(trigger), self.history.trigger_history(workflow["guid"], trigger, history)
        if found is None or entry is None:
            raise trigger_not_found(_name(workflow), trigger)
        occasion = Occasion(outputs=entry.get("outputs", ABSENT), inputs=entry.get("inputs", ABSENT))
        return str(self._firing.fire(workflow, program, found, occasion, split=False)[0]["name"])

    def reset_trigger(self, workflow_id: str, trigger: str) -> None:
        """Let a trigger forget its state: a recurring one begins as if it were deployed now."""
        workflow = self.workflow(workflow_id)
        program = self.program(workflow["guid"], workflow["version"])
        self._schedule.reset(workflow, program, self._trigger(workflow_id, trigger))

    def callback_url(
        self, workflow_id: str, trigger: str, not_after: str | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """The signed address that fires a trigger: `{"value", "method", "basePath", "queries", …}`."""
        workflow, found = self.workflow(workflow_id), self._trigger(workflow_id, trigger)
        return trigger_address(self.endpoint, workflow, found, _until(not_after), (key or "primary").lower())

    # -- runs -----------------------------------------------------------------------------------------------------

    def cancel(self, workflow_id: str, run: str) -> None:
        """Cancel a run. WorkflowError if it is unknown or has ended."""
        workflow = self.workflow(workflow_id)
        data = self.run(workflow_id, run)
        if data["status"] in FINAL:
            message = (
                f"The workflow '{_name(workflow)}' run '{run}' with state '{data['status']}' could not be canceled, "
                "because it is not active."
            )
            raise WorkflowError(400, "WorkflowRunCanNotBeCancelled", message)
        if not self.driver.is_live(run):
            whole = self.history.load(workflow["guid"], run)
            assert whole is not None
            self.driver.adopt(whole, self.program(workflow["guid"], whole["version"]))
        self.driver.deliver(run, {"type": "cancel"})

    def answer_webhook(
        self,
        workflow_id: str,
        run: str,
        action: str,
        body: Any = ABSENT,
        headers: Mapping[str, str] | None = None,
        repetition: str = "",
    ) -> None:
        """The callback of a webhook action that waits. WorkflowError if it does not exist or does not wait."""
        workflow = self.workflow(workflow_id)
        data = self.driver.data(run)
        node = self.program(workflow["guid"], data["version"]).find(action) if data else None
        record = data["actions"].get(node.name, {}).get(repetition) if data and node else None
        if record is None or record["status"] != WAITING:
            message = f"The workflow '{_name(workflow)}' run '{run}' action '{action}' does not wait for a callback."
            raise WorkflowError(404, "WorkflowRunActionNotWaiting", message)
        request = {"headers": dict(headers or {})} | ({} if body is ABSENT else {"body": body})
        event = {"type": "callback", "action": node.name if node else "", "repetition": repetition, "request": request}
        self.driver.deliver(run, event)

    async def wait(self, run: str) -> RunData:
        """The run's data when it has ended. On a virtual clock: `await clock.drive(runtime.wait(run))`."""
        data = self.driver.data(run)
        if data is None or data["status"] in FINAL:
            found = self.history.find(run)
            if found is None:
                raise run_not_found("", run)
            if found["status"] in FINAL:
                return found
        waiter: asyncio.Future[RunData] = asyncio.get_running_loop().create_future()
        self._watchers.setdefault(run, []).append(waiter)
        return await waiter

    def _tell_watchers(self, data: RunData) -> None:
        if data["status"] in FINAL:
            for waiter in self._watchers.pop(data["name"], []):
                if not waiter.done():
                    waiter.set_result(data)

    # -- reading --------------------------------------------------------------------------------------------------

    def workflow(self, workflow_id: str) -> Workflow:
        """What is known of a workflow; WorkflowError if it does not exist."""
        found = self.catalog.get(workflow_id)
        if found is None:
            raise not_found(workflow_id.rsplit("/", 1)[-1])
        return found

    def program(self, guid: str, version: str) -> Program:
        """The program of one version of a workflow."""
        if (guid, version) not in self._programs:
            saved = self.catalog.version(guid, version)
            if saved is None:
                raise not_found(guid)
            self._programs[guid, version] = deploy(saved["definition"], saved["parameters"])
        return self._programs[guid, version]

    def runs(self, workflow_id: str, wanted: Filter | None = None) -> list[RunData]:
        """Runs, newest first, without their actions."""
        return self.history.runs(self.workflow(workflow_id)["guid"], wanted or Filter())

    def run(self, workflow_id: str, run: str) -> RunData:
        """One run without its actions; WorkflowError if it does not exist."""
        workflow = self.workflow(workflow_id)
        found = self.history.run(workflow["guid"], run)
        if found is None:
            raise run_not_found(_name(workflow), run)
        return found

    def actions(self, workflow_id: str, run: str) -> dict[str, Record]:
        """The records of a run's actions outside loops (and of loops themselves) by name, in the order they began."""
        self.run(workflow_id, run)
        return {name: record for name, _, record in self.history.records(run, repetition="")}

    def repetitions(self, workflow_id: str, run: str, action: str) -> list[Record]:
        """The records of an action inside loops, by its indexes."""
        data = self.run(workflow_id, run)
        node = self.program(data["guid"], data["version"]).find(action)
        found = self.history.repetitions(run, "action", node.name, "", -1) if node else []
        return [record for _, _, record in found]

    def trigger_histories(
        self, workflow_id: str, trigger: str, wanted: Filter | None = None
    ) -> list[tuple[str, Record]]:
        """A trigger's history, newest first: name and entry."""
        return self.history.trigger_histories(self.workflow(workflow_id)["guid"], trigger, wanted or Filter())

    def _trigger(self, workflow_id: str, trigger: str) -> Trigger:
        workflow = self.workflow(workflow_id)
        found = self.program(workflow["guid"], workflow["version"]).trigger(trigger)
        if found is None:
            raise trigger_not_found(_name(workflow), trigger)
        return found

    # -- inside ---------------------------------------------------------------------------------------------------

    def _action_callback(self, data: RunData, action: str, repetition: str) -> str:
        workflow = self.catalog.by_guid(data["guid"])
        if workflow is None:
            return ""
        return action_address(self.endpoint, workflow, data["name"], action, repetition)

    def _key(self) -> str:
        return base64.b64encode(self._chance.getrandbits(256).to_bytes(32, "big")).decode()


def _until(text: str | None) -> datetime | None:
    try:
        return unstamp(text) if text else None
    except ValueError:
        message = f"The 'notAfter' value '{text}' is not a date and time such as 2026-11-24T10:00:00Z."
        raise WorkflowError(400, "InvalidRequestContent", message) from None


def _name(workflow: Workflow) -> str:
    return str(workflow["id"]).rsplit("/", 1)[-1]
