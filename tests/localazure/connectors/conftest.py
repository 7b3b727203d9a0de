"""One Azurite for the tests of the connectors; every test makes tables of its own names."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator

import pytest

from localazure.azurite import new_key
from localazure.azurite_tools import find_tools
from localazure.connectors.table_service import TableAccount
from localazure.ports import free_port


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TableAccount]:
    """A storage account `leads` on a real Azurite."""
    tools, port, key = find_tools(), free_port(), new_key()
    flags = ["--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    child = subprocess.Popen(
        [str(tools.node), str(tools.main), *flags, "--tableHost", "127.0.0.1", "--tablePort", str(port)],
        env={**os.environ, "AZURITE_ACCOUNTS": f"leads:{key}"},
        cwd=tmp_path_factory.mktemp("azurite"),
        stdout=subprocess.DEVNULL,
    )
    _wait_for(port, child)
    yield TableAccount("leads", f"http://127.0.0.1:{port}/leads/", key)
    child.send_signal(signal.SIGINT)
    child.wait(120)


def _wait_for(port: int, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and child.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("Azurite did not start")


@pytest.fixture
def table() -> str:
    """A table name that no other test has."""
    return f"T{uuid.uuid4().hex}"
