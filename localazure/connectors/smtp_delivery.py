"""Hands a mail to an SMTP server: the inbox of the local cloud, or a real server of a user's choice."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage

from localazure.clock import Clock
from localazure.connectors.errors import ConnectorError
from localazure.connectors.mail import OutgoingMail, build

TIMEOUT = 30.0
"""Seconds that a server may take for one step."""

_IMPLICIT_TLS_PORT = 465


@dataclass(frozen=True)
class SmtpServer:
    """Where to deliver. `tls` asks for STARTTLS, or TLS from the first byte on port 465."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False


class SmtpDelivery:
    """Delivers mails to `inbox()` unless a call names another server."""

    def __init__(self, inbox: Callable[[], SmtpServer], clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock

    async def deliver(self, mail: OutgoingMail, server: SmtpServer | None = None) -> None:
        """Return when the server has taken the mail; raises ConnectorError if it did not."""
        message_id = f"<{uuid.uuid4().hex}@localazure>"
        try:
            message = build(mail, self._clock.now(), message_id)
        except (ValueError, UnicodeError):
            raise ConnectorError(400, "The mail cannot be written as an internet message.") from None
        await asyncio.to_thread(_send, server or self._inbox(), message, mail)


def _send(server: SmtpServer, message: EmailMessage, mail: OutgoingMail) -> None:
    try:
        with _connect(server) as session:
            session.send_message(message, mail.sender.addr_spec, mail.recipients)
    except smtplib.SMTPAuthenticationError:
        raise ConnectorError(401, "The SMTP server refused the user name and password of the connection.") from None
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPNotSupportedError) as error:
        raise ConnectorError(400, f"The SMTP server refused the mail: {type(error).__name__}.") from None
    except smtplib.SMTPResponseException as error:
        status = 400 if 500 <= error.smtp_code < 600 else 502
        raise ConnectorError(status, f"The SMTP server refused the mail with code {error.smtp_code}.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise ConnectorError(502, f"The SMTP server could not be reached: {type(error).__name__}.") from None


def _connect(server: SmtpServer) -> smtplib.SMTP:
    # A name of our own: the default asks the name server for this machine's and may take seconds.
    name = "localazure"
    implicit = server.tls and server.port == _IMPLICIT_TLS_PORT
    session: smtplib.SMTP = (
        smtplib.SMTP_SSL(server.host, server.port, name, timeout=TIMEOUT, context=ssl.create_default_context())
        if implicit
        else smtplib.SMTP(server.host, server.port, name, timeout=TIMEOUT)
    )
    try:
        if server.tls and not implicit:
            session.starttls(context=ssl.create_default_context())
        if server.user:
            session.login(server.user, server.password or "")
    except BaseException:
        session.close()
        raise
    return session
