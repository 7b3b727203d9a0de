"""Shapes: requests from inputs, outputs from answers, inputs from outputs, previews."""

from __future__ import annotations

from typing import Any

import pytest

from localazure.pulumi_provider.convert import Converter
from localazure.pulumi_provider.operations import parse_id
from localazure.pulumi_provider.schema import Resource, Schema
from localazure.pulumi_provider.values import UNKNOWN

CRITERIA = {
    "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
    "allOf": [
        {
            "criterionType": "StaticThresholdCriterion",
            "name": "failed",
            "metricName": "RunsFailed",
            "operator": "GreaterThan",
            "threshold": 0,
            "timeAggregation": "Total",
        }
    ],
}


@pytest.fixture
def converter(schema: Schema) -> Converter:
    return Converter(schema.types)


def resource(schema: Schema, token: str) -> Resource:
    return schema.resources[f"azure-native:{token}"]


@pytest.mark.parametrize(
    ("token", "inputs", "body"),
    [
        (
            "storage:StorageAccount",
            {
                "accountName": "a",
                "resourceGroupName": "g",
                "sku": {"name": "Standard_LRS", "tier": "read only"},
                "enableHttpsTrafficOnly": True,
                "minimumTlsVersion": "TLS1_2",
                "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "1.2.3.4", "more": 1}]},
                "encryption": {"keyVaultProperties": {"keyName": "k"}, "keySource": "Microsoft.Keyvault"},
                "tags": {"any.key": "v"},
                "azureApiVersion": "2024-01-01",
                "__createBeforeDelete": True,
            },
            {
                "sku": {"name": "Standard_LRS"},
                "tags": {"any.key": "v"},
                "properties": {
                    "supportsHttpsTrafficOnly": True,
                    "minimumTlsVersion": "TLS1_2",
                    "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]},
                    "encryption": {"keyvaultproperties": {"keyname": "k"}, "keySource": "Microsoft.Keyvault"},
                },
            },
        ),
        (
            "web:Connection",
            {
                "connectionName": "c",
                "location": "westeurope",
                "properties": {
                    "api": {"id": "/x/managedApis/azuretables"},
                    "displayName": "tables",
                    "parameterValues": {"storageaccount": "a", "Any Key": {"kept": [1]}},
                    # Not modelled by the provider (its issue #2069): dropped, so that the local cloud never sees them.
                    "parameterValueSet": {"name": "managedIdentityAuth", "values": {}},
                    "alternativeParameterValues": {},
                },
                "kind": "V1",
            },
            {
                "location": "westeurope",
                "properties": {
                    "api": {"id": "/x/managedApis/azuretables"},
                    "displayName": "tables",
                    "parameterValues": {"storageaccount": "a", "Any Key": {"kept": [1]}},
                },
            },
        ),
        (
            "logic:Workflow",
            {
                "definition": {"$schema": "s", "actions": {"A": {"inputs": {"odata.type": 1, "api-version": None}}}},
                "parameters": {"$connections": {"value": {"x": {"y": 1}}, "type": "Object", "more": 1}},
                "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/id/1", "/id/2"]},
                "state": "Disabled",
            },
            {
                "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/id/1": {}, "/id/2": {}}},
                "properties": {
                    "definition": {
                        "$schema": "s",
                        "actions": {"A": {"inputs": {"odata.type": 1, "api-version": None}}},
                    },
                    "parameters": {"$connections": {"value": {"x": {"y": 1}}, "type": "Object"}},
                    "state": "Disabled",
                },
            },
        ),
        (
            "monitor:MetricAlert",
            {"criteria": CRITERIA, "enabled": True},
            {
                "properties": {
                    "criteria": {"odata.type": CRITERIA["odataType"], "allOf": CRITERIA["allOf"]},
                    "enabled": True,
                }
            },
        ),
    ],
)
def test_request_bodies(
    converter: Converter, schema: Schema, token: str, inputs: dict[str, Any], body: dict[str, Any]
) -> None:
    assert converter.to_request(resource(schema, token).body, inputs) == body


def test_criteria_of_no_known_type_are_sent_as_they_are(converter: Converter, schema: Schema) -> None:
    given = {"criteria": {"odataType": "Another", "x": 1}}
    assert converter.to_request(resource(schema, "monitor:MetricAlert").body, given) == {"properties": given}


def test_an_identity_taken_out_is_sent_as_null(converter: Converter, schema: Schema) -> None:
    workflow = resource(schema, "logic:Workflow").body
    now = {"identity": {"type": "UserAssigned", "userAssignedIdentities": ["/id/2"]}}
    before = {"identity": {"type": "UserAssigned", "userAssignedIdentities": ["/id/1", "/id/2"]}}
    sent = converter.to_request(workflow, now, before)["identity"]["userAssignedIdentities"]
    assert sent == {"/id/2": {}, "/id/1": None}


