"""office365, smtp and acsemail: what arrives in the inbox, through real SMTP."""

from __future__ import annotations

import asyncio
import base64
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from azure.connectors.office365 import (
    ClientSendAttachment,
    Office365Client,
    SendEmailInput,
    SharedMailboxSendEmailInput,
)
from azure.connectors.sendgrid import EmailAttachment, EmailRequest, SendgridClient
from azure.connectors.smtp import Attachment, Email, SmtpClient
from connector_world import ONE_TRY, OneToken, World, connection_id, world

from localazure.connectors.connection import Connection
from localazure.mailbox import Mail

MAIL = {"To": "sales@contoso.com", "Subject": "New leads!", "Body": "<p>Ann</p>"}
SMTP_MAIL = {"From": "leads@contoso.com", "To": "sales@contoso.com", "Subject": "New leads!", "Body": "<p>Ann</p>"}
ACS_MAIL = {
    "senderAddress": "donotreply@contoso.com",
    "recipients": {"to": [{"address": "sales@contoso.com", "displayName": "Sales"}]},
    "content": {"subject": "New leads!", "html": "<p>Ann</p>"},
}


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


def test_the_generated_smtp_client_sends_to_the_inbox_whatever_server_the_connection_names() -> None:
    async def scenario() -> None:
        async with world() as around:
            around.connect("smtp", "smtp", serverAddress="mail.example.invalid", port="587", enableSSL="true")
            async with SmtpClient(around.url("smtp"), OneToken(), ONE_TRY) as client:
                file = Attachment(base64.b64encode(b"hi").decode(), "text/plain", "a.txt", "cid-1")
                await client.send_email_async(
                    Email(
                        from_="Leads <leads@contoso.com>",
                        to="a@b.c",
                        c_c="c@b.c",
                        bcc="d@b.c",
                        subject="S",
                        body="<p>B</p>",
                        importance="Low",
                        read_receipt="r@b.c",
                        attachments=[file],
                    )
                )
            mail, sent = only(around), message(around)
            assert (mail.sender, mail.to, mail.html) == (
                "Leads <leads@contoso.com>",
                ["a@b.c", "c@b.c", "d@b.c"],
                "<p>B</p>\n",
            )
            assert (sent["X-Priority"], sent["Disposition-Notification-To"]) == ("5", "r@b.c")
            assert around.mailbox.attachments(mail.id)[0].content_id == "cid-1"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("path", "extra", "html"),
    [("/SendEmail", {}, None), ("/SendEmail", {"IsHtml": True}, "<p>Ann</p>\n"), ("/SendEmailV2", {}, "<p>Ann</p>\n")],
)
def test_the_older_smtp_operations(path: str, extra: dict[str, Any], html: str | None) -> None:
    async def scenario() -> None:
        async with world() as around:
            assert await send(around, "smtp", path, {**SMTP_MAIL, **extra}) == 200
            assert only(around).html == html

    asyncio.run(scenario())


def test_acsemail_sends_and_answers_202() -> None:
    async def scenario() -> None:
        async with world() as around:
            around.connect("acs", "acsemail", api_key="endpoint=…")
            query = {"api-version": "2023-03-31"}
            answer = await around.call("acs", "post", "/emails:sendGAVersion", ACS_MAIL, query)
            assert answer.status == 202 and answer.body["status"] == "Running"
            assert (only(around).sender, only(around).to) == ("donotreply@contoso.com", ["sales@contoso.com"])
            assert message(around)["To"] == "Sales <sales@contoso.com>"
            for broken in ({}, {**ACS_MAIL, "recipients": {"to": ["a@b.c"]}}, {**ACS_MAIL, "senderAddress": ""}):
                assert (await around.call("acs", "post", "/emails:sendGAVersion", broken)).status == 400
            assert len(around.mailbox.messages()) == 1

    asyncio.run(scenario())


