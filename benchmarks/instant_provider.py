"""The floor for `pulumi up`: a provider that answers every call at once, without looking at anything.

What is left is the engine, the start of the Python program and its imports. Run as
`python -m benchmarks.instant_provider`; it prints its port and serves until its standard input closes.
"""

from __future__ import annotations

import sys
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

_SUBSCRIPTION = "10ca1a2e-0000-4000-8000-000000000001"
_KEYS = [{"keyName": name, "value": "AAAA", "permissions": "FULL"} for name in ("key1", "key2")]


class InstantProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Accepts everything. Outputs are the inputs and what the program of this repository reads from a resource."""

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="3.29.0")

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Create(self, request: Any, context: Any) -> Any:
        group = f"/subscriptions/{_SUBSCRIPTION}/resourceGroups/floor"
        identifier = group if request.type.endswith(":ResourceGroup") else f"{group}/providers/x/{request.name}"
        outputs = struct_pb2.Struct()
        outputs.CopyFrom(request.properties)
        endpoints = {"table": f"https://{request.name}.table.core.windows.net/"}
        outputs.update({"name": request.name, "id": identifier, "primaryEndpoints": endpoints})
        return provider_pb2.CreateResponse(id=identifier, properties=outputs)

    def Invoke(self, request: Any, context: Any) -> Any:
        result = struct_pb2.Struct()
        result.update({"keys": _KEYS})
        return provider_pb2.InvokeResponse(**{"return": result})


def main() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(InstantProvider(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    sys.stdin.read()
    server.stop(grace=None)


if __name__ == "__main__":
    main()
