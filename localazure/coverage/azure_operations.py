"""Operations of Azure Resource Manager by the ids of azure-rest-api-specs; `X_*` is a family, told by one of its paths.

Microsoft.Logic has every operation on workflows; the other namespaces have those on the types that are served here, and
beside them what a Logic App's deployment is most likely to ask for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_PLACES = {"S": "/subscriptions/{subscription}", "G": "/subscriptions/{subscription}/resourceGroups/{group}"}


@dataclass(frozen=True)
class Operation:
    """`template` is the path of a call, its parameters in braces."""

    namespace: str
    id: str
    method: str
    template: str


def operations() -> Iterator[Operation]:
    """All of them, in the order of the list."""
    namespace, root = "", ""
    for line in filter(None, map(str.strip, _TEXT.splitlines())):
        if line.startswith("["):
            namespace, _, root = line.strip("[]").partition(" ")
            continue
        name, method, path = line.split()
        yield Operation(namespace, name, method, _full(namespace, root, path))


def _full(namespace: str, root: str, path: str) -> str:
    """`S:/x` and `G:/x` stand below the namespace in subscription and group, `~/x` below the root that was given last,
    `{scope}:/x` below the namespace at any scope."""
    if path.startswith("~"):
        path = root + path[1:]
    place, colon, rest = path.partition(":/")
    if not colon:
        return _PLACES.get(path[:1], path[:1]) + path[1:]
    if place == "{scope}":
        return f"/{{scope}}/providers/{namespace}/{rest}"
    return f"{_PLACES[place]}/providers/{namespace}/{rest}"


_TEXT = """
[Microsoft.Logic G:/workflows/{workflow}]
Workflows_ListBySubscription GET S:/workflows
Workflows_ListByResourceGroup GET G:/workflows
Workflows_Get GET ~
Workflows_CreateOrUpdate PUT ~
Workflows_Update PATCH ~
Workflows_Delete DELETE ~
Workflows_Disable POST ~/disable
Workflows_Enable POST ~/enable
Workflows_GenerateUpgradedDefinition POST ~/generateUpgradedDefinition
Workflows_ListCallbackUrl POST ~/listCallbackUrl
Workflows_ListSwagger POST ~/listSwagger
Workflows_Move POST ~/move
Workflows_RegenerateAccessKey POST ~/regenerateAccessKey
Workflows_ValidateByResourceGroup POST ~/validate
Workflows_ValidateByLocation POST G:/locations/{location}/workflows/{workflow}/validate
WorkflowVersions_List GET ~/versions
WorkflowVersions_Get GET ~/versions/{version}
WorkflowVersionTriggers_ListCallbackUrl POST ~/versions/{version}/triggers/{trigger}/listCallbackUrl
WorkflowTriggers_List GET ~/triggers
WorkflowTriggers_Get GET ~/triggers/{trigger}
WorkflowTriggers_Run POST ~/triggers/{trigger}/run
WorkflowTriggers_Reset POST ~/triggers/{trigger}/reset
WorkflowTriggers_SetState POST ~/triggers/{trigger}/setState
WorkflowTriggers_ListCallbackUrl POST ~/triggers/{trigger}/listCallbackUrl
WorkflowTriggers_GetSchemaJson GET ~/triggers/{trigger}/schemas/json
WorkflowTriggerHistories_List GET ~/triggers/{trigger}/histories
WorkflowTriggerHistories_Get GET ~/triggers/{trigger}/histories/{history}
WorkflowTriggerHistories_Resubmit POST ~/triggers/{trigger}/histories/{history}/resubmit
WorkflowRuns_List GET ~/runs
WorkflowRuns_Get GET ~/runs/{run}
WorkflowRuns_Cancel POST ~/runs/{run}/cancel
WorkflowRunOperations_Get GET ~/runs/{run}/operations/{operation}
WorkflowRunActions_List GET ~/runs/{run}/actions
WorkflowRunActions_Get GET ~/runs/{run}/actions/{action}
WorkflowRunActions_ListExpressionTraces POST ~/runs/{run}/actions/{action}/listExpressionTraces
WorkflowRunActionRequestHistories_List GET ~/runs/{run}/actions/{action}/requestHistories
WorkflowRunActionRequestHistories_Get GET ~/runs/{run}/actions/{action}/requestHistories/{history}
WorkflowRunActionScopeRepetitions_List GET ~/runs/{run}/actions/{action}/scopeRepetitions
WorkflowRunActionScopeRepetitions_Get GET ~/runs/{run}/actions/{action}/scopeRepetitions/{repetition}
WorkflowRunActionRepetitions_List GET ~/runs/{run}/actions/{action}/repetitions
WorkflowRunActionRepetitions_Get GET ~/runs/{run}/actions/{action}/repetitions/{repetition}
WorkflowRunActionRepetitions_ListExpressionTraces POST ~/runs/{run}/actions/{a}/repetitions/{n}/listExpressionTraces
WorkflowRunActionRepetitionsRequestHistories_List GET ~/runs/{run}/actions/{action}/repetitions/{n}/requestHistories
WorkflowRunActionRepetitionsRequestHistories_Get GET ~/runs/{run}/actions/{a}/repetitions/{n}/requestHistories/{h}
Operations_List GET /providers/Microsoft.Logic/operations
IntegrationAccounts_* GET G:/integrationAccounts/{account}
IntegrationServiceEnvironments_* GET G:/integrationServiceEnvironments/{environment}

