"""Replays what the real provider was recorded to receive and answer.

Of v2.76 and 2.90; v3, which the stand-in is, differs knowingly: no `__inputs` in outputs, `azureApiVersion` in inputs
and outputs (and of the version of that day), its own version in GetPluginInfo. Every recorded entry is replayed; types
that the stand-in does not serve are declared here as far as Check needs them, and their Creates counted as left out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from arm_stub import ArmStub
from provider_client import REQUESTS, ProviderClient

from localazure.pulumi_provider import names
from localazure.pulumi_provider import schema as schemas
from localazure.pulumi_provider.schema import TARGET_NAME, Schema

FOLDER = Path(__file__).parents[2] / "recorded" / "azure-native"
FILES = sorted(path.name for path in FOLDER.glob("*.json") if path.name != "autonaming-vectors.json")
GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
ZERO = "00000000-0000-0000-0000-000000000000"
SERVED = {"azure-native:resources:ResourceGroup", "azure-native:storage:StorageAccount"}


def entries(file: str) -> list[dict[str, Any]]:
    recorded = json.loads((FOLDER / file).read_text())
    return [{**entry, "provider": recorded["source"]["providerVersion"]} for entry in recorded["entries"]]


ALL = [(file, index) for file in FILES for index in range(len(entries(file)))]


def declared(path: str, name: str, *, location: bool, **parameters: dict[str, Any]) -> dict[str, Any]:
    """A type that is not served: path, names, and the body as far as Check looks at it."""
    body = {"properties": {"location": {"type": "string"}} if location else {}}
    own = {"resourceGroupName": {}, **parameters, name: {"autoName": names_of(path)}}
    return {"path": GROUP + path, "apiVersion": "2022-01-01", "parameters": own, "body": body, "outputs": body}


def names_of(path: str) -> str:
    return "random" if path.lower().rpartition("microsoft.")[2].count("{") == 1 else "copy"


UNSERVED = {
    "azure-native:web:AppServicePlan": declared("/providers/Microsoft.Web/serverfarms/{name}", "name", location=True),
    "azure-native:documentdb:DatabaseAccount": declared(
        "/providers/Microsoft.DocumentDB/databaseAccounts/{accountName}", "accountName", location=True
    ),
    "azure-native:keyvault:Key": declared(
        "/providers/Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}", "keyName", location=False, vaultName={}
    ),
    "azure-native:storage:BlobContainer": declared(
        "/providers/Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}",
        "containerName",
        location=False,
        accountName={},
    ),
}


@pytest.fixture(scope="module")
def wider() -> Schema:
    data = json.loads((Path(schemas.__file__).parent / TARGET_NAME).read_text())
    data["resources"] |= UNSERVED
    return schemas.parse(data)


@pytest.fixture
def replayed(make_provider: Callable[..., ProviderClient], wider: Schema) -> ProviderClient:
    """The provider as it was configured when recorded: region westus2, subscription and tenant zeroed."""
    found: ProviderClient = make_provider(wider, subscription_id=ZERO)
    found.configure(location="westus2")
    return found


def test_every_entry_is_replayed_or_counted() -> None:
    counted = Counter(kind(entries(file)[index]) for file, index in ALL)
    assert counted == {
        "Attach": 2,
        "CheckConfig": 2,
        "Configure": 2,
        "GetPluginInfo": 2,
        "Handshake": 2,
        "Invoke": 1,
        "Check of a served type": 6,
        "Check of a type declared here": 4,
        "Create of a served type": 6,
        "Create of a type not served": 3,
    }


def kind(entry: dict[str, Any]) -> str:
    method = entry["method"].rsplit("/", 1)[1]
    if method not in ("Check", "Create"):
        return method
    if entry["request"]["type"] in SERVED:
        return f"{method} of a served type"
    return "Check of a type declared here" if method == "Check" else "Create of a type not served"


@pytest.mark.parametrize(("file", "index"), [item for item in ALL if "Check of" in kind(entries(item[0])[item[1]])])
def test_check(file: str, index: int, replayed: ProviderClient, wider: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entries(file)[index]
    if entry["provider"] == "2.76.0":
        monkeypatch.setattr(names, "chacha8", names.chacha12)
    answer = replayed.call("Check", **entry["request"])
    assert answer.get("failures", []) == []
    version = answer["inputs"].pop("azureApiVersion")
    assert version == wider.resources[entry["request"]["type"]].api_version
    assert answer["inputs"] == entry["response"]["inputs"]


@pytest.mark.parametrize(
    ("file", "index"), [item for item in ALL if kind(entries(item[0])[item[1]]) == "Create of a served type"]
)
def test_create(file: str, index: int, replayed: ProviderClient, web_arm: ArmStub) -> None:
    entry = entries(file)[index]
    recorded, id_ = dict(entry["response"]["properties"]), entry["response"]["id"]
    del recorded["__inputs"]
    recorded.pop("azureApiVersion", None)
    web_arm.rules.append(answers(id_, on_the_wire(recorded)))
    answer = replayed.call("Create", **entry["request"])
    answer["properties"].pop("azureApiVersion")
    assert answer == {"id": id_, "properties": recorded}
    assert web_arm.written(id_) == sent(entry["request"]["properties"])


@pytest.mark.parametrize(
    ("file", "index"), [item for item in ALL if kind(entries(item[0])[item[1]]) == "Create of a type not served"]
)
def test_a_type_that_is_not_served_is_refused_by_name(
    file: str, index: int, make_provider: Callable[..., ProviderClient]
) -> None:
    request = entries(file)[index]["request"]
    with pytest.raises(grpc.RpcError) as refused:
        make_provider().call("Create", **request)
    assert f"Resource type {request['type']} not found" in refused.value.details()


@pytest.mark.parametrize(
    ("file", "index"),
    [
        item
        for item in ALL
        if kind(entries(item[0])[item[1]]) in ("CheckConfig", "Configure", "Invoke", "GetPluginInfo")
    ],
)
def test_start_up_and_client_config(file: str, index: int, replayed: ProviderClient, web_arm: ArmStub) -> None:
    entry = entries(file)[index]
    method, expected = kind(entry), dict(entry["response"])
    if method == "GetPluginInfo":
        expected["version"] = "3.29.0"
    if method == "Configure":
        expected["supportsAutonamingConfiguration"] = True  # since 2.90
    if method == "Invoke":
        web_arm.claim(appid=expected["return"]["clientId"], oid=ZERO, tid=ZERO)
    assert replayed.call(method, **entry["request"]) == expected


@pytest.mark.parametrize(("file", "index"), [item for item in ALL if kind(entries(item[0])[item[1]]) == "Handshake"])
def test_handshake_is_not_implemented(
    file: str, index: int, replayed: ProviderClient, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        replayed.call("Handshake", **entries(file)[index]["request"])
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert caplog.records == []


@pytest.mark.parametrize(("file", "index"), [item for item in ALL if kind(entries(item[0])[item[1]]) == "Attach"])
def test_attach(file: str, index: int, replayed: ProviderClient) -> None:
    entry = entries(file)[index]
    assert replayed.call("Attach", **entry["request"]) == entry["response"]


def answers(id_: str, body: dict[str, Any]) -> Any:
    """ARM: nothing there until the PUT, this body afterwards."""

    def rule(stub: ArmStub, method: str, path: str, _body: Any) -> Any:
        written = any(call[0] == "PUT" for call in stub.calls)
        return (200, {}, body) if path == id_ and written else None

    return rule


# Written down by hand and not read from the schema, so that the two check each other.
RENAMED = {"enableHttpsTrafficOnly": "supportsHttpsTrafficOnly", "networkRuleSet": "networkAcls"}
TOP = {"id", "name", "type", "location", "tags", "sku", "kind", "identity", "properties"}


def on_the_wire(values: dict[str, Any]) -> dict[str, Any]:
    """The JSON of ARM for values of the SDK of a group or a storage account."""
    top = {name: value for name, value in values.items() if name in TOP}
    inner = {RENAMED.get(name, name): value for name, value in values.items() if name not in TOP}
    return top | ({"properties": inner} if inner else {})


def sent(inputs: dict[str, Any]) -> dict[str, Any]:
    """The body of the PUT for recorded inputs."""
    address = {"resourceGroupName", "accountName", "__createBeforeDelete"}
    return on_the_wire({name: value for name, value in inputs.items() if name not in address})


def test_the_client_knows_every_recorded_method() -> None:
    assert {entry["method"].rsplit("/", 1)[1] for file in FILES for entry in entries(file)} <= set(REQUESTS)
