"""The office365 connector's mail operations: both versions of Send an email, and the shared mailbox.

Source: the generated client (Azure/Connectors-Python-SDK), the connector's reference page.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.headerregistry import Address
from typing import Any

from localazure.connectors.connection import Connection
from localazure.connectors.errors import ConnectorError
from localazure.connectors.mail import OutgoingMail, addresses, content_bytes, fields_of, text_field
from localazure.connectors.operations import Operation, OperationTable
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.connectors.smtp_delivery import SmtpDelivery
from localazure.mail_message import Attachment

DEFAULT_SENDER = "owner@localazure.example"
"""The sender where nobody said who consented."""

_FIELDS = (
    "To",
    "Subject",
    "Body",
    "From",
    "Cc",
    "Bcc",
    "Attachments",
    "Sensitivity",
    "ReplyTo",
    "Importance",
    "IsHtml",
    "MailboxAddress",
)
_ALWAYS_HTML = ("SendEmailV2", "SharedMailboxSendEmailV2")
_SHARED = ("SharedMailboxSendEmail", "SharedMailboxSendEmailV2")

OPERATIONS = (
    Operation("SendEmailV2", "POST", "/v2/Mail", "Send an email (V2)"),
    Operation("SendEmail", "POST", "/Mail", "Send an email"),
    Operation("SharedMailboxSendEmailV2", "POST", "/v2/SharedMailbox/Mail", "Send an email from a shared mailbox (V2)"),
    Operation("SharedMailboxSendEmail", "POST", "/SharedMailbox/Mail", "Send an email from a shared mailbox"),
)


class Office365:
    """Sends mails; every other operation of the connector answers 404."""

    api = "office365"
    needs_consent = True

    operations = OPERATIONS

    def __init__(self, delivery: SmtpDelivery) -> None:
        self._delivery = delivery
        self._table = OperationTable(self.api, OPERATIONS)

    async def call(self, connection: Connection, request: ConnectorRequest) -> ConnectorResponse:
        """One operation; raises ConnectorError."""
        operation = self._table.match(request.method, request.path).operation
        given = fields_of(request.body, _FIELDS)
        html = operation.id in _ALWAYS_HTML or given.get("IsHtml") is True
        sender = _sender(connection, given, operation.id in _SHARED)
        await self._delivery.deliver(_mail(given, sender, html))
        return ConnectorResponse(200)


def _sender(connection: Connection, given: Mapping[str, Any], shared: bool) -> Address:
    wanted = given.get("MailboxAddress") if shared else given.get("From")
    if shared and not wanted:
        raise ConnectorError(400, "The field 'MailboxAddress' is required: the address of the shared mailbox.")
    found = addresses(wanted or connection.authenticated_user or DEFAULT_SENDER, "From")
    return found[0]


def _mail(given: Mapping[str, Any], sender: Address, html: bool) -> OutgoingMail:
    to, cc, bcc = (addresses(given.get(name), name) for name in ("To", "Cc", "Bcc"))
    if not (to or cc or bcc):
        raise ConnectorError(
            400, "At least one recipient isn't valid., A message can't be sent because it contains no recipients."
        )
    body = text_field(given, "Body")
    return OutgoingMail(
        sender=sender,
        to=to,
        cc=cc,
        bcc=bcc,
        reply_to=addresses(given.get("ReplyTo"), "ReplyTo"),
        subject=text_field(given, "Subject"),
        text="" if html else body,
        html=body if html else None,
        importance=text_field(given, "Importance") or "Normal",
        attachments=[_attachment(item) for item in given.get("Attachments") or ()],
        headers={"Sensitivity": value} if (value := text_field(given, "Sensitivity")) else {},
    )


def _attachment(item: Any) -> Attachment:
    values = fields_of(item, ("Name", "ContentBytes"))
    kind = values.get("ContentBytes")
    media_type = kind.get("$content-type") if isinstance(kind, Mapping) else None
    return Attachment(
        text_field(values, "Name") or "attachment", media_type or "application/octet-stream", content_bytes(kind)
    )
