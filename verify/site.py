"""The place where probes work: the throw-away resource group, its account and connections, workflows of their own."""

from __future__ import annotations

import json
import secrets
import threading
import urllib.request
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from azure.data.tables import TableClient, TableServiceClient

from verify.arm import LOGIC, WEB, Answer, Arm, ArmError
from verify.patience import Patience

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
DAILY: Mapping[str, Any] = {"Recurrence": {"type": "Recurrence", "recurrence": {"frequency": "Day", "interval": 1}}}
_UNFINISHED = {"Running", "Waiting", "NotSpecified", "Paused", "Suspended"}
_PARTITIONS, _ROWS = 21, 50

Json = dict[str, Any]


class Engine(Protocol):
    """What the probes of the deployment ask Pulumi; each returns the changes as lines."""

    def drift(self) -> list[str]: ...

    def pending(self) -> list[str]: ...


@dataclass(frozen=True)
class Deployed:
    """The throw-away stack. `connection_string` is a secret; ids are those of resources in `group`."""

    subscription: str
    group: str
    location: str
    account: str
    table: str
    connection_string: str = field(repr=False)
    tables_connection: str
    mail_connection: str
    workflow: str

    @property
    def group_id(self) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"


class Site:
    """`engine` is None where no engine deployed the stack; `lead_rows` reads real leads where somebody has some;
    `recipient` gets the mails."""

    def __init__(
        self,
        arm: Arm,
        deployed: Deployed,
        patience: Patience,
        *,
        engine: Engine | None = None,
        lead_rows: Callable[[], list[Json]] | None = None,
        recipient: str = "",
    ) -> None:
        self.arm, self.deployed, self.patience = arm, deployed, patience
        self.engine, self.lead_rows, self.recipient = engine, lead_rows, recipient
        self.consent_came_back: bool | None = None  # whether a person who was asked for it could give it by the link
        self._lock = threading.Lock()
        self._many: str = ""

    # -- workflows --------------------------------------------------------------------------------------------------

    def deploy(
        self, actions: Json, *, triggers: Mapping[str, Any] = DAILY, state: str = "Enabled", tables: str = ""
    ) -> Workflow:
        """A workflow of its own; raises `ArmError` where it is refused. `tables`: this connection, not the stack's."""
        workflow = self.workflow()
        workflow.save(actions, triggers, state, tables).needed(f"saving {workflow.name}")
        return workflow

    def workflow(self) -> Workflow:
        """A name for a workflow; nothing is saved yet."""
        return Workflow(self, f"probe-{secrets.token_hex(4)}")

    def connection(self, api: str, body: Json) -> str:
        """The id of a new connection of its own; raises `ArmError`."""
        id_ = f"{self.deployed.group_id}/providers/Microsoft.Web/connections/probe-{secrets.token_hex(4)}"
        self.arm.call("PUT", id_, WEB, self.connection_body(api, body)).needed(f"making a connection of {api}")
        return id_

    def connection_body(self, api: str, properties: Json) -> Json:
        """What is PUT for a connection of a managed API."""
        given = {"displayName": f"Probe of {api}", "api": {"id": self.api_id(api)}, **properties}
        return {"location": self.deployed.location, "properties": given}

    def api_id(self, api: str) -> str:
        place = f"providers/Microsoft.Web/locations/{self.deployed.location}/managedApis"
        return f"/subscriptions/{self.deployed.subscription}/{place}/{api}"

    # -- tables -----------------------------------------------------------------------------------------------------

    @cached_property
    def tables(self) -> TableServiceClient:
        """The table service of the throw-away account."""
        return TableServiceClient.from_connection_string(self.deployed.connection_string, retry_total=2)

    def new_table(self) -> TableClient:
        """An empty table of its own."""
        return self.tables.create_table(f"Probe{secrets.token_hex(6)}")

    def many_rows(self) -> tuple[str, int]:
        """Name and number of rows of a table that does not fit into one page (of 1,000); filled once."""
        with self._lock:
            if not self._many:
                table = self.new_table()
                for partition in range(_PARTITIONS):
                    rows = [{"PartitionKey": f"p{partition:02}", "RowKey": f"r{row:03}"} for row in range(_ROWS)]
                    table.submit_transaction([("create", row) for row in rows])
                self._many = table.table_name
        return self._many, _PARTITIONS * _ROWS


