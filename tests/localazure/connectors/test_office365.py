"""office365: what arrives in the inbox, through real SMTP; no text of a stranger becomes more than text."""

from __future__ import annotations

import asyncio
import base64
from email import message_from_bytes, policy
from typing import Any

import pytest
from azure.connectors.office365 import (
    ClientSendAttachment,
    Office365Client,
    SendEmailInput,
    SharedMailboxSendEmailInput,
)
from connector_world import ONE_TRY, OneToken, connection_id, world
from mail_world import MAIL, message, only, send

from localazure.connectors.connection import Connection


def test_office365_v2_sends_html_with_a_text_alternative() -> None:
    async def scenario() -> None:
        async with world() as around:
            around.connect("mail", "office365")
            answer = await around.call("mail", "post", "/v2/Mail", {**MAIL, "Importance": "High", "Cc": "a@b.c; d@e.f"})
            assert (answer.status, answer.body) == (200, None)
            mail = only(around)
            assert (mail.subject, mail.html, mail.text) == ("New leads!", "<p>Ann</p>\n", "Ann\n")
            assert mail.to == ["sales@contoso.com", "a@b.c", "d@e.f"]
            sent = message(around)
            assert (sent["Importance"], sent["X-Priority"], sent["To"]) == ("High", "1", "sales@contoso.com")
            assert sent.get_content_type() == "multipart/alternative"

    asyncio.run(scenario())


def test_office365_v1_sends_text_unless_told_that_it_is_html() -> None:
    async def scenario() -> None:
        async with world() as around:
            assert await send(around, "office365", "/Mail", MAIL) == 200
            assert await send(around, "office365", "/Mail", {**MAIL, "IsHtml": True}) == 200
            plain, html = around.mailbox.messages()
            assert (plain.text, plain.html) == ("<p>Ann</p>\n", None)
            assert html.html == "<p>Ann</p>\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("written", "delivered"),
    [
        ("a@b.c; d@e.f,g@h.i ;", ["a@b.c", "d@e.f", "g@h.i"]),
        ('"Smith, Ann; sales" <a@b.c>; Bob <d@e.f>', ["a@b.c", "d@e.f"]),
        ("a@b.c;a@b.c", ["a@b.c"]),
        ("ann@bücher.example", ["ann@xn--bcher-kva.example"]),
    ],
)
def test_lists_of_addresses_as_people_write_them(written: str, delivered: list[str]) -> None:
    async def scenario() -> None:
        async with world() as around:
            assert await send(around, "office365", "/v2/Mail", {**MAIL, "To": written}) == 200
            assert only(around).to == delivered

    asyncio.run(scenario())


def test_blind_copies_are_delivered_and_not_shown() -> None:
    async def scenario() -> None:
        async with world() as around:
            await send(around, "office365", "/v2/Mail", {**MAIL, "Bcc": "boss@contoso.com"})
            assert only(around).to == ["sales@contoso.com", "boss@contoso.com"]
            assert b"boss" not in (around.mailbox.raw(only(around).id) or b"")

    asyncio.run(scenario())


def test_the_sender_is_who_consented_or_the_shared_mailbox() -> None:
    async def scenario() -> None:
        async with world() as around:
            identity = connection_id("office365")
            around.connections[identity.lower()] = Connection(
                identity, "office365", authenticated_user="ann@contoso.com"
            )
            await around.call("office365", "post", "/v2/Mail", MAIL)
            body = {**MAIL, "MailboxAddress": "leads@contoso.com"}
            await around.call("office365", "post", "/v2/SharedMailbox/Mail", body)
            missing = await around.call("office365", "post", "/v2/SharedMailbox/Mail", MAIL)
            assert [mail.sender for mail in around.mailbox.messages()] == ["ann@contoso.com", "leads@contoso.com"]
            assert missing.status == 400

    asyncio.run(scenario())


def test_an_unauthorized_office365_connection_is_blocked_as_azure_blocks_it() -> None:
    async def scenario() -> None:
        async with world() as around:
            around.connect("mail", "office365", consented=False)
            answer = await around.call("mail", "post", "/v2/Mail", MAIL)
            assert answer.status == answer.body["status"] == 401
            assert answer.body["message"] == (
                "Error from token exchange: Runtime call was blocked because connection has error status: Enabled| "
                "Error, and office365 is in the block list. Connection errors: [ParameterName: token, Error: Code: "
                "Unauthenticated, Message: 'This connection is not authenticated.']"
            )
            assert around.mailbox.messages() == []

    asyncio.run(scenario())


