"""renew_consent.py: ask Azure for the page of consent, wait for the code it leads to, hand the code in."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
import webbrowser
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from leads import consent
from leads.clients import Clients
from leads.connections import ApiConnection, connections
from leads.environment import Deployed
from leads.errors import LeadsError
from leads.operations import Operations
from scripts._console import Console

_THANKS = b"<!doctype html><meta charset=utf-8><title>Consent</title><p>Thank you. You can close this page.</p>"


class ConsentError(LeadsError):
    """The consent did not come about; the message is one line and says what to do."""


@dataclass(frozen=True)
class Options:
    """`anew`: also where the consent is valid; `browser`: open the page; `timeout` in seconds."""

    anew: bool
    browser: bool
    timeout: int
    as_json: bool


def renew(deployed: Deployed, options: Options, console: Console) -> None:
    """Renew the consent of the stack's mail connection, if it has lapsed or `anew` is asked for."""
    clients = Clients(deployed, os.environ)
    found = _consented(clients)
    waiting = found if options.anew else consent.lapsed(found)
    for connection in waiting:
        _renew(clients, connection, options, console)
    if options.as_json:
        listed = [{"id": one.id, "name": one.name, "renewed": one in waiting} for one in found]
        print(json.dumps({"stack": deployed.stack, "connections": listed}, indent=2))
    if not waiting:
        names = ", ".join(one.name for one in found)
        console.step(f"Nothing to do: {f'connection {names} has its consent' if found else 'nothing needs consent'}")


def _consented(clients: Clients) -> list[ApiConnection]:
    deployed = connections(clients, Operations(clients).deployment().connections)
    return [one for one in deployed if consent.needs_consent(one)]


def _renew(clients: Clients, connection: ApiConnection, options: Options, console: Console) -> None:
    with CodeReceiver() as receiver:
        page = consent.link(clients, connection, receiver.address)
        _show(page, connection, options, console)
        with console.waiting("Waiting for the consent"):
            code = receiver.wait(options.timeout)
    if code is None:
        raise ConsentError(
            f"connection {connection.name}: no consent within {options.timeout} seconds; try again{_portal(connection)}"
        )
    consent.confirm(clients, connection, code)
    if connection.id in {one.id for one in consent.lapsed(_consented(clients))}:
        raise ConsentError(f"connection {connection.name} is still not connected; try again{_portal(connection)}")
    console.step(f"Connection {connection.name} has its consent; scripts/seed_lead.py proves that a mail arrives")


def _portal(connection: ApiConnection) -> str:
    """The other way, where there is a portal."""
    if os.environ.get("LOCALAZURE_ARM_ENDPOINT"):
        return ""
    return f", or use the portal: {consent.portal_page(connection)}, Authorize, Save"


def _show(page: str, connection: ApiConnection, options: Options, console: Console) -> None:
    console.note(f"Sign in as the account that is to send the mails, and consent to connection {connection.name}:")
    print(f"  {page}", file=sys.stderr if options.as_json else sys.stdout, flush=True)
    if options.browser:
        webbrowser.open(page)


class CodeReceiver:
    """A page on this machine that the consent leads to. Its path cannot be guessed: nobody else hands in a code."""

    def __init__(self) -> None:
        self._path = f"/{secrets.token_urlsafe(16)}"
        self._code: str | None = None

    def __enter__(self) -> CodeReceiver:
        receiver = self

        class Page(BaseHTTPRequestHandler):
            timeout = 5  # whoever connects and says nothing must not keep the browser waiting

            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                codes = parse_qs(asked.query).get("code")
                if asked.path != receiver._path or not codes:
                    self.send_error(404)
                    return
                receiver._code = codes[0]
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(_THANKS)

            def log_message(self, *_: object) -> None:
                """Nothing: the address holds the code."""

        self._server = HTTPServer(("127.0.0.1", 0), Page)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    @property
    def address(self) -> str:
        """Where the page of consent is to lead to."""
        return f"http://127.0.0.1:{self._server.server_port}{self._path}"

    def wait(self, seconds: float) -> str | None:
        """The code, None if none came in time."""
        end = time.monotonic() + seconds
        while self._code is None and (left := end - time.monotonic()) > 0:
            self._server.timeout = left
            self._server.handle_request()
        return self._code
