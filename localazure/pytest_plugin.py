"""Fixtures for pytest, loaded by itself wherever localazure is installed.

One cloud serves the whole run (`localazure`); each test gets names of its own instead of a restart. Nothing is started
before a test asks for it. With `localazure_guard = true` in the configuration no test can reach a real subscription.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # loaded when a fixture is used: a run without them must not pay for it
    from azure.data.tables import TableClient

    from localazure.cloud import Settings
    from localazure.testing import DeployedWorkflow, Inbox, MockAzure
    from localazure.threaded import ThreadedCloud

_FAKE = "00000000-0000-0000-0000-000000000000"
_GUARDED = {
    **{f"{kind}_{name}": _FAKE for kind in ("ARM", "AZURE") for name in ("TENANT_ID", "CLIENT_ID", "SUBSCRIPTION_ID")},
    "ARM_CLIENT_SECRET": "fake",
    "AZURE_CLIENT_SECRET": "fake",
    # Nothing listens there: what is not led to the local cloud ends at once.
    "AZURE_AUTHORITY_HOST": "https://127.0.0.1:1",
    "ARM_METADATA_HOSTNAME": "127.0.0.1:1",
    "ARM_USE_MSI": "false",
    "ARM_USE_OIDC": "false",
}
_UNSET = ("AZURE_FEDERATED_TOKEN_FILE", "AZURE_USERNAME", "AZURE_CLIENT_CERTIFICATE_PATH", "IDENTITY_ENDPOINT")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The switch for the guard."""
    text = "Give every test fake Azure credentials, so that none can reach a real subscription."
    parser.addini("localazure_guard", text, type="bool", default=False)


def pytest_configure() -> None:
    """Ports of its own for each worker of pytest-xdist: none finds those of its stopped clouds taken by another."""
    worker, workers = os.environ.get("PYTEST_XDIST_WORKER", ""), os.environ.get("PYTEST_XDIST_WORKER_COUNT", "")
    if worker.startswith("gw") and workers and not os.environ.get("LOCALAZURE_PORTS"):
        from localazure.ports import VARIABLE, port_range

        first, last = port_range()
        share = (last - first + 1) // int(workers)
        begin = first + int(worker.removeprefix("gw")) % int(workers) * share
        os.environ[VARIABLE] = f"{begin}-{begin + share - 1}"


@pytest.fixture(autouse=True)
def _localazure_guard(request: pytest.FixtureRequest) -> None:
    if request.config.getini("localazure_guard"):
        request.getfixturevalue("azure_guard")


@pytest.fixture
def azure_guard(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Fake credentials and an empty Azure sign-in in place of the user's own."""
    for name, value in _GUARDED.items():
        monkeypatch.setenv(name, value)
    for name in _UNSET:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path_factory.getbasetemp() / "no-azure-sign-in"))


@pytest.fixture(scope="session")
def localazure_settings() -> Settings:
    """How the run's cloud behaves; override it to change that."""
    from localazure.cloud import Settings

    return Settings(provider=False)


@pytest.fixture(scope="session")
def localazure(localazure_settings: Settings) -> Iterator[ThreadedCloud]:
    """The local cloud of the whole run, in a temporary folder."""
    from localazure.threaded import ThreadedCloud

    with ThreadedCloud(settings=localazure_settings) as cloud:
        yield cloud


@pytest.fixture
def make_localazure() -> Iterator[Callable[..., ThreadedCloud]]:
    """`make_localazure(data=None, settings=None, clock=None)` starts a cloud of its own; stopped after the test."""
    from localazure.threaded import ThreadedCloud

    started: list[ThreadedCloud] = []

    def make(data: Path | None = None, settings: Settings | None = None, clock: Any = None) -> ThreadedCloud:
        cloud = ThreadedCloud(data, settings, clock)
        cloud.start()
        started.append(cloud)
        return cloud

    yield make
    for cloud in reversed(started):
        cloud.stop()


@pytest.fixture
def mock_azure(azure_guard: None, localazure: ThreadedCloud) -> Iterator[MockAzure]:  # noqa: ARG001
    """The run's cloud, with `os.environ` leading to it for the time of the test."""
    from localazure.testing import MockAzure

    with MockAzure(localazure) as azure:
        yield azure


@pytest.fixture
def virtual_azure(
    azure_guard: None,  # noqa: ARG001
    localazure_settings: Settings,
    make_localazure: Callable[..., ThreadedCloud],
) -> Iterator[MockAzure]:
    """Like `mock_azure`, on a cloud of this test's own whose clock begins at 2026-01-01T00:00:00Z and stands still.

    Time passes by `virtual_azure.advance(days=1)`, and as far as `run` and `wait` of a workflow need it.
    """
    from localazure.testing import MockAzure, VirtualClock

    with MockAzure(make_localazure(settings=localazure_settings, clock=VirtualClock())) as azure:
        yield azure


@pytest.fixture
def azure_group(mock_azure: MockAzure) -> Iterator[str]:
    """The name of a resource group of this test alone; deleted after it with all that is in it."""
    name = mock_azure.create_group()
    yield name
    if mock_azure.has_group(name):
        mock_azure.delete_group(name)


@pytest.fixture(scope="session")
def azure_account(localazure: ThreadedCloud) -> str:
    """The connection string of a storage account that the run's tests share; their tables have names of their own."""
    from localazure.testing import MockAzure

    with MockAzure(localazure) as azure:
        return azure.create_account(azure.create_group())


@pytest.fixture
def azure_table(mock_azure: MockAzure, azure_account: str) -> Iterator[TableClient]:  # noqa: ARG001
    """A client of an empty table with a unique name; dropped after the test."""
    from azure.data.tables import TableServiceClient

    from localazure.testing import unique_name

    with TableServiceClient.from_connection_string(azure_account) as service:
        name = unique_name("Table")
        yield service.create_table(name)
        service.delete_table(name)


@pytest.fixture
def azure_inbox(mock_azure: MockAzure) -> Inbox:
    """The mails that arrive during the test."""
    return mock_azure.inbox


@pytest.fixture
def deploy_workflow(mock_azure: MockAzure, azure_group: str) -> Callable[..., DeployedWorkflow]:
    """`deploy_workflow(definition, connections=None, parameters=None)` deploys a dict; gone after the test."""

    def deploy(definition: Mapping[str, Any], **options: Any) -> DeployedWorkflow:
        return mock_azure.deploy_workflow(definition, options.pop("group", azure_group), **options)

    return deploy
