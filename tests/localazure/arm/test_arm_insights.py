"""Microsoft.Insights: action groups, metric alerts and metrics, by hand and through azure-mgmt-monitor."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from alert_criteria import RUNS_FAILED
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import HeadersPolicy
from azure.mgmt.monitor import MonitorManagementClient
from azure.mgmt.monitor.models import (
    ActionGroupPatchBody,
    ActionGroupResource,
    EmailReceiver,
    EnableRequest,
    MetricAlertAction,
    MetricAlertResource,
    MetricAlertResourcePatch,
    MetricAlertSingleResourceMultipleMetricCriteria,
    MetricCriteria,
    NotificationRequestBody,
)

from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError
from localazure.arm.insights import InsightsProvider
from localazure.arm.server import create_app
from localazure.connectors.mail import OutgoingMail
from localazure.monitor.alerts import Alerts
from localazure.monitor.metrics import Metrics
from localazure.store import Store

SUBSCRIPTION = "10ca1a2e-0000-4000-8000-000000000001"
PREFIX = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/group/providers"
FLOW = f"{PREFIX}/Microsoft.Logic/workflows/flow"
GROUPS, RULES = (
    "/resourceGroups/group/providers/Microsoft.Insights/actionGroups",
    f"{PREFIX}/Microsoft.Insights/metricAlerts",
)
GROUP_VERSION, RULE_VERSION, METRIC_VERSION = "2023-01-01", "2018-03-01", "2024-02-01"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class FixedClock:
    def now(self) -> datetime:
        return NOON

    async def sleep_until(self, when: datetime) -> None: ...


class Monitor:
    """The provider and what is under it; mails go into a list."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.mails: list[OutgoingMail] = []
        self.metrics = Metrics(documents.store)
        self.alerts = Alerts(documents.store, documents, self.metrics, self._deliver, FixedClock())
        self.provider = InsightsProvider(documents, self.metrics, self.alerts, FixedClock())
        flow = {"id": FLOW, "name": "flow", "type": "Microsoft.Logic/workflows", "location": "westeurope"}
        documents.put(FLOW, flow["type"], flow)

    async def _deliver(self, mail: OutgoingMail) -> None:
        self.mails.append(mail)


@pytest.fixture
def monitor(documents: Documents) -> Monitor:
    return Monitor(documents)


@pytest.fixture
def call(monitor: Monitor, arm_over: Callable[..., Any]) -> Callable[..., httpx.Response]:
    arm = arm_over(monitor.provider)

    def call(method: str, path: str, body: Any = None, version: str = GROUP_VERSION, **query: str) -> httpx.Response:
        return asyncio.run(arm(method, path, body, version=version, **query))

    return call


def group(*addresses: str, **properties: Any) -> dict[str, Any]:
    receivers = [{"name": f"r{number}", "emailAddress": address} for number, address in enumerate(addresses)]
    return {"location": "Global", "properties": {"groupShortName": "ops", "emailReceivers": receivers, **properties}}


def rule(**properties: Any) -> dict[str, Any]:
    criteria = {"odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": [RUNS_FAILED]}
    given = {
        "severity": 2,
        "scopes": [FLOW],
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "criteria": criteria,
    }
    return {"location": "global", "properties": {**given, **properties}}


def test_an_action_group_is_made_changed_listed_and_deleted(call: Any) -> None:
    created = call("PUT", f"{GROUPS}/ops", group("ops@contoso.com"))
    assert created.status_code == 201
    shown = created.json()
    assert shown["id"] == f"{PREFIX}/Microsoft.Insights/actionGroups/ops"
    assert (shown["name"], shown["location"], shown["tags"]) == ("ops", "Global", {})
    assert shown["properties"]["enabled"] is True
    assert shown["properties"]["emailReceivers"] == [
        {"name": "r0", "emailAddress": "ops@contoso.com", "status": "Enabled", "useCommonAlertSchema": False}
    ]
    others = {name: value for name, value in shown["properties"].items() if name.endswith("Receivers")}
    assert len(others) == 11 and [name for name, value in others.items() if value] == ["emailReceivers"]
    assert call("PUT", f"{GROUPS}/OPS", group("ops@contoso.com")).status_code == 200
    assert call("GET", f"{GROUPS}/ops").json() == shown
    assert call("GET", GROUPS).json() == {"value": [shown]}
    everywhere = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Insights/actionGroups"
    assert call("GET", everywhere).json() == {"value": [shown]}
    patched = call("PATCH", f"{GROUPS}/ops", {"tags": {"a": "b"}, "properties": {"enabled": False}}).json()
    assert patched["tags"] == {"a": "b"} and patched["properties"]["enabled"] is False
    assert [call("DELETE", f"{GROUPS}/ops").status_code for _ in range(2)] == [200, 204]
    assert call("GET", f"{GROUPS}/ops").json()["error"]["code"] == "ResourceNotFound"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "the body must be a JSON object"),
        ({"location": "Global"}, "properties must be"),
        (group(groupShortName=None), "groupShortName"),
        (group(groupShortName="thirteen-long"), "1 to 12 characters"),
        (group("not an address"), "receiver 'r0' is not valid"),
        (group("a@b.c;d@e.f"), "receiver 'r0' is not valid"),
        (group(emailReceivers={"name": "x"}), "must be a list"),
        (group(emailReceivers=["x"]), "each of emailReceivers must be"),
        (group(emailReceivers=[{"emailAddress": "a@b.c"}]), "needs a name"),
        (group("a@b.c", webhookReceivers=[{"name": "R0", "serviceUri": "https://x"}]), "must be unique"),
        (group(enabled="yes"), "true or false"),
    ],
)
def test_a_wrong_action_group_is_refused(call: Any, given: Any, words: str) -> None:
    refused = call("PUT", f"{GROUPS}/ops", given)
    assert refused.status_code == 400 and words in refused.json()["error"]["message"]
    assert call("GET", f"{GROUPS}/ops").status_code == 404


