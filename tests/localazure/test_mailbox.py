"""The inbox: SMTP listener and store."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localazure.mailbox import LIMIT, Mailbox
from localazure.store import Store


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, 10, 0, 1, 500000, UTC)

    async def sleep_until(self, when: datetime) -> None: ...


def letter(subject: str = "Hello", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ann <ann@contoso.com>"
    message["To"] = "bob@contoso.com"
    message["Subject"] = subject
    for name, value in headers.items():
        message[name] = value
    message.set_content("the text")
    return message


def with_inbox(work: Callable[[Mailbox, int], Any], store: Store | None = None) -> Mailbox:
    """Run blocking work (an SMTP client) beside a listening mailbox."""
    mailbox = Mailbox(store or Store(), FixedClock())

    async def scenario() -> None:
        port = await mailbox.start()
        try:
            await asyncio.to_thread(work, mailbox, port)
        finally:
            await mailbox.stop()

    asyncio.run(scenario())
    return mailbox


def send(port: int, message: EmailMessage, *recipients: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, "test") as session:
        session.send_message(message, to_addrs=recipients or None)


def test_a_mail_is_kept_with_its_parts_and_the_time_of_its_arrival() -> None:
    def work(_mailbox: Mailbox, port: int) -> None:
        message = letter("Grüße")
        message.add_alternative("<p>the html</p>", subtype="html")
        message.add_attachment(b"1,2", maintype="text", subtype="csv", filename="a.csv")
        send(port, message, "bob@contoso.com", "hidden@contoso.com")

    mailbox = with_inbox(work)
    mail = mailbox.messages()[0]
    assert mail.to_json() == {
        "id": "1",
        "from": "Ann <ann@contoso.com>",
        "to": ["bob@contoso.com", "hidden@contoso.com"],
        "subject": "Grüße",
        "text": "the text\n",
        "html": "<p>the html</p>\n",
        "received": "2026-11-24T10:00:01.500000Z",
    }
    assert [(item.name, item.content) for item in mailbox.attachments("1")] == [("a.csv", b"1,2")]
    assert mailbox.summaries()[0].preview == "the text"


def test_mails_are_listed_read_and_deleted_and_no_id_comes_back() -> None:
    def work(mailbox: Mailbox, port: int) -> None:
        for subject in ("one", "two", "three"):
            send(port, letter(subject))
        assert mailbox.delete("2") == 1 and mailbox.delete("2") == 0
        assert [mail.subject for mail in mailbox.messages()] == ["one", "three"]
        assert [mail.subject for mail in mailbox.summaries()] == ["three", "one"]
        assert mailbox.message("2") is None and mailbox.raw("x") is None and mailbox.attachments("-1") == []
        assert mailbox.delete() == 2
        send(port, letter("four"))
        assert [mail.id for mail in mailbox.messages()] == ["4"]

    with_inbox(work)


def test_mails_outlive_the_mailbox(tmp_path: Path) -> None:
    with_inbox(lambda _mailbox, port: send(port, letter("kept")), Store(tmp_path / "store"))
    assert [mail.subject for mail in Mailbox(Store(tmp_path / "store")).messages()] == ["kept"]


def test_an_acknowledged_mail_survives_kill_9(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import asyncio, sys
        from pathlib import Path
        from localazure.mailbox import Mailbox
        from localazure.store import Store

        async def main():
            mailbox = Mailbox(Store(Path(sys.argv[1])))
            print(await mailbox.start(), flush=True)
            await asyncio.sleep(600)

        asyncio.run(main())
    """)
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "store")], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        send(int(child.stdout.readline()), letter("acknowledged"))
        child.kill()
    assert [mail.subject for mail in Mailbox(Store(tmp_path / "store")).messages()] == ["acknowledged"]


def test_a_mail_that_cannot_be_stored_is_refused_for_now() -> None:
    store = Store()

    def work(_mailbox: Mailbox, port: int) -> None:
        store.execute("DROP TABLE mails")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(port, letter())
        assert refused.value.smtp_code == 451

    with_inbox(work, store)


def test_the_port_is_the_one_asked_for_and_only_on_this_machine() -> None:
    async def scenario() -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        mailbox = Mailbox(Store())
        with pytest.raises(RuntimeError, match="does not listen"):
            _ = mailbox.port
        assert await mailbox.start(port) == port == mailbox.port
        second = Mailbox(Store())
        with pytest.raises(OSError):
            await second.start(port)
        await mailbox.stop()
        await mailbox.stop()
        await second.stop()

    asyncio.run(scenario())


def test_a_browser_cannot_post_a_mail() -> None:
    def work(mailbox: Mailbox, port: int) -> None:
        lines = [
            "POST / HTTP/1.1",
            "Host: x",
            "",
            "HELO x",
            "MAIL FROM:<a@b.c>",
            "RCPT TO:<a@b.c>",
            "DATA",
            "x",
            ".",
            "",
        ]
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall("\r\n".join(lines).encode())
            answer = b""
            while data := connection.recv(1000):
                answer += data
        assert b"250" not in answer and mailbox.messages() == []

    with_inbox(work)


def test_a_mail_above_the_limit_is_refused() -> None:
    def work(mailbox: Mailbox, port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, "test") as session:
            session.ehlo()
            assert session.esmtp_features["size"] == str(LIMIT)
            code, _ = session.mail("a@b.c", [f"size={LIMIT + 1}"])
        assert code == 552 and mailbox.messages() == []

    with_inbox(work)


def test_stopping_closes_open_sessions() -> None:
    async def scenario() -> None:
        mailbox = Mailbox(Store())
        reader, writer = await asyncio.open_connection("127.0.0.1", await mailbox.start())
        await reader.readline()
        await mailbox.stop()
        assert await reader.read() == b""
        writer.close()

    asyncio.run(scenario())


HOSTILE = [
    b"",
    b"\x00\xff\xfe",
    b"Subject: =?utf-8?q?a=0D=0ABcc:_x?=\r\n\r\nx",
    b"Subject: =?x-unknown?q?a?=\r\n\r\nx",
    b"From: =?utf-8?b?####?= <<<@@>\r\nTo: ;;;,,,:::\r\n\r\n",
    b"Content-Type: text/html; charset=nonsense\r\n\r\n<p>\xff</p>",
    b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\nx",
    b"Content-Type: multipart/mixed\r\n\r\nno boundary",
    b"Content-Disposition: attachment; filename*=utf-8''%ff%0d%0aX: y\r\n\r\nx",
    b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
    b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx",
    b"Subject: " + b"x" * 100_000 + b"\r\n\r\nx",
]


@pytest.mark.parametrize("raw", HOSTILE)
def test_a_hostile_message_is_kept_and_shown_as_far_as_it_makes_sense(raw: bytes) -> None:
    mailbox = Mailbox(Store())
    identity = mailbox.add("a@b.c", ["d@e.f"], raw)
    mail = mailbox.message(identity)
    assert mail is not None and mailbox.raw(identity) == raw
    assert not set("\r\n") & set(mail.subject)
    assert all(not set("\r\n") & set(item.name) for item in mailbox.attachments(identity))


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"])
)
def test_no_bytes_break_the_inbox(data: bytes, start: bytes) -> None:
    mailbox = Mailbox(Store())
    identity = mailbox.add("a@b.c", ["d@e.f"], start + data)
    assert mailbox.message(identity) is not None
    assert mailbox.summaries()[0].id == identity
    mailbox.attachments(identity)
