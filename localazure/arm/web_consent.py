"""Consent to a connection: the link that `listConsentLinks` gives leads to a page of the local cloud.

On Azure a person signs in at that link, is sent to `redirectUrl` with a code, and the caller confirms the code. Here
the page asks who consents and connects at once; a caller may also confirm the link's code without opening the page.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

from jinja2 import DictLoader, Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from localazure.clock import Clock
from localazure.connectors.errors import ConnectorError
from localazure.connectors.mail import addresses
from localazure.connectors.office365 import DEFAULT_SENDER
from localazure.local_hosts import is_local
from localazure.store import Store

LIFETIME = timedelta(hours=24)
"""How long a link may be used."""

Consent = Callable[[str, str], None]
"""Told the id of a connection and the account that consents."""

_TABLE = """CREATE TABLE IF NOT EXISTS consent_codes (
    code TEXT PRIMARY KEY, connection TEXT NOT NULL, redirect TEXT NOT NULL, until TEXT NOT NULL)"""
# Browsers hold the redirect after a form against form-action too: programs on this machine wait for it.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self' http://127.0.0.1:* http://localhost:* https://127.0.0.1:* https://localhost:*"
)
_HEADERS = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class ConsentLinks:
    """Codes and their page. `base_url` is the address of the local cloud's HTTP side."""

    def __init__(self, store: Store, clock: Clock, base_url: Callable[[], str], consent: Consent) -> None:
        self._store = store
        self._clock = clock
        self._base_url = base_url
        self._consent = consent
        self._pages = Environment(loader=DictLoader({"ask": _ASK, "done": _DONE, "gone": _GONE}), autoescape=True)
        store.ensure(_TABLE)

    def link(self, connection_id: str, redirect: str) -> str:
        """A new link for a connection."""
        code, now = secrets.token_urlsafe(24), self._clock.now()
        with self._store.transaction():
            self._store.execute("DELETE FROM consent_codes WHERE until < ?", (now.isoformat(),))
            self._store.execute(
                "INSERT INTO consent_codes VALUES (?, ?, ?, ?)",
                (code, connection_id, redirect, (now + LIFETIME).isoformat()),
            )
        return f"{self._base_url().rstrip('/')}/consent?code={code}"

    def connection_of(self, code: str) -> str | None:
        """The connection that a code was made for, or None if it is unknown or too old."""
        row = self._store.row("SELECT * FROM consent_codes WHERE code = ?", (code,))
        if row is None or datetime.fromisoformat(row["until"]) < self._clock.now():
            return None
        return str(row["connection"])

    def routes(self) -> list[Route]:
        """The page, for the root of a local HTTP server."""
        return [Route("/consent", self._ask, methods=["GET"]), Route("/consent", self._accept, methods=["POST"])]

    async def _ask(self, request: Request) -> Response:
        if (refusal := _refusal(request)) is not None:
            return refusal
        code = request.query_params.get("code", "")
        if (connection := self.connection_of(code)) is None:
            return self._page("gone", 404)
        return self._page("ask", name=connection.rsplit("/", 1)[-1], id=connection, code=code, account=DEFAULT_SENDER)

    async def _accept(self, request: Request) -> Response:
        if (refusal := _refusal(request)) is not None:
            return refusal
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        code = form.get("code", "")
        if (connection := self.connection_of(code)) is None:
            return self._page("gone", 404)
        name, account = connection.rsplit("/", 1)[-1], form.get("account", "").strip() or DEFAULT_SENDER
        if not _is_address(account):
            return self._page("ask", 400, name=name, id=connection, code=code, account=account, wrong="yes")
        try:
            self._consent(connection, account)
        except KeyError:  # deleted since the link was given
            return self._page("gone", 404)
        if (target := self._redirect(code)) is not None:
            return RedirectResponse(target, 303, headers={"Referrer-Policy": "no-referrer"})
        return self._page("done", name=name)

    def _redirect(self, code: str) -> str | None:
        row = self._store.row("SELECT redirect FROM consent_codes WHERE code = ?", (code,))
        url = str(row["redirect"]) if row else ""
        # Only a program on this machine waits for the code; the pages of Azure's portal cannot use it.
        if urlsplit(url).scheme not in ("http", "https") or not is_local(urlsplit(url).netloc):
            return None
        return f"{url}{'&' if '?' in url else '?'}code={quote(code)}"

    def _page(self, template: str, status: int = 200, **values: str) -> Response:
        return HTMLResponse(self._pages.get_template(template).render(**values), status, headers=_HEADERS)


def redirect_of(body: object) -> str:
    """The `redirectUrl` of a `listConsentLinks` body; `parameters` is a list, in the official example an object."""
    parameters = body.get("parameters") if isinstance(body, dict) else None
    items = parameters if isinstance(parameters, list) else [parameters]
    first = items[0] if items and isinstance(items[0], dict) else {}
    return str(first.get("redirectUrl") or "")


def _is_address(text: str) -> bool:
    try:
        return len(addresses(text, "account")) == 1
    except ConnectorError:
        return False


def _refusal(request: Request) -> Response | None:
    if is_local(request.headers.get("host", "")):
        return None
    return PlainTextResponse("Open this page as http://127.0.0.1:PORT.", 421)


_FRAME = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Connection · localazure</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root { color-scheme: light dark; --ground: #eef1f6; --card: #fff; --ink: #17202e; --soft: #5d6b80; --line: #dfe5ee;
  --accent: #0b65c2 }
@media (prefers-color-scheme: dark) { :root { --ground: #10151d; --card: #18202b; --ink: #e6ecf5; --soft: #93a1b5;
  --line: #2a3544; --accent: #3b8ee0 } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif }
main { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 36px 40px; max-width: 30em;
  box-shadow: 0 8px 30px rgb(20 40 80 / 10%) }
h1 { font-size: 23px; margin: 0 0 12px } p { margin: 0 0 14px; color: var(--soft); overflow-wrap: anywhere }
label { display: block; font-weight: 600; margin: 18px 0 6px }
input { font: inherit; width: 100%; box-sizing: border-box; padding: 9px 12px; border: 1px solid var(--line);
  border-radius: 8px; background: transparent; color: inherit }
button { font: inherit; font-weight: 600; margin-top: 20px; padding: 10px 22px; border: 0; border-radius: 8px;
  background: var(--accent); color: #fff; cursor: pointer }
.wrong { color: #c42b3c; margin: 8px 0 0 }
small { color: var(--soft) }</style><main>"""
_ASK = (
    _FRAME
    + """<h1>Authorize “{{ name }}”?</h1>
<p>A workflow of your local cloud asks to send mails through this connection. They go to the local inbox only.</p>
<form method="post"><input type="hidden" name="code" value="{{ code }}">
<label for="account">Sending account</label>
<input id="account" name="account" type="email" value="{{ account }}" autocomplete="off">
{%- if wrong %}<p class="wrong">This is no e-mail address.</p>{% endif %}
<button>Authorize</button></form><p></p><small>{{ id }}</small></main>"""
)
_DONE = _FRAME + "<h1>Connected</h1><p>“{{ name }}” may be used now. You can close this page.</p></main>"
_GONE = (
    _FRAME
    + "<h1>This link is not valid any more</h1><p>Ask for a new one: <code>listConsentLinks</code>, or "
    + "<code>localazure consent</code>.</p></main>"
)