def test_a_receiver_that_is_switched_off_stays_so_until_it_is_enabled(call: Any, monitor: Monitor) -> None:
    document = call("PUT", f"{GROUPS}/ops", group("ops@contoso.com")).json()
    document["properties"]["emailReceivers"][0]["status"] = "Disabled"
    monitor.documents.put(document["id"], "Microsoft.Insights/actionGroups", document)
    again = call("PUT", f"{GROUPS}/ops", group("OPS@contoso.com")).json()
    assert again["properties"]["emailReceivers"][0]["status"] == "Disabled"
    assert call("POST", f"{GROUPS}/ops/subscribe", {"receiverName": "r0"}).status_code == 200
    assert call("POST", f"{GROUPS}/ops/subscribe", {"receiverName": "r0"}).status_code == 409
    assert call("POST", f"{GROUPS}/ops/subscribe", {"receiverName": "none"}).status_code == 404


def test_a_metric_alert_is_made_changed_listed_and_deleted(call: Any) -> None:
    def on(method: str, path: str = "/failed", body: Any = None) -> httpx.Response:
        found: httpx.Response = call(method, f"{RULES}{path}", body, RULE_VERSION)
        return found

    created = on("PUT", body=rule(unknown=1))
    assert created.status_code == 200  # the real service answers so for a new one too
    shown = created.json()
    assert (shown["id"], shown["name"], shown["location"]) == (f"{RULES}/failed", "failed", "global")
    assert shown["properties"]["actions"] == [] and shown["properties"]["enabled"] is True
    assert shown["properties"]["criteria"] == rule()["properties"]["criteria"] and "unknown" not in shown["properties"]
    assert on("GET").json() == shown and on("GET", "").json() == {"value": [shown]}
    patched = on("PATCH", body={"properties": {"severity": 0}, "tags": {"a": "b"}}).json()
    assert (patched["properties"]["severity"], patched["tags"]) == (0, {"a": "b"})
    assert on("PATCH", body={"properties": {"severity": 9}}).status_code == 400
    assert on("GET").json()["properties"]["severity"] == 0
    assert [on("DELETE").status_code for _ in range(2)] == [200, 204]
    assert on("GET").status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "properties"),
        ({"properties": rule()["properties"]}, "location"),
        (rule(severity=7), "'severity' must be"),
        (rule(windowSize="PT3M"), "'windowSize' is 'PT3M'"),
    ],
)
def test_a_wrong_metric_alert_is_refused(call: Any, given: Any, words: str) -> None:
    refused = call("PUT", f"{RULES}/failed", given, RULE_VERSION)
    assert refused.status_code == 400 and words in refused.json()["error"]["message"]


def test_a_deployed_rule_watches_and_its_status_tells(call: Any, monitor: Monitor) -> None:
    call("PUT", f"{GROUPS}/ops", group("ops@contoso.com"))
    action = [{"actionGroupId": f"{PREFIX.lower()}/microsoft.insights/actiongroups/OPS"}]
    call("PUT", f"{RULES}/failed", rule(actions=action), RULE_VERSION)

    def status() -> str:
        value = call("GET", f"{RULES}/failed/status", None, RULE_VERSION).json()["value"]
        one = call("GET", f"{RULES}/failed/status/{value[0]['name']}", None, RULE_VERSION).json()["value"]
        assert one == value and value[0]["properties"]["dimensions"] == {"resourceId": FLOW.lower()}
        return str(value[0]["properties"]["status"])

    assert status() == "Healthy"
    monitor.metrics.record(FLOW, "RunsFailed", NOON)
    asyncio.run(monitor.alerts.settle())
    assert status() == "Unhealthy" and [mail.recipients for mail in monitor.mails] == [["ops@contoso.com"]]
    call("DELETE", f"{RULES}/failed", None, RULE_VERSION)
    assert monitor.alerts.states(f"{RULES}/failed") == []


