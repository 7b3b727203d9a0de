"""What the pipeline's two identities may do, as custom roles: no more than preview and deployment need.

Reading is `*/read`, which shows no secret; what is written is named by type. Actions below a type are not taken apart
any further: which of them Azure asks for behind the scenes (`join`, `validate`) is not documented in one place.
"""

from __future__ import annotations

from scripts._permissions import NAMESPACES

_ACCOUNTS = "Microsoft.Storage/storageAccounts"
_LIST_KEYS = f"{_ACCOUNTS}/listKeys/action"

BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
CRYPTO_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
"""Built-in roles: Storage Blob Data Contributor and Reader, Key Vault Crypto User."""

PREVIEWER = ("*/read", _LIST_KEYS)
"""A preview makes the connection string anew, and so lists the account's keys."""

DEPLOYER = (
    *PREVIEWER,
    "Microsoft.Resources/subscriptions/resourceGroups/write",
    "Microsoft.Resources/subscriptions/resourceGroups/delete",
    f"{_ACCOUNTS}/write",
    f"{_ACCOUNTS}/delete",
    f"{_ACCOUNTS}/tableServices/write",
    f"{_ACCOUNTS}/tableServices/tables/write",
    f"{_ACCOUNTS}/tableServices/tables/delete",
    f"{_ACCOUNTS}/managementPolicies/write",
    f"{_ACCOUNTS}/managementPolicies/delete",
    "Microsoft.Web/connections/*",
    "Microsoft.Web/locations/managedApis/*",
    "Microsoft.Logic/workflows/*",
    "Microsoft.Logic/locations/workflows/*",
    "Microsoft.Insights/actionGroups/*",
    "Microsoft.Insights/metricAlerts/*",
    "Microsoft.Authorization/locks/write",
    *(f"{namespace}/register/action" for namespace in NAMESPACES),
)
"""It puts locks on, and cannot take one off: what a lock protects, no run of the pipeline deletes."""

BOOTSTRAP = (
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.Authorization/locks/write",
    "Microsoft.Resources/subscriptions/resourceGroups/write",
    f"{_ACCOUNTS}/write",
    "Microsoft.KeyVault/vaults/write",
    "Microsoft.KeyVault/vaults/keys/write",
    "Microsoft.ManagedIdentity/userAssignedIdentities/write",
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
)
"""What whoever runs bootstrap needs; an Owner has it."""
