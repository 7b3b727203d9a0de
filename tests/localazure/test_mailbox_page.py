"""The inbox over HTTP: JSON, and a page in which nothing of a mail is executed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.message import EmailMessage

import httpx
import pytest
from starlette.applications import Starlette

from localazure.inbox_page import InboxPage
from localazure.local_hosts import is_local
from localazure.mailbox import Mailbox
from localazure.store import Store

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


class Browser:
    """Reads the page in process."""

    def __init__(self) -> None:
        self.mailbox = Mailbox(Store())
        app = Starlette(routes=InboxPage(self.mailbox, lambda: "127.0.0.1:2525").routes())
        self._transport = httpx.ASGITransport(app)

    def __call__(self, path: str, method: str = "GET", host: str = "127.0.0.1:8080") -> httpx.Response:
        async def request() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://x") as client:
                return await client.request(method, path, headers={"Host": host})

        return asyncio.run(request())

    def receive(self, subject: str = "Hello", text: str | None = "text", html: str | None = None) -> str:
        message = EmailMessage()
        message["From"] = "Ann <ann@contoso.com>"
        message["Subject"] = subject
        if text is not None:
            message.set_content(text)
        if html is not None:
            message.add_alternative(html, subtype="html")
        return self.mailbox.add("ann@contoso.com", ["bob@contoso.com"], message.as_bytes())


@pytest.fixture
def browser() -> Browser:
    return Browser()


def test_messages_as_json(browser: Browser) -> None:
    browser.receive("one")
    browser.receive("two", html="<p>x</p>")
    listed = browser("/messages").json()
    assert [mail["subject"] for mail in listed] == ["one", "two"]
    assert set(listed[0]) == {"id", "from", "to", "subject", "text", "html", "received"}
    assert browser("/messages/2").json() == listed[1]
    assert browser("/messages?view=newest").json() == {"newest": "2"}
    assert browser("/messages/2", "DELETE").status_code == 204
    missing = browser("/messages/2")
    assert missing.status_code == 404 and "GET /messages" in missing.json()["error"]["message"]
    assert browser("/messages/2", "DELETE").status_code == 404
    assert browser("/messages", "DELETE").status_code == 204
    assert browser("/messages").json() == [] and browser("/messages?view=newest").json() == {"newest": None}


def test_the_page_of_an_empty_inbox_says_where_to_send(browser: Browser) -> None:
    page = browser("/")
    assert page.status_code == 200 and "No mail yet" in page.text and "127.0.0.1:2525" in page.text


def test_the_page_lists_all_mails_and_shows_the_newest(browser: Browser) -> None:
    browser.receive("first subject")
    browser.receive("second subject", html="<p>x</p>")
    page = browser("/").text
    assert page.index("second subject") < page.index("first subject")
    assert '<iframe sandbox src="/messages/2/html"' in page
    assert "<iframe" not in browser("/?message=1").text
    assert "There is no mail 9 any more" in browser("/?message=9").text


@pytest.mark.parametrize("view", ["html", "text", "source"])
def test_nothing_of_a_mail_is_markup_of_the_page(browser: Browser, view: str) -> None:
    message = EmailMessage()
    message["From"] = f'"{EVIL}" <ann@contoso.com>'
    message["Subject"] = EVIL
    message.set_content(EVIL)
    message.add_attachment(b"x", maintype="text", subtype="plain", filename=f"{EVIL}.txt")
    browser.mailbox.add("a@b.c", [f"{EVIL}@x"], message.as_bytes())
    page = browser(f"/?message=1&view={view}").text
    assert "<script>alert" not in page and "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_html_of_a_mail_is_served_sandboxed(browser: Browser) -> None:
    browser.receive(html=EVIL)
    answer = browser("/messages/1/html")
    policy = answer.headers["content-security-policy"]
    assert answer.text.endswith(EVIL + "\n")
    assert policy.startswith("sandbox; default-src 'none'") and "script" not in policy and "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert browser("/messages/9/html").status_code == 404


def test_the_html_of_a_mail_opens_no_connection_beforehand(browser: Browser) -> None:
    elements = ("LINK rel=preconnect href", "iFrame src", "frame src", "object data", "embed src", "portal src")
    html = "".join(f'<{element}="http://evil.example">' for element in elements)
    browser.receive(html=html + "<p>&lt;link&gt; stays</p>")
    answer = browser("/messages/1/html")
    assert not any(f"<{element.split()[0]}".lower() in answer.text.lower() for element in elements)
    assert "<p>&lt;link&gt; stays</p>" in answer.text
    assert answer.headers["x-dns-prefetch-control"] == "off"


@pytest.mark.parametrize("path", ["/", "/assets/inbox.css", "/assets/inbox.js", "/assets/inbox.svg"])
def test_the_page_loads_only_its_own_files(browser: Browser, path: str) -> None:
    browser.receive()
    answer = browser(path)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "") and "https://" not in answer.text


def test_source_and_attachments(browser: Browser) -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("text")
    message.add_attachment(b"\x00\x01", maintype="text", subtype="html", filename='ä".html')
    browser.mailbox.add("a@b.c", ["d@e.f"], message.as_bytes())
    assert browser("/messages/1/source").text.startswith("Subject: x")
    file = browser("/messages/1/attachments/1")
    assert file.content == b"\x00\x01" and file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%A4%22.html"
    assert browser("/messages/1/attachments/2").status_code == 404
    assert browser("/messages/1/attachments/0").status_code == 404


@pytest.mark.parametrize("path", ["/assets/inbox.html", "/assets/..%2Fstore.py", "/assets/none", "/nothing"])
def test_nothing_else_is_served(browser: Browser, path: str) -> None:
    assert browser(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/messages", "/messages/1", "/messages/1/html", "/messages/1/source", "/assets/inbox.css"]
)
def test_a_foreign_host_reads_nothing(browser: Browser, path: str) -> None:
    browser.receive("secret subject")
    answer = browser(path, host="evil.example:8080")
    assert answer.status_code == 421 and "secret" not in answer.text


def test_a_foreign_host_deletes_nothing(browser: Browser) -> None:
    browser.receive()
    assert browser("/messages", "DELETE", host="evil.example").status_code == 421
    assert len(browser.mailbox.messages()) == 1


GOOD = ["localhost", "localhost:80", "127.0.0.1", "127.0.0.1:65535", "[::1]:8080", "LOCALHOST:1"]
BAD = ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil", "evil@localhost:80", "localhost:80:80"]
BAD += ["127.0.0.2", "localhost/evil", "localhost:port", "[::1", "2130706433", "localhost#a", "local host"]


@pytest.mark.parametrize(("host", "good"), [*((host, True) for host in GOOD), *((host, False) for host in BAD)])
def test_which_hosts_are_local(host: str, good: bool, check: Callable[[str], bool] = is_local) -> None:
    assert check(host) is good