def test_deleting_a_resource_forgets_its_metrics(monitor: Monitor) -> None:
    monitor.metrics.record(FLOW, "RunsFailed", NOON)
    monitor.provider.delete(FLOW)
    assert monitor.metrics.names(FLOW) == []


def read(call: Any, **query: str) -> Any:
    return call("GET", f"{FLOW}/providers/Microsoft.Insights/metrics", None, METRIC_VERSION, **query)


def test_metrics_are_read_by_interval_and_aggregation(call: Any, monitor: Monitor) -> None:
    for minutes in (1, 2, 7):
        monitor.metrics.record(FLOW, "RunsFailed", NOON - timedelta(minutes=minutes))
    monitor.metrics.record(FLOW, "RunLatency", NOON - timedelta(minutes=2), 3)
    answer = read(
        call,
        metricnames="RunsFailed,runlatency",
        timespan="2026-11-24T11:50:00Z/2026-11-24T12:00:00Z",
        interval="PT5M",
        aggregation="total,average",
    ).json()
    assert (answer["cost"], answer["interval"]) == (18, "PT5M")
    assert answer["timespan"] == "2026-11-24T11:50:00Z/2026-11-24T12:00:00Z"
    assert (answer["namespace"], answer["resourceregion"]) == ("Microsoft.Logic/workflows", "westeurope")
    failed, latency = answer["value"]
    assert failed["name"] == {"value": "RunsFailed", "localizedValue": "Runs Failed"} and failed["unit"] == "Count"
    assert failed["id"] == f"{FLOW}/providers/Microsoft.Insights/metrics/RunsFailed"
    assert failed["timeseries"][0]["data"] == [
        {"timeStamp": "2026-11-24T11:50:00Z", "total": 1.0, "average": 1.0},
        {"timeStamp": "2026-11-24T11:55:00Z", "total": 2.0, "average": 1.0},
    ]
    assert latency["timeseries"][0]["data"] == [
        {"timeStamp": "2026-11-24T11:50:00Z"},
        {"timeStamp": "2026-11-24T11:55:00Z", "total": 3.0, "average": 3.0},
    ]


def test_metrics_without_a_timespan_are_the_last_hour_by_minute_zeros_too(call: Any) -> None:
    series = read(call, metricnames="RunsStarted").json()["value"][0]["timeseries"][0]["data"]
    assert len(series) == 60 and {point["total"] for point in series} == {0.0}
    full = read(call, metricnames="RunsStarted", interval="FULL").json()
    assert full["interval"] == "PT60M" and len(full["value"][0]["timeseries"][0]["data"]) == 1
    metadata = read(call, metricnames="RunsStarted", resulttype="Metadata").json()
    assert metadata["value"][0]["timeseries"] == [{"metadatavalues": []}]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"metricnames": "RunsFaild"}, "Valid metrics: RunsStarted,"),
        ({"aggregation": "median"}, "Invalid aggregation 'median'"),
        ({"interval": "PT2M"}, "Invalid time grain 'PT2M'"),
        ({"timespan": "yesterday/today"}, "'yesterday' is not a date"),
        ({"timespan": "2026-11-24T12:00:00Z/2026-11-24T11:00:00Z"}, "must end after it begins"),
        ({"timespan": "2020-01-01T00:00:00Z/2026-11-24T11:00:00Z"}, "93 days"),
        ({"$filter": "a eq 'b'"}, "no dimensions"),
    ],
)
def test_a_wrong_query_gets_a_flat_error(call: Any, query: dict[str, str], words: str) -> None:
    refused = read(call, **query)
    assert refused.status_code == 400 and set(refused.json()) == {"code", "message"}
    assert words in refused.json()["message"]


