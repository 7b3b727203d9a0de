"""What the azure-native Python SDK does not say of a type: paths, nesting and names on the wire, constraints.

Read only by `generate.py`. Sources: the specifications in Azure/azure-rest-api-specs at the API version named in the
SDK (paths, `x-ms-client-flatten`, `x-ms-client-name`, lengths, `x-ms-long-running-operation`), and for what forces a
replacement `x-ms-mutability` there together with the provider's own list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
ACCOUNT = GROUP + "/providers/Microsoft.Storage/storageAccounts/{accountName}"
WORKFLOW = GROUP + "/providers/Microsoft.Logic/workflows/{workflowName}"
CONNECTION = GROUP + "/providers/Microsoft.Web/connections/{connectionName}"

Facts = Mapping[str, Any]

_GROUP_NAME: Facts = {"minLength": 1, "maxLength": 90}
_GROUP_NAME_PATTERN: Facts = {**_GROUP_NAME, "pattern": r"^[-\w\._\(\)]+$"}
_ACCOUNT_NAME: Facts = {"minLength": 3, "maxLength": 24}
_TABLE_NAME: Facts = {"minLength": 3, "maxLength": 63, "pattern": "^[A-Za-z][A-Za-z0-9]{2,62}$"}
_STORAGE: Mapping[str, Facts] = {"resourceGroupName": _GROUP_NAME_PATTERN, "accountName": _ACCOUNT_NAME}
_SCOPE: Facts = {"skipEncoding": True}


@dataclass(frozen=True)
class ResourceDeclaration:
    """`top_level`: body and output properties that are not inside `properties`; None: nothing is flattened.
    `required`: what the specification requires and the SDK does not, since it or the provider gives a default."""

    token: str
    path: str
    top_level: tuple[str, ...] | None = ()
    parameters: Mapping[str, Facts] = field(default_factory=dict)
    body: Mapping[str, Facts] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    required_containers: tuple[str, ...] = ()
    long_running_put: bool = False
    long_running_delete: bool = False
    singleton: bool = False
    default_properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FunctionDeclaration:
    """A `list…` function. `query`: SDK name -> name in the query string."""

    token: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)


RESOURCES = (
    ResourceDeclaration(
        "resources:ResourceGroup",
        GROUP,
        top_level=None,
        parameters={"resourceGroupName": _GROUP_NAME_PATTERN},
        body={"location": {"forceNew": True}},
        required=("location",),
        long_running_delete=True,
    ),
    ResourceDeclaration(
        "storage:StorageAccount",
        ACCOUNT,
        top_level=("sku", "kind", "location", "tags", "identity", "extendedLocation"),
        parameters=_STORAGE,
        body={
            "location": {"forceNew": True},
            "isHnsEnabled": {"forceNew": True},
            "enableHttpsTrafficOnly": {"wire": "supportsHttpsTrafficOnly"},
            "networkRuleSet": {"wire": "networkAcls"},
            "enableNfsV3": {"wire": "isNfsV3Enabled"},
        },
        required=("location",),
        long_running_put=True,
        default_properties={
            "networkRuleSet": {
                "bypass": "AzureServices",
                "defaultAction": "Allow",
                "ipRules": [],
                "virtualNetworkRules": [],
            }
        },
    ),
    ResourceDeclaration(
        "storage:Table",
        ACCOUNT + "/tableServices/default/tables/{tableName}",
        parameters={**_STORAGE, "tableName": _TABLE_NAME},
    ),
    ResourceDeclaration(
        "storage:TableServiceProperties",
        ACCOUNT + "/tableServices/{tableServiceName}",
        parameters=_STORAGE,
        singleton=True,
    ),
    ResourceDeclaration(
        "storage:ManagementPolicy",
        ACCOUNT + "/managementPolicies/{managementPolicyName}",
        parameters=_STORAGE,
    ),
    ResourceDeclaration("logic:Workflow", WORKFLOW, top_level=("location", "tags", "identity")),
    ResourceDeclaration("web:Connection", CONNECTION, top_level=None),
    ResourceDeclaration(
        "monitor:ActionGroup",
        GROUP + "/providers/Microsoft.Insights/actionGroups/{actionGroupName}",
        top_level=("location", "tags", "identity"),
        parameters={"resourceGroupName": _GROUP_NAME},
        body={"location": {"forceNew": True}, "groupShortName": {"maxLength": 12}, "enabled": {"default": True}},
        required=("location", "enabled"),
    ),
    ResourceDeclaration(
        "monitor:MetricAlert",
        GROUP + "/providers/Microsoft.Insights/metricAlerts/{ruleName}",
        top_level=("location", "tags"),
        body={"location": {"forceNew": True}},
        required=("location",),
        required_containers=("properties",),
    ),
    ResourceDeclaration(
        "authorization:RoleAssignment",
        "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        parameters={"scope": _SCOPE},
        body={"principalId": {"forceNew": True}, "principalType": {"default": "User"}},
        required_containers=("properties",),
    ),
    ResourceDeclaration(
        "authorization:ManagementLockByScope",
        "/{scope}/providers/Microsoft.Authorization/locks/{lockName}",
        top_level=("systemData",),
        parameters={"scope": _SCOPE},
        required_containers=("properties",),
    ),
)

FUNCTIONS = (
    FunctionDeclaration("storage:listStorageAccountKeys", ACCOUNT + "/listKeys", query={"expand": "$expand"}),
    FunctionDeclaration("logic:listWorkflowCallbackUrl", WORKFLOW + "/listCallbackUrl"),
    FunctionDeclaration("logic:listWorkflowTriggerCallbackUrl", WORKFLOW + "/triggers/{triggerName}/listCallbackUrl"),
    FunctionDeclaration("web:listConnectionConsentLinks", CONNECTION + "/listConsentLinks"),
)

# Of objects inside a resource: the class of the SDK without `Args`/`Response` -> property -> facts.
NESTED: Mapping[str, Mapping[str, Facts]] = {
    "storage.Encryption": {
        "keyVaultProperties": {"wire": "keyvaultproperties"},
        "encryptionIdentity": {"wire": "identity"},
    },
    "storage.EncryptionIdentity": {
        "encryptionUserAssignedIdentity": {"wire": "userAssignedIdentity"},
        "encryptionFederatedIdentityClientId": {"wire": "federatedIdentityClientId"},
    },
    "storage.KeyVaultProperties": {
        "keyName": {"wire": "keyname"},
        "keyVersion": {"wire": "keyversion"},
        "keyVaultUri": {"wire": "keyvaulturi"},
    },
    "storage.NetworkRuleSet": {"defaultAction": {"required": True}},
    "storage.IPRule": {"iPAddressOrRange": {"wire": "value"}},
    "storage.VirtualNetworkRule": {"virtualNetworkResourceId": {"wire": "id"}},
    "storage.PrivateEndpointConnection": {
        name: {"containers": ["properties"]}
        for name in ("privateEndpoint", "privateLinkServiceConnectionState", "provisioningState")
    },
    "storage.AccountImmutabilityPolicyProperties": {
        "immutabilityPeriodSinceCreationInDays": {"minimum": 1, "maximum": 146000}
    },
    "storage.TagFilter": {"name": {"minLength": 1, "maxLength": 128}, "value": {"maxLength": 256}},
    "storage.DateAfterModification": {
        name: {"minimum": 0}
        for name in (
            "daysAfterCreationGreaterThan",
            "daysAfterLastAccessTimeGreaterThan",
            "daysAfterLastTierChangeGreaterThan",
            "daysAfterModificationGreaterThan",
        )
    },
    "storage.DateAfterCreation": {
        "daysAfterCreationGreaterThan": {"minimum": 0},
        "daysAfterLastTierChangeGreaterThan": {"minimum": 0},
    },
    "storage.Identity": {"userAssignedIdentities": {"stringSet": True}},
    "logic.ManagedServiceIdentity": {"userAssignedIdentities": {"stringSet": True}},
    "monitor.ManagedServiceIdentity": {"userAssignedIdentities": {"stringSet": True}},
    "web.ConnectionStatusDefinition": {name: {"containers": ["properties"]} for name in ("error", "status", "target")},
    "web.ConnectionError": {name: {"containers": ["properties"]} for name in ("code", "message")},
    "monitor.MetricAlertSingleResourceMultipleMetricCriteria": {"odataType": {"wire": "odata.type"}},
    "monitor.MetricAlertMultipleResourceMultipleMetricCriteria": {"odataType": {"wire": "odata.type"}},
    "monitor.WebtestLocationAvailabilityCriteria": {"odataType": {"wire": "odata.type"}},
    "logic.WorkflowTriggerListCallbackUrlQueries": {"apiVersion": {"wire": "api-version"}},
}
