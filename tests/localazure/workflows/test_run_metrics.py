"""What workflows do, read through the Monitor API with Microsoft's client."""

from __future__ import annotations

from datetime import timedelta

import pytest
from azure.identity import EnvironmentCredential
from azure.mgmt.monitor import MonitorManagementClient
from workflow_world import compose, failing, workflow

from localazure.testing import MockAzure

pytestmark = pytest.mark.cloud
COUNTED = {
    "RunsStarted": 2,
    "RunsCompleted": 2,
    "RunsSucceeded": 1,
    "RunsFailed": 1,
    "RunsCancelled": 0,
    "ActionsStarted": 3,
    "ActionsCompleted": 3,
    "ActionsSucceeded": 2,
    "ActionsFailed": 1,
    "ActionsSkipped": 1,
    "TriggersStarted": 2,
    "TriggersFired": 2,
    "TriggersSucceeded": 2,
    "TriggersFailed": 0,
    "BillableTriggerExecutions": 2,
    "BillableActionExecutions": 3,
    "TotalBillableExecutions": 5,
}


def totals(azure: MockAzure, resource: str) -> dict[str, float]:
    """The total of each metric in the hour before now."""
    endpoint, now = azure.environment["LOCALAZURE_ARM_ENDPOINT"], azure.clock.now()
    options = {"base_url": endpoint, "credential_scopes": [f"{endpoint}/.default"]}
    span = f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}/{now:%Y-%m-%dT%H:%M:%SZ}"
    credential = EnvironmentCredential(disable_instance_discovery=True)
    asked = {"timespan": span, "interval": "PT1H", "metricnames": ",".join(COUNTED), "aggregation": "Total"}
    with MonitorManagementClient(credential, azure.subscription, **options) as client:
        read = client.metrics.list(resource, **asked)
        return {one.name.value: sum(point.total for point in one.timeseries[0].data) for one in read.value}


def test_metrics_count_runs_actions_and_triggers_as_azure_does(virtual_azure: MockAzure) -> None:
    """Skipped actions are counted, not billed; a run counts in the minute in which it ends."""
    good = virtual_azure.deploy_workflow(workflow({"A": compose(1)}))
    fails = workflow({"A": compose(1), "B": failing(A="Succeeded"), "C": compose(2, B="Succeeded")})
    flow = virtual_azure.deploy_workflow(fails)
    assert good.run().status == "Succeeded"
    assert flow.run().status == "Failed"
    virtual_azure.advance(minutes=5)
    both = [totals(virtual_azure, one.id) for one in (good, flow)]
    assert {name: both[0][name] + both[1][name] for name in COUNTED} == COUNTED
    assert (both[0]["RunsFailed"], both[1]["RunsFailed"]) == (0, 1)
