"""The built-in roles that matter to a Logic App, its table, its secrets and the pipeline that deploys them.

Names, ids and permissions as in Microsoft's pages "Azure built-in roles".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class BuiltInRole:
    """`data_actions` are what the role allows in a service's data, not in ARM."""

    name: str
    id: str
    description: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The role definition as ARM shows it."""
        permission = {
            "actions": list(self.actions),
            "notActions": list(self.not_actions),
            "dataActions": list(self.data_actions),
            "notDataActions": [],
        }
        properties = {
            "roleName": self.name,
            "type": "BuiltInRole",
            "description": self.description,
            "assignableScopes": ["/"],
            "permissions": [permission],
        }
        id_ = f"/providers/Microsoft.Authorization/roleDefinitions/{self.id}"
        return {"properties": properties, "id": id_, "type": "Microsoft.Authorization/roleDefinitions", "name": self.id}


_COMMON = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
)
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices"
_TABLES = "Microsoft.Storage/storageAccounts/tableServices/tables"
_KEYS = "Microsoft.KeyVault/vaults/keys"
_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"

OWNER = BuiltInRole(
    "Owner",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.",
    ("*",),
)

BUILT_IN_ROLES = (
    OWNER,
    BuiltInRole(
        "Contributor",
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC, manage "
        "assignments in Azure Blueprints, or share image galleries.",
        ("*",),
        (
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
            "Microsoft.Blueprint/blueprintAssignments/write",
            "Microsoft.Blueprint/blueprintAssignments/delete",
            "Microsoft.Compute/galleries/share/action",
            "Microsoft.Purview/consents/write",
            "Microsoft.Purview/consents/delete",
            "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
            "Microsoft.Subscription/cancel/action",
            "Microsoft.Subscription/enable/action",
        ),
    ),
    BuiltInRole(
        "Reader",
        "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "View all resources, but does not allow you to make any changes.",
        ("*/read",),
    ),
    BuiltInRole(
        "User Access Administrator",
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "Lets you manage user access to Azure resources.",
        ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
    ),
    BuiltInRole(
        "Role Based Access Control Administrator",
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "Manage access to Azure resources by assigning roles using Azure RBAC. This role does not allow you to manage "
        "access using other ways, such as Azure Policy.",
        (
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
            "Microsoft.Support/*",
        ),
    ),
    BuiltInRole(
        "Locks Contributor",
        "28bf596f-4eb7-45ce-b5bc-6cf482fec137",
        "Can manage locks operations.",
        (
            "Microsoft.Authorization/locks/read",
            "Microsoft.Authorization/locks/write",
            "Microsoft.Authorization/locks/delete",
        ),
    ),
    BuiltInRole(
        "Logic App Contributor",
        "87a39d53-fc1b-424a-814c-f7e04687dc9e",
        "Lets you manage logic app, but not access to them.",
        (
            *_COMMON,
            "Microsoft.ClassicStorage/storageAccounts/listKeys/action",
            "Microsoft.ClassicStorage/storageAccounts/read",
            "Microsoft.Insights/metricAlerts/*",
            "Microsoft.Insights/diagnosticSettings/*",
            "Microsoft.Insights/logdefinitions/*",
            "Microsoft.Insights/metricDefinitions/*",
            "Microsoft.Logic/*",
            "Microsoft.Resources/subscriptions/operationresults/read",
            "Microsoft.Storage/storageAccounts/listkeys/action",
            "Microsoft.Storage/storageAccounts/read",
            "Microsoft.Web/connectionGateways/*",
            "Microsoft.Web/connections/*",
            "Microsoft.Web/customApis/*",
            "Microsoft.Web/serverFarms/join/action",
            "Microsoft.Web/serverFarms/read",
            "Microsoft.Web/sites/functions/listSecrets/action",
        ),
    ),
    BuiltInRole(
        "Storage Account Contributor",
        "17d1049b-9a84-46fb-8f53-869881c3d3ab",
        "Lets you manage storage accounts, including accessing storage account keys which provide full access to "
        "storage account data.",
        (
            *_COMMON,
            "Microsoft.Insights/diagnosticSettings/*",
            "Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action",
            "Microsoft.ResourceHealth/availabilityStatuses/read",
            "Microsoft.Storage/storageAccounts/*",
        ),
    ),
    BuiltInRole(
        "Storage Blob Data Contributor",
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        "Allows for read, write and delete access to Azure Storage blob containers and data",
        (
            f"{_BLOBS}/containers/delete",
            f"{_BLOBS}/containers/read",
            f"{_BLOBS}/containers/write",
            f"{_BLOBS}/generateUserDelegationKey/action",
        ),
        (),
        (
            f"{_BLOBS}/containers/blobs/delete",
            f"{_BLOBS}/containers/blobs/read",
            f"{_BLOBS}/containers/blobs/move/action",
            f"{_BLOBS}/containers/blobs/write",
        ),
    ),
    BuiltInRole(
        "Storage Blob Data Reader",
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        "Allows for read access to Azure Storage blob containers and data",
        (f"{_BLOBS}/containers/read", f"{_BLOBS}/generateUserDelegationKey/action"),
        (),
        (f"{_BLOBS}/containers/blobs/read",),
    ),
    BuiltInRole(
        "Storage Table Data Contributor",
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
        "Allows for read, write and delete access to Azure Storage tables and entities",
        (f"{_TABLES}/read", f"{_TABLES}/write", f"{_TABLES}/delete"),
        (),
        (
            f"{_TABLES}/entities/read",
            f"{_TABLES}/entities/write",
            f"{_TABLES}/entities/delete",
            f"{_TABLES}/entities/add/action",
            f"{_TABLES}/entities/update/action",
        ),
    ),
    BuiltInRole(
        "Storage Table Data Reader",
        "76199698-9eea-4c19-bc75-cec21354c6b6",
        "Allows for read access to Azure Storage tables and entities",
        (f"{_TABLES}/read",),
        (),
        (f"{_TABLES}/entities/read",),
    ),
    BuiltInRole(
        "Key Vault Crypto User",
        "12338af0-0e69-4776-bea7-57ae8d297424",
        "Perform cryptographic operations using keys. Only works for key vaults that use the 'Azure role-based access "
        "control' permission model.",
        (),
        (),
        (
            f"{_KEYS}/read",
            *(
                f"{_KEYS}/{action}/action"
                for action in ("update", "backup", "encrypt", "decrypt", "wrap", "unwrap", "sign", "verify")
            ),
        ),
    ),
    BuiltInRole(
        "Managed Identity Contributor",
        "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",
        "Create, Read, Update, and Delete User Assigned Identity",
        (
            *_COMMON,
            *(f"{_IDENTITIES}/{verb}" for verb in ("read", "write", "delete")),
            *(f"{_IDENTITIES}/federatedIdentityCredentials/{verb}" for verb in ("read", "write", "delete")),
            f"{_IDENTITIES}/revokeTokens/action",
        ),
    ),
    BuiltInRole(
        "Monitoring Reader",
        "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
        "Can read all monitoring data.",
        ("*/read", "Microsoft.OperationalInsights/workspaces/search/action", "Microsoft.Support/*"),
    ),
)