[Microsoft.Web G:/connections/{connection}]
Connections_List GET G:/connections
Connections_Get GET ~
Connections_CreateOrUpdate PUT ~
Connections_Update PATCH ~
Connections_Delete DELETE ~
Connections_ListConsentLinks POST ~/listConsentLinks
Connections_ConfirmConsentCode POST ~/confirmConsentCode
Connections_ListConnectionKeys POST ~/listConnectionKeys
Connections_AccessPolicies_* PUT ~/accessPolicies/{policy}
ManagedApis_List GET S:/locations/{location}/managedApis
ManagedApis_Get GET S:/locations/{location}/managedApis/{api}
CustomApis_* GET G:/customApis/{api}
ConnectionGateways_* GET G:/connectionGateways/{gateway}
ConnectionGatewayInstallations_* GET S:/locations/{location}/connectionGatewayInstallations/{gateway}
WebApps_* GET G:/sites/{site}

[Microsoft.Storage G:/storageAccounts/{account}]
StorageAccounts_List GET S:/storageAccounts
StorageAccounts_ListByResourceGroup GET G:/storageAccounts
StorageAccounts_CheckNameAvailability POST S:/checkNameAvailability
StorageAccounts_Create PUT ~
StorageAccounts_Update PATCH ~
StorageAccounts_GetProperties GET ~
StorageAccounts_Delete DELETE ~
StorageAccounts_ListKeys POST ~/listKeys
StorageAccounts_RegenerateKey POST ~/regenerateKey
StorageAccounts_ListAccountSAS POST ~/ListAccountSas
StorageAccounts_ListServiceSAS POST ~/ListServiceSas
StorageAccounts_Failover POST ~/failover
StorageAccounts_RestoreBlobRanges POST ~/restoreBlobRanges
StorageAccounts_RevokeUserDelegationKeys POST ~/revokeUserDelegationKeys
StorageAccounts_HierarchicalNamespaceMigration POST ~/hnsonmigration
StorageAccounts_CustomerInitiatedMigration POST ~/startAccountMigration
TableServices_List GET ~/tableServices
TableServices_GetServiceProperties GET ~/tableServices/default
TableServices_SetServiceProperties PUT ~/tableServices/default
Table_List GET ~/tableServices/default/tables
Table_Get GET ~/tableServices/default/tables/{table}
Table_Create PUT ~/tableServices/default/tables/{table}
Table_Update PATCH ~/tableServices/default/tables/{table}
Table_Delete DELETE ~/tableServices/default/tables/{table}
ManagementPolicies_Get GET ~/managementPolicies/default
ManagementPolicies_CreateOrUpdate PUT ~/managementPolicies/default
ManagementPolicies_Delete DELETE ~/managementPolicies/default
BlobServices_List GET ~/blobServices
BlobServices_GetServiceProperties GET ~/blobServices/default
BlobServices_SetServiceProperties PUT ~/blobServices/default
BlobContainers_List GET ~/blobServices/default/containers
BlobContainers_Get GET ~/blobServices/default/containers/{container}
BlobContainers_Create PUT ~/blobServices/default/containers/{container}
BlobContainers_Update PATCH ~/blobServices/default/containers/{container}
BlobContainers_Delete DELETE ~/blobServices/default/containers/{container}
BlobContainers_SetLegalHold POST ~/blobServices/default/containers/{container}/setLegalHold
BlobContainers_Lease POST ~/blobServices/default/containers/{container}/lease
BlobContainers_ImmutabilityPolicy_* GET ~/blobServices/default/containers/{container}/immutabilityPolicies/default
BlobInventoryPolicies_* GET ~/inventoryPolicies/default
FileServices_* GET ~/fileServices/default
QueueServices_* GET ~/queueServices/default
EncryptionScopes_* GET ~/encryptionScopes/{scope_name}
LocalUsers_* GET ~/localUsers/{user}
ObjectReplicationPolicies_* GET ~/objectReplicationPolicies/{policy}
PrivateEndpointConnections_* GET ~/privateEndpointConnections/{connection}
PrivateLinkResources_ListByStorageAccount GET ~/privateLinkResources
DeletedAccounts_* GET S:/deletedAccounts
AsyncOperations_Get GET S:/locations/{location}/asyncoperations/{operation}
Skus_List GET S:/skus
Usages_ListByLocation GET S:/locations/{location}/usages