@pytest.mark.parametrize("field", ["Subject", "To", "Importance", "Sensitivity", "ReplyTo", "Cc", "From"])
@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028"])
def test_no_text_of_a_stranger_becomes_a_header(field: str, break_: str) -> None:
    async def scenario() -> None:
        async with world() as around:
            evil = MAIL.get(field, "x@y.z") + f"{break_}Bcc: victim@contoso.com{break_}{break_}<b>body</b>"
            await send(around, "office365", "/v2/Mail", {**MAIL, field: evil})
            for mail in around.mailbox.messages():
                sent = message_from_bytes(around.mailbox.raw(mail.id) or b"", policy=policy.default)
                assert sent["Bcc"] is None and "victim@contoso.com" not in mail.to
                assert mail.html == "<p>Ann</p>\n"

    asyncio.run(scenario())


@pytest.mark.parametrize("text", ["Ünïcödé 🎉 線索", "\ud800 broken", "x" * 5000, "", "a\x00b", "a = ?b?"])
def test_any_text_arrives(text: str) -> None:
    async def scenario() -> None:
        async with world() as around:
            assert (
                await send(around, "office365", "/v2/Mail", {**MAIL, "Subject": text, "Body": f"<p>{text}</p>"}) == 200
            )
            mail = only(around)
            readable = text.encode("utf-8", "replace").decode()
            assert mail.html == f"<p>{readable}</p>\n"
            if "\x00" not in text and "\ud800" not in text:
                assert mail.subject == text

    asyncio.run(scenario())


@pytest.mark.parametrize("field", ["Subject", "To", "ReplyTo", "From"])
def test_an_encoded_word_of_a_stranger_is_never_decoded(field: str) -> None:
    async def scenario() -> None:
        async with world() as around:
            word = "=?utf-8?q?a=0D=0ABcc:_victim@contoso.com?="
            text = word if field == "Subject" else f"{word} <a@b.c>"
            assert await send(around, "office365", "/v2/Mail", {**MAIL, field: text}) == 200
            sent = message(around)
            assert sent["Bcc"] is None and "victim@contoso.com" not in only(around).to
            assert "=0D=0ABcc" in str(sent[field.replace("yT", "y-T")])
            assert await send(around, "office365", "/v2/Mail", {**MAIL, "To": f"{word}@b.c"}) == 400

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "body",
    [
        {"Subject": "nobody", "Body": ""},
        {**MAIL, "To": "not an address"},
        {**MAIL, "To": "a@b.c; "},
        {**MAIL, "To": "@b.c"},
        {**MAIL, "To": ["a@b.c"]},
        {**MAIL, "Subject": {"a": 1}},
        {**MAIL, "Attachments": [{"Name": "a", "ContentBytes": "***"}]},
        {**MAIL, "Attachments": ["a"]},
        "text",
        None,
    ],
)
def test_a_mail_that_cannot_be_sent_is_400_and_never_half_sent(body: Any) -> None:
    async def scenario() -> None:
        async with world() as around:
            status = await send(around, "office365", "/v2/Mail", body)
            sent = len(around.mailbox.messages())
            # One address and a separator at the end is a good list of addresses.
            assert (status, sent) == ((200, 1) if isinstance(body, dict) and body.get("To") == "a@b.c; " else (400, 0))

    asyncio.run(scenario())


def test_attachments_arrive_as_they_were_given() -> None:
    async def scenario() -> None:
        async with world() as around:
            content = bytes(range(256))
            text = base64.b64encode(content).decode()
            files = [
                {"Name": "leads ä.csv", "ContentBytes": text},
                {"Name": 'a"b\r\nc', "ContentBytes": {"$content-type": "text/csv", "$content": text}},
            ]
            await send(around, "office365", "/v2/Mail", {**MAIL, "Attachments": files})
            found = around.mailbox.attachments(only(around).id)
            assert [item.content for item in found] == [content, content]
            assert [item.name for item in found] == ["leads ä.csv", 'a"b c']
            assert found[1].media_type == "text/csv"

    asyncio.run(scenario())


def test_the_generated_office365_client_sends() -> None:
    async def scenario() -> None:
        async with world() as around:
            around.connect("mail", "office365")
            async with Office365Client(around.url("mail"), OneToken(), ONE_TRY) as client:
                attachment = ClientSendAttachment(name="a.txt", content_bytes=base64.b64encode(b"hi").decode())
                await client.send_email_async(
                    SendEmailInput(to="a@b.c", subject="S", body="<p>B</p>", attachments=[attachment])
                )
                await client.shared_mailbox_send_email_async(
                    SharedMailboxSendEmailInput(mailbox_address="m@b.c", to="a@b.c", subject="S2", body="B")
                )
            assert [mail.subject for mail in around.mailbox.messages()] == ["S", "S2"]
            assert around.mailbox.attachments("1")[0].content == b"hi"

    asyncio.run(scenario())
