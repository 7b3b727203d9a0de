"""The stack that is running: its name, its settings, and what it says about itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pulumi

from notifier.channels import CHANNELS, Channel
from stacks import adoption, guard, outputs
from stacks.settings import Settings, read_settings

PROJECT = "marketplace-leads"


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

    @property
    def resource_group(self) -> str:
        """The group that everything of the stack lies in."""
        return f"{PROJECT}-{self.name}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags of every resource that can have some."""
        return {"project": PROJECT, "stack": self.name, **self.settings.tags}

    @cached_property
    def adopted_account(self) -> adoption.AdoptedAccount | None:
        """The storage account that is there already; None where the stack makes its own."""
        reference = self.settings.existing_account
        return adoption.find_account(reference) if reference else None

    @cached_property
    def lead_table(self) -> str:
        """The name of the lead table: an existing one in its own spelling."""
        account, existing = self.adopted_account, self.settings.existing_table
        return adoption.find_table(account, existing) if account and existing else self.settings.lead_table

    @property
    def protection(self) -> str:
        """What a destroy does to the leads."""
        return outputs.protection(self.name, self.settings.protected, bool(self.settings.existing_table))

    def portal_url(self, resource_id: str) -> str:
        """Where a person looks at a resource of this stack."""
        return outputs.local_page(self.inbox) if self.is_local else outputs.portal_url(resource_id)

    def mail_authorization(self, connection_id: str) -> str:
        """How the mail connection gets its consent."""
        if not self.channel.needs_consent:
            return f"Nothing to do: a connection of {self.channel.title} needs no consent."
        if self.is_local:
            return (
                f"Nothing to do: the local cloud consents to its {self.channel.title} connection by itself,"
                " unless it was started with --no-auto-consent (then: scripts/renew_consent.py)."
            )
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
        if is_local:
            guard.check_answers(os.environ)
    except guard.GuardError as error:
        raise pulumi.RunError(str(error)) from None
    return Stack(name, read_settings(name), is_local, os.environ.get("LOCALAZURE_INBOX", ""))
