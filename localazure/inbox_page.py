"""The inbox in a browser and as JSON: `/`, `/messages`, `/messages/{id}` and what the page loads.

Mails are written by strangers. Their HTML is shown in a frame that is sandboxed twice (attribute and header), runs
nothing and loads nothing from outside; everything else is escaped by the template. Only this machine's own names are
accepted as host, so that no page of the web can read the inbox by rebinding its domain to 127.0.0.1.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import parseaddr
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from localazure.local_hosts import is_local
from localazure.mailbox import Mail, Mailbox

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
# What mail programs give a mail that says nothing of its looks; `:where` lets every rule of the mail win.
_MAIL_START = (
    '<!doctype html><meta charset="utf-8"><style>:where(body){margin:22px 26px;color:#17202e;overflow-wrap:anywhere;'
    'font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}</style>'
)
# The policy stops what would be loaded, but not the bare connections that a browser opens beforehand for these (seen
# with Chromium 156: `<link rel="preconnect">`, frames). Renamed they are nothing.
_CONNECTING = re.compile("<(?=link|i?frame|object|embed|portal|fencedframe)", re.IGNORECASE)
_HEADERS = {
    "X-DNS-Prefetch-Control": "off",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_MEDIA_TYPES = {"inbox.css": "text/css", "inbox.js": "text/javascript", "inbox.svg": "image/svg+xml"}
_VIEWS = ("html", "text", "source")

Endpoint = Callable[[Request], Awaitable[Response]]


class InboxPage:
    """The HTTP side of a mailbox. `smtp_address` is shown to people who look for it (`127.0.0.1:PORT`)."""

    def __init__(self, mailbox: Mailbox, smtp_address: Callable[[], str]) -> None:
        self._mailbox = mailbox
        self._smtp_address = smtp_address
        self._templates = Environment(loader=FunctionLoader(_asset), autoescape=True)
        self._templates.filters.update(person=_person, initials=_initials, hue=_hue, clock=_clock, day=_day)

    def routes(self) -> list[Route]:
        """Routes for the root of a local HTTP server."""
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/", self._page),
            ("GET", "/assets/{name}", self._static),
            ("GET", "/messages", self._list),
            ("DELETE", "/messages", self._delete_all),
            ("GET", "/messages/{id}", self._show),
            ("DELETE", "/messages/{id}", self._delete),
            ("GET", "/messages/{id}/html", self._html),
            ("GET", "/messages/{id}/source", self._source),
            ("GET", "/messages/{id}/attachments/{number:int}", self._attachment),
        ]
        return [Route(path, _guarded(handler), methods=[method]) for method, path, handler in table]

    async def _page(self, request: Request) -> Response:
        mails = self._mailbox.summaries()
        chosen = request.query_params.get("message") or (mails[0].id if mails else "")
        mail = self._mailbox.message(chosen)
        view = _view(request.query_params.get("view"), mail)
        page = self._templates.get_template("inbox.html").render(
            mails=mails,
            mail=mail,
            view=view,
            missing=chosen if mail is None else "",
            attachments=self._mailbox.attachments(chosen),
            source=_source_text(self._mailbox.raw(chosen)) if view == "source" else "",
            smtp=self._smtp_address(),
        )
        return _answer(page, "text/html", _PAGE_POLICY)

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _MEDIA_TYPES:
            return _not_found(f"no asset {name}")
        return _answer(_asset(name), _MEDIA_TYPES[name], _PAGE_POLICY)

    async def _list(self, request: Request) -> Response:
        if request.query_params.get("view") == "newest":
            newest = self._mailbox.summaries()[:1]
            return JSONResponse({"newest": newest[0].id if newest else None}, headers=_HEADERS)
        return JSONResponse([mail.to_json() for mail in self._mailbox.messages()], headers=_HEADERS)

    async def _show(self, request: Request) -> Response:
        mail = self._mailbox.message(request.path_params["id"])
        return _no_mail(request) if mail is None else JSONResponse(mail.to_json(), headers=_HEADERS)

    async def _delete(self, request: Request) -> Response:
        if not self._mailbox.delete(request.path_params["id"]):
            return _no_mail(request)
        return Response(status_code=204, headers=_HEADERS)

    async def _delete_all(self, _request: Request) -> Response:
        self._mailbox.delete()
        return Response(status_code=204, headers=_HEADERS)

    async def _html(self, request: Request) -> Response:
        mail = self._mailbox.message(request.path_params["id"])
        if mail is None or mail.html is None:
            return _no_mail(request)
        return _answer(_MAIL_START + _CONNECTING.sub("<x-", mail.html), "text/html", _MAIL_POLICY)

    async def _source(self, request: Request) -> Response:
        raw = self._mailbox.raw(request.path_params["id"])
        return _no_mail(request) if raw is None else _answer(_source_text(raw), "text/plain", _MAIL_POLICY)

    async def _attachment(self, request: Request) -> Response:
        number = request.path_params["number"]
        found = self._mailbox.attachments(request.path_params["id"])
        if not 0 < number <= len(found):
            return _no_mail(request)
        attachment = found[number - 1]
        disposition = f"attachment; filename*=UTF-8''{quote(attachment.name, safe='')}"
        headers = {**_HEADERS, "Content-Security-Policy": _MAIL_POLICY, "Content-Disposition": disposition}
        return Response(attachment.content, headers=headers, media_type="application/octet-stream")


def _guarded(handler: Endpoint) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if not is_local(request.headers.get("host", "")):
            return PlainTextResponse("Open the inbox as http://127.0.0.1:PORT or http://localhost:PORT.", 421)
        return await handler(request)

    return endpoint


def _answer(content: str, media_type: str, policy: str) -> Response:
    data = content.encode("utf-8", "replace")
    return Response(data, headers={**_HEADERS, "Content-Security-Policy": policy}, media_type=media_type)


def _no_mail(request: Request) -> Response:
    return _not_found(f"There is no mail {request.path_params['id']}; GET /messages lists what there is.")


def _not_found(message: str) -> Response:
    return JSONResponse({"error": {"code": "NotFound", "message": message}}, 404, headers=_HEADERS)


def _view(wanted: str | None, mail: Mail | None) -> str:
    if wanted in _VIEWS and not (wanted == "html" and mail is not None and mail.html is None):
        return str(wanted)
    return "html" if mail is not None and mail.html is not None else "text"


def _asset(name: str) -> str:
    return files("localazure").joinpath("inbox_assets", name).read_text(encoding="utf-8")


def _source_text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "replace")


def _person(address: str) -> str:
    name, plain = parseaddr(address)
    return name or plain or address or "unknown sender"


def _initials(address: str) -> str:
    words = [word for word in _person(address).replace("@", " ").replace(".", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def _hue(address: str) -> int:
    # One of twelve classes of the style sheet: a style attribute would need a weaker content policy.
    return hashlib.sha256(_person(address).encode("utf-8", "replace")).digest()[0] % 12


def _clock(received: str) -> str:
    return datetime.fromisoformat(received).strftime("%H:%M")


def _day(received: str) -> str:
    return datetime.fromisoformat(received).strftime("%d %b %Y")
