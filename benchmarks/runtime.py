"""The workflow runtime: a month of 720 hourly runs of the documented flow on the virtual clock, and 2,000 leads.

The leads arrive in the course of the month, a few between two runs, and are mailed by the next (the mails are taken and
dropped). Everything else is as in a local cloud: a store on disk, history, metrics, the real table connector.
`memory`: its tables are in memory and stamp rows with the virtual clock.
`azurite`: its tables are a real Azurite's, which stamps rows with its own wall clock: the time that a run looks back to
is put at the moment of the run before, or no run would find its own leads.
Processor time is what this process took; on a machine with other work it tells more than the time on the clock.
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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time, sleep
from typing import Any, NamedTuple

from localazure.azurite import new_key
from localazure.azurite_tools import find_tools
from localazure.clock import VirtualClock, WallClock
from localazure.connectors.azuretables import AzureTables
from localazure.connectors.connection import Connection
from localazure.connectors.memory_tables import MemoryTables
from localazure.connectors.paging import PageLinks
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.connectors.table_service import TableAccount, Tables, TableService
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


class Taken(NamedTuple):
    """Seconds on the clock, and seconds of processor time of this process."""

    seconds: float
    busy: float


LEAD = {
    "PartitionKey": "2026-11-24",
    "RowKey": "0",
    "ProductId": "offer",
    "CustomerInfo": '{"FirstName":"Ann","LastName":"Lee","Email":"ann@example.com","Company":"Contoso"}',
    "LeadSource": "AzureMarketplace",
    "ActionCode": "INS",
    "PublisherDisplayName": "Contoso",
}


class Leads:
    """Both connectors: leads arrive half way between two runs; every mail is taken."""

    def __init__(self, account: TableAccount, tables: Tables, clock: VirtualClock) -> None:
        self.found = 0
        self.clock = clock
        self._account, self._tables = account, tables
        links = PageLinks(lambda: "http://127.0.0.1")
        self._connector = AzureTables(lambda _: account, clock, links, tables=tables)
        values = {"storageaccount": account.name, "sharedkey": account.key}
        self._connection = Connection(id="/connections/azuretables", api="azuretables", parameter_values=values)

    async def call(self, connection_id: str, request: ConnectorRequest) -> ConnectorResponse:
        """One operation of either connection."""
        if not connection_id.endswith("azuretables"):
            return ConnectorResponse(200)
        response = await self._connector.call(self._connection, self.asked(request))
        self.found += len(response.body["value"])
        return response

    def asked(self, request: ConnectorRequest) -> ConnectorRequest:
        """What the connector is asked."""
        return request

    async def create_table(self) -> None:
        """The table that the flow looks through."""
        await self._tables.call(self._account, "POST", "/Tables", body={"TableName": SETTINGS.lead_table})

    async def arrive(self) -> None:
        """Let the leads of the month arrive."""
        arrived, between = 0, self.clock.now() - timedelta(minutes=30)
        for hour in range(1, MONTH):
            await self.clock.sleep_until(between + timedelta(hours=hour))
            due = LEADS * hour // (MONTH - 1)
            with self.clock.hold():
                await asyncio.gather(*(self._insert(number) for number in range(arrived, due)))
            arrived = due

    async def _insert(self, number: int) -> None:
        answer = await self._tables.call(
            self._account, "POST", f"/{SETTINGS.lead_table}", body={**LEAD, "RowKey": str(number)}
        )
        assert answer.status == 201, "a lead was not taken"


class LeadsOfNow(Leads):
    """On Azurite: a run looks back to the run before, in the time of this machine."""

    def __init__(self, account: TableAccount, tables: Tables, clock: VirtualClock) -> None:
        super().__init__(account, tables, clock)
        self._since = datetime(2020, 1, 1, tzinfo=UTC)

    def asked(self, request: ConnectorRequest) -> ConnectorRequest:
        """The query with the time that it looks back to put right."""
        since = self._since.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self._since = datetime.now(UTC)
        queries = {"$filter": re.sub("datetime'[^']*'", f"datetime'{since}'", request.queries["$filter"])}
        return replace(request, queries=queries)


async def month(folder: Path, leads: Leads) -> Taken:
    """What 720 hourly runs take, each through its last action."""
    clock, store = leads.clock, Store(folder / f"{uuid.uuid4().hex}.db")
    runtime = WorkflowRuntime(store, leads, clock, Metrics(store), seed=1)
    await leads.create_table()
    await runtime.start()
    runtime.put(WORKFLOW, documented_flow(SETTINGS), PARAMETERS)
    began, worked = perf_counter(), process_time()
    arriving = asyncio.create_task(leads.arrive())
    await clock.advance(timedelta(hours=MONTH - 1))
    taken = Taken(perf_counter() - began, process_time() - worked)
    counted = store.row("SELECT count(*) AS number FROM workflow_runs WHERE status = 'Succeeded'")
    assert counted is not None and counted["number"] == MONTH, "a run did not succeed"
    assert leads.found == LEADS, f"{leads.found} of {LEADS} leads were found"
    await arriving
    await runtime.stop()
    store.close()
    return taken


async def in_memory(folder: Path) -> None:
    """Connectors answered in memory; the best of three months."""
    account, taken = TableAccount("leads", "http://127.0.0.1/leads", "a2V5"), []
    for _ in range(3):
        clock = VirtualClock()
        taken.append(await month(folder, Leads(account, MemoryTables(clock), clock)))
    show("memory", min(taken))


async def on_azurite(folder: Path) -> None:
    """A real table behind the real connector."""
    with azurite(folder) as account:
        tables = TableService(WallClock())
        show("azurite", await month(folder, LeadsOfNow(account, tables, VirtualClock())))
        await tables.close()


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


def show(name: str, taken: Taken) -> None:
    """One line of the result."""
    rate = f"{MONTH / taken.seconds:.0f} runs a second"
    busy = f"{taken.busy:.2f} s of processor time"
    print(f"{name}: {MONTH} hourly runs in {taken.seconds:.2f} s ({rate}; {busy}), goal {GOALS[name]:.0f} s")


def main() -> None:
    """Measure the parts named on the command line, or all."""
    parts: dict[str, Any] = {"memory": in_memory, "azurite": on_azurite}
    for name in sys.argv[1:] or parts:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(parts[name](Path(folder)))


if __name__ == "__main__":
    main()