def test_the_generated_sendgrid_client_sends() -> None:
    async def scenario() -> None:
        async with world() as around:
            around.connect("grid", "sendgrid", apiKey="x")
            async with SendgridClient(around.url("grid"), OneToken(), ONE_TRY) as client:
                file = EmailAttachment(base64.b64encode(b"hi").decode(), "a.txt", "text/plain")
                answer = await client.send_email_async(
                    EmailRequest(
                        attachments=[file],
                        from_="leads@contoso.com",
                        fromname="Leads",
                        to="a@b.c;d@e.f",
                        toname="Ann; Dan",
                        subject="S",
                        text="<p>B</p>",
                        ishtml=True,
                    )
                )
            assert answer == {"message": "success"}
            assert (only(around).sender, only(around).to) == ("Leads <leads@contoso.com>", ["a@b.c", "d@e.f"])
            assert message(around)["To"] == "Ann <a@b.c>, Dan <d@e.f>"
            assert only(around).html == "<p>B</p>\n" and around.mailbox.attachments("1")[0].content == b"hi"
            old = {"body": "text", "from": "a@b.c", "ishtml": False, "subject": "S2", "to": "d@e.f"}
            assert (await around.call("grid", "post", "/api/mail.send.json", old)).status == 202
            assert around.mailbox.messages()[1].text == "text\n"
            assert (await around.call("grid", "post", "/v4/mail/send", {"from": "a@b.c"})).status == 400

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("api", "path"), [("office365", "/v2/Nothing"), ("smtp", "/SendEmailV9"), ("acsemail", "/emails:get")]
)
def test_other_operations_are_404_and_say_what_there_is(api: str, path: str) -> None:
    async def scenario() -> None:
        async with world() as around:
            around.connect(api, api)
            answer = await around.call(api, "post", path, {})
            assert answer.status == 404 and "it has POST" in answer.body["error"]["message"]

    asyncio.run(scenario())


class RealServer:
    """A mail server with a user, as an smtp connection would name one."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.refuse = ""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        self.mails.append(envelope)
        return "250 OK"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"user", b"secret")
        return AuthResult(success=good, handled=False)

    async def listen(self) -> tuple[asyncio.Server, str]:
        def session() -> SMTP:
            return SMTP(self, authenticator=self.authenticate, auth_require_tls=False, auth_required=True)

        server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
        return server, str(server.sockets[0].getsockname()[1])


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # true of the test's server only
def test_smtp_delivers_to_the_connections_own_server_if_told_so() -> None:
    async def scenario() -> None:
        real = RealServer()
        server, port = await real.listen()
        async with world(deliver_smtp=True) as around:
            around.connect("smtp", "smtp", serverAddress="127.0.0.1", port=port, userName="user", password="secret")
            assert (await around.call("smtp", "post", "/SendEmailV3", SMTP_MAIL)).status == 200
            assert [mail.rcpt_tos for mail in real.mails] == [["sales@contoso.com"]]
            assert around.mailbox.messages() == []

            real.refuse = "554 no"
            assert (await around.call("smtp", "post", "/SendEmailV3", SMTP_MAIL)).status == 400
            real.refuse = "451 later"
            assert (await around.call("smtp", "post", "/SendEmailV3", SMTP_MAIL)).status == 502

            around.connect("smtp", "smtp", serverAddress="127.0.0.1", port=port, userName="user", password="wr0ng")
            refused = await around.call("smtp", "post", "/SendEmailV3", SMTP_MAIL)
            assert refused.status == 401 and "wr0ng" not in str(refused.body)
        server.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({}, 400),
        ({"serverAddress": "127.0.0.1", "port": "many"}, 400),
        ({"serverAddress": "127.0.0.1", "port": "99999"}, 400),
        ({"serverAddress": "127.0.0.1", "port": "9"}, 502),
    ],
)
def test_an_unusable_server_is_told(parameters: dict[str, str], status: int) -> None:
    async def scenario() -> None:
        async with world(deliver_smtp=True) as around:
            around.connect("smtp", "smtp", **parameters)
            assert (await around.call("smtp", "post", "/SendEmailV3", SMTP_MAIL)).status == status

    asyncio.run(scenario())


def test_an_unknown_connection_and_an_unknown_connector_are_told() -> None:
    async def scenario() -> None:
        async with world() as around:
            assert (await around.call("none", "get", "/")).body["error"]["code"] == "ApiConnectionNotFound"
            around.connect("sql", "sql")
            answer = await around.call("sql", "get", "/datasets")
            assert answer.status == 501 and "no connector 'sql'" in answer.body["error"]["message"]

    asyncio.run(scenario())
