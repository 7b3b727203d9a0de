"""One session for each provider instance of an engine.

Every instance (the default one, each explicit `azure_native.Provider`) of every running command shares the one
attached process, but calls it over a connection of its own. So the connection tells whose configuration holds.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

import httpx

from localazure.pulumi_provider.arm_client import ArmClient, Timing
from localazure.pulumi_provider.configuration import Configuration
from localazure.pulumi_provider.convert import Converter
from localazure.pulumi_provider.functions import Functions
from localazure.pulumi_provider.operations import Operations
from localazure.pulumi_provider.schema import Schema

_MOST = 256


class Session:
    """What one provider instance was configured with, and its operations."""

    def __init__(self, configuration: Configuration, client: ArmClient, converter: Converter) -> None:
        self.configuration = configuration
        self.operations = Operations(configuration, client, converter)
        self.functions = Functions(configuration, client, converter)
        self.engine = ""
        self.canceled = threading.Event()


class Sessions:
    """The sessions by connection; a connection that never configured gets the server's own configuration."""

    def __init__(
        self,
        configuration: Configuration,
        schema: Schema,
        timing: Timing | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base = configuration
        self._converter = Converter(schema.types)
        self._timing = timing
        self._transport = transport
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._clients: dict[Configuration, ArmClient] = {}

    def get(self, peer: str) -> Session:
        """The session of a connection."""
        with self._lock:
            if peer not in self._sessions:
                self._keep(peer, self._new(self._base))
            self._sessions.move_to_end(peer)
            return self._sessions[peer]

    def configure(self, peer: str, variables: Mapping[str, str]) -> None:
        """Configure or reconfigure the provider behind a connection."""
        with self._lock:
            session = self._new(self._base.configured(variables))
            if peer in self._sessions:
                session.engine = self._sessions[peer].engine
            self._keep(peer, session)

    def cancel(self, peer: str) -> None:
        """Stop what runs for a connection. It stays usable: an attached provider outlives the command."""
        with self._lock:
            if peer in self._sessions:
                session = self._sessions[peer]
                session.canceled.set()
                session.canceled = threading.Event()

    def close(self) -> None:
        """Cancel everything and close the connections to ARM."""
        with self._lock:
            for session in self._sessions.values():
                session.canceled.set()
            for client in self._clients.values():
                client.close()

    def _new(self, configuration: Configuration) -> Session:
        key = configuration.credentials()
        if key not in self._clients:
            self._clients[key] = ArmClient(key, self._timing, self._transport)
        return Session(configuration, self._clients[key], self._converter)

    def _keep(self, peer: str, session: Session) -> None:
        self._sessions[peer] = session
        self._sessions.move_to_end(peer)
        if len(self._sessions) > _MOST:
            self._sessions.popitem(last=False)
