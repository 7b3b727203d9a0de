"""The connector host: finds the connection and its connector, lets it work, words what it refuses.

`call` in process and the HTTP side (`localazure.connectors.http`) are the same code.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath
from urllib.parse import parse_qsl

from localazure.clock import Clock, WallClock
from localazure.connectors.acsemail import AcsEmail
from localazure.connectors.azuretables import AzureTables
from localazure.connectors.azuretables_accounts import ResolveAccount
from localazure.connectors.connection import Connection, Connections
from localazure.connectors.connector import Connector
from localazure.connectors.errors import ConnectorError, blocked, failure, json_answer
from localazure.connectors.faults import Faults
from localazure.connectors.office365 import Office365
from localazure.connectors.operations import Operation
from localazure.connectors.paging import PageLinks
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.connectors.sendgrid import SendGrid
from localazure.connectors.smtp import Smtp
from localazure.connectors.smtp_delivery import SmtpDelivery, SmtpServer
from localazure.connectors.table_service import Tables
from localazure.connectors.throttling import Throttle

_LOG = logging.getLogger(__name__)


class ConnectorHost:
    """All managed connectors of the local cloud.

    `connections` finds a connection by its ARM id, `resolve_account` a storage account by its name, `inbox` the SMTP
    server that office365 and (unless `deliver_smtp`) smtp deliver to; `base_url` is the address under which
    `localazure.connectors.http` serves this host. `connectors` are more of them, given by the user;
    `tables` takes the place of the storage accounts' Table services (`MemoryTables` on a virtual clock).

    To be changed at any time: `faults` (rules of what goes wrong), `throttle.limits`, `page_size` of azuretables.
    """

    def __init__(
        self,
        connections: Connections,
        resolve_account: ResolveAccount,
        inbox: Callable[[], SmtpServer],
        *,
        base_url: Callable[[], str] = lambda: "http://127.0.0.1",
        clock: Clock | None = None,
        deliver_smtp: bool = False,
        connectors: Iterable[Connector] = (),
        tables: Tables | None = None,
    ) -> None:
        self._clock = clock = clock or WallClock()
        delivery = SmtpDelivery(inbox, clock)
        self.links = PageLinks(base_url)
        self.page_size: int | None = None
        self.faults = Faults(clock, self.links)
        self.throttle = Throttle()
        self._connections = connections
        self._tables = AzureTables(resolve_account, clock, self.links, lambda: self.page_size, tables)
        self._connectors: dict[str, Connector] = {}
        mail: list[Connector] = [
            Office365(delivery),
            Smtp(delivery, deliver_smtp),
            AcsEmail(delivery),
            SendGrid(delivery),
        ]
        for connector in (self._tables, *mail, *connectors):
            self.add(connector)

    def add(self, connector: Connector) -> None:
        """Serve one more managed API, or replace one."""
        self._connectors[connector.api.lower()] = connector

    def connector(self, api: str) -> Connector | None:
        """What serves a managed API; None if nothing does."""
        return self._connectors.get(api.lower())

    def remove(self, api: str) -> None:
        """Serve a managed API no longer."""
        self._connectors.pop(api.lower(), None)

    @property
    def apis(self) -> list[str]:
        """The managed APIs that are served."""
        return sorted(self._connectors)

    def operations(self, api: str) -> Sequence[Operation]:
        """What a connector can do, for the coverage table; empty if it is not served or does not say."""
        connector = self._connectors.get(api.lower())
        return connector.operations if connector is not None else ()

    def needs_consent(self, api: str) -> bool:
        """True if connections of this API start without authorization."""
        connector = self._connectors.get(api.lower())
        return connector is not None and connector.needs_consent

    async def call(self, connection_id: str, request: ConnectorRequest) -> ConnectorResponse:
        """Carry out one operation; a failure is an answer too, never an exception."""
        connection = self._connections(connection_id)
        if connection is None:
            return _connection_not_found(connection_id)
        connector = self._connectors.get(connection.api.lower())
        if connector is None:
            return failure(connection.api, _not_served(connection, self.apis))
        if connection.fault is not None and connector.needs_consent:
            return blocked(connection)
        if (refusal := self.throttle.refuse(connection, self._clock.now())) is not None:
            return refusal
        return await self.faults.around(
            connection, _normalised(request), lambda wanted: _answer(connector, connection, wanted)
        )

    async def close(self) -> None:
        """Close what the connectors hold open."""
        await self._tables.close()


async def _answer(connector: Connector, connection: Connection, request: ConnectorRequest) -> ConnectorResponse:
    try:
        return await connector.call(connection, request)
    except ConnectorError as error:
        return failure(connection.api, error)
    except Exception as error:  # a connector's own fault, or that of a function given by the user
        # Not the error's text: it may quote a lead.
        place = traceback.extract_tb(error.__traceback__)[-1]
        _LOG.error("connector %s: %s at %s:%s", connector.api, type(error).__name__, place.filename, place.lineno)
        where = f"line {place.lineno} of {PurePath(place.filename).name}"
        message = f"The connector '{connector.api}' failed with {type(error).__name__} at {where}."
        return failure(connection.api, ConnectorError(500, message))


def _normalised(request: ConnectorRequest) -> ConnectorRequest:
    """The method in capitals, and queries that a definition wrote into the path moved to the queries."""
    path, _, query = request.path.partition("?")
    queries = {**dict(parse_qsl(query, keep_blank_values=True)), **request.queries}
    path = path if path.startswith("/") else f"/{path}"
    return ConnectorRequest(request.method.upper(), path, queries, request.headers, request.body)


def _connection_not_found(connection_id: str) -> ConnectorResponse:
    name = connection_id.rstrip("/").split("/")[-1]
    message = f"The API connection '{name}' could not be found."
    return json_answer(404, {"error": {"code": "ApiConnectionNotFound", "message": message}})


def _not_served(connection: Connection, apis: list[str]) -> ConnectorError:
    return ConnectorError(
        501,
        f"The local cloud has no connector '{connection.api}'; it has {', '.join(apis)}. "
        "Give it one: a Python function or recorded answers (docs/localazure.md, connectors).",
    )
