"""Where the local cloud does other than Azure, by the part of the coverage and the name of what deviates.

Each name must be in the coverage: a note about something that is gone fails the suite. `[unverified: ID]` marks what
nobody has compared with Azure; docs/unverified.md has the statement of that id, and a probe for it.
"""

from __future__ import annotations

from collections.abc import Iterable

_CULTURES = (
    "Cultures other than the invariant one and en-US come from Unicode's CLDR, as .NET on Linux has them; in details "
    "they may be those of another CLDR version than Azure's."
)
_LOCAL_ADDRESS = "Callback addresses are http://127.0.0.1:PORT/…: nothing beyond this machine can call them."
_DOCUMENT = "Kept and shown; nothing behind it."
_MANAGED_RULES = "Kept and listed, not enforced. Of the built-in definitions there is the one about shared keys."
_THROTTLED = "Always 0: the local cloud throttles no workflow."
_REFUSED = "Refused by name (`NotSupportedByLocalAzure`): "
_ACCOUNT = (
    "`primaryEndpoints` names `table` alone, over plain http on 127.0.0.1. supportsHttpsTrafficOnly, network rules, "
    "encryption, SAS policy and the like are kept without effect; allowSharedKeyAccess has its effect."
)
_VAULT = "A document: a vault's own address (https://NAME.vault.azure.net) is not served, nothing is encrypted."

_FUNCTIONS = {
    **dict.fromkeys(
        ("formatDateTime", "parseDateTime", "formatTimeSpan", "formatNumber", "float", "isFloat"), _CULTURES
    ),
    "listCallbackUrl": _LOCAL_ADDRESS,
}

_ACTIONS = {
    "Http": (
        "Calls the real address, from this machine. ActiveDirectoryOAuth works with a secret, not with a certificate; "
        "ManagedServiceIdentity gets a token that only this cloud accepts; no chunked transfer."
    ),
    "Function": "In process: `runtime.functions` holds what stands for each Azure Function; without it: NotFound.",
    "HttpWebhook": _LOCAL_ADDRESS,
    "ApiConnectionWebhook": _LOCAL_ADDRESS,
    "ApiConnection": "An API without a connector here answers 501 until it is given one (see Connectors).",
}

_TRIGGERS = {
    "Request": _LOCAL_ADDRESS,
    "SlidingWindow": (
        "The window's times stand directly under the outputs [unverified: sliding-window-outputs]; a window begins"
        " where the one before it ends [unverified: sliding-windows-are-contiguous]."
    ),
    **dict.fromkeys(
        ("Http", "ApiConnection"),
        "Deploys, and is not polled: fired by hand or by a test, with the answer that the poll would have had.",
    ),
    **dict.fromkeys(("HttpWebhook", "ApiConnectionWebhook"), "Subscribes as on Azure. " + _LOCAL_ADDRESS),
}

_CONNECTORS = {
    "azuretables: Get storage accounts": "Tells of the connection's own account only.",
    "acsemail: Send email": "The mail is in the inbox at once; the state of a sending cannot be asked for.",
    "acsemail: Send email (preview)": "The mail is in the inbox at once; the state of a sending cannot be asked for.",
}

_OPERATIONS = {
    "WorkflowTriggers_SetState": _REFUSED + "the state of one trigger cannot be copied to another.",
    "WorkflowVersionTriggers_ListCallbackUrl": _REFUSED + "only the present version of a workflow can be called.",
    "WorkflowRunActions_ListExpressionTraces": _REFUSED + "traces of expressions are not kept.",
    "WorkflowRunActionRepetitions_ListExpressionTraces": _REFUSED + "traces of expressions are not kept.",
    "WorkflowTriggers_ListCallbackUrl": _LOCAL_ADDRESS,
    "Workflows_ListCallbackUrl": _LOCAL_ADDRESS,
    "Workflows_GenerateUpgradedDefinition": "Only `$schema` changes: the language of all versions is the same here.",
    "Connections_Get": (
        "A connection without consent has the status `Error`, `Unauthenticated` [unverified: unauthenticated-status]."
        " A connection to an API that is not known here is `Connected`."
    ),
    "Connections_CreateOrUpdate": (
        "A PUT without parameterValues keeps the old ones [unverified: put-keeps-key]; whether it keeps the consent is"
        " a switch (`--put-drops-consent`), for nobody has seen what Azure does [unverified: put-keeps-consent]."
    ),
    "Connections_ListConsentLinks": "The link leads to a page of this machine, where one click consents.",
    "ManagedApis_List": "The APIs that are known here, not Azure's thousand.",
    "ManagedApis_Get": "The APIs that are known here, not Azure's thousand.",
    **dict.fromkeys(("StorageAccounts_Create", "StorageAccounts_Update", "StorageAccounts_GetProperties"), _ACCOUNT),
    "TableServices_SetServiceProperties": "CORS, logging and metrics settings are kept without effect.",
    "ManagementPolicies_CreateOrUpdate": "Kept without effect: nothing is moved or deleted by age.",
    **dict.fromkeys(
        (
            *("BlobServices_GetServiceProperties", "BlobServices_SetServiceProperties"),
            *("BlobContainers_List", "BlobContainers_Get", "BlobContainers_Create", "BlobContainers_Update"),
            "BlobContainers_Delete",
        ),
        _DOCUMENT + " Blobs, files and queues are not served.",
    ),
    "ActionGroups_CreateOrUpdate": "Only e-mail receivers act, and mail to the inbox; the other kinds are kept.",
    "ActionGroups_Update": "Only e-mail receivers act, and mail to the inbox; the other kinds are kept.",
    **dict.fromkeys(
        ("MetricAlerts_CreateOrUpdate", "MetricAlerts_Update"),
        "Static thresholds on single resources, without dimensions; other criteria and scopes are refused. A rule is "
        "evaluated in its rhythm, and at once when a watched metric gets a value. A count of which nothing came is 0 "
        "as soon as the rule is older than its window.",
    ),
    "Providers_Register": "Every namespace is registered until somebody unregisters it; Azure begins the other way.",
    **dict.fromkeys(
        (
            *("PolicyDefinitions_List", "PolicyDefinitions_Get", "PolicyDefinitions_CreateOrUpdate"),
            *("PolicySetDefinitions_List", "PolicySetDefinitions_Get", "PolicySetDefinitions_CreateOrUpdate"),
            *("PolicyAssignments_List", "PolicyAssignments_Get", "PolicyAssignments_Create"),
        ),
        _MANAGED_RULES,
    ),
    "RoleDefinitions_List": "Of the built-in roles those that matter to what is served.",
    **dict.fromkeys(("Vaults_CreateOrUpdate", "Keys_CreateIfNotExist"), _VAULT),
}

