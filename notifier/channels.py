"""Mail channels: how one mail leaves a Logic App. Each is plain data of the managed connector's operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from notifier.literals import literal

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Mail:
    """One mail of a definition. `body` is HTML and may hold expressions; the other texts are taken as they are."""

    recipients: Sequence[str]
    subject: str
    body: str
    sender: str = ""

    @property
    def to(self) -> str:
        """The recipients as the connectors want them: separated by `;`."""
        return literal(";".join(self.recipients))


@dataclass(frozen=True)
class Channel:
    """A managed API that sends mail: `api` names it and its entry in `$connections`, `path` is the operation."""

    api: str
    title: str
    path: str
    needs_consent: bool
    message: Callable[[Mail], Inputs]

    def inputs(self, mail: Mail) -> Inputs:
        """The `inputs` of the ApiConnection action that sends `mail`, in the portal's wire format."""
        return {
            "host": {"connection": {"name": f"@parameters('$connections')['{self.api}']['connectionId']"}},
            "method": "post",
            "body": self.message(mail),
            "path": self.path,
        }


def _office365(mail: Mail) -> Inputs:
    return {"To": mail.to, "Subject": literal(mail.subject), "Body": mail.body, "Importance": "Normal"}


def _smtp(mail: Mail) -> Inputs:
    return {"From": literal(mail.sender), "To": mail.to, "Subject": literal(mail.subject), "Body": mail.body}


CHANNELS: dict[str, Channel] = {
    channel.api: channel
    for channel in (
        Channel("office365", "Office 365 Outlook", "/v2/Mail", needs_consent=True, message=_office365),
        Channel("smtp", "SMTP", "/SendEmailV3", needs_consent=False, message=_smtp),
    )
}
