"""One call to a storage account's Table service, signed with the account's key, the JSON left as it is on the wire.

azure-data-tables is not used here: it turns entities into Python values and loses how the service wrote them, and a
connector hands on exactly that. Source: "Authorize with Shared Key" (Shared Key Lite for the Table service), "Querying
tables and entities".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from localazure.clock import Clock
from wdl import values

ACCEPT = "application/json;odata=minimalmetadata"
VERSION = "2019-02-02"


@dataclass(frozen=True)
class TableAccount:
    """A storage account: its name, the address of its Table service, one of its keys (base64).

    `endpoint` ends without a slash: `http://127.0.0.1:10002/leads` or `https://leads.table.core.windows.net`.
    """

    name: str
    endpoint: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class TableAnswer:
    """Status, headers (names in lower case) and body: a JSON value, None if empty, a str if it was no JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Tables(Protocol):
    """A Table service, wherever it is."""

    async def call(
        self,
        account: TableAccount,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> TableAnswer:
        """`path` begins with a slash and is percent-encoded."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


class TableService:
    """Calls Table services over one pool of connections."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._client = httpx.AsyncClient(timeout=30, trust_env=False)

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose()

    async def call(
        self,
        account: TableAccount,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> TableAnswer:
        """`path` begins with a slash and is percent-encoded. Raises ValueError for a key that is no base64,
        httpx.HTTPError if the service cannot be reached."""
        url = account.endpoint.rstrip("/") + path
        sent = {**self._signature(account, url, query), "Accept": ACCEPT, "x-ms-version": VERSION, **(headers or {})}
        content = None if body is None else values.dumps(body).encode()
        if content is not None:
            sent["Content-Type"] = "application/json"
        answer = await self._client.request(method, url + _query_text(query), headers=sent, content=content)
        return TableAnswer(answer.status_code, dict(answer.headers), _json(answer))

    def _signature(self, account: TableAccount, url: str, query: Mapping[str, str] | None) -> dict[str, str]:
        date = format_datetime(self._clock.now(), usegmt=True)
        # Of all queries, only the one that chooses the component (a table's policies, say) is signed.
        component = f"?comp={query['comp']}" if query and "comp" in query else ""
        path = httpx.URL(url).raw_path.decode().split("?")[0]
        text = f"{date}\n/{account.name}{path}{component}"
        key = base64.b64decode(account.key, validate=True)
        digest = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
        return {"x-ms-date": date, "Authorization": f"SharedKeyLite {account.name}:{digest}"}


def error_message(answer: TableAnswer) -> str:
    """What the service says is wrong, in JSON or in XML."""
    body = answer.body
    if isinstance(body, dict) and isinstance(error := body.get("odata.error"), dict):
        message = error.get("message")
        text = message.get("value") if isinstance(message, dict) else message
        if text:
            return str(text)
    if isinstance(body, str) and (found := re.search(r"<[Mm]essage[^>]*>([^<]*)<", body)):
        return found[1]
    return f"The Table service answered with status {answer.status}."


def _query_text(query: Mapping[str, str] | None) -> str:
    pairs = [f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in (query or {}).items()]
    return "?" + "&".join(pairs) if pairs else ""


def _json(answer: httpx.Response) -> Any:
    if not answer.content:
        return None
    try:
        return values.loads(answer.content)
    except Exception:  # an XML error page of the service, or a proxy's answer
        return answer.text
