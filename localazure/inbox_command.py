"""What `localazure inbox` prints: mails read from the data folder, whether the cloud runs or not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from localazure.data_folder import DataFolder
from localazure.environment import NoCloudYet
from localazure.mailbox import Mail, Mailbox
from localazure.store import Store

_NAP_SECONDS = 0.2


def mails(folder: DataFolder, follow: bool = False) -> Iterator[dict[str, str]]:
    """Mails, oldest first: id, from, to (addresses joined by commas), subject, text, html, received."""
    if not folder.database.exists():
        raise NoCloudYet(f"There is no local cloud in {folder.path} yet: start one with `localazure start`.")
    store = Store(folder.database)
    try:
        yield from _mails(Mailbox(store), follow)
    finally:
        store.close()


def as_text(mail: Mapping[str, str]) -> str:
    """For a terminal."""
    head = "\n".join(f"{name + ':':10}{mail[name.lower()]}" for name in ("From", "To", "Subject", "Received"))
    return f"{'─' * 78}\n{head}\n\n{(mail['text'] or mail['html']).strip()}\n"


def _mails(mailbox: Mailbox, follow: bool) -> Iterator[dict[str, str]]:
    seen: set[str] = set()
    while True:
        for mail in mailbox.messages():
            if mail.id not in seen:
                seen.add(mail.id)
                yield _flat(mail)
        if not follow:
            return
        time.sleep(_NAP_SECONDS)


def _flat(mail: Mail) -> dict[str, str]:
    values = mail.to_json()
    values["to"] = ", ".join(values["to"])
    return {name: value or "" for name, value in values.items()}
