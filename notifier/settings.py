"""What a notifying flow can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FlowSettings:
    """`frequency` and `interval` feed both the recurrence and the time that is looked back: they cannot differ.

    `channel` is a key of `notifier.channels.CHANNELS`; `sender` is needed by channel smtp only. `shared_mailbox` sends
    on channel office365 instead of the mailbox of whoever consented.
    """

    frequency: str
    interval: int
    lead_table: str
    recipients: Sequence[str]
    subject: str = "New leads!"
    channel: str = "office365"
    sender: str = ""
    shared_mailbox: str = ""