class Workflow:
    """One workflow of a probe."""

    def __init__(self, site: Site, name: str) -> None:
        self._site, self._arm = site, site.arm
        self.name = name
        self.id = f"{site.deployed.group_id}/providers/Microsoft.Logic/workflows/{name}"

    def save(
        self, actions: Json, triggers: Mapping[str, Any] = DAILY, state: str = "Enabled", tables: str = ""
    ) -> Answer:
        """PUT it; the answer may be a refusal."""
        definition = {
            "$schema": SCHEMA,
            "contentVersion": "1.0.0.0",
            "parameters": {"$connections": {"defaultValue": {}, "type": "Object"}},
            "triggers": dict(triggers),
            "actions": actions,
            "outputs": {},
        }
        connections = {"$connections": {"value": {"azuretables": self._reference(tables)}}}
        properties = {"state": state, "definition": definition, "parameters": connections}
        body = {"location": self._site.deployed.location, "properties": properties}
        return self._arm.call("PUT", self.id, LOGIC, body)

    def _reference(self, connection: str) -> Json:
        id_ = connection or self._site.deployed.tables_connection
        return {"connectionId": id_, "connectionName": id_.rsplit("/", 1)[1], "id": self._site.api_id("azuretables")}

    def post(self, path: str, body: Any = None) -> Answer:
        return self._arm.call("POST", f"{self.id}/{path}", LOGIC, body)

    def get(self, path: str, **query: str) -> Answer:
        return self._arm.call("GET", f"{self.id}/{path}".rstrip("/"), LOGIC, **query)

    def fire(self, trigger: str = "Recurrence") -> Answer:
        """Run a trigger now."""
        return self.post(f"triggers/{trigger}/run")

    def runs(self) -> list[Json]:
        """Its runs, newest first."""
        return self._arm.list(f"{self.id}/runs", LOGIC)

    def finished(self, number: int = 1, but: Collection[str] = ()) -> list[Json]:
        """Its runs `but` those named, once `number` of them have ended; raises `ArmError` if that takes too long."""

        def look() -> list[Json] | None:
            others = [run for run in self.runs() if run["name"] not in but]
            ended = [run for run in others if run["properties"]["status"] not in _UNFINISHED]
            return ended if len(ended) >= number else None

        found = self._site.patience.until(look)
        if found is None:
            raise ArmError(f"{self.name} has not finished {number} runs in {self._site.patience.long:g} seconds")
        return found

    def action(self, run: Json, name: str) -> Json:
        """The properties of an action of a run, its inputs and outputs beside their links."""
        path = f"runs/{run['name']}/actions/{name}"
        found: Json = self.get(path).needed(path)["properties"]
        for part in ("inputs", "outputs"):
            if uri := (found.get(f"{part}Link") or {}).get("uri"):
                found[part] = read_content(uri)
        return found


def read_content(uri: str) -> Any:
    """What a contents link leads to; its address is signed, so that no token is sent with it."""
    with urllib.request.urlopen(uri, timeout=30) as answer:  # noqa: S310 - ARM's own address
        return json.loads(answer.read())


def get_entities(table: str, queries: Json | None = None, more: Json | None = None) -> Json:
    """The connector's Get entities (V2), as the documented flow calls it."""
    account = "@{encodeURIComponent(encodeURIComponent('AccountNameFromSettings'))}"
    inputs = {
        "host": {"connection": {"name": "@parameters('$connections')['azuretables']['connectionId']"}},
        "method": "get",
        "path": f"/v2/storageAccounts/{account}/tables/@{{encodeURIComponent('{table}')}}/entities",
        **({"queries": queries} if queries else {}),
        "retryPolicy": {"type": "none"},
    }
    return {"type": "ApiConnection", "inputs": inputs, "runAfter": {}, **(more or {})}


def compose(value: Any, after: str = "") -> Json:
    """A Compose action, after another one if one is named."""
    return {"type": "Compose", "inputs": value, "runAfter": {after: ["Succeeded"]} if after else {}}
