"""The whole cloud: it starts, survives restarts and kills, keeps to the loopback, and undoes a start that fails."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.data.tables import TableServiceClient
from official_clients import Clients

from localazure.cloud import AlreadyRunning, Cloud, Settings
from localazure.data_folder import DataFolder
from localazure.monitor.metrics import RETENTION
from localazure.ports import PortTaken
from localazure.threaded import ThreadedCloud

pytestmark = pytest.mark.cloud
ACCOUNT: dict[str, Any] = {"location": "westeurope", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2"}
NO_PROVIDER = Settings(provider=False)


def tables(clients: Clients) -> TableServiceClient:
    accounts = clients.storage.storage_accounts
    endpoint = accounts.get_properties("group", "leads").primary_endpoints.table
    key = accounts.list_keys("group", "leads").keys_property[0].value
    text = f"DefaultEndpointsProtocol=http;AccountName=leads;AccountKey={key};TableEndpoint={endpoint}"
    return TableServiceClient.from_connection_string(text, retry_total=0)


def fill(clients: Clients) -> None:
    clients.resources.resource_groups.create_or_update("group", {"location": "westeurope"})
    clients.storage.storage_accounts.begin_create("group", "leads", ACCOUNT).result()
    with tables(clients) as service:
        service.create_table("Leads").create_entity({"PartitionKey": "p", "RowKey": "r"})


def check(clients: Clients) -> None:
    assert clients.resources.resource_groups.get("group").location == "westeurope"
    with tables(clients) as service:
        assert [row["RowKey"] for row in service.get_table_client("Leads").list_entities()] == ["r"]


def test_a_restart_finds_everything_at_the_same_addresses(tmp_path: Path) -> None:
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        first = Clients(cloud, cloud.environment())
        fill(first)
        endpoint = first.storage.storage_accounts.get_properties("group", "leads").primary_endpoints.table
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        again = Clients(cloud, cloud.environment())
        assert again.environment == first.environment
        assert again.storage.storage_accounts.get_properties("group", "leads").primary_endpoints.table == endpoint
        check(again)


def test_everything_ends_with_it(tmp_path: Path) -> None:
    others = set(psutil.Process().children(recursive=True))  # of clouds that other tests of this process share
    with ThreadedCloud(tmp_path, Settings()) as cloud:
        fill(Clients(cloud, cloud.environment()))
        ports = set(cloud.cloud.ports.values())
        children = [child for child in psutil.Process().children(recursive=True) if child not in others]
        assert children
        assert all(_listens(port) for port in ports)
    assert not any(_listens(port) for port in ports)
    assert psutil.wait_procs(children, timeout=120)[1] == []


def test_every_listener_is_on_the_loopback_address(tmp_path: Path) -> None:
    with ThreadedCloud(tmp_path, Settings()) as cloud:
        fill(Clients(cloud, cloud.environment()))
        ports = set(cloud.cloud.ports.values())
        processes = [psutil.Process(), *psutil.Process().children(recursive=True)]  # other tests' clouds too
        listeners = [
            connection.laddr
            for process in processes
            for connection in process.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert {address.ip for address in listeners} == {"127.0.0.1"}
        assert ports <= {address.port for address in listeners}
        open_to_others = [path for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077]
        assert open_to_others == []


def test_two_clouds_run_side_by_side_and_one_folder_takes_one(tmp_path: Path) -> None:
    with ThreadedCloud(tmp_path / "a", NO_PROVIDER) as one, ThreadedCloud(tmp_path / "b", NO_PROVIDER) as other:
        assert not set(one.cloud.ports.values()) & set(other.cloud.ports.values())
        with pytest.raises(AlreadyRunning, match="already runs"):
            ThreadedCloud(tmp_path / "a", NO_PROVIDER).start()


def test_a_start_that_fails_leaves_nothing_running(tmp_path: Path) -> None:
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        ports = dict(cloud.cloud.ports)
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", ports["smtp"]))
        stranger.listen()
        with pytest.raises(PortTaken, match=f"Port {ports['smtp']} .* for smtp, is taken"):
            ThreadedCloud(tmp_path, NO_PROVIDER).start()
    assert not any(_listens(port) for port in ports.values())
    assert DataFolder(tmp_path).running_pid() is None
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        assert cloud.cloud.ports == ports


def test_without_a_data_folder_nothing_stays() -> None:
    async def run() -> Path:
        async with Cloud(settings=NO_PROVIDER) as cloud:
            assert cloud.folder.path.is_dir()
            return cloud.folder.path

    assert not asyncio.run(run()).exists()


def test_without_azurite_an_account_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALAZURE_AZURITE", str(tmp_path / "nowhere"))
    with ThreadedCloud(tmp_path / "data", NO_PROVIDER) as cloud:
        clients = Clients(cloud, cloud.environment())
        clients.resources.resource_groups.create_or_update("group", {"location": "westeurope"})
        with pytest.raises(Exception, match="LOCALAZURE_AZURITE is"):
            clients.storage.storage_accounts.begin_create("group", "leads", ACCOUNT).result()
        with pytest.raises(ResourceNotFoundError):
            clients.storage.storage_accounts.get_properties("group", "leads")


def test_an_account_whose_creation_was_cut_off_is_made_by_the_next_start(tmp_path: Path) -> None:
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        fill(Clients(cloud, cloud.environment()))
        parts = cloud.cloud.parts
        (account,) = parts.documents.list("Microsoft.Storage/storageAccounts")
        account["properties"]["provisioningState"] = "Creating"
        parts.documents.put(account["id"], account["type"], account)
        parts.operations.begin("create storage account", account["id"])
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        cloud.call(cloud.cloud.parts.operations.settle)
        clients = Clients(cloud, cloud.environment())
        assert clients.storage.storage_accounts.get_properties("group", "leads").provisioning_state == "Succeeded"
        check(clients)


def test_a_full_disk_is_507_and_leaves_what_was_there(tmp_path: Path) -> None:
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        clients = Clients(cloud, cloud.environment())
        groups = clients.resources.resource_groups
        groups.create_or_update("group", {"location": "westeurope", "tags": {"a": "before"}})
        store = cloud.cloud.parts.store
        # SQLite's own limit makes the same error as the disk.
        store.rows(f"PRAGMA max_page_count = {store.rows('PRAGMA page_count')[0][0]}")
        with pytest.raises(HttpResponseError) as refused:
            groups.create_or_update("group", {"location": "westeurope", "tags": {"a": "x" * 200_000}})
        assert refused.value.status_code == 507
        assert "Free some space" in str(refused.value)
        assert groups.get("group").tags == {"a": "before"}
        store.rows("PRAGMA max_page_count = 1000000")
        groups.create_or_update("group", {"location": "westeurope", "tags": {"a": "after"}})


def test_without_pulumis_sdk_the_rest_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "pulumi" else found(name, *more)
    )
    with ThreadedCloud(tmp_path, Settings()) as cloud:
        assert _listens(cloud.cloud.ports["arm"])
        assert not _listens(cloud.cloud.ports["provider"])
    assert "pip install 'localazure[pulumi]'" in caplog.text


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose cloud was filled and then killed with all its process group."""
    script = "from localazure.cli import main; main()"
    environment = {**os.environ, "LOCALAZURE_HOME": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-c", script, "start", "--foreground"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "ready" in line:
            break
    fill(_clients_of(tmp_path))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()
    yield tmp_path


def test_kill_9_loses_nothing_and_the_next_start_works(killed: Path) -> None:
    with ThreadedCloud(killed, NO_PROVIDER) as cloud:
        check(Clients(cloud, cloud.environment()))


def test_what_a_kill_cut_off_is_finished_by_the_next_start(tmp_path: Path) -> None:
    """The state on disk is what a kill leaves between the acceptance of an operation and its end."""
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        fill(Clients(cloud, cloud.environment()))
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        parts = cloud.cloud.parts
        (group,) = parts.documents.list("Microsoft.Resources/resourceGroups")
        group["properties"]["provisioningState"] = "Deleting"
        parts.documents.put(group["id"], group["type"], group)
        operation = parts.operations.begin("delete resource group", group["id"])
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        clients = Clients(cloud, cloud.environment())
        cloud.call(cloud.cloud.parts.operations.settle)
        path = f"/subscriptions/{clients.environment['LOCALAZURE_SUBSCRIPTION_ID']}/operationresults/{operation}"
        with clients.http() as http:
            assert http.get(path, params={"api-version": "2024-03-01"}).status_code == 200
        assert not clients.resources.resource_groups.check_existence("group")
        assert cloud.cloud.parts.hosts.processes() == {}


def test_the_inbox_page_and_metadata_answer_without_a_token(live: Any) -> None:
    assert httpx.get(live.environment["LOCALAZURE_INBOX"], trust_env=False).status_code == 200
    metadata = live.http().get("/metadata/endpoints").json()
    assert metadata["resourceManager"] == live.environment["LOCALAZURE_ARM_ENDPOINT"]


def _clients_of(folder: Path) -> Clients:
    from localazure.environment import variables

    cloud: Any = None
    return Clients(cloud, variables(DataFolder(folder)))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_start_drops_metrics_older_than_azure_keeps_them(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        metrics = cloud.cloud.parts.metrics
        metrics.record("/old", "RunsFailed", now - RETENTION - timedelta(days=1))
        metrics.record("/new", "RunsFailed", now)
    with ThreadedCloud(tmp_path, NO_PROVIDER) as cloud:
        metrics = cloud.cloud.parts.metrics
        assert (metrics.names("/old"), metrics.names("/new")) == ([], ["runsfailed"])