[Microsoft.Insights G:/metricAlerts/{rule}]
ActionGroups_ListBySubscriptionId GET S:/actionGroups
ActionGroups_ListByResourceGroup GET G:/actionGroups
ActionGroups_Get GET G:/actionGroups/{group_name}
ActionGroups_CreateOrUpdate PUT G:/actionGroups/{group_name}
ActionGroups_Update PATCH G:/actionGroups/{group_name}
ActionGroups_Delete DELETE G:/actionGroups/{group_name}
ActionGroups_EnableReceiver POST G:/actionGroups/{group_name}/subscribe
ActionGroups_CreateNotificationsAtActionGroupResourceLevel POST G:/actionGroups/{group_name}/createNotifications
ActionGroups_GetTestNotificationsAtActionGroupResourceLevel GET G:/actionGroups/{group_name}/notificationStatus/{id}
MetricAlerts_ListBySubscription GET S:/metricAlerts
MetricAlerts_ListByResourceGroup GET G:/metricAlerts
MetricAlerts_Get GET ~
MetricAlerts_CreateOrUpdate PUT ~
MetricAlerts_Update PATCH ~
MetricAlerts_Delete DELETE ~
MetricAlertsStatus_List GET ~/status
MetricAlertsStatus_ListByName GET ~/status/{status}
Metrics_List GET {scope}:/metrics
MetricDefinitions_List GET {scope}:/metricDefinitions
MetricNamespaces_List GET {scope}:/metricNamespaces
Metrics_ListAtSubscriptionScopePost POST S:/metrics
DiagnosticSettings_* GET {scope}:/diagnosticSettings/{name}
DiagnosticSettingsCategory_* GET {scope}:/diagnosticSettingsCategories/{name}
ScheduledQueryRules_* GET G:/scheduledQueryRules/{rule}
ActivityLogAlerts_* GET G:/activityLogAlerts/{rule}
ActivityLogs_List GET S:/eventtypes/management/values
AutoscaleSettings_* GET G:/autoscaleSettings/{name}

[Microsoft.Resources G]
Tenants_List GET /tenants
Subscriptions_List GET /subscriptions
Subscriptions_Get GET S
Subscriptions_ListLocations GET S/locations
Providers_ListAtTenantScope GET /providers
Providers_List GET S/providers
Providers_Get GET S/providers/{namespace}
Providers_Register POST S/providers/{namespace}/register
Providers_Unregister POST S/providers/{namespace}/unregister
ResourceGroups_List GET S/resourceGroups
ResourceGroups_CheckExistence HEAD G
ResourceGroups_Get GET G
ResourceGroups_CreateOrUpdate PUT G
ResourceGroups_Update PATCH G
ResourceGroups_Delete DELETE G
ResourceGroups_ExportTemplate POST G/exportTemplate
Resources_List GET S/resources
Resources_ListByResourceGroup GET G/resources
Resources_MoveResources POST G/moveResources
OperationResults_Get GET S/operationresults/{operation}
Deployments_* PUT G:/deployments/{deployment}
DeploymentStacks_* PUT G:/deploymentStacks/{stack}
DeploymentScripts_* PUT G:/deploymentScripts/{script}
TemplateSpecs_* PUT G:/templateSpecs/{spec}
Tags_* GET {scope}:/tags/default

