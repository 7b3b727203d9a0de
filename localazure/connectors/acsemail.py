"""The acsemail connector (Azure Communication Services): Send email, delivered to the local inbox.

Source: public workflow definitions; body and answer as in the REST API of Communication Services, Email - Send.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from email.headerregistry import Address
from typing import Any

from localazure.connectors.connection import Connection
from localazure.connectors.errors import ConnectorError, json_answer
from localazure.connectors.mail import OutgoingMail, addresses, content_bytes, fields_of, one_line, text_field
from localazure.connectors.operations import Operation, OperationTable
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.connectors.smtp_delivery import SmtpDelivery
from localazure.mail_message import Attachment

OPERATIONS = (
    Operation("SendEmailGAVersion", "POST", "/emails:sendGAVersion", "Send email"),
    Operation("SendEmail", "POST", "/emails:send", "Send email (preview)"),
)
_FIELDS = ("senderAddress", "recipients", "content", "importance", "replyTo", "attachments", "headers")


class AcsEmail:
    """Sends mails; every other operation of the connector answers 404."""

    api = "acsemail"
    needs_consent = False

    operations = OPERATIONS

    def __init__(self, delivery: SmtpDelivery) -> None:
        self._delivery = delivery
        self._table = OperationTable(self.api, OPERATIONS)

    async def call(self, _connection: Connection, request: ConnectorRequest) -> ConnectorResponse:
        """One operation; raises ConnectorError. Answers 202 with the id of the sending, as the service does."""
        self._table.match(request.method, request.path)
        await self._delivery.deliver(_mail(fields_of(request.body, _FIELDS)))
        return json_answer(202, {"id": str(uuid.uuid4()), "status": "Running"})


def _mail(given: Mapping[str, Any]) -> OutgoingMail:
    content = fields_of(given.get("content"), ("subject", "html", "plainText"))
    recipients = fields_of(given.get("recipients"), ("to", "cc", "bcc"))
    sender = addresses(given.get("senderAddress"), "senderAddress")
    if len(sender) != 1:
        raise ConnectorError(400, "The field 'senderAddress' must hold one e-mail address.")
    to, cc, bcc = (_people(recipients.get(name), name) for name in ("to", "cc", "bcc"))
    if not (to or cc or bcc):
        raise ConnectorError(400, "The field 'recipients' must hold at least one address.")
    return OutgoingMail(
        sender=sender[0],
        to=to,
        cc=cc,
        bcc=bcc,
        reply_to=_people(given.get("replyTo"), "replyTo"),
        subject=text_field(content, "subject"),
        text=text_field(content, "plainText"),
        html=text_field(content, "html") or None,
        importance=text_field(given, "importance") or None,
        attachments=[_attachment(item) for item in given.get("attachments") or ()],
    )


def _people(items: Any, name: str) -> list[Address]:
    if not isinstance(items, list | None):
        raise ConnectorError(400, f"The field '{name}' must be a list of objects with an 'address'.")
    found = []
    for item in items or ():
        values = fields_of(item, ("address", "displayName"))
        plain = addresses(values.get("address"), name)
        if len(plain) != 1:
            raise ConnectorError(400, f"Each of '{name}' must have one 'address'.")
        found.append(Address(one_line(text_field(values, "displayName")), addr_spec=plain[0].addr_spec))
    return found


def _attachment(item: Any) -> Attachment:
    values = fields_of(item, ("name", "contentType", "contentInBase64"))
    return Attachment(
        name=text_field(values, "name") or "attachment",
        media_type=text_field(values, "contentType") or "application/octet-stream",
        content=content_bytes(values.get("contentInBase64")),
    )
