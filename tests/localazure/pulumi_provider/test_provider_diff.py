"""Diff: what is a change, what a replacement, and in which order a replacement is done."""

from __future__ import annotations

from typing import Any

import pytest

from localazure.pulumi_provider.diff import Differ, Difference
from localazure.pulumi_provider.refresh import apply_changes, without_restored_defaults
from localazure.pulumi_provider.schema import ObjectType, Property, Resource, Schema
from localazure.pulumi_provider.values import UNKNOWN

CHANGED, REPLACED, ADDED, DELETED = ("update", False), ("update", True), ("add", False), ("delete", False)
ACCOUNT = {"accountName": "a", "resourceGroupName": "g", "location": "westeurope", "sku": {"name": "Standard_LRS"}}


@pytest.fixture
def differ(schema: Schema) -> Differ:
    return Differ(schema.types)


def diff(differ: Differ, schema: Schema, token: str, old: Any, new: Any, outputs: Any = None) -> Difference:
    return differ.diff(schema.resources[f"azure-native:{token}"], old, new, outputs or {})


@pytest.mark.parametrize(
    "change",
    [
        {"location": "West Europe"},
        {"resourceGroupName": "G"},
        {"__createBeforeDelete": True},
    ],
)
def test_spelling_and_internal_flags_are_no_change(differ: Differ, schema: Schema, change: dict[str, Any]) -> None:
    found = diff(differ, schema, "storage:StorageAccount", ACCOUNT, {**ACCOUNT, **change})
    assert found == Difference()


@pytest.mark.parametrize(
    ("token", "old", "new", "detailed"),
    [
        (
            "storage:StorageAccount",
            {"tags": {"a": "1"}},
            {"tags": {"a": "2", "b": "3"}},
            {"tags.a": CHANGED, "tags.b": ADDED},
        ),
        ("storage:StorageAccount", {"accessTier": "Hot"}, {}, {"accessTier": DELETED}),
        ("storage:StorageAccount", {"accountName": "a"}, {"accountName": "b"}, {"accountName": REPLACED}),
        ("storage:StorageAccount", {"location": "a"}, {"location": "b"}, {"location": REPLACED}),
        ("storage:StorageAccount", {}, {"isHnsEnabled": True}, {"isHnsEnabled": ("add", True)}),
        ("storage:StorageAccount", {"isHnsEnabled": True}, {}, {"isHnsEnabled": ("delete", True)}),
        ("storage:StorageAccount", {"accountName": "a"}, {"accountName": UNKNOWN}, {"accountName": REPLACED}),
        ("storage:StorageAccount", {"enableNfsV3": 1}, {"enableNfsV3": True}, {"enableNfsV3": CHANGED}),
        ("resources:ResourceGroup", {"location": "a"}, {"location": "b"}, {"location": REPLACED}),
        ("logic:Workflow", {"location": "a"}, {"location": "b"}, {"location": CHANGED}),
        ("monitor:MetricAlert", {"location": "a"}, {"location": "b"}, {"location": REPLACED}),
        ("web:Connection", {"subscriptionId": "a"}, {"subscriptionId": "b"}, {"subscriptionId": REPLACED}),
        (
            "authorization:RoleAssignment",
            {"principalId": "a", "scope": "/a"},
            {"principalId": "b", "scope": "/b"},
            {"principalId": REPLACED, "scope": REPLACED},
        ),
        (
            "authorization:RoleAssignment",
            {"roleDefinitionId": "a"},
            {"roleDefinitionId": "b"},
            {"roleDefinitionId": CHANGED},
        ),
        (
            "logic:Workflow",
            {"definition": {"a": [1, 2]}},
            {"definition": {"a": [1, 3, 4]}},
            {"definition.a[1]": CHANGED, "definition.a[2]": ADDED},
        ),
        ("logic:Workflow", {"definition": {"a": [1, 2]}}, {"definition": {"a": [1]}}, {"definition.a[1]": DELETED}),
        ("logic:Workflow", {"definition": {"a": 1}}, {"definition": "x"}, {"definition": CHANGED}),
    ],
)
def test_changes(differ: Differ, schema: Schema, token: str, old: Any, new: Any, detailed: Any) -> None:
    found = diff(differ, schema, token, old, new)
    assert found.detailed == detailed
    assert set(found.replaces) == {path for path, (_, replaces) in detailed.items() if replaces}
    assert found.delete_before_replace == bool(found.replaces)


def test_changed_properties_are_named_by_their_first_segment(differ: Differ, schema: Schema) -> None:
    old, new = {"definition": {"a": 1, "b": [1]}}, {"definition": {"a": 2, "b": [2]}, "state": "Enabled"}
    assert diff(differ, schema, "logic:Workflow", old, new).changed == ("definition", "state")