_METRICS = {
    **dict.fromkeys(
        ("RunStartThrottledEvents", "RunThrottledEvents", "ActionThrottledEvents", "TriggerThrottledEvents"), _THROTTLED
    ),
    "BillingUsageStorageConsumption": "Always 0: storage of run history costs nothing here.",
}

NOTES: dict[str, dict[str, str]] = {
    "functions": _FUNCTIONS,
    "actions": _ACTIONS,
    "triggers": _TRIGGERS,
    "connectors": _CONNECTORS,
    "operations": _OPERATIONS,
    "metrics": _METRICS,
    "pulumi": {},
}

GENERAL: dict[str, tuple[str, ...]] = {
    "Runs": (
        "Timing is that of this machine: a run takes milliseconds. Nothing is throttled, and nothing is billed, though "
        "billable executions are counted.",
        "What waits for a callback or a person waits as on Azure, for up to 90 days; history is kept as long.",
        "Repetitions inside nested loops are named by the place in each (`000000-000001`)"
        " [unverified: nested-repetitions-are-named]. Refused on deployment are actions nested deeper than 8"
        " [unverified: save-deep-nesting] and expressions longer than 8,192 characters"
        " [unverified: save-long-expression].",
    ),
    "Tables": (
        "An account's Table service is Azurite: times are compared to the millisecond. It takes what Azure is said to "
        "refuse: a deleted table made again at once [unverified: table-being-deleted], a filter with a date that is "
        "none [unverified: bad-date-is-refused], a comparison of `Timestamp` with a text [unverified: text-is-no-date],"
        " `$top=1001` [unverified: at-most-1000-rows]. It has other codes for a wrong key [unverified: wrong-key-code] "
        "and for a bad table name [unverified: bad-table-name-code]. Rows of a table whose name has capital letters "
        "are found by that spelling alone.",
        "Rows have the machine's time as `Timestamp`, on a virtual clock too.",
    ),
    "Connectors": (
        "A call takes no time and fails only by a rule (`faults`). Calls of one connection are limited to 1,200 "
        "(azuretables, as documented), 300 (office365) and 100 (smtp) a minute; the last two figures are assumptions.",
        "Every mail goes to the local inbox; `--deliver-smtp` lets the smtp connector reach real servers.",
        "The operationIds of azuretables' second version are those of the first with `_V2`"
        " [unverified: v2-operation-ids]. Its answers have `odata.etag` [unverified: etag-in-answer] and `Timestamp`"
        " [unverified: timestamp-in-answer], and their headers are a choice [unverified: shape-get-entities].",
        "Consent: connections of office365 and its like are authorized as soon as they are made, unless the cloud was "
        "started with `--no-auto-consent`.",
        "A managed identity may use every storage account of the local cloud, whatever its roles.",
    ),
    "Azure Resource Manager": (
        "One tenant, one subscription, one application, which is Owner of everything; beside it sign in user-assigned "
        "identities, by their federated credentials. The ids of all three are the same on every machine.",
        "The shape of answers is that of examples and recorded answers; what these do not show is a choice"
        " [unverified: shape-workflow], [unverified: shape-run], [unverified: shape-connection] and the other"
        " statements on shapes.",
        "Account SAS, failover, template deployments and everything else that is named as missing above is refused by "
        "an error that says so; nothing is pretended.",
        "Every region is served, none differs. ETags of resources are not kept.",
    ),
    "Pulumi": (
        "The stand-in for azure-native retries and polls a hundred times faster, unless the answer says Retry-After.",
        "Cancel ends what runs for the calling engine and leaves the provider usable: it outlives the commands.",
        "Settings that choose another cloud or another way to sign in (environment, metadataHost, useOidc, …) are "
        "ignored.",
        "A namespace that is not registered is not registered by itself: 409 MissingSubscriptionRegistration.",
        "The list of changed properties in a diff is sorted and without repetitions; GetSchema holds the served types "
        "only.",
    ),
}


def unknown(key: str, names: Iterable[str]) -> list[str]:
    """The notes of a part that are about nothing in it."""
    return sorted(set(NOTES[key]) - set(names))
