"""What a managed connector is to the host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from localazure.connectors.connection import Connection
from localazure.connectors.operations import Operation
from localazure.connectors.request import ConnectorRequest, ConnectorResponse


class Connector(Protocol):
    """One managed API. Raises `ConnectorError` for what it refuses; the host turns it into the answer."""

    api: str
    """Name of the managed API in lower case: `azuretables`."""

    needs_consent: bool
    """True if a connection must be authorized by a person first (OAuth): office365 and its like."""

    @property
    def operations(self) -> Sequence[Operation]:
        """What it can do; empty if that is not declared."""
        ...

    async def call(self, connection: Connection, request: ConnectorRequest) -> ConnectorResponse:
        """Carry out one operation."""
        ...