def test_outputs_hold_modelled_properties_only_flattened_and_renamed(converter: Converter, schema: Schema) -> None:
    body = {
        "id": "/x",
        "name": "a",
        "location": "westeurope",
        "systemData": {"not": "modelled"},
        "properties": {
            "supportsHttpsTrafficOnly": True,
            "accessTier": None,
            "notModelled": 1,
            "networkAcls": {"ipRules": [{"value": "1.2.3.4", "action": "Allow"}], "defaultAction": "Deny"},
            "privateEndpointConnections": [{"id": "/p", "properties": {"provisioningState": "Succeeded"}}],
        },
    }
    assert converter.to_outputs(resource(schema, "storage:StorageAccount").outputs, body) == {
        "id": "/x",
        "name": "a",
        "location": "westeurope",
        "enableHttpsTrafficOnly": True,
        "networkRuleSet": {"ipRules": [{"iPAddressOrRange": "1.2.3.4", "action": "Allow"}], "defaultAction": "Deny"},
        "privateEndpointConnections": [{"id": "/p", "provisioningState": "Succeeded"}],
    }


def test_statuses_of_a_connection_are_read_though_the_service_does_not_nest_them(
    converter: Converter, schema: Schema
) -> None:
    """The specification flattens `properties` of a status; the service sends it flat already."""
    body = {"properties": {"statuses": [{"status": "Error", "error": {"code": "Unauthenticated", "message": "m"}}]}}
    outputs = converter.to_outputs(resource(schema, "web:Connection").outputs, body)
    assert outputs["properties"]["statuses"] == [
        {"status": "Error", "error": {"code": "Unauthenticated", "message": "m"}}
    ]


def test_criteria_come_back_under_their_sdk_names(converter: Converter, schema: Schema) -> None:
    alert = resource(schema, "monitor:MetricAlert")
    body = converter.to_request(alert.body, {"criteria": CRITERIA})
    assert converter.to_outputs(alert.outputs, body)["criteria"] == CRITERIA


def test_projection_to_inputs_drops_what_is_read_only(converter: Converter, schema: Schema) -> None:
    outputs = {
        "id": "/x",
        "sku": {"name": "Standard_LRS", "tier": "Standard"},
        "primaryEndpoints": {"table": "t"},
        "encryption": {"services": {"blob": {"enabled": True, "lastEnabledTime": "now"}}},
        "criteria": 1,
    }
    assert converter.project(resource(schema, "storage:StorageAccount").body, outputs) == {
        "sku": {"name": "Standard_LRS"},
        "encryption": {"services": {"blob": {"enabled": True}}},
    }


def test_identities_of_outputs_project_to_a_list(converter: Converter, schema: Schema) -> None:
    outputs = {"identity": {"type": "UserAssigned", "userAssignedIdentities": {"/id/1": {"clientId": "c"}}}}
    projected = converter.project(resource(schema, "logic:Workflow").body, outputs)
    assert projected == {"identity": {"type": "UserAssigned", "userAssignedIdentities": ["/id/1"]}}


def test_imported_inputs_are_path_values_and_what_can_be_written(converter: Converter, schema: Schema) -> None:
    account = resource(schema, "storage:StorageAccount")
    id_ = "/subscriptions/s/RESOURCEGROUPS/g/providers/microsoft.storage/storageaccounts/Acc"
    body = {
        "id": id_,
        "kind": "StorageV2",
        "tags": {},
        "properties": {"networkAcls": {"ipRules": [], "defaultAction": "Allow"}, "primaryLocation": "x"},
    }
    assert converter.to_imported_inputs(account, parse_id(id_, account.path), body) == {
        "resourceGroupName": "g",
        "accountName": "Acc",
        "kind": "StorageV2",
        "networkRuleSet": {"defaultAction": "Allow"},
    }


def test_a_preview_shows_inputs_and_leaves_the_rest_unknown(converter: Converter, schema: Schema) -> None:
    inputs = {
        "location": "westeurope",
        "sku": {"name": "Standard_LRS"},
        "tags": {"a": "b", "c": UNKNOWN},
        "enableHttpsTrafficOnly": True,
        "networkRuleSet": UNKNOWN,
        "accountName": "not an output",
    }
    shown = converter.preview(resource(schema, "storage:StorageAccount").outputs, inputs)
    assert shown["sku"] == {"name": "Standard_LRS", "tier": UNKNOWN}
    assert shown["tags"] == {"a": "b", "c": UNKNOWN}
    assert (shown["location"], shown["enableHttpsTrafficOnly"]) == ("westeurope", True)
    assert shown["networkRuleSet"] is shown["name"] is shown["id"] is shown["primaryEndpoints"] is UNKNOWN
    assert "accountName" not in shown


def test_a_preview_of_a_definition_is_the_definition(converter: Converter, schema: Schema) -> None:
    inputs = {"definition": {"actions": {"x": UNKNOWN}}, "parameters": {"p": {"value": 1}}}
    shown = converter.preview(resource(schema, "logic:Workflow").outputs, inputs)
    assert shown["definition"] == {"actions": {"x": UNKNOWN}}
    assert shown["parameters"] == {"p": {"value": 1, "type": UNKNOWN, "description": UNKNOWN, "metadata": UNKNOWN}}
