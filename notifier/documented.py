"""The flow of Microsoft's guide, step by step, as the portal exports it.

Guide: "Use Azure Table storage to manage commercial marketplace leads". Two departures that leave step names and wire
format alone: the filter is the one that works (the guide's own text, `CreatedTime Timestamp gt …`, is not OData), and
Get_entities follows the pages of the table, a setting beside its inputs. Without it the flow sees the first page only,
and Table storage may answer a first page without rows although leads follow: they would be lost without a trace.
"""

from __future__ import annotations

from typing import Any

from notifier.channels import CHANNELS, Mail
from notifier.settings import FlowSettings

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
TABLES_API = "azuretables"
# The largest number of items that Logic Apps collects over pages (docs: logic-apps-limits-and-configuration).
PAGED_ITEMS = 100_000

Definition = dict[str, Any]


def documented_flow(settings: FlowSettings) -> Definition:
    """The workflow definition: Recurrence → Get_past_time → Get_entities → Condition → Send_an_email."""
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"$connections": {"defaultValue": {}, "type": "Object"}},
        "triggers": {"Recurrence": _recurrence(settings)},
        "actions": {
            "Get_past_time": _get_past_time(settings),
            "Get_entities": _get_entities(settings),
            "Condition": _condition(settings),
        },
        "outputs": {},
    }


def _recurrence(settings: FlowSettings) -> Definition:
    return {"type": "Recurrence", "recurrence": {"frequency": settings.frequency, "interval": settings.interval}}


def _get_past_time(settings: FlowSettings) -> Definition:
    return {
        "type": "Expression",
        "kind": "GetPastTime",
        "inputs": {"interval": settings.interval, "timeUnit": settings.frequency},
        "runAfter": {},
    }


def _get_entities(settings: FlowSettings) -> Definition:
    account = "encodeURIComponent(encodeURIComponent('AccountNameFromSettings'))"
    table = f"encodeURIComponent('{settings.lead_table}')"
    return {
        "type": "ApiConnection",
        "inputs": {
            "host": {"connection": {"name": f"@parameters('$connections')['{TABLES_API}']['connectionId']"}},
            "method": "get",
            "path": f"/v2/storageAccounts/@{{{account}}}/tables/@{{{table}}}/entities",
            "queries": {"$filter": "Timestamp gt datetime'@{body('Get_past_time')}'"},
        },
        "runAfter": {"Get_past_time": ["Succeeded"]},
        "runtimeConfiguration": {"paginationPolicy": {"minimumItemCount": PAGED_ITEMS}},
    }


def _condition(settings: FlowSettings) -> Definition:
    return {
        "type": "If",
        "expression": {"and": [{"greater": ["@length(body('Get_entities')?['value'])", 0]}]},
        "actions": {"Send_an_email": _send_an_email(settings)},
        "else": {"actions": {}},
        "runAfter": {"Get_entities": ["Succeeded"]},
    }


def _send_an_email(settings: FlowSettings) -> Definition:
    mail = Mail(
        recipients=settings.recipients,
        subject=settings.subject,
        body="<p>@{body('Get_entities')?['value']}</p>",
        sender=settings.sender,
        shared_mailbox=settings.shared_mailbox,
    )
    return {"type": "ApiConnection", "inputs": CHANNELS[settings.channel].inputs(mail), "runAfter": {}}
