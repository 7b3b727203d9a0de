"""Customers are reminded of overdue invoices every morning: a Logic App, tested without Azure."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from localazure.testing import ConnectorRequest, DeployedWorkflow, Fault, FunctionConnector, MockAzure

pytestmark = pytest.mark.usefixtures("database")

DEFINITION = json.loads(Path(__file__).with_name("workflow.json").read_text())
INVOICES = [
    {"Number": "A-1", "DueDate": "2025-12-30", "Amount": 1200.5, "Email": "ann@example.com"},
    {"Number": "A-2", "DueDate": "2026-01-31", "Amount": 80, "Email": "bob@example.com"},
]


class Database:
    """What stands for the SQL connector: every operation of the flow comes here."""

    def __init__(self, azure: MockAzure) -> None:
        self.azure = azure
        self.asked: list[datetime] = []

    def answer(self, request: ConnectorRequest) -> dict[str, object]:
        assert (request.method, request.queries["$filter"]) == ("GET", "Status eq 'open'")
        self.asked.append(self.azure.clock.now())
        return {"value": INVOICES}


@pytest.fixture
def database(virtual_azure: MockAzure) -> Database:
    database = Database(virtual_azure)
    virtual_azure.give(FunctionConnector("sql", database.answer))
    return database


def deploy(azure: MockAzure) -> DeployedWorkflow:
    # office365 is not given: the local connector runs and delivers to the inbox.
    connections = {api: azure.create_connection(None, api) for api in ("sql", "office365")}
    return azure.deploy_workflow(DEFINITION, connections=connections)


def test_only_overdue_invoices_are_reminded_of(virtual_azure: MockAzure) -> None:
    run = deploy(virtual_azure).run()

    assert run.status == "Succeeded"
    assert run.statuses()["Tell_operations"] == "Skipped"
    assert [invoice["Number"] for invoice in run.outputs("Overdue")["body"]] == ["A-1"]
    (mail,) = virtual_azure.inbox.messages()
    assert (mail.subject, mail.to) == ("Invoice A-1 is overdue", ["ann@example.com"])
    assert "$1,200.50 were due on 2025-12-30" in (mail.html or "")


def test_it_runs_at_half_past_seven_also_in_summer_time(virtual_azure: MockAzure, database: Database) -> None:
    virtual_azure.advance(days=86)  # to 28 March; the clocks change on the 29th
    deploy(virtual_azure)
    virtual_azure.advance(days=3)

    assert [f"{at:%d %H:%M} UTC" for at in database.asked] == ["28 06:30 UTC", "29 05:30 UTC", "30 05:30 UTC"]


def test_a_database_that_stays_down_is_reported(virtual_azure: MockAzure) -> None:
    workflow = deploy(virtual_azure)
    virtual_azure.faults.add(Fault(api="sql", status=503))
    before = virtual_azure.clock.now()
    run = workflow.run()

    # Four retries, as the default policy has it; nobody had to wait for them.
    assert virtual_azure.faults.hits == 5
    assert virtual_azure.clock.now() - before > timedelta(seconds=20)
    assert run.statuses()["Get_open_invoices"] == "Failed"
    # As on Azure: the branch of the reminders did not run, so the run has failed although the failure was handled.
    assert run.status == "Failed"
    assert virtual_azure.inbox.wait_for(to="operations@contoso.com").subject == "No reminders today"


def test_an_outage_of_a_minute_goes_unnoticed(virtual_azure: MockAzure) -> None:
    workflow = deploy(virtual_azure)
    virtual_azure.faults.add(Fault(api="sql", status=503, times=2))

    assert workflow.run().status == "Succeeded"
    assert virtual_azure.inbox.wait_for(to="ann@example.com")