def test_definitions_and_namespaces(call: Any) -> None:
    def get(what: str) -> Any:
        return call("GET", f"{FLOW}/providers/Microsoft.Insights/{what}", None, METRIC_VERSION).json()["value"]

    definitions = get("metricDefinitions")
    assert len(definitions) == 34 and definitions[0]["metricAvailabilities"][0] == {
        "timeGrain": "PT1M",
        "retention": "P93D",
    }
    assert get("metricNamespaces")[0]["properties"] == {"metricNamespaceName": "Microsoft.Logic/workflows"}
    missing = call("GET", f"{FLOW}2/providers/Microsoft.Insights/metrics", None, METRIC_VERSION)
    assert missing.json()["error"]["code"] == "ResourceNotFound"


class _OneToken:
    def check(self, authorization: str | None) -> None:
        if authorization != "Bearer test":
            raise ArmError(401, "AuthenticationFailed", "Authentication failed.")


class _Credential:
    """Never asked: the client sends a fixed token."""

    def get_token(self, *scopes: str, **options: Any) -> Any:
        raise NotImplementedError


@contextmanager
def official_client(monitor: Monitor) -> Iterator[MonitorManagementClient]:
    app = create_app([monitor.provider], _OneToken(), monitor.documents, [SUBSCRIPTION])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    token = HeadersPolicy({"Authorization": "Bearer test"})
    options: dict[str, Any] = {"base_url": f"http://127.0.0.1:{port}", "authentication_policy": token}
    try:
        with MonitorManagementClient(_Credential(), SUBSCRIPTION, **options) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


def test_azure_mgmt_monitor_drives_it(monitor: Monitor) -> None:
    with official_client(monitor) as client:
        receiver = EmailReceiver(name="ops", email_address="ops@contoso.com", use_common_alert_schema=True)
        wanted = ActionGroupResource(
            location="Global", group_short_name="ops", enabled=True, email_receivers=[receiver]
        )
        made = client.action_groups.create_or_update("group", "ops", wanted)
        assert made.email_receivers[0].status == "Enabled"
        assert client.action_groups.update("group", "ops", ActionGroupPatchBody(tags={"a": "b"})).tags == {"a": "b"}
        assert [item.name for item in client.action_groups.list_by_subscription_id()] == ["ops"]
        with pytest.raises(HttpResponseError, match="enabled already"):
            client.action_groups.enable_receiver("group", "ops", EnableRequest(receiver_name="ops"))
        request = NotificationRequestBody(alert_type="metricstaticthreshold", email_receivers=[receiver])
        poller = client.action_groups.begin_create_notifications_at_action_group_resource_level("group", "ops", request)
        assert poller.result().state == "Completed" and len(monitor.mails) == 1

        criterion = MetricCriteria(
            name="failed", metric_name="RunsFailed", operator="GreaterThan", threshold=0, time_aggregation="Total"
        )
        alert = MetricAlertResource(
            location="global",
            severity=2,
            enabled=True,
            scopes=[FLOW],
            evaluation_frequency=timedelta(minutes=5),
            window_size=timedelta(minutes=15),
            criteria=MetricAlertSingleResourceMultipleMetricCriteria(all_of=[criterion]),
            auto_mitigate=True,
            actions=[MetricAlertAction(action_group_id=made.id)],
        )
        assert client.metric_alerts.create_or_update("group", "failed", alert).window_size == timedelta(minutes=15)
        updated = client.metric_alerts.update("group", "failed", MetricAlertResourcePatch(description="new"))
        assert updated.description == "new"
        assert [item.name for item in client.metric_alerts.list_by_resource_group("group")] == ["failed"]
        status = client.metric_alerts_status.list("group", "failed").value[0]
        assert status.properties.status == "Healthy"

        monitor.metrics.record(FLOW, "RunsFailed", NOON - timedelta(minutes=1))
        read = client.metrics.list(FLOW, metricnames="RunsFailed", interval="PT1M", aggregation="Total")
        assert sum(point.total for point in read.value[0].timeseries[0].data) == 1
        assert len(list(client.metric_definitions.list(FLOW))) == 34
        assert [item.name for item in client.metric_namespaces.list(FLOW)] == ["Microsoft.Logic-workflows"]

        client.metric_alerts.delete("group", "failed")
        client.action_groups.delete("group", "ops")
        assert list(client.metric_alerts.list_by_subscription()) == []


def test_states_and_rules_outlive_the_process(tmp_path: Any) -> None:
    first = Monitor(Documents(Store(tmp_path / "store")))
    first.documents.put(
        f"{RULES}/failed", "Microsoft.Insights/metricAlerts", {**rule(), "id": f"{RULES}/failed", "name": "failed"}
    )
    first.metrics.record(FLOW, "RunsFailed", NOON)
    asyncio.run(first.alerts.evaluate())
    second = Monitor(Documents(Store(tmp_path / "store")))
    assert [state.condition for state in second.alerts.states(f"{RULES}/failed")] == ["Fired"]
