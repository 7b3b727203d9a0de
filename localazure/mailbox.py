"""The inbox of the local cloud: an SMTP server that keeps every mail it is given and delivers none.

A mail is on disk before the sender is told that it was accepted, so killing the process loses no acknowledged mail.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from dataclasses import asdict, dataclass
from datetime import UTC
from typing import Any
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from localazure import mail_message
from localazure.clock import Clock, WallClock
from localazure.mail_message import Attachment
from localazure.ports import listen
from localazure.store import Store

LIMIT = 50 * 1024 * 1024
"""Bytes of the largest mail accepted: more than Exchange Online takes by default (35 MB)."""

_TABLE = """CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL,
    subject TEXT NOT NULL, preview TEXT NOT NULL, raw BLOB NOT NULL)"""

_INSERT = "INSERT INTO mails (received, sender, recipients, subject, preview, raw) VALUES (?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class Mail:
    """One mail. `to` are the addresses it was delivered to (the envelope: copies and blind copies too), `received` is
    an ISO 8601 instant in UTC; `text` and `html` are None where the mail has no such part."""

    id: str
    sender: str
    to: list[str]
    subject: str
    text: str | None
    html: str | None
    received: str

    def to_json(self) -> dict[str, Any]:
        """As `GET /messages/{id}` shows it; `from` is the name the outside knows `sender` by."""
        values = asdict(self)
        return {"id": values.pop("id"), "from": values.pop("sender"), **values}


@dataclass(frozen=True)
class MailSummary:
    """A line of the list of mails; `preview` are its first words."""

    id: str
    sender: str
    to: list[str]
    subject: str
    received: str
    preview: str


class Mailbox:
    """Listens for SMTP on 127.0.0.1 and keeps the mails in the store.

    `clock` stamps the mails. `await start(port)` (0: the system chooses) begins to serve.
    """

    def __init__(self, store: Store, clock: Clock | None = None) -> None:
        self._store = store
        self._clock = clock or WallClock()
        self._server: asyncio.Server | None = None
        self._sessions: WeakSet[SMTP] = WeakSet()
        store.ensure(_TABLE)

    async def start(self, place: int | socket.socket = 0) -> int:
        """Serve a port (raises OSError if it is taken), or what listens already; returns the port."""
        listener = listen(place) if isinstance(place, int) else place
        self._server = await asyncio.get_running_loop().create_server(self._session, sock=listener)
        return self.port

    async def stop(self) -> None:
        """Close the listener and the sessions still open; the mails stay."""
        if self._server is None:
            return
        self._server.close()
        for session in list(self._sessions):
            if session.transport is not None:
                session.transport.close()
        await self._server.wait_closed()
        self._server = None

    @property
    def port(self) -> int:
        """The port it listens on; raises RuntimeError before `start`."""
        if self._server is None:
            raise RuntimeError("The mailbox does not listen: call `await mailbox.start()` first.")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def add(self, sender: str, recipients: list[str], raw: bytes) -> str:
        """Keep a raw message; returns its id. What the SMTP listener does with each mail."""
        received = self._clock.now().astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        message = mail_message.parse(raw)
        sender = mail_message.header(message, "From") or sender
        subject, preview = mail_message.header(message, "Subject"), mail_message.preview(message)
        values = (received, sender, json.dumps(recipients), subject, preview, raw)
        with self._store.transaction():
            self._store.execute(_INSERT, values)
            row = self._store.row("SELECT last_insert_rowid() AS id")
        assert row is not None
        return str(row["id"])

    def summaries(self) -> list[MailSummary]:
        """All mails without their bodies, newest first."""
        rows = self._store.rows("SELECT id, received, sender, recipients, subject, preview FROM mails ORDER BY id DESC")
        return [_summary(row) for row in rows]

    def messages(self) -> list[Mail]:
        """All mails, oldest first."""
        return [_mail(row) for row in self._store.rows("SELECT * FROM mails ORDER BY id")]

    def message(self, identity: str) -> Mail | None:
        """The mail of this id, or None."""
        row = self._row(identity)
        return None if row is None else _mail(row)

    def raw(self, identity: str) -> bytes | None:
        """The mail as it was received, or None."""
        row = self._row(identity)
        return None if row is None else bytes(row["raw"])

    def attachments(self, identity: str) -> list[Attachment]:
        """The attachments of a mail; none for an unknown id."""
        raw = self.raw(identity)
        return [] if raw is None else mail_message.attachments(mail_message.parse(raw))

    def delete(self, identity: str | None = None) -> int:
        """Delete one mail, or all; returns how many were deleted. Ids are never used again."""
        if identity is None:
            return self._store.execute("DELETE FROM mails")
        return self._store.execute("DELETE FROM mails WHERE id = ?", (_number(identity),))

    def _row(self, identity: str) -> sqlite3.Row | None:
        return self._store.row("SELECT * FROM mails WHERE id = ?", (_number(identity),))

    def _session(self) -> SMTP:
        session = _Session(
            _Handler(self), hostname="localazure", data_size_limit=LIMIT, enable_SMTPUTF8=True, ident="localazure inbox"
        )
        self._sessions.add(session)
        return session


class _Session(SMTP):
    """Hangs up on a browser: a page of the web must not be able to post mails into the inbox."""

    async def smtp_POST(self, _rest: str) -> None:  # noqa: N802  # aiosmtpd finds commands by this name
        await self.push("421 This is an SMTP server")
        if self.transport is not None:
            self.transport.close()

    smtp_GET = smtp_PUT = smtp_OPTIONS = smtp_POST  # noqa: N815


class _Handler:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        try:
            identity = self._mailbox.add(envelope.mail_from or "", list(envelope.rcpt_tos), raw)
        except sqlite3.Error:
            return "451 The inbox could not store the mail"
        return f"250 OK queued as {identity}"


def _number(identity: str) -> int:
    return int(identity) if identity.isascii() and identity.isdigit() and len(identity) < 19 else -1


def _summary(row: sqlite3.Row) -> MailSummary:
    return MailSummary(
        id=str(row["id"]),
        sender=str(row["sender"]),
        to=json.loads(row["recipients"]),
        subject=str(row["subject"]),
        received=str(row["received"]),
        preview=str(row["preview"]),
    )


def _mail(row: sqlite3.Row) -> Mail:
    message = mail_message.parse(bytes(row["raw"]))
    return Mail(
        id=str(row["id"]),
        sender=str(row["sender"]),
        to=json.loads(row["recipients"]),
        subject=str(row["subject"]),
        text=mail_message.body(message, "plain"),
        html=mail_message.body(message, "html"),
        received=str(row["received"]),
    )
