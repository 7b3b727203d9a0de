"""The inbox of the local cloud: the other end of the delivery, which only the local cloud can show."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterable
from datetime import datetime
from typing import Any

_SECONDS = 60


class InboxError(Exception):
    """The inbox cannot be asked; the message says what to do."""


class Inbox:
    """`address` is the page of the local cloud's inbox, `LOCALAZURE_INBOX`."""

    def __init__(self, address: str) -> None:
        if not address:
            raise InboxError('LOCALAZURE_INBOX is not set; run: eval "$(localazure env)"')
        self.address = address.rstrip("/")

    def find(self, marks: Iterable[str], subject: str, since: datetime) -> dict[str, Any] | None:
        """The newest mail with this subject, received at `since` or later, that holds one of the texts.

        Its shape: `{id, from, to, subject, text, html, received}`.
        """
        texts = list(marks)
        new = [mail for mail in self._mails() if datetime.fromisoformat(mail["received"]) >= since]
        fitting = [mail for mail in new if mail["subject"] == subject and _holds(mail, texts)]
        return max(fitting, key=lambda mail: str(mail["received"]), default=None)

    def _mails(self) -> list[dict[str, Any]]:
        try:
            with urllib.request.urlopen(f"{self.address}/messages", timeout=_SECONDS) as answer:  # noqa: S310
                found: list[dict[str, Any]] = json.loads(answer.read())
                return found
        except (OSError, ValueError):
            raise InboxError(f"the inbox at {self.address} does not answer; run `localazure start`") from None


def _holds(mail: dict[str, Any], texts: list[str]) -> bool:
    content = f"{mail.get('text') or ''}\n{mail.get('html') or ''}"
    return any(text in content for text in texts)
