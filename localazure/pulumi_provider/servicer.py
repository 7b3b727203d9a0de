"""The provider's gRPC service, call by call: decodes, asks the other modules, encodes.

Handshake is not implemented, as in azure-native: an answer to it would replace what Configure says.
Source: pulumi/pulumi `proto/pulumi/provider.proto`, azure-native `provider.go`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from localazure.pulumi_provider.arm_client import Deadline
from localazure.pulumi_provider.arm_errors import ArmCallError
from localazure.pulumi_provider.check import Checker, apply_defaults
from localazure.pulumi_provider.configuration import ConfigurationError, require_old_inputs
from localazure.pulumi_provider.convert import Converter
from localazure.pulumi_provider.diff import Differ, Difference
from localazure.pulumi_provider.engine import failed_status, log_warning
from localazure.pulumi_provider.functions import CLIENT_CONFIG, CLIENT_TOKEN
from localazure.pulumi_provider.names import Autonaming, NameRequest
from localazure.pulumi_provider.operations import Call, InitializationError
from localazure.pulumi_provider.package_schema import package_schema
from localazure.pulumi_provider.schema import Resource, Schema
from localazure.pulumi_provider.sessions import Session, Sessions
from localazure.pulumi_provider.values import Json, decode, encode

VERSION = "3.29.0"

_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class AzureNative(provider_pb2_grpc.ResourceProviderServicer):
    """The stand-in. Its calls come from many threads at once."""

    def __init__(self, schema: Schema, sessions: Sessions) -> None:
        self._schema = schema
        self._sessions = sessions
        self._checker = Checker(schema.types)
        self._differ = Differ(schema.types)
        self._converter = Converter(schema.types)

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        # Said here, and not left to the generated class: that one would log a traceback for each engine.
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "azure-native does not implement Handshake")

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        return plugin_pb2.PluginInfo(version=VERSION)

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._sessions.get(context.peer()).engine = request.address
        return Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        return provider_pb2.DiffResponse()

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _failures(context):
            require_old_inputs(
                sends_old_inputs=request.sends_old_inputs,
                sends_old_inputs_to_delete=request.sends_old_inputs_to_delete,
            )
        self._sessions.configure(context.peer(), dict(request.variables))
        return provider_pb2.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        self._sessions.cancel(context.peer())
        return Empty()

    def GetMapping(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        return provider_pb2.GetMappingResponse()

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _failures(context):
            if request.version != 0:
                raise ArmCallError(f"unsupported schema version {request.version}")
            return provider_pb2.GetSchemaResponse(schema=package_schema(self._schema, VERSION))

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _failures(context):
            resource, session = self._resource(request), self._session(context)
            news = decode(request.news)
            apply_defaults(
                resource,
                decode(request.olds),
                news,
                _name_request(request),
                session.configuration.location,
                session.operations.group_location,
            )
            reasons = self._checker.failures(resource, news)
            failures = [provider_pb2.CheckFailure(reason=reason) for reason in reasons]
            return provider_pb2.CheckResponse(inputs=encode(news), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _failures(context):
            old_inputs, news = decode(request.old_inputs), decode(request.news)
            return _diff_response(self._differ.diff(self._resource(request), old_inputs, news, decode(request.olds)))

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _failures(context):
            resource, inputs = self._resource(request), decode(request.properties)
            if request.preview:
                outputs = self._converter.preview(resource.outputs, inputs)
                return provider_pb2.CreateResponse(properties=encode(outputs))
            session = self._session(context)
            id_, outputs = session.operations.create(resource, inputs, _call(session, request))
            return provider_pb2.CreateResponse(id=id_, properties=encode(outputs))

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _failures(context):
            session = self._session(context)
            inputs = decode(request.inputs) if request.HasField("inputs") else None
            call, state = _call(session, request), decode(request.properties)
            found = session.operations.read(self._resource(request), request.id, inputs, state, call)
            if not found.id:
                return provider_pb2.ReadResponse(id="")
            properties, kept = encode(found.outputs), encode(found.inputs)
            return provider_pb2.ReadResponse(id=found.id, properties=properties, inputs=kept)

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _failures(context):
            resource, inputs, olds = self._resource(request), decode(request.news), decode(request.olds)
            if request.preview:
                return provider_pb2.UpdateResponse(properties=encode(self._update_preview(resource, inputs, olds)))
            session = self._session(context)
            old_inputs, call = decode(request.old_inputs), _call(session, request)
            outputs = session.operations.update(resource, inputs, old_inputs, olds, call)
            return provider_pb2.UpdateResponse(properties=encode(outputs))

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _failures(context):
            session = self._session(context)
            session.operations.delete(self._resource(request), request.id, _call(session, request))
            return Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _failures(context):
            session = self._session(context)
            result = self._invoke(session, request.tok, decode(request.args))
            answer = provider_pb2.InvokeResponse()
            # The field has the name of a keyword of Python.
            getattr(answer, "return").CopyFrom(encode(result))
            return answer

    def _invoke(self, session: Session, token: str, arguments: Json) -> Json:
        deadline = Deadline(canceled=session.canceled)
        if token == CLIENT_CONFIG:
            return session.functions.client_config(deadline)
        if token == CLIENT_TOKEN:
            return session.functions.client_token(deadline)
        if token not in self._schema.functions:
            raise ArmCallError(f"Invoke type {token} not found")
        return session.functions.call(self._schema.functions[token], arguments, deadline)

    def _update_preview(self, resource: Resource, inputs: Json, olds: Json) -> Json:
        # These two never change without a replacement, so what depends on them can be previewed.
        kept = {name: olds[name] for name in ("name", "location") if name in olds}
        return self._converter.preview(resource.outputs, inputs) | kept

    def _resource(self, request: Any) -> Resource:
        token = request.type or request.urn.split("::")[2].rsplit("$", 1)[-1]
        if token not in self._schema.resources:
            served = ", ".join(sorted(name.removeprefix("azure-native:") for name in self._schema.resources))
            raise ArmCallError(f"Resource type {token} not found: the local azure-native provider serves {served}")
        return self._schema.resources[token]

    def _session(self, context: Any) -> Session:
        return self._sessions.get(context.peer())


@contextmanager
def _failures(context: Any) -> Iterator[None]:
    """Errors as the engine expects them: status UNKNOWN with the bare message."""
    try:
        yield
    except InitializationError as failure:
        context.abort_with_status(failed_status(failure))
    except (ArmCallError, ConfigurationError) as failure:
        context.abort(grpc.StatusCode.UNKNOWN, str(failure))


def _call(session: Session, request: Any) -> Call:
    warn: Callable[[str], None] = lambda message: log_warning(session.engine, request.urn, message)  # noqa: E731
    return Call(Deadline(getattr(request, "timeout", 0.0), session.canceled), warn)


def _name_request(request: Any) -> NameRequest:
    name = request.name or request.urn.split("::")[-1]
    if not request.HasField("autonaming"):
        return NameRequest(name, request.randomSeed)
    mode = Autonaming(request.autonaming.mode)
    return NameRequest(name, request.randomSeed, mode, request.autonaming.proposed_name)


def _diff_response(found: Difference) -> Any:
    detailed = {
        path: provider_pb2.PropertyDiff(kind=_KINDS[kind], inputDiff=path in found.input_paths)
        for path, kind in found.detailed.items()
    }
    changes = provider_pb2.DiffResponse.DIFF_SOME if found.changed else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=changes,
        replaces=found.replaces,
        deleteBeforeReplace=found.delete_before_replace,
        diffs=found.changed,
        detailedDiff=detailed,
        hasDetailedDiff=bool(detailed),
    )
