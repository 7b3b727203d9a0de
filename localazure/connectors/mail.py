"""A mail as the mail connectors are asked to send it, and the internet message made of it.

Subjects, names and bodies come from strangers (a lead's text): a line break in any of them never becomes a header.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from localazure.connectors.errors import ConnectorError
from localazure.mail_message import Attachment, html_to_text

_PRIORITY = {"low": "5", "normal": "3", "high": "1"}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_PIECE = re.compile(r'(?:"[^"]*"|[^;,"]|")+?(?=[;,]|$)')
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>", re.DOTALL)
_PLAIN = re.compile(r"[^\s@<>()\[\]:;,\"\\\x00-\x20\x7f]+@[^\s@<>()\[\]:;,\"\\\x00-\x20\x7f]+")
_MESSAGE_POLICY = SMTP.clone(utf8=False)


@dataclass(frozen=True)
class OutgoingMail:
    """`html` None means a mail of plain text. `importance` is Low, Normal or High."""

    sender: Address
    to: Sequence[Address]
    subject: str
    text: str = ""
    html: str | None = None
    cc: Sequence[Address] = ()
    bcc: Sequence[Address] = ()
    reply_to: Sequence[Address] = ()
    importance: str | None = None
    attachments: Sequence[Attachment] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def recipients(self) -> list[str]:
        """The addresses of the envelope, each once."""
        return list(dict.fromkeys(address.addr_spec for address in (*self.to, *self.cc, *self.bcc)))


def build(mail: OutgoingMail, date: datetime, message_id: str) -> EmailMessage:
    """The message to hand to an SMTP server: HTML gets a text alternative, blind copies stay out of it."""
    message = EmailMessage(policy=_MESSAGE_POLICY)
    message["From"] = mail.sender
    _set_addresses(message, {"To": mail.to, "Cc": mail.cc, "Reply-To": mail.reply_to})
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    _set_importance(message, mail.importance)
    for name, value in mail.headers.items():
        message[name] = one_line(value)
    _set_body(message, mail)
    for attachment in mail.attachments:
        _attach(message, attachment)
    return message


def one_line(text: str) -> str:
    """The text without line breaks and control characters, safe as a header.

    What looks like an encoded word (`=?utf-8?q?…?=`) is broken up: it would be decoded, line breaks and all.
    """
    return _CONTROLS.sub(" ", _encodable(text)).strip().replace("=?", "= ?")


def addresses(text: Any, field_name: str) -> list[Address]:
    """Addresses separated by `;` or `,`; raises ConnectorError 400 for one that is none."""
    if text is None or text == "":
        return []
    if not isinstance(text, str):
        raise ConnectorError(400, f"The value of '{field_name}' must be a string of addresses separated by ';'.")
    pieces = (match[0].strip() for match in _PIECE.finditer(text))
    return [_address(piece, field_name) for piece in pieces if piece]


def content_bytes(content: Any) -> bytes:
    """An attachment's content: base64 text, or the language's `{"$content-type", "$content"}`."""
    if isinstance(content, Mapping):
        content = content.get("$content")
    try:
        return base64.b64decode(str(content or ""), validate=True)
    except (binascii.Error, ValueError):
        raise ConnectorError(400, "The content of an attachment is not valid base64.") from None


def text_field(body: Mapping[str, Any], name: str) -> str:
    """A text of the request; "" if it is missing; raises ConnectorError 400 if it is an object or array."""
    value = body.get(name)
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return str(value)
    raise ConnectorError(400, f"The value of '{name}' must be a string.")


def fields_of(body: Any, names: Sequence[str]) -> dict[str, Any]:
    """The fields of a request body under their own spelling, found in any case; raises ConnectorError 400."""
    if not isinstance(body, Mapping):
        raise ConnectorError(400, "The body of the request must be a JSON object that describes the mail.")
    given = {str(name).lower(): value for name, value in body.items()}
    return {name: given[name.lower()] for name in names if name.lower() in given}


def _address(piece: str, field_name: str) -> Address:
    # Not the standard library's parser of lists: it reads groups, comments and encoded words where a person wrote none.
    found = _NAMED.fullmatch(piece)
    name, plain = (found["name"], found["address"]) if found else ("", piece)
    if not _PLAIN.fullmatch(plain) or "=?" in plain:
        raise _invalid(field_name)
    try:
        user, _, domain = plain.rpartition("@")
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
        return Address(one_line(name.strip().strip('"')), addr_spec=f"{user}@{ascii_domain}")
    except Exception:  # the parser of addresses raises many kinds
        raise _invalid(field_name) from None


def _invalid(field_name: str) -> ConnectorError:
    # The address itself stays out of the text: it may be a lead's.
    return ConnectorError(400, f"At least one recipient isn't valid: '{field_name}' holds no valid e-mail address.")


def _set_addresses(message: EmailMessage, lists: Mapping[str, Sequence[Address]]) -> None:
    for name, given in lists.items():
        if given:
            message[name] = tuple(given)


def _set_importance(message: EmailMessage, importance: str | None) -> None:
    if importance and importance.lower() in _PRIORITY:
        message["Importance"] = importance.capitalize()
        message["X-Priority"] = _PRIORITY[importance.lower()]


def _set_body(message: EmailMessage, mail: OutgoingMail) -> None:
    if mail.html is None:
        message.set_content(_encodable(mail.text))
        return
    message.set_content(_encodable(mail.text or html_to_text(mail.html)))
    message.add_alternative(_encodable(mail.html), subtype="html")


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    main, _, sub = attachment.media_type.partition("/")
    if not re.fullmatch(r"[\w.+-]+", main) or not re.fullmatch(r"[\w.+-]+", sub) or main in ("multipart", "message"):
        main, sub = "application", "octet-stream"
    content_id = f"<{one_line(attachment.content_id)}>" if attachment.content_id else None
    message.add_attachment(
        attachment.content, maintype=main, subtype=sub, filename=one_line(attachment.name), cid=content_id
    )
