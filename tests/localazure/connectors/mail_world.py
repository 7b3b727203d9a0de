"""Mails sent through a connector, and what of them is in the inbox."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from connector_world import World

from localazure.mailbox import Mail

MAIL = {"To": "sales@contoso.com", "Subject": "New leads!", "Body": "<p>Ann</p>"}


def only(around: World) -> Mail:
    mails = around.mailbox.messages()
    assert len(mails) == 1
    return mails[0]


def message(around: World) -> EmailMessage:
    raw = around.mailbox.raw(only(around).id)
    assert raw is not None
    return cast(EmailMessage, message_from_bytes(raw, policy=policy.default))


async def send(around: World, api: str, path: str, body: Any) -> int:
    around.connect(api, api)
    return (await around.call(api, "post", path, body)).status
