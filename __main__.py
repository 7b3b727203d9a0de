"""The stack: settings → resource group → lead store → connections → Logic App → alerts → outputs."""

import pulumi
from pulumi_azure_native import resources

from stacks import flow
from stacks.connections import Connections, ConnectionsArgs, mail_connection
from stacks.lead_store import LeadStore, LeadStoreArgs, account_stem
from stacks.monitoring import Monitoring, MonitoringArgs
from stacks.notifier import Notifier, NotifierArgs
from stacks.stack import current_stack

PROJECT = "marketplace-leads"

stack = current_stack()
settings = stack.settings
tags = {"project": PROJECT, "stack": stack.name, **settings.tags}

group = resources.ResourceGroup(
    "group",
    resource_group_name=f"{PROJECT}-{stack.name}",
    location=settings.location,
    tags=tags,
)

store = LeadStore(
    "leads",
    LeadStoreArgs(
        resource_group_name=group.name,
        location=settings.location,
        account_stem=account_stem(stack.name),
        table_name=settings.lead_table,
        sku=settings.storage_sku,
        tags=tags,
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
        tags=tags,
    ),
)

notifier = Notifier(
    "lead-notifier",
    NotifierArgs(
        resource_group_name=group.name,
        location=settings.location,
        definition=flow.checked_definition(settings),
        connections=connections.workflow_value,
        tags=tags,
    ),
    opts=pulumi.ResourceOptions(depends_on=[store]),  # its first run comes at once and needs the table
)

monitoring = Monitoring(
    "lead-alerts",
    MonitoringArgs(
        resource_group_name=group.name,
        workflow_id=notifier.workflow_id,
        recipients=settings.alerted,
        tags=tags,
    ),
)

pulumi.export("connectionString", store.connection_string)
pulumi.export("resourceGroupName", group.name)
pulumi.export("storageAccountName", store.account_name)
pulumi.export("leadTableName", store.table_name)
pulumi.export("logicAppId", notifier.workflow_id)
pulumi.export("logicAppPortalUrl", notifier.workflow_id.apply(stack.portal_url))
pulumi.export("mailConnectionId", connections.mail_id)
pulumi.export("mailAuthorization", connections.mail_id.apply(stack.mail_authorization))
pulumi.export("nextSteps", pulumi.Output.all(store.account_name, store.table_endpoint).apply(stack.next_steps))
