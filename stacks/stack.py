"""The stack that is running: its name, its settings, and what it says about itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from notifier.channels import CHANNELS, Channel
from stacks import guard, outputs
from stacks.settings import Settings, read_settings


@dataclass(frozen=True)
class Stack:
    """`is_local`: deployed to the local cloud; `inbox` is then the address of its inbox page."""

    name: str
    settings: Settings
    is_local: bool = False
    inbox: str = ""

    @property
    def channel(self) -> Channel:
        """The channel that carries the mails."""
        return CHANNELS[self.settings.mail_channel]

    def portal_url(self, resource_id: str) -> str:
        """Where a person looks at a resource of this stack."""
        return outputs.local_page(self.inbox) if self.is_local else outputs.portal_url(resource_id)

    def mail_authorization(self, connection_id: str) -> str:
        """How the mail connection gets its consent."""
        if not self.channel.needs_consent:
            return f"Nothing to do: a connection of {self.channel.title} needs no consent."
        if self.is_local:
            return f"Nothing to do: the local cloud consents to its {self.channel.title} connection by itself."
        return outputs.authorization(outputs.portal_url(connection_id))

    def next_steps(self, account_and_endpoint: Sequence[str]) -> str:
        """What to do in Partner Center with this stack's connection string."""
        account, table_endpoint = account_and_endpoint
        return outputs.next_steps(self.name, account, table_endpoint)


def current_stack() -> Stack:
    """The running program's stack; ends the program with one clear error if environment or settings are wrong."""
    name = pulumi.get_stack()
    try:
        guard.check_environment(name, os.environ)
        is_local = guard.runs_on_local_cloud(name, os.environ)
    except guard.GuardError as error:
        raise pulumi.RunError(str(error)) from None
    return Stack(name, read_settings(name), is_local, os.environ.get("LOCALAZURE_INBOX", ""))
