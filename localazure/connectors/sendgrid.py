"""The sendgrid connector: Send email in its versions, delivered to the local inbox.

Source: the generated client (Azure/Connectors-Python-SDK) for the newer, public templates for the older operation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.headerregistry import Address
from itertools import zip_longest
from typing import Any

from localazure.connectors.connection import Connection
from localazure.connectors.errors import ConnectorError, json_answer
from localazure.connectors.mail import OutgoingMail, addresses, content_bytes, fields_of, one_line, text_field
from localazure.connectors.operations import Operation, OperationTable
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.connectors.smtp_delivery import SmtpDelivery
from localazure.mail_message import Attachment

_FIELDS = (
    "from",
    "fromname",
    "to",
    "toname",
    "subject",
    "text",
    "body",
    "ishtml",
    "cc",
    "ccname",
    "bcc",
    "attachments",
)
OPERATIONS = (
    Operation("SendEmailV4", "POST", "/v4/mail/send", "Send email (V4)"),
    Operation("SendEmail", "POST", "/api/mail.send.json", "Send email"),
)


class SendGrid:
    """Sends mails; every other operation of the connector answers 404."""

    api = "sendgrid"
    needs_consent = False
    operations = OPERATIONS

    def __init__(self, delivery: SmtpDelivery) -> None:
        self._delivery = delivery
        self._table = OperationTable(self.api, OPERATIONS)

    async def call(self, _connection: Connection, request: ConnectorRequest) -> ConnectorResponse:
        """One operation; raises ConnectorError."""
        self._table.match(request.method, request.path)
        await self._delivery.deliver(_mail(fields_of(request.body, _FIELDS)))
        return json_answer(202, {"message": "success"})


def _mail(given: Mapping[str, Any]) -> OutgoingMail:
    sender, to, cc, bcc = (_named(given, name) for name in ("from", "to", "cc", "bcc"))
    if len(sender) != 1 or not to:
        raise ConnectorError(400, "The fields 'from' (one address) and 'to' are required.")
    html = given.get("ishtml") in (True, "true", "True")
    text = text_field(given, "text") or text_field(given, "body")
    return OutgoingMail(
        sender=sender[0],
        to=to,
        cc=cc,
        bcc=bcc,
        subject=text_field(given, "subject"),
        text="" if html else text,
        html=text if html else None,
        attachments=[_attachment(item) for item in given.get("attachments") or ()],
    )


def _named(given: Mapping[str, Any], field_name: str) -> list[Address]:
    """The addresses of a field, with the names that a second field gives in the same order."""
    names = re.split("[;,]", text_field(given, f"{field_name}name"))
    pairs = zip_longest(addresses(given.get(field_name), field_name), names, fillvalue="")
    return [
        Address(one_line(name.strip()) or address.display_name, addr_spec=address.addr_spec)
        for address, name in pairs
        if isinstance(address, Address)
    ]


def _attachment(item: Any) -> Attachment:
    values = fields_of(item, ("content", "filename", "contenttype"))
    return Attachment(
        name=text_field(values, "filename") or "attachment",
        media_type=text_field(values, "contenttype") or "application/octet-stream",
        content=content_bytes(values.get("content")),
    )
