"""Serves the stand-in on 127.0.0.1, for `PULUMI_DEBUG_PROVIDERS=azure-native:PORT`."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc

from localazure.pulumi_provider import schema as schemas
from localazure.pulumi_provider.arm_client import Timing
from localazure.pulumi_provider.configuration import Configuration, ConfigurationError
from localazure.pulumi_provider.schema import Schema
from localazure.pulumi_provider.sessions import Sessions
from localazure.relay import Relay

_THREADS = 64
_GRACE = 1.0
_MESSAGE_BYTES = 400 * 1024 * 1024  # the engine's own limit
_OPTIONS = (
    ("grpc.max_receive_message_length", _MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MESSAGE_BYTES),
)


@dataclass(frozen=True)
class ProviderServer:
    """A running provider. `port` is the one it listens on."""

    port: int
    _server: Any
    _sessions: Sessions
    _relay: Relay

    def stop(self) -> None:
        """Stop serving; operations that run are canceled. Returns when the port is free."""
        self._sessions.close()
        self._server.stop(_GRACE).wait()
        self._relay.stop()

    def wait(self) -> None:
        """Block until the server has been stopped."""
        self._server.wait_for_termination()


def serve(
    place: int | socket.socket,
    *,
    arm_endpoint: str,
    subscription_id: str,
    tenant_id: str,
    client_id: str,
    client_secret: str,
    ca_file: str | None = None,
    timing: Timing | None = None,
    schema: Schema | None = None,
) -> ProviderServer:
    """Start the provider at a port of 127.0.0.1 (0: any free one) or where a socket listens, in threads of this one.

    `arm_endpoint` is the local ARM (`https://127.0.0.1:PORT`), `ca_file` the certificate authority that signs it; the
    other values are the client's, as `ARM_*` in `localazure env`. ARM is not called before the engine asks.
    Raises `ConfigurationError` when the port is taken or Pulumi's SDK is missing.
    """
    configuration = Configuration(arm_endpoint, subscription_id, tenant_id, client_id, client_secret, ca_file)
    return serve_configuration(place, configuration, timing=timing, schema=schema)


def serve_configuration(
    place: int | socket.socket,
    configuration: Configuration,
    *,
    timing: Timing | None = None,
    schema: Schema | None = None,
) -> ProviderServer:
    """The same from a `Configuration`."""
    known = schema or schemas.load()
    sessions = Sessions(configuration, known, timing)
    server = grpc.server(ThreadPoolExecutor(_THREADS, thread_name_prefix="azure-native"), options=_OPTIONS)
    _add_servicer(server, known, sessions)
    relay = Relay()
    return ProviderServer(_listen(server, relay, place), server, sessions, relay)


def _add_servicer(server: Any, schema: Schema, sessions: Sessions) -> None:
    try:
        from pulumi.runtime.proto import provider_pb2_grpc

        from localazure.pulumi_provider.servicer import AzureNative
    except ImportError as error:
        raise ConfigurationError(f"{error}: install Pulumi's SDK with `pip install 'localazure[pulumi]'`") from error
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AzureNative(schema, sessions), server)


def _listen(server: Any, relay: Relay, place: int | socket.socket) -> int:
    try:
        bound = relay.start(place)
    except OSError as error:
        relay.stop()
        raise ConfigurationError(f"port {place} of 127.0.0.1 is taken: choose another one") from error
    server.add_insecure_port(f"unix:{relay.path}")
    server.start()
    return bound
