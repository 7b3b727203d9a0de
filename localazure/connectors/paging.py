"""Addresses of connections and of next pages.

The address of a connection at run time is `{base}/apim/{api}/{key}`; the key spells the connection's ARM id, so that
nobody has to look it up (Azure's is 32 random hex digits).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from localazure.connectors.connection import Connection
from localazure.connectors.request import ConnectorRequest


class PageLinks:
    """Makes the links of pages. `base_url` is the address of the host's HTTP side, `http://127.0.0.1:PORT`."""

    def __init__(self, base_url: Callable[[], str]) -> None:
        self._base_url = base_url

    def runtime_url(self, api: str, connection_id: str) -> str:
        """Where a client of the connector calls this connection (`connectionRuntimeUrl`)."""
        return f"{self._base_url().rstrip('/')}{runtime_path(api, connection_id)}"

    def next(self, connection: Connection, request: ConnectorRequest, token: Mapping[str, str]) -> str:
        """The address of the page that `token` (query parameters) leads to."""
        given = {name.lower() for name in token}
        queries = {name: value for name, value in request.queries.items() if name.lower() not in given}
        pairs = [
            f"{quote(name, safe='$')}={quote(str(value), safe='')}" for name, value in {**queries, **token}.items()
        ]
        return f"{self.runtime_url(connection.api, connection.id)}{_path(request)}?{'&'.join(pairs)}"


def next_request(request: ConnectorRequest, link: str) -> ConnectorRequest:
    """The call that a page's `nextLink` stands for: absolute, relative to the connection, or only `?$skiptoken=…`."""
    parts = urlsplit(link)
    path = parts.path
    if path.startswith("/apim/"):
        path = "/" + path.split("/", 4)[-1]
    queries = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not path:
        queries = {**request.queries, **queries}
    return ConnectorRequest(request.method, path or request.path, queries, request.headers, request.body)


def runtime_path(api: str, connection_id: str) -> str:
    """`/apim/azuretables/L3N1YnNj…`."""
    key = base64.urlsafe_b64encode(connection_id.lower().encode()).decode().rstrip("=")
    return f"/apim/{api}/{key}"


def connection_of(key: str) -> str | None:
    """The ARM id that a key spells, or None if it spells none."""
    try:
        return base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def _path(request: ConnectorRequest) -> str:
    path = request.path.split("?")[0]
    return path if path.startswith("/") else "/" + path
