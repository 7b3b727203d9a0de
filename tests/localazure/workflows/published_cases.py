"""What the published definitions and the own examples are given, and what must come of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localazure.workflows.http_carrier import HttpAnswer

Answers = Mapping[str, Any]
"""What stands in a call's method, connection and path (or address) → the bodies of its answers, one after the other,
the last again and again."""


@dataclass(frozen=True)
class Case:
    """One definition run to its end: what its trigger brings, what others answer, what must have come of it."""

    file: str
    answers: Answers
    called: list[str]
    payload: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    arm: Mapping[str, str] = field(default_factory=dict)
    status: str = "Succeeded"
    ended: Mapping[str, str] = field(default_factory=dict)
    runs: int = 1


VM = "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Compute/virtualMachines/vm1"
RECOMMENDATION = {
    "name": "rec1",
    "properties": {"displayName": "Encrypt disks", "resourceDetails": {"id": VM.strip("/")}},
}
ORDER = "<workOrders><header><messageId>m7</messageId></header></workOrders>"
KEYS = {"client-id": {"value": "id1"}, "client-secret": {"value": "s1"}, "tenant-id": {"value": "t1"}}
TOKEN = {"oauth2": {"access_token": "tok", "expires_in": 3600}}
DEVICES = [{"DeviceName": "VM1.corp.example", "DeviceId": "d1"}, {"DeviceName": "other", "DeviceId": "d2"}]
SUBSCRIPTION = {
    **dict.fromkeys(("id", "displayName", "state", "authorizationSource"), "x"),
    "subscriptionId": "s1",
    "subscriptionPolicies": {},
}
TASK = {
    "id": "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Security/locations/centralus/tasks/t1",
    "name": "t1",
    "type": "Microsoft.Security/locations/tasks",
    "properties": {
        "securityTaskParameters": {"assessmentKey": "ffff0522-1e88-47fc-8382-2a80ba848f5d", "resourceId": VM}
    },
}
ALERT = {
    "CompromisedEntity": "store1",
    "AzureResourceId": "/subscriptions/s1/resourceGroups/g1/x",
    "SystemAlertId": "al1",
    "ExtendedProperties": {"Container": "c1", "Blob": "b1"},
}
MESSAGE = {"SessionId": "s1", "LockToken": "l1", "ContentData": "aGk="}

CASES = [
    # A request and its response.
    Case("0ce242c90da2.json", {}, [], ended={"Compose": "Succeeded", "Response": "Succeeded"}),
    # Waits until the time that the caller names; the call has no address and its handler neither.
    Case(
        "17fb9dc4403e.json",
        {},
        [],
        {"startTime": "2026-01-01T05:00:00Z"},
        status="Failed",
        ended={"Delay_until": "Succeeded", "Primary_actions": "Failed", "Error_actions": "Failed"},
    ),
    # A message over AS2, answered at once and confirmed later.
    Case(
        "35e0cab2a77c.json",
        {
            "/decode": {
                "AS2Message": {"MdnExpected": "Expected"},
                "OutgoingMdn": {
                    "MdnType": "Async",
                    "ReceiptDeliveryOption": "https://partner.example/mdn",
                    "OutboundHeaders": {"AS2-To": "p"},
                    "Content": "b2s=",
                },
            }
        },
        ["POST as2 /decode", "POST https://partner.example/mdn"],
        "raw",
        {"AS2-From": "p"},
        ended={"Send_200_OK_for_Async_MDN": "Succeeded", "Send_Sync_MDN": "Skipped", "Send_200_OK": "Skipped"},
    ),
    # A webhook of a connector, and a mail.
    Case(
        "0789fc034e91.json",
        {},
        ["POST ascassessment /Microsoft.Security/Assessment/subscribe", "POST office365 /v2/Mail"],
        RECOMMENDATION,
    ),
    # A poll of a connector, and a message.
    Case("14dd41f9e6b0.json", {}, ["POST servicebus //messages"], {"event": 1}),
    # Each mail a run of its own, each attachment a file.
    Case(
        "2d859a7a1c3a.json",
        {},
        ["POST sharepointonline /datasets//files"] * 3,
        {
            "value": [
                {"Attachments": [{"Name": "a", "ContentBytes": "aGk="}] * 2},
                {"Attachments": [{"Name": "b", "ContentBytes": ""}]},
            ]
        },
        runs=2,
    ),
    # An array split by the trigger, file by file.
    Case(
        "394f2fb2aa21.json",
        {"copyFile": {"DisplayName": "n"}},
        [
            "GET filesystem /datasets/default/GetFileContentByPath",
            "POST filesystem /datasets/default/copyFile",
            "POST filesystem /datasets/default/files",
        ],
        [{"Path": "/a"}],
    ),
    # Weekly, loops inside loops, calls with a managed identity.
    Case(
        "0a19d31eb750.json",
        {"/tasks/t1": TASK, "/tasks?": {"value": [TASK]}, "/subscriptions?": {"value": [SUBSCRIPTION]}},
        [
            "GET https://management.azure.com/subscriptions?",
            "GET https://management.azure.com/subscriptions/s1/providers/Microsoft.Security/tasks",
            "GET https://management.azure.com/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Security/locations/centralus/tasks/t1",
            f"PUT https://management.azure.com/{VM}/providers/microsoft.security/ServerVulnerabilityAssessments/default",
        ],
    ),
    # Daily at six, a Switch in a loop, arrays filtered by names.
    Case(
        "33a92a90c915.json",
        {
            "advancedqueries": {"Results": DEVICES},
            "/subscriptions?": {"value": [{"subscriptionId": "s1"}]},
            "virtualMachines?": {"value": [{"name": "VM1"}]},
        },
        ["POST https://api.securitycenter.windows.com/api/machines/d1/tags"],
        arm={"[parameters('TokenGeneration')]": "name", "[parameters('MDETag')]": "tag"},
        runs=2,  # a schedule without minutes also fires at once
    ),
    # Hourly, secrets from a vault, OAuth, Select and ParseJson, a post for each match.
    Case(
        "19af21186569.json",
        {
            **KEYS,
            **TOKEN,
            "auditEvents": {
                "value": [
                    {"Resources": [{"displayName": name}], "actor": {"type": "t", "userPrincipalName": "u"}}
                    | dict.fromkeys(("activityDateTime", "activityOperationType", "componentName", "displayName"), "x")
                    for name in ("PRD one", "TST two")
                ]
            },
        },
        ["POST https://chat.example/hook"],
        arm={"[parameters('webhook-uri')]": "https://chat.example/hook"},
        runs=23,
    ),
    # Weekly, secrets that expire: dates compared in loops inside loops.
    Case(
        "04058ada64d3.json",
        {
            **KEYS,
            **TOKEN,
            "applications?": {
                "value": [
                    {
                        **dict.fromkeys(("id", "appId", "displayName"), "x"),
                        "passwordCredentials": [
                            {"endDateTime": "2026-01-05T00:00:00Z"},
                            {"endDateTime": "2027-01-05T00:00:00Z"},
                        ],
                    }
                ]
            },
        },
        ["POST office365 /v2/SharedMailbox/Mail"],
    ),
    # A recommendation: owners looked up, filtered, and written to at once.
    Case(
        "38aeda9ee15c.json",
        {
            "roleAssignments": {
                "value": [
                    {"properties": {"roleDefinitionId": f"/x/{role}", "principalId": who}}
                    for role, who in (("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "u1"), ("other", "u2"))
                ]
            },
            "getObjectsByObjectIds": {
                "value": [{"mail": "ann@example.com"}, {"mail": None, "otherMails": ["bob@example.com"]}]
            },
        },
        ["POST https://graph.windows.net", "POST office365 /v2/Mail"],
        RECOMMENDATION,
    ),
    # Messages of a session, two loops beside each other; encodeURIComponent joins the two texts that it is given.
    Case(
        "3d8f8c751188.json",
        {"messages/batch/peek": [[]]},
        ["POST servicebus /s1-topic/messages", "DELETE servicebus //sessions/s1/close"],
        MESSAGE,
        ended={"Send_initial_message_to_topic": "Succeeded", "Abandon_initial_message_from_the_queue": "Skipped"},
    ),
    # The first schema: `dependsOn`, and a function in the middle.
    Case(
        "06958cd5994c.json",
        {},
        ["POST sql_1 /datasets/default/procedures/"],
        {"value": [{"LastModifiedDate": "2026-01-01", "TotalAmount": "20000"}]},
        status="Failed",
        ended={"Execute_stored_procedure": "Succeeded", "myDateStringFunction": "Failed"},
    ),
]

ENTITIES = "GET azuretables /v2/storageAccounts/AccountNameFromSettings/tables/leads/entities"
LINES = [{"kind": kind, "price": price} for kind, price in (("goods", 1), ("service", 2), ("gift", 0.5))]
OWN_CASES = [
    Case("order-intake.json", {}, [], {"lines": LINES}, ended={"For_each_line": "Succeeded", "Respond": "Succeeded"}),
    Case(
        "poll-until-done.json",
        {"/job": [{"state": "open"}, {"state": "open"}, {"state": "done"}]},
        ["GET https://example.com/job"] * 3,
        ended={"Until_done": "Succeeded", "Fail": "Skipped"},
        runs=23,
    ),
    Case(
        "scope-with-handler.json",
        {"example.com": HttpAnswer(404)},
        ["GET https://example.com"],
        runs=23,
        ended={"Try": "Failed", "Catch": "Succeeded", "Table": "Succeeded", "Inner": "Skipped"},
        status="Failed",
    ),
    Case(
        "hourly-rows-by-mail.json",
        {"/entities": {"value": [{"RowKey": "1"}]}},
        [ENTITIES, "POST office365 /v2/Mail"],
        runs=23,
    ),
    Case("sliding-window.json", {}, [], runs=5),
]
