"""What the engine sends, in the shape of plain dicts."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict, ParseDict
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

Json = dict[str, Any]
PREFIX = "azure-native:"
REQUESTS = {
    "Attach": plugin_pb2.PluginAttach,
    "Check": provider_pb2.CheckRequest,
    "CheckConfig": provider_pb2.CheckRequest,
    "Configure": provider_pb2.ConfigureRequest,
    "Create": provider_pb2.CreateRequest,
    "Delete": provider_pb2.DeleteRequest,
    "Diff": provider_pb2.DiffRequest,
    "DiffConfig": provider_pb2.DiffRequest,
    "GetPluginInfo": Empty,
    "GetSchema": provider_pb2.GetSchemaRequest,
    "Handshake": provider_pb2.ProviderHandshakeRequest,
    "Invoke": provider_pb2.InvokeRequest,
    "Read": provider_pb2.ReadRequest,
    "Update": provider_pb2.UpdateRequest,
    "Cancel": Empty,
}


class ProviderClient:
    """Calls a provider over gRPC; requests and answers are the JSON form of the messages."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = provider_pb2_grpc.ResourceProviderStub(channel)

    def call(self, method: str, **request: Any) -> dict[str, Any]:
        """One call; a failure raises `grpc.RpcError`."""
        message = ParseDict(request, REQUESTS[method](), ignore_unknown_fields=True)
        return MessageToDict(getattr(self._stub, method)(message))

    def configure(self, **settings: str) -> dict[str, Any]:
        """Configure with `azure-native:*` settings."""
        variables = {f"azure-native:config:{name}": value for name, value in settings.items()}
        return self.call("Configure", variables=variables, sendsOldInputs=True, sendsOldInputsToDelete=True)

    def resource_call(self, method: str, token: str, name: str = "it", **request: Any) -> dict[str, Any]:
        """A call about a resource of a type such as `storage:Table`."""
        urn = f"urn:pulumi:dev::test::{PREFIX}{token}::{name}"
        return self.call(method, urn=urn, name=name, type=PREFIX + token, **request)

    def check(self, token: str, news: Json, olds: Json | None = None, **request: Any) -> Json:
        """Check; the answer has `inputs`, and `failures` as a list of reasons."""
        answer = self.resource_call("Check", token, news=news, olds=olds or {}, **request)
        return {"inputs": answer.get("inputs", {}), "failures": [item["reason"] for item in answer.get("failures", [])]}


def failed_resource(error: grpc.RpcError) -> Any:
    """The `ErrorResourceInitFailed` inside an error, or None."""
    details = dict(error.trailing_metadata()).get("grpc-status-details-bin")
    if details is None:
        return None
    status = status_pb2.Status.FromString(details)
    found = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(found)
    return found
