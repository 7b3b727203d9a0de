"""The object behind `mock_azure`: a running local cloud, the environment that leads to it, and short ways to use it."""

from __future__ import annotations

import functools
import os
import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ParamSpec, Self, TypeVar

import httpx

from localazure.clock import Clock, VirtualClock
from localazure.cloud import Settings
from localazure.connectors.connector import Connector
from localazure.connectors.faults import Faults
from localazure.connectors.host import ConnectorHost
from localazure.testing.documents import definition_in
from localazure.testing.inbox import Inbox
from localazure.testing.workflow import VERSION, DeployedWorkflow
from localazure.threaded import ThreadedCloud
from localazure.workflows.runtime import WorkflowRuntime

P = ParamSpec("P")
T = TypeVar("T")
RESOURCES, STORAGE, WEB = "2024-03-01", "2024-01-01", "2016-06-01"
_LOCATION = "westeurope"


class ArmCallError(AssertionError):
    """ARM answered with an error; the message has its status, code and text."""


def unique_name(prefix: str = "t") -> str:
    """A name that nobody else has: lower-case letters and digits, good for every kind of resource."""
    return f"{prefix}{secrets.token_hex(6)}"


class MockAzure:
    """Decorator, context manager, or `start()` and `stop()`.

    While it is started, `os.environ` leads Azure's clients, Pulumi and scripts to the local cloud. `cloud` is one that
    somebody else owns; without it a new one is started, in memory, and stopped again.
    """

    def __init__(self, cloud: ThreadedCloud | None = None, settings: Settings | None = None) -> None:
        self._given = cloud
        self._settings = settings
        self._saved: dict[str, str | None] = {}
        self._replaced: list[tuple[str, Connector | None]] = []
        self._group = ""

    def start(self) -> Self:
        """Lead the environment to the cloud."""
        self.cloud = self._given or ThreadedCloud(settings=self._settings or Settings(provider=False))
        if self._given is None:
            self.cloud.start()
        self.environment = self.cloud.environment()
        self._saved = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        trusted = ssl.create_default_context(cafile=self.environment["SSL_CERT_FILE"])
        self.http = httpx.Client(verify=trusted, trust_env=False, timeout=60)
        self._token = ""
        self.inbox = Inbox(self.cloud.cloud.parts.mailbox)
        return self

    def stop(self) -> None:
        """Put the environment and the connectors back; stop the cloud if it was started here."""
        self.http.close()
        self._take_back()
        for name, value in self._saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if self._given is None:
            self.cloud.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        """Decorate a function: it runs inside a cloud of its own."""

        @functools.wraps(function)
        def inside(*args: P.args, **kwargs: P.kwargs) -> T:
            with MockAzure(self._given, self._settings):
                return function(*args, **kwargs)

        return inside

    @property
    def subscription(self) -> str:
        return self.environment["LOCALAZURE_SUBSCRIPTION_ID"]

    # -- the clock ------------------------------------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        """The cloud's clock: the machine's, or the `VirtualClock` that it was started with."""
        return self.cloud.cloud.parts.clock

    def advance(self, **time: float) -> None:
        """Let time pass on a virtual clock, `advance(days=1, hours=2)`: what falls due in it happens at its time.

        Raises AssertionError on a cloud whose clock is the machine's, ValueError for a time that would go back.
        """
        length, clock = timedelta(**time), self.clock
        if length < timedelta():
            raise ValueError(f"time does not go back: advance by {length} is not possible")
        if not isinstance(clock, VirtualClock):
            raise AssertionError("this cloud runs on the machine's clock: use the fixture virtual_azure to move time")
        self.cloud.call(lambda: clock.advance(length))

    # -- connectors -----------------------------------------------------------------------------------------------

    @property
    def connectors(self) -> ConnectorHost:
        """What answers the calls of API connections."""
        return self.cloud.cloud.parts.connectors

    @property
    def runtime(self) -> WorkflowRuntime:
        """What runs the workflows: `http.send` makes their HTTP calls, `functions` stand for Azure Functions."""
        return self.cloud.cloud.parts.runtime

    @property
    def faults(self) -> Faults:
        """What goes wrong between workflows and connectors: `faults.add(Fault(…))`. None are left after `stop`."""
        return self.connectors.faults

    def give(self, connector: Connector) -> None:
        """Let a connector serve its managed API until `stop`, in place of the one that did."""
        self._replaced.append((connector.api, self.connectors.connector(connector.api)))
        self.connectors.add(connector)

    def _take_back(self) -> None:
        self.faults.clear()
        while self._replaced:
            api, before = self._replaced.pop()
            if before is None:
                self.connectors.remove(api)
            else:
                self.connectors.add(before)

    # -- ARM ------------------------------------------------------------------------------------------------------

    def arm(self, method: str, path: str, body: Any = None, version: str = RESOURCES) -> httpx.Response:
        """One call to ARM, an accepted operation followed to its end. Raises `ArmCallError` for an error.

        `path` is an id, maybe with a query (`…/runs?$filter=status eq 'Failed'`); one that begins with
        `/resourceGroups/` is completed with the subscription. On a virtual clock, what a change sets going at once has
        happened when it returns: webhooks are subscribed, runs have come as far as they can.
        """
        if path.lower().startswith("/resourcegroups/"):
            path = f"/subscriptions/{self.subscription}{path}"
        answer = self._send(method, f"{self.environment['LOCALAZURE_ARM_ENDPOINT']}{path}", body, version)
        while answer.status_code == 202 and "location" in answer.headers:
            time.sleep(float(answer.headers.get("retry-after-ms", 100)) / 1000)
            answer = self._send("GET", answer.headers["location"], None, None)
        if method != "GET" and isinstance(self.clock, VirtualClock):
            self.advance()
        return answer

    def arm_list(self, path: str, version: str = RESOURCES) -> list[dict[str, Any]]:
        """All items of a list, page after page."""
        page = self.arm("GET", path, version=version).json()
        items = list(page["value"])
        while link := page.get("nextLink"):
            page = self._send("GET", link, None, None).json()
            items += page["value"]
        return items

    def _send(self, method: str, url: str, body: Any, version: str | None) -> httpx.Response:
        answer = self._request(method, url, body, version)
        if answer.status_code == 401:  # the token has expired, maybe because the clock was moved
            self._token = ""
            answer = self._request(method, url, body, version)
        if answer.is_error:
            raise ArmCallError(f"{method} {httpx.URL(url).path}: {answer.status_code} {answer.text}")
        return answer

    def _request(self, method: str, url: str, body: Any, version: str | None) -> httpx.Response:
        address = httpx.URL(url).copy_merge_params({"api-version": version} if version else {})
        headers = {"Authorization": f"Bearer {self._bearer()}"}
        return self.http.request(method, address, json=body, headers=headers)

    def _bearer(self) -> str:
        if not self._token:
            known = self.environment
            url = f"{known['AZURE_AUTHORITY_HOST']}/{known['AZURE_TENANT_ID']}/oauth2/v2.0/token"
            form = {
                "grant_type": "client_credentials",
                "client_id": known["AZURE_CLIENT_ID"],
                "client_secret": known["AZURE_CLIENT_SECRET"],
                "scope": "https://management.azure.com/.default",
            }
            self._token = self.http.post(url, data=form).raise_for_status().json()["access_token"]
        return self._token

    # -- resources ------------------------------------------------------------------------------------------------

    def create_group(self, name: str | None = None) -> str:
        """A resource group of a unique name unless given; returns the name."""
        name = name or unique_name("group")
        self.arm("PUT", f"/resourceGroups/{name}", {"location": _LOCATION})
        return name

    def has_group(self, name: str) -> bool:
        """Whether a group of this name exists."""
        groups = self.arm_list(f"/subscriptions/{self.subscription}/resourceGroups")
        return name.lower() in {str(group["name"]).lower() for group in groups}

    def delete_group(self, name: str) -> None:
        """Delete a group with everything in it, and wait until it is gone."""
        self.arm("DELETE", f"/resourceGroups/{name}")

    def _own_group(self) -> str:
        self._group = self._group or self.create_group()
        return self._group

    def create_account(self, group: str | None = None, name: str | None = None) -> str:
        """A storage account with a Table service; returns its connection string. Without `group`: in one of its own."""
        group, name = group or self._own_group(), name or unique_name("account")[:24]
        body = {"location": _LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
        path = f"/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{name}"
        endpoint = self.arm("PUT", path, body, STORAGE).json()["properties"]["primaryEndpoints"]["table"]
        key = self.arm("POST", f"{path}/listKeys", version=STORAGE).json()["keys"][0]["value"]
        return f"DefaultEndpointsProtocol=http;AccountName={name};AccountKey={key};TableEndpoint={endpoint}"

    def create_connection(self, group: str | None, api: str, values: Mapping[str, Any] | None = None) -> str:
        """An API connection to a managed API (`azuretables`, `office365`, …); returns its id."""
        group, name = group or self._own_group(), unique_name(api)
        path = f"/resourceGroups/{group}/providers/Microsoft.Web/connections/{name}"
        properties = {"displayName": name, "api": {"id": self._api_id(api)}, "parameterValues": dict(values or {})}
        answer = self.arm("PUT", path, {"location": _LOCATION, "properties": properties}, WEB)
        return str(answer.json()["id"])

    def deploy_workflow(
        self,
        definition: Mapping[str, Any],
        group: str | None = None,
        *,
        connections: Mapping[str, str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        name: str | None = None,
        state: str = "Enabled",
    ) -> DeployedWorkflow:
        """Deploy a workflow definition, without `group` into a group of its own.

        `definition` may also be what holds one: the portal's code view, a workflow resource, an ARM template; values
        of parameters in it are used, except `$connections`, which leads to Azure. `connections` maps the names in
        `$connections` to ids of API connections, `parameters` the definition's other parameters to their values.
        """
        found = definition_in(definition)
        definition = found.definition
        group = group or self._own_group()
        values: dict[str, Any] = {key: value for key, value in found.parameters.items() if key != "$connections"}
        values |= {key: {"value": value} for key, value in (parameters or {}).items()}
        if connections:
            values["$connections"] = {"value": {key: self._reference(id_) for key, id_ in connections.items()}}
        path = f"/resourceGroups/{group}/providers/Microsoft.Logic/workflows/{name or unique_name('flow')}"
        properties = {"definition": dict(definition), "parameters": values, "state": state}
        answer = self.arm("PUT", path, {"location": _LOCATION, "properties": properties}, VERSION)
        return DeployedWorkflow(self, str(answer.json()["id"]), list(definition.get("triggers") or {}))

    def _reference(self, connection: str) -> dict[str, str]:
        if not isinstance(connection, str) or not connection.startswith("/"):
            raise ValueError(f"'{connection}' is not the id of an API connection, as create_connection returns it")
        api = self.arm("GET", connection, version=WEB).json()["properties"]["api"]
        return {"connectionId": connection, "connectionName": connection.rsplit("/", 1)[-1], "id": api["id"]}

    def _api_id(self, api: str) -> str:
        return f"/subscriptions/{self.subscription}/providers/Microsoft.Web/locations/{_LOCATION}/managedApis/{api}"
