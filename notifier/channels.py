"""Mail channels: how one mail leaves a Logic App. Each is plain data of the managed connector's operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from notifier.literals import literal

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Mail:
    """One mail of a definition. `body` is HTML and may hold expressions; the other texts are taken as they are.

    `shared_mailbox` is the address of a mailbox that several people have; who consented must be allowed to send as it.
    """

    recipients: Sequence[str]
    subject: str
    body: str
    sender: str = ""
    shared_mailbox: str = ""

    @property
    def to(self) -> str:
        """The recipients as the connectors want them: separated by `;`."""
        return literal(";".join(self.recipients))


@dataclass(frozen=True)
class Channel:
    """A managed API that sends mail: `api` names it and its entry in `$connections`, `path` is the operation.

    `shared_path` is the operation that sends from a shared mailbox, empty where there is none.
    """

    api: str
    title: str
    path: str
    needs_consent: bool
    message: Callable[[Mail], Inputs]
    shared_path: str = ""

    def inputs(self, mail: Mail) -> Inputs:
        """The `inputs` of the ApiConnection action that sends `mail`, in the portal's wire format."""
        return {
            "host": {"connection": {"name": f"@parameters('$connections')['{self.api}']['connectionId']"}},
            "method": "post",
            "body": self.message(mail),
            "path": self.shared_path if mail.shared_mailbox else self.path,
        }


def _office365(mail: Mail) -> Inputs:
    shared = {"MailboxAddress": literal(mail.shared_mailbox)} if mail.shared_mailbox else {}
    return {**shared, "To": mail.to, "Subject": literal(mail.subject), "Body": mail.body, "Importance": "Normal"}


def _smtp(mail: Mail) -> Inputs:
    return {"From": literal(mail.sender), "To": mail.to, "Subject": literal(mail.subject), "Body": mail.body}


CHANNELS: dict[str, Channel] = {
    channel.api: channel
    for channel in (
        Channel(
            "office365",
            "Office 365 Outlook",
            "/v2/Mail",
            needs_consent=True,
            message=_office365,
            shared_path="/v2/SharedMailbox/Mail",
        ),
        Channel("smtp", "SMTP", "/SendEmailV3", needs_consent=False, message=_smtp),
    )
}
