"""What goes to the engine beside answers: warnings, and errors with a resource inside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, status_pb2

from localazure.pulumi_provider.operations import InitializationError
from localazure.pulumi_provider.values import encode

_UNKNOWN = grpc.StatusCode.UNKNOWN
_PATIENCE = 30.0


@dataclass(frozen=True)
class _Status(grpc.Status):
    code: Any
    details: str
    trailing_metadata: tuple[tuple[str, bytes], ...]


def failed_status(failure: InitializationError) -> _Status:
    """The gRPC status with an `ErrorResourceInitFailed` inside: the engine keeps the resource in its state."""
    detail = AnyMessage()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=failure.id,
            properties=encode(failure.outputs),
            reasons=[str(failure)],
            inputs=encode(failure.inputs),
        )
    )
    status = status_pb2.Status(code=_UNKNOWN.value[0], message=str(failure), details=[detail])
    return _Status(_UNKNOWN, str(failure), (("grpc-status-details-bin", status.SerializeToString()),))


def log_warning(engine: str, urn: str, message: str) -> None:
    """Show a warning at a resource; an engine that has gone meanwhile is no reason to fail."""
    if not engine:
        return
    request = engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message, urn=urn)
    with grpc.insecure_channel(engine) as channel:
        try:
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=_PATIENCE)
        except grpc.RpcError:
            return
