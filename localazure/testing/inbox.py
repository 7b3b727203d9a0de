"""The mails of a local cloud, as a test sees them."""

from __future__ import annotations

import time

from localazure.mailbox import Mail, Mailbox

_NAP_SECONDS = 0.02


class Inbox:
    """The mails received since this object was made: tests that share a cloud do not see each other's."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._before = max((int(mail.id) for mail in mailbox.summaries()), default=0)

    def messages(self) -> list[Mail]:
        """All of them, oldest first."""
        return [mail for mail in self._mailbox.messages() if int(mail.id) > self._before]

    def wait_for(self, *, subject: str = "", to: str = "", seconds: float = 60) -> Mail:
        """The first mail whose subject contains `subject` and that went to `to`, waiting for it if need be.

        Raises AssertionError after `seconds`, naming the mails that came instead.
        """
        end = time.monotonic() + seconds
        while True:
            mails = self.messages()
            for mail in mails:
                if subject in mail.subject and (not to or to.lower() in (address.lower() for address in mail.to)):
                    return mail
            if time.monotonic() > end:
                came = [(mail.subject, mail.to) for mail in mails]
                raise AssertionError(f"no mail with subject {subject!r} to {to!r} in {seconds} s; instead: {came}")
            time.sleep(_NAP_SECONDS)
