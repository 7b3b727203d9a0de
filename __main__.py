"""The stack: settings → resource group → lead store → connections → Logic App → alerts → outputs."""

import pulumi
from pulumi_azure_native import resources

from stacks import flow
from stacks.connections import Connections, ConnectionsArgs, mail_connection
from stacks.lead_store import LeadStore, LeadStoreArgs, account_stem
from stacks.monitoring import Monitoring, MonitoringArgs
from stacks.notifier import Notifier, NotifierArgs
from stacks.protection import Protection, guarded
from stacks.stack import current_stack

stack = current_stack()
settings = stack.settings

group = resources.ResourceGroup(
    "group",
    resource_group_name=stack.resource_group,
    location=settings.location,
    tags=stack.tags,
    opts=guarded(settings.protected),
)

store = LeadStore(
    "leads",
    LeadStoreArgs(
        resource_group_name=group.name,
        location=settings.location,
        account_stem=account_stem(stack.name),
        table_name=stack.lead_table,
        sku=settings.storage_sku,
        adopted=stack.adopted_account,
        table_exists=bool(settings.existing_table),
        protected=settings.protected,
        tags=stack.tags,
    ),
)

connections = Connections(
    "connections",
    ConnectionsArgs(
        resource_group_name=group.name,
        resource_group_id=group.id,
        location=settings.location,
        account_name=store.account_name,
        account_key=store.flow_key,
        mail=mail_connection(stack.channel, settings.smtp),
        protected=settings.protected,
        tags=stack.tags,
    ),
)

notifier = Notifier(
    "lead-notifier",
    NotifierArgs(
        resource_group_name=group.name,
        location=settings.location,
        definition=flow.checked_definition(settings, stack.lead_table),
        connections=connections.workflow_value,
        state=settings.flow_state,
        tags=stack.tags,
    ),
    opts=pulumi.ResourceOptions(depends_on=[store]),  # its first run comes at once and needs the table
)

monitoring = Monitoring(
    "lead-alerts",
    MonitoringArgs(
        resource_group_name=group.name,
        workflow_id=notifier.workflow_id,
        recipients=settings.alerted,
        severity=settings.alert_severity,
        standstill_window=settings.standstill_window,
        tags=stack.tags,
    ),
)

Protection(settings.protected, behind=[group, store, connections, notifier, monitoring])

pulumi.export("connectionString", store.connection_string)
pulumi.export("resourceGroupName", group.name)
pulumi.export("storageAccountId", store.account_id)
pulumi.export("storageAccountName", store.account_name)
pulumi.export("leadTableName", store.table_name)
pulumi.export("logicAppId", notifier.workflow_id)
pulumi.export("logicAppPortalUrl", notifier.workflow_id.apply(stack.portal_url))
pulumi.export("mailConnectionId", connections.mail_id)
pulumi.export("mailAuthorization", connections.mail_id.apply(stack.mail_authorization))
pulumi.export("protection", stack.protection)
pulumi.export("nextSteps", pulumi.Output.all(store.account_name, store.table_endpoint).apply(stack.next_steps))
