"""Create, Read, Update and Delete of any resource type, as azure-native does them through ARM.

Nothing here knows a single type: the schema says what differs. Source: azure-native `provider.go`, `crud/crud.go`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from localazure.pulumi_provider.arm_client import ArmClient, Deadline, PutResult
from localazure.pulumi_provider.arm_errors import ArmAnswerError, ArmCallError
from localazure.pulumi_provider.configuration import Configuration
from localazure.pulumi_provider.convert import Converter
from localazure.pulumi_provider.refresh import apply_changes, without_restored_defaults
from localazure.pulumi_provider.schema import Parameter, Resource
from localazure.pulumi_provider.values import Json

_GROUPS_VERSION = "2020-10-01"
# What Go's url.PathEscape leaves as it is, beside letters, digits and -_.~
_UNESCAPED = "$&+=:@"
_READ_WARNING = (
    "Failed to read resource after {0}. Please report this issue.\n"
    "Verbose logs contain more information, "
    "see https://www.pulumi.com/docs/support/troubleshooting/#verbose-logging."
)

Warn = Callable[[str], None]


class InitializationError(Exception):
    """The resource is there, but the operation on it failed: it stays in the state with this error."""

    def __init__(self, id: str, outputs: Json, inputs: Json, reason: str) -> None:  # noqa: A002
        super().__init__(reason)
        self.id = id
        self.outputs = outputs
        self.inputs = inputs


@dataclass(frozen=True)
class Found:
    """What Read brings: `id` "" means that the resource is gone."""

    id: str
    outputs: Json
    inputs: Json


@dataclass(frozen=True)
class Call:
    """What accompanies an operation: how long it may take, and where warnings go."""

    deadline: Deadline
    warn: Warn = lambda _message: None


class Operations:
    """The operations under one configuration."""

    def __init__(self, configuration: Configuration, client: ArmClient, converter: Converter) -> None:
        self._configuration = configuration
        self._client = client
        self._converter = converter
        self._group_locations: dict[str, str] = {}

    def create(self, resource: Resource, inputs: Json, call: Call) -> tuple[str, Json]:
        """(id, outputs) of a new resource; one that exists already is refused."""
        path, query = self._address(resource, inputs)
        body = self._body(resource, inputs, {})
        if not resource.singleton:  # one that always exists is taken over
            self._client.check_free(path, resource.api_version, call.deadline)
        result = self._put(resource, path, query, body, call)
        if result.failure is not None:
            raise self._partial(resource, path, inputs, result.failure, call)
        id_ = str(result.body.get("id") or path)
        return id_, self._read_back(resource, id_, result.body, "Create", call)

    def update(self, resource: Resource, inputs: Json, old_inputs: Json, old_outputs: Json, call: Call) -> Json:
        """The outputs of a changed resource."""
        wanted = _with_restored_defaults(resource, inputs, old_outputs)
        path, query = self._address(resource, wanted)
        result = self._put(resource, path, query, self._body(resource, wanted, old_inputs), call)
        if result.failure is not None:
            raise self._partial(resource, path, inputs, result.failure, call)
        return self._read_back(resource, path, result.body, "Update", call)

    def read(self, resource: Resource, id_: str, inputs: Json | None, outputs: Json, call: Call) -> Found:
        """The resource as it is. Without inputs it is being imported: they are made from its id and body."""
        try:
            body = self._client.get(id_, resource.api_version, call.deadline)
        except ArmAnswerError as failure:
            if failure.is_gone:
                return Found("", {}, {})
            raise
        found = self._outputs(resource, body)
        if inputs is None:
            values = parse_id(id_, resource.path)
            return Found(id_, found, self._converter.to_imported_inputs(resource, values, body))
        return Found(id_, found, self._refreshed(resource, inputs, outputs, found))

    def delete(self, resource: Resource, id_: str, call: Call) -> None:
        """Delete a resource, or set one that cannot be deleted back to its default."""
        if resource.singleton:
            result = self._put(resource, id_, {"api-version": resource.api_version}, {}, call)
            if result.failure is not None:
                raise result.failure
            return
        self._client.delete(id_, resource.api_version, call.deadline, long_running=resource.long_running_delete)

    def group_location(self, group: str) -> str | None:
        """The region of a resource group, asked for once."""
        if group not in self._group_locations:
            path = f"/subscriptions/{self._configuration.subscription_id}/resourceGroups/{group}"
            try:
                location = self._client.get(path, _GROUPS_VERSION, Deadline()).get("location")
            except ArmCallError:
                return None
            if not isinstance(location, str):
                return None
            self._group_locations[group] = location
        return self._group_locations[group]

    def _address(self, resource: Resource, inputs: Json) -> tuple[str, Json]:
        subscription = self._configuration.subscription_id
        return address(resource.path, resource.parameters, inputs, subscription, resource.api_version)

    def _body(self, resource: Resource, inputs: Json, previous: Json) -> Json:
        body = self._converter.to_request(resource.body, inputs, previous)
        for name in resource.required_containers:
            body.setdefault(name, {})
        return body

    def _put(self, resource: Resource, path: str, query: Json, body: Json, call: Call) -> PutResult:
        return self._client.put(path, query, body, call.deadline, long_running=resource.long_running_put)

    def _outputs(self, resource: Resource, body: Json) -> Json:
        found = self._converter.to_outputs(resource.outputs, body)
        return {**found, "azureApiVersion": resource.api_version}

    def _read_back(self, resource: Resource, id_: str, written: Json, operation: str, call: Call) -> Json:
        """PUT and GET may answer differently; what a later refresh will see goes into the state."""
        if self._configuration.skip_read_on_update:
            return self._outputs(resource, written)
        try:
            return self._outputs(resource, self._client.get(id_, resource.api_version, call.deadline))
        except ArmCallError:
            call.warn(_READ_WARNING.format(operation))
            return self._outputs(resource, written)

    def _partial(
        self, resource: Resource, path: str, inputs: Json, failure: ArmCallError, call: Call
    ) -> InitializationError:
        try:
            outputs = self._outputs(resource, self._client.get(path, resource.api_version, call.deadline))
        except ArmCallError as unread:
            reason = f"resource created but read failed {unread}: {failure}"
            return InitializationError(path, {}, inputs, reason)
        return InitializationError(path, outputs, inputs, str(failure))

    def _refreshed(self, resource: Resource, inputs: Json, old_outputs: Json, new_outputs: Json) -> Json:
        olds = without_restored_defaults(old_outputs, inputs, resource.default_properties)
        before = self._converter.project(resource.body, olds)
        after = self._converter.project(resource.body, new_outputs)
        return apply_changes(inputs, before, after)


def address(
    path: str, parameters: tuple[Parameter, ...], inputs: Mapping[str, Any], subscription: str, version: str
) -> tuple[str, Json]:
    """(id, query) from a path template: values of the inputs first, then the provider's own."""
    query: Json = {"api-version": version}
    for item in parameters:
        value = inputs.get(item.name, subscription if item.wire == "subscriptionId" else None)
        if value is None:
            continue
        if item.location == "query":
            query[item.wire] = value
        else:
            path = path.replace("{" + item.wire + "}", _in_path(item, value))
    return path, query


def parse_id(id_: str, template: str) -> dict[str, str]:
    """The values in an id, by the names in the path template; raises `ArmCallError` when it does not fit."""
    pattern = "/".join(_segment(part) for part in template.strip("/").split("/"))
    found = re.fullmatch(f"/?{pattern}/?", id_, re.IGNORECASE)
    if found is None:
        raise ArmCallError(f"failed to parse resource id '{id_}': it must have the form '{template}'")
    return found.groupdict()


def _segment(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name = part.strip("{}")
    # A scope is itself an id and holds slashes.
    return f"(?P<{name}>.+?)" if name in ("scope", "resourceUri") else f"(?P<{name}>[^/]+)"


def _in_path(item: Parameter, value: Any) -> str:
    if not isinstance(value, str):
        raise ArmCallError(f"expected string value for path parameter '{item.name}', got {type(value).__name__}")
    return value.strip("/") if item.skip_encoding else quote(value, safe=_UNESCAPED)


def _with_restored_defaults(resource: Resource, inputs: Json, old_outputs: Json) -> Json:
    """What was set once and is no longer an input is sent with its default: leaving it out would change nothing."""
    restored = {
        name: value for name, value in resource.default_properties.items() if name not in inputs and name in old_outputs
    }
    return inputs | restored
