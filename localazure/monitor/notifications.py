"""Action groups: who is told of an alert, and the mails that still have to go out.

A mail is written down in the same transaction as the alert's new state and crossed out when the inbox has taken it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from email.headerregistry import Address
from typing import Any

from localazure.arm.documents import Documents
from localazure.connectors.errors import ConnectorError
from localazure.connectors.mail import OutgoingMail
from localazure.monitor.alert_mail import SENDER, Notice, compose, compose_test
from localazure.store import Store

_LOG = logging.getLogger(__name__)
_TABLE = """CREATE TABLE IF NOT EXISTS alert_mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT, receiver TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,
    html TEXT NOT NULL)"""


class Notifications:
    """Writes mails down and sends them."""

    def __init__(self, store: Store, documents: Documents, deliver: Callable[[OutgoingMail], Awaitable[None]]) -> None:
        self._store = store
        self._documents = documents
        self._deliver = deliver
        self._sending = asyncio.Lock()
        store.ensure(_TABLE)

    def add(self, notice: Notice) -> None:
        """Write down a mail for each e-mail receiver of the rule's action groups, each address once."""
        mails: dict[str, OutgoingMail] = {}
        for group_id in notice.rule.groups:
            group = self._documents.get(group_id)
            for receiver in email_receivers(group):
                mails.setdefault(receiver.lower(), compose(notice, receiver, str((group or {}).get("name"))))
        for mail in mails.values():
            self._write(mail)

    def add_test(self, group: str, receivers: Iterable[str]) -> None:
        """Write down the test mail of an action group."""
        for receiver in receivers:
            self._write(compose_test(group, receiver))

    def _write(self, mail: OutgoingMail) -> None:
        values = (mail.to[0].addr_spec, mail.subject, mail.text, mail.html or "")
        self._store.execute("INSERT INTO alert_mails (receiver, subject, text, html) VALUES (?, ?, ?, ?)", values)

    async def send(self) -> None:
        """Send what is written down, oldest first; what cannot be sent now stays for the next time."""
        async with self._sending:
            await self._send_all()

    async def _send_all(self) -> None:
        for row in self._store.rows("SELECT * FROM alert_mails ORDER BY id"):
            to = [Address(addr_spec=row["receiver"])]
            try:
                await self._deliver(OutgoingMail(SENDER, to, row["subject"], row["text"], row["html"]))
            except ConnectorError as error:
                # One that cannot be delivered at all must not keep the others.
                _LOG.error("an alert's mail could not be delivered (%s); it is kept", error.status)
                continue
            self._store.execute("DELETE FROM alert_mails WHERE id = ?", (row["id"],))


def email_receivers(group: dict[str, Any] | None) -> list[str]:
    """The addresses of an enabled action group that are not switched off."""
    properties = (group or {}).get("properties") or {}
    if properties.get("enabled") is False:
        return []
    receivers = properties.get("emailReceivers") or []
    return [item["emailAddress"] for item in receivers if item.get("status") != "Disabled"]