def test_a_random_name_lets_the_new_resource_come_first(differ: Differ, schema: Schema) -> None:
    old = {**ACCOUNT, "__createBeforeDelete": True}
    found = diff(differ, schema, "storage:StorageAccount", old, {**old, "location": "northeurope"})
    assert (found.replaces, found.delete_before_replace) == (("location",), False)


def test_an_input_added_as_the_output_already_is_replaces_nothing(differ: Differ, schema: Schema) -> None:
    new = {**ACCOUNT, "isHnsEnabled": False}
    found = diff(differ, schema, "storage:StorageAccount", ACCOUNT, new, {"isHnsEnabled": False})
    assert (found.detailed, found.replaces) == ({"isHnsEnabled": ADDED}, ())


def test_adding_the_default_is_no_change(differ: Differ, schema: Schema) -> None:
    found = diff(differ, schema, "monitor:ActionGroup", {}, {"enabled": True})
    assert found.changed == ()
    assert diff(differ, schema, "monitor:ActionGroup", {}, {"enabled": False}).changed == ("enabled",)


def test_the_api_version_of_the_state_counts_where_the_inputs_have_none(differ: Differ, schema: Schema) -> None:
    new, outputs = {"azureApiVersion": "2024-01-01"}, {"azureApiVersion": "2024-01-01"}
    assert diff(differ, schema, "storage:Table", {}, new, outputs) == Difference()


def test_lists_that_are_sets_are_compared_by_key() -> None:
    text = Property("string", "x")
    types = {"item": ObjectType({"name": text, "value": text})}
    items = Property("array", "rules", items=Property("object", "rules", ref="item"), identifiers=("name",))
    resource = Resource("t", "/x", "1", (), ObjectType({"rules": items}), ObjectType({}))
    old = {"rules": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}, {"name": "gone"}]}
    new = {"rules": [{"name": "b", "value": "2"}, {"name": "new"}, {"name": "a", "value": "changed"}]}
    assert Differ(types).diff(resource, old, new, {}).detailed == {
        "rules[1]": ADDED,
        "rules[2].value": CHANGED,
        "rules[2]": DELETED,
    }
    reordered = {"rules": list(reversed(old["rules"]))}
    assert Differ(types).diff(resource, old, reordered, {}) == Difference()


def test_a_replacing_property_of_an_object_inside() -> None:
    types = {"inner": ObjectType({"zone": Property("string", "zone", force_new=True)})}
    inner, listed = (
        Property("object", "one", ref="inner"),
        Property("array", "many", items=Property("object", "many", ref="inner")),
    )
    resource = Resource("t", "/x", "1", (), ObjectType({"one": inner, "many": listed}), ObjectType({}))
    old, new = {"one": {"zone": 1}, "many": [{"zone": 1}]}, {"one": {"zone": 2}, "many": [{"zone": 2}]}
    assert Differ(types).diff(resource, old, new, {}).replaces == ("many[0].zone", "one.zone")


@pytest.mark.parametrize(
    ("inputs", "before", "after", "expected"),
    [
        # A default of the service that has not changed stays out.
        ({"a": 1}, {"a": 1, "d": 0}, {"a": 1, "d": 0}, {"a": 1}),
        # A change from outside comes in, even of a property never set.
        ({"a": 1}, {"a": 1, "d": 0}, {"a": 2, "d": 1}, {"a": 2, "d": 1}),
        ({"a": 1}, {"a": 1}, {"a": 1, "new": 1}, {"a": 1, "new": 1}),
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1}, {"a": 1}),
        # Only what changed inside an object.
        ({"o": {"x": 1}}, {"o": {"x": 1, "d": 0}}, {"o": {"x": 2, "d": 0}}, {"o": {"x": 2}}),
        (
            {"l": [{"x": 1}]},
            {"l": [{"x": 1, "d": 0}]},
            {"l": [{"x": 2, "d": 0}, {"x": 3}]},
            {"l": [{"x": 2}, {"x": 3}]},
        ),
        ({"l": [1, 2]}, {"l": [1, 2]}, {"l": [1]}, {"l": [1]}),
        # Spelled otherwise by the service: as long as that does not change, the input stays.
        ({"location": "westus2"}, {"location": "West US 2"}, {"location": "West US 2"}, {"location": "westus2"}),
        ({"secret": "kept, since never returned"}, {}, {}, {"secret": "kept, since never returned"}),
    ],
)
def test_refreshed_inputs(inputs: Any, before: Any, after: Any, expected: Any) -> None:
    assert apply_changes(inputs, before, after) == expected


def test_a_default_that_the_provider_restored_is_not_seen_as_a_change() -> None:
    outputs, defaults = {"networkRuleSet": {"x": 1}, "kind": "k"}, {"networkRuleSet": {"x": 1}}
    assert without_restored_defaults(outputs, {"networkRuleSet": {"x": 1}}, defaults) == {"kind": "k"}
    assert without_restored_defaults(outputs, {}, defaults) == outputs
