"""The smtp connector: Send Email in its versions, to the local inbox or, if the host is told so, to the real server.

Source: the generated client (Azure/Connectors-Python-SDK); connection parameters as in public templates:
`serverAddress, userName, password, port, enableSSL`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.connectors.connection import Connection
from localazure.connectors.errors import ConnectorError
from localazure.connectors.mail import OutgoingMail, addresses, content_bytes, fields_of, text_field
from localazure.connectors.operations import Operation, OperationTable
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.connectors.smtp_delivery import SmtpDelivery, SmtpServer
from localazure.mail_message import Attachment

_FIELDS = (
    "From",
    "To",
    "CC",
    "Subject",
    "Body",
    "Bcc",
    "Importance",
    "ReadReceipt",
    "DeliveryReceipt",
    "Attachments",
    "IsHtml",
)
OPERATIONS = (
    Operation("SendEmailV3", "POST", "/SendEmailV3", "Send Email (V3)"),
    Operation("SendEmailV2", "POST", "/SendEmailV2", "Send Email (V2)"),
    Operation("SendEmail", "POST", "/SendEmail", "Send Email"),
)


class Smtp:
    """`to_real_server` delivers through the connection's own server instead of the local inbox."""

    api = "smtp"
    needs_consent = False

    operations = OPERATIONS

    def __init__(self, delivery: SmtpDelivery, to_real_server: bool = False) -> None:
        self._delivery = delivery
        self._to_real_server = to_real_server
        self._table = OperationTable(self.api, OPERATIONS)

    async def call(self, connection: Connection, request: ConnectorRequest) -> ConnectorResponse:
        """One operation; raises ConnectorError."""
        operation = self._table.match(request.method, request.path).operation
        given = fields_of(request.body, _FIELDS)
        html = operation.id != "SendEmail" or given.get("IsHtml") is True
        server = server_of(connection) if self._to_real_server else None
        await self._delivery.deliver(_mail(given, html), server)
        return ConnectorResponse(200)


def server_of(connection: Connection) -> SmtpServer:
    """The server that the connection's parameters name; raises ConnectorError 400 for what cannot be one."""
    host = connection.parameter("serverAddress")
    if not host:
        raise ConnectorError(400, "The connection names no SMTP server (parameter 'serverAddress').")
    port = connection.parameter("port") or "25"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConnectorError(400, "The connection's parameter 'port' must be a number from 1 to 65535.")
    tls = (connection.parameter("enableSSL") or "").lower() == "true"
    return SmtpServer(host, int(port), connection.parameter("userName"), connection.parameter("password"), tls)


def _mail(given: Mapping[str, Any], html: bool) -> OutgoingMail:
    sender = addresses(given.get("From"), "From")
    to, cc, bcc = (addresses(given.get(name), name) for name in ("To", "CC", "Bcc"))
    if len(sender) != 1:
        raise ConnectorError(400, "The field 'From' must hold one e-mail address.")
    if not (to or cc or bcc):
        raise ConnectorError(400, "A recipient must be specified: 'To', 'CC' or 'Bcc'.")
    body = text_field(given, "Body")
    return OutgoingMail(
        sender=sender[0],
        to=to,
        cc=cc,
        bcc=bcc,
        subject=text_field(given, "Subject"),
        text="" if html else body,
        html=body if html else None,
        importance=text_field(given, "Importance") or None,
        attachments=[_attachment(item) for item in given.get("Attachments") or ()],
        headers=_receipts(given),
    )


def _receipts(given: Mapping[str, Any]) -> dict[str, str]:
    wanted = {"ReadReceipt": "Disposition-Notification-To", "DeliveryReceipt": "Return-Receipt-To"}
    found = {header: addresses(given.get(name), name) for name, header in wanted.items()}
    return {header: str(people[0]) for header, people in found.items() if people}


def _attachment(item: Any) -> Attachment:
    values = fields_of(item, ("ContentData", "ContentType", "FileName", "ContentId"))
    return Attachment(
        name=text_field(values, "FileName") or "attachment",
        media_type=text_field(values, "ContentType") or "application/octet-stream",
        content=content_bytes(values.get("ContentData")),
        content_id=text_field(values, "ContentId") or None,
    )
