"""A lead in the table becomes a mail in the inbox; a failing flow is told; a kill loses nothing."""

from __future__ import annotations

import json
import time

import psutil
import pytest
from arm_clients import ArmClients
from azure.data.tables import TableClient
from harness import LocalCloud, Stack

pytestmark = [pytest.mark.engine, pytest.mark.cloud]


def wait_for_mail(cloud: LocalCloud, subject: str, seconds: float = 120) -> dict[str, str]:
    """The first mail whose subject contains `subject`; fails after `seconds` with what the inbox holds instead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = [mail for mail in cloud.inbox() if subject in mail["subject"]]
        if found:
            return found[0]
        time.sleep(0.2)
    pytest.fail(f"no mail with '{subject}', only {[mail['subject'] for mail in cloud.inbox()]}")


def leads_in_table(stack: Stack) -> set[str]:
    outputs = stack.outputs()
    with TableClient.from_connection_string(outputs["connectionString"], outputs["leadTableName"]) as table:
        return {entity["RowKey"] for entity in table.list_entities()}


def test_a_seeded_lead_is_mailed(stack: Stack) -> None:
    stack.up()
    report = json.loads(stack.seed("--json").stdout)
    mails = stack.cloud.inbox()
    assert any(report["leads"][0]["rowKey"] in mail["text"] + mail["html"] for mail in mails), report
    assert mails[-1]["subject"] == "New leads!"


def test_killing_the_cloud_loses_nothing(stack: Stack) -> None:
    stack.up()
    stack.seed("--keep")
    before, mails = leads_in_table(stack), stack.cloud.inbox()
    victim = stack.cloud.process()
    family = victim.children(recursive=True)
    victim.kill()
    psutil.wait_procs([victim], timeout=120)

    addresses = dict(stack.cloud.environment)
    stack.cloud.start()

    assert {process.pid for process in family if process.is_running()} == set(), "a child outlived its parent"
    assert stack.cloud.environment == addresses, "an address changed over the restart"
    assert leads_in_table(stack) == before
    assert before
    assert [mail["id"] for mail in stack.cloud.inbox()] == [mail["id"] for mail in mails]
    stack.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    stack.seed()


def test_a_failing_flow_is_told_by_mail(stack: Stack) -> None:
    stack.up()
    outputs = stack.outputs()
    clients = ArmClients(stack.cloud.environment)
    # The key of the table connection goes stale: the flow cannot read the table any more.
    clients.storage().storage_accounts.regenerate_key(
        outputs["resourceGroupName"], outputs["storageAccountName"], {"keyName": "key1"}
    )
    done = stack.seed(ok=False)
    assert done.returncode != 0
    assert "Get_entities" in done.stdout + done.stderr
    mail = wait_for_mail(stack.cloud, "Fired")
    assert "RunsFailed" in mail["text"]
