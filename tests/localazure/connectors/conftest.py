"""One Azurite for the tests of the connectors; every test makes tables of its own names."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from localazure.azurite import AccountKeys, Azurite, new_key
from localazure.azurite_tools import find_tools
from localazure.connectors.table_service import TableAccount
from localazure.ports import free_port


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TableAccount]:
    """A storage account `leads` on a real Azurite."""
    keys = AccountKeys(new_key(), new_key())
    folder: Path = tmp_path_factory.mktemp("azurite")
    with asyncio.Runner() as runner:
        azurite = Azurite(find_tools(), folder, "leads", free_port(), keys)
        runner.run(azurite.start())
        yield TableAccount("leads", azurite.endpoint, keys.key1)
        runner.run(azurite.stop())


@pytest.fixture
def table() -> str:
    """A table name that no other test has."""
    return f"T{uuid.uuid4().hex}"