[Microsoft.Authorization ]
RoleAssignments_ListForScope GET {scope}:/roleAssignments
RoleAssignments_Get GET {scope}:/roleAssignments/{name}
RoleAssignments_Create PUT {scope}:/roleAssignments/{name}
RoleAssignments_Delete DELETE {scope}:/roleAssignments/{name}
RoleDefinitions_List GET {scope}:/roleDefinitions
RoleDefinitions_Get GET {scope}:/roleDefinitions/{name}
RoleDefinitions_CreateOrUpdate PUT {scope}:/roleDefinitions/{name}
RoleDefinitions_Delete DELETE {scope}:/roleDefinitions/{name}
Permissions_ListForResource GET {scope}:/permissions
ManagementLocks_ListByScope GET {scope}:/locks
ManagementLocks_GetByScope GET {scope}:/locks/{name}
ManagementLocks_CreateOrUpdateByScope PUT {scope}:/locks/{name}
ManagementLocks_DeleteByScope DELETE {scope}:/locks/{name}
PolicyDefinitions_List GET {scope}:/policyDefinitions
PolicyDefinitions_Get GET {scope}:/policyDefinitions/{name}
PolicyDefinitions_CreateOrUpdate PUT {scope}:/policyDefinitions/{name}
PolicyDefinitions_Delete DELETE {scope}:/policyDefinitions/{name}
PolicySetDefinitions_List GET {scope}:/policySetDefinitions
PolicySetDefinitions_Get GET {scope}:/policySetDefinitions/{name}
PolicySetDefinitions_CreateOrUpdate PUT {scope}:/policySetDefinitions/{name}
PolicySetDefinitions_Delete DELETE {scope}:/policySetDefinitions/{name}
PolicyAssignments_List GET {scope}:/policyAssignments
PolicyAssignments_Get GET {scope}:/policyAssignments/{name}
PolicyAssignments_Create PUT {scope}:/policyAssignments/{name}
PolicyAssignments_Delete DELETE {scope}:/policyAssignments/{name}
PolicyExemptions_* GET {scope}:/policyExemptions/{name}
DenyAssignments_* GET {scope}:/denyAssignments/{name}
RoleEligibilitySchedules_* GET {scope}:/roleEligibilitySchedules/{name}

[Microsoft.ManagedIdentity G:/userAssignedIdentities/{identity}]
UserAssignedIdentities_ListBySubscription GET S:/userAssignedIdentities
UserAssignedIdentities_ListByResourceGroup GET G:/userAssignedIdentities
UserAssignedIdentities_Get GET ~
UserAssignedIdentities_CreateOrUpdate PUT ~
UserAssignedIdentities_Update PATCH ~
UserAssignedIdentities_Delete DELETE ~
FederatedIdentityCredentials_List GET ~/federatedIdentityCredentials
FederatedIdentityCredentials_Get GET ~/federatedIdentityCredentials/{name}
FederatedIdentityCredentials_CreateOrUpdate PUT ~/federatedIdentityCredentials/{name}
FederatedIdentityCredentials_Delete DELETE ~/federatedIdentityCredentials/{name}
SystemAssignedIdentities_GetByScope GET {scope}:/identities/default

[Microsoft.KeyVault G:/vaults/{vault}]
Vaults_ListBySubscription GET S:/vaults
Vaults_ListByResourceGroup GET G:/vaults
Vaults_Get GET ~
Vaults_CreateOrUpdate PUT ~
Vaults_Update PATCH ~
Vaults_Delete DELETE ~
Vaults_CheckNameAvailability POST S:/checkNameAvailability
Vaults_ListDeleted GET S:/deletedVaults
Vaults_GetDeleted GET S:/locations/{location}/deletedVaults/{vault}
Vaults_PurgeDeleted POST S:/locations/{location}/deletedVaults/{vault}/purge
Vaults_UpdateAccessPolicy PUT ~/accessPolicies/add
Keys_List GET ~/keys
Keys_Get GET ~/keys/{key}
Keys_CreateIfNotExist PUT ~/keys/{key}
Keys_GetVersion GET ~/keys/{key}/versions/{version}
Keys_ListVersions GET ~/keys/{key}/versions
Secrets_* GET ~/secrets/{secret}
ManagedHsms_* GET G:/managedHSMs/{hsm}

[Microsoft.Communication G:/communicationServices/{service}]
CommunicationServices_* GET ~
EmailServices_* GET G:/emailServices/{service}
Domains_* GET G:/emailServices/{service}/domains/{domain}
SenderUsernames_* GET G:/emailServices/{service}/domains/{domain}/senderUsernames/{name}
"""
