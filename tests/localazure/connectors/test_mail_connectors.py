"""smtp, acsemail and sendgrid: what arrives in the inbox or at a server of one's own, through real SMTP."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from azure.connectors.sendgrid import EmailAttachment, EmailRequest, SendgridClient
from azure.connectors.smtp import Attachment, Email, SmtpClient
from connector_world import ONE_TRY, OneToken, world
from mail_world import message, only, send

SMTP_MAIL = {"From": "leads@contoso.com", "To": "sales@contoso.com", "Subject": "New leads!", "Body": "<p>Ann</p>"}
ACS_MAIL = {
    "senderAddress": "donotreply@contoso.com",
    "recipients": {"to": [{"address": "sales@contoso.com", "displayName": "Sales"}]},
    "content": {"subject": "New leads!", "html": "<p>Ann</p>"},
}


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
