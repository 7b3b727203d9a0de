"""The committed schema against the SDK it was made from, and in itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localazure.pulumi_provider.declarations import RESOURCES
from localazure.pulumi_provider.generate import TARGET, generate, render
from localazure.pulumi_provider.schema import ObjectType, Property, Schema

STORAGE_ACCOUNT = "azure-native:storage:StorageAccount"


def test_the_committed_schema_is_what_the_installed_sdk_gives() -> None:
    assert TARGET.read_text(encoding="utf-8") == render(generate()), "run python -m localazure.pulumi_provider.generate"


def test_every_declared_type_has_a_resource_and_a_get_function(schema: Schema) -> None:
    tokens = [item.token for item in RESOURCES]
    assert sorted(schema.resources) == sorted(f"azure-native:{token}" for token in tokens)
    for token in tokens:
        module, name = token.split(":")
        assert schema.functions[f"azure-native:{module}:get{name}"].method == "GET"


def test_every_reference_leads_to_a_type(schema: Schema) -> None:
    resources = [side for item in schema.resources.values() for side in (item.body, item.outputs)]
    functions = [side for item in schema.functions.values() for side in (item.body, item.outputs)]
    refs = {ref for type_ in (*schema.types.values(), *resources, *functions) for ref in _refs(type_)}
    assert refs == set(schema.types)


@pytest.mark.parametrize(
    ("name", "wire", "containers"),
    [
        ("sku", "sku", ()),
        ("enableHttpsTrafficOnly", "supportsHttpsTrafficOnly", ("properties",)),
        ("networkRuleSet", "networkAcls", ("properties",)),
        ("enableNfsV3", "isNfsV3Enabled", ("properties",)),
        ("defaultToOAuthAuthentication", "defaultToOAuthAuthentication", ("properties",)),
    ],
)
def test_a_storage_account_has_azures_names_on_the_wire(
    schema: Schema, name: str, wire: str, containers: tuple[str, ...]
) -> None:
    for type_ in (schema.resources[STORAGE_ACCOUNT].body, schema.resources[STORAGE_ACCOUNT].outputs):
        assert (type_.properties[name].wire, type_.properties[name].containers) == (wire, containers)


def test_an_output_that_is_a_union_keeps_its_members(schema: Schema) -> None:
    """The SDK types such outputs as Any; the provider's metadata does not."""
    criteria = schema.resources["azure-native:monitor:MetricAlert"].outputs.properties["criteria"]
    assert len(criteria.one_of) == 3
    members = (
        schema.types["monitor.MetricAlertMultipleResourceMultipleMetricCriteriaResponse"].properties["allOf"].items
    )
    assert members is not None
    assert members.one_of == ("monitor.DynamicMetricCriteriaResponse", "monitor.MetricCriteriaResponse")


def test_identities_are_a_set_of_strings_on_the_way_in_only_in_form(schema: Schema) -> None:
    for name in ("storage.IdentityArgs", "logic.ManagedServiceIdentityArgs", "monitor.ManagedServiceIdentityArgs"):
        assert schema.types[name].properties["userAssignedIdentities"].string_set


def _refs(type_: ObjectType) -> Iterator[str]:
    for item in type_.properties.values():
        yield from _refs_of(item)


def _refs_of(item: Property) -> Iterator[str]:
    yield from item.one_of
    if item.ref is not None:
        yield item.ref
    for inner in (item.items, item.values):
        if inner is not None:
            yield from _refs_of(inner)
