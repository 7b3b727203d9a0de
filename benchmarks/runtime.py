"""The workflow runtime: a month of 720 hourly runs of the documented flow on the virtual clock.

`memory`: connectors answered in memory, everything else as in a local cloud (a store on disk, history, metrics).
`azurite`: a real Azurite behind the real table connector; 2,000 leads arrive in the course of the month, a few each
hour, and are mailed by the next run (the mails are taken and dropped). Azurite stamps rows with its own wall clock:
the time that a run looks back to is put at the moment of the run before, or no run would find its own leads.
`python -m benchmarks.runtime [memory|azurite]`
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from azure.data.tables.aio import TableClient

from localazure.azurite import new_key
from localazure.azurite_tools import find_tools
from localazure.clock import VirtualClock
from localazure.connectors.azuretables import AzureTables
from localazure.connectors.connection import Connection
from localazure.connectors.paging import PageLinks
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.connectors.table_service import TableAccount
from localazure.monitor.metrics import Metrics
from localazure.ports import free_port
from localazure.store import Store
from localazure.workflows.runtime import WorkflowRuntime
from notifier.documented import documented_flow
from notifier.settings import FlowSettings

MONTH = 720
LEADS = 2_000
GOALS = {"memory": 3.0, "azurite": 30.0}
WORKFLOW = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/leads"
PARAMETERS = {
    "$connections": {"value": {name: {"connectionId": f"/connections/{name}"} for name in ("azuretables", "office365")}}
}
SETTINGS = FlowSettings("Hour", 1, "marketplaceleads", ("a@example.com",))
Call = Callable[[ConnectorRequest], Awaitable[ConnectorResponse]]
LEAD = {
    "PartitionKey": "2026-11-24",
    "RowKey": "0",
    "ProductId": "offer",
    "CustomerInfo": '{"FirstName":"Ann","LastName":"Lee","Email":"ann@example.com","Company":"Contoso"}',
    "LeadSource": "AzureMarketplace",
    "ActionCode": "INS",
    "PublisherDisplayName": "Contoso",
}


class Connectors:
    """The table answered by `table`, every mail taken and counted."""

    def __init__(self, table: Call) -> None:
        self._table = table
        self.mails = 0

    async def call(self, connection_id: str, request: ConnectorRequest) -> ConnectorResponse:
        """One operation of either connection."""
        if connection_id.endswith("azuretables"):
            return await self._table(request)
        self.mails += 1
        return ConnectorResponse(200)


async def two_leads(_: ConnectorRequest) -> ConnectorResponse:
    """An answer in memory."""
    return ConnectorResponse(200, {}, {"value": [{**LEAD, "RowKey": str(number)} for number in range(2)]})


async def month(folder: Path, table: Call, start: datetime) -> float:
    """Seconds for 720 hourly runs, each through its last action."""
    clock, store, connectors = VirtualClock(start), Store(folder / f"{uuid.uuid4().hex}.db"), Connectors(table)
    runtime = WorkflowRuntime(store, connectors, clock, Metrics(store), seed=1)
    await runtime.start()
    runtime.put(WORKFLOW, documented_flow(SETTINGS), PARAMETERS)
    began = perf_counter()
    await clock.advance(timedelta(hours=MONTH - 1))
    took = perf_counter() - began
    counted = store.row("SELECT count(*) AS number FROM workflow_runs WHERE status = 'Succeeded'")
    assert counted is not None and counted["number"] == MONTH, "a run did not succeed"
    await runtime.stop()
    store.close()
    return took


async def in_memory(folder: Path) -> None:
    """Connectors answered in memory."""
    show("memory", min([await month(folder, two_leads, datetime(2026, 1, 1, tzinfo=UTC)) for _ in range(3)]))


async def on_azurite(folder: Path) -> None:
    """A real table behind the real connector."""
    with azurite(folder) as account:
        leads = ArrivingLeads(account)
        async with leads.table:
            await leads.table.create_table()
            show("azurite", await month(folder, leads.answer, datetime(2026, 1, 1, tzinfo=UTC)))
            await leads.close()
        assert leads.found == LEADS, f"{leads.found} of {LEADS} leads were found"


class ArrivingLeads:
    """Answers the flow's query; before each, the leads of the hour arrive."""

    def __init__(self, account: TableAccount) -> None:
        text = (
            f"DefaultEndpointsProtocol=http;AccountName=leads;AccountKey={account.key};TableEndpoint={account.endpoint}"
        )
        self.table = TableClient.from_connection_string(text.rstrip("/"), "marketplaceleads")
        self.found = 0
        self._arrived, self._hours = 0, 0
        self._since = datetime(2020, 1, 1, tzinfo=UTC)
        self._tables = AzureTables(lambda _: account, VirtualClock(), PageLinks(lambda: "http://127.0.0.1"))
        values = {"storageaccount": "leads", "sharedkey": account.key}
        self._connection = Connection(id="/connections/azuretables", api="azuretables", parameter_values=values)

    async def answer(self, request: ConnectorRequest) -> ConnectorResponse:
        """One page of what arrived since the run before."""
        await self._arrive()
        since = self._since.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self._since = datetime.now(UTC)
        queries = {"$filter": re.sub("datetime'[^']*'", f"datetime'{since}'", request.queries["$filter"])}
        response = await self._tables.call(self._connection, replace(request, queries=queries))
        self.found += len(response.body["value"])
        return response

    async def _arrive(self) -> None:
        self._hours += 1
        due = LEADS * self._hours // MONTH
        rows = [("create", {**LEAD, "RowKey": str(number)}) for number in range(self._arrived, due)]
        await self.table.submit_transaction(rows)
        self._arrived = due

    async def close(self) -> None:
        """Close the connector's connections."""
        await self._tables.close()


@contextmanager
def azurite(folder: Path) -> Iterator[TableAccount]:
    """A storage account `leads` on an Azurite that keeps its tables in memory."""
    tools, port, key = find_tools(), free_port(), new_key()
    flags = ["--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    command = [str(tools.node), str(tools.main), *flags, "--tableHost", "127.0.0.1", "--tablePort", str(port)]
    own = {**os.environ, "AZURITE_ACCOUNTS": f"leads:{key}"}
    with subprocess.Popen(command, env=own, cwd=folder, stdout=subprocess.DEVNULL) as child:
        while child.poll() is None and not _listens(port):
            sleep(0.02)
        yield TableAccount("leads", f"http://127.0.0.1:{port}/leads/", key)
        child.send_signal(signal.SIGINT)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def show(name: str, seconds: float) -> None:
    """One line of the result."""
    rate = f"{MONTH / seconds:.0f} runs a second"
    print(f"{name}: {MONTH} hourly runs in {seconds:.2f} s ({rate}), goal {GOALS[name]:.0f} s")


def main() -> None:
    """Measure the parts named on the command line, or all."""
    parts: dict[str, Any] = {"memory": in_memory, "azurite": on_azurite}
    for name in sys.argv[1:] or parts:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(parts[name](Path(folder)))


if __name__ == "__main__":
    main()
