"""The provider over a stub of ARM: in process for the operations, over gRPC for the service, and with the engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from arm_stub import SUBSCRIPTION, ArmStub, StubServer
from engine_project import Project
from provider_client import ProviderClient

from localazure.pulumi_provider import schema as schemas
from localazure.pulumi_provider.arm_client import ArmClient, Timing
from localazure.pulumi_provider.configuration import Configuration
from localazure.pulumi_provider.convert import Converter
from localazure.pulumi_provider.operations import Operations
from localazure.pulumi_provider.schema import Schema
from localazure.pulumi_provider.server import serve_configuration

AT_ONCE = Timing(retries=(0.0, 0.0, 0.0), poll_put=0.0, poll_delete=0.0)


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The schema that comes with the package."""
    return schemas.load()


@pytest.fixture
def arm() -> ArmStub:
    """An empty stub of ARM."""
    return ArmStub()


@pytest.fixture
def transport(arm: ArmStub) -> httpx.MockTransport:
    """The stub as the network of an httpx client."""
    return httpx.MockTransport(arm.handle)


@pytest.fixture
def configuration(arm: ArmStub) -> Configuration:
    """The client's configuration, with the region westeurope."""
    return Configuration(arm.endpoint, SUBSCRIPTION, "tenant", "client", "secret", location="westeurope")


@pytest.fixture
def client(configuration: Configuration, transport: httpx.MockTransport) -> Iterator[ArmClient]:
    """A client of the stub that never waits."""
    found = ArmClient(configuration, AT_ONCE, transport)
    yield found
    found.close()


@pytest.fixture
def operations(configuration: Configuration, client: ArmClient, schema: Schema) -> Operations:
    """Create, read, update, delete over the stub."""
    return Operations(configuration, client, Converter(schema.types))


@pytest.fixture
def web_arm(arm: ArmStub) -> Iterator[ArmStub]:
    """The stub over HTTP."""
    server = StubServer(arm)
    yield arm
    server.stop()


@pytest.fixture
def make_provider(web_arm: ArmStub) -> Iterator[Callable[..., ProviderClient]]:
    """`make_provider(schema=…)`: a served provider over the stub, and a gRPC client with a connection of its own."""
    servers: list[Any] = []
    channels: list[grpc.Channel] = []

    def make(schema: Schema | None = None, connections: int = 1, **configured: Any) -> Any:
        values = {"subscription_id": SUBSCRIPTION, "tenant_id": "t", "client_id": "c", "client_secret": "s"}
        configuration = Configuration(web_arm.endpoint, **values | configured)
        servers.append(serve_configuration(0, configuration, timing=AT_ONCE, schema=schema))
        found = []
        for _ in range(connections):
            # Without this, channels to one address share a connection.
            options = [("grpc.use_local_subchannel_pool", 1)]
            channels.append(grpc.insecure_channel(f"127.0.0.1:{servers[-1].port}", options=options))
            found.append(ProviderClient(channels[-1]))
        return found[0] if connections == 1 else found

    yield make
    for channel in channels:
        channel.close()
    for server in servers:
        server.stop()


@pytest.fixture
def provider(make_provider: Callable[..., ProviderClient]) -> ProviderClient:
    """A configured provider with the region westeurope."""
    found: ProviderClient = make_provider()
    found.configure(location="westeurope")
    return found


@pytest.fixture(scope="session")
def new_project(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project with an empty stack dev: made once, copied for each test."""
    folder = tmp_path_factory.mktemp("project")
    project = Project.create(folder)
    project.run("stack", "init", "dev")
    project.run("config", "set", "azure-native:location", "westeurope")
    return folder


@pytest.fixture
def project(web_arm: ArmStub, new_project: Path, tmp_path: Path) -> Iterator[Project]:
    """A Pulumi project on stack dev whose azure-native is the stand-in over the stub."""
    configuration = Configuration(web_arm.endpoint, SUBSCRIPTION, "t", "c", "s")
    server = serve_configuration(0, configuration, timing=AT_ONCE)
    yield Project(shutil.copytree(new_project, tmp_path / "project"), server.port)
    server.stop()
