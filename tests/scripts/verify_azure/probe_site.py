"""A place for the probes on a local cloud, without the engine: account, connections, the deployed flow."""

from __future__ import annotations

import os

from azure.data.tables import TableServiceClient

from localazure.testing import MockAzure
from notifier.documented import documented_flow
from notifier.settings import FlowSettings
from verify.arm import Arm
from verify.patience import Patience
from verify.site import Deployed, Site

TABLE = "MarketplaceLeads"


def make_site(azure: MockAzure, group: str, patience: Patience) -> Site:
    """What the stack would deploy, as far as the probes look at it."""
    secret = azure.create_account(group)
    told = dict(part.split("=", 1) for part in secret.split(";"))
    key = {"storageaccount": told["AccountName"], "sharedkey": told["AccountKey"]}
    tables = azure.create_connection(group, "azuretables", key)
    mail = azure.create_connection(group, "office365")
    with TableServiceClient.from_connection_string(secret) as service:
        service.create_table(TABLE)
    flow = documented_flow(FlowSettings("Hour", 1, TABLE, ["sales@example.com"]))
    workflow = azure.deploy_workflow(flow, group, connections={"azuretables": tables, "office365": mail})
    deployed = Deployed(
        subscription=azure.subscription,
        group=group,
        location="westeurope",
        account=told["AccountName"],
        table=TABLE,
        connection_string=secret,
        tables_connection=tables,
        mail_connection=mail,
        workflow=workflow.id.rsplit("/", 1)[1],
    )
    return Site(Arm(os.environ, azure.subscription), deployed, patience, recipient="sales@example.com")
