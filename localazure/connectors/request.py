"""What passes between a workflow and a managed connector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ConnectorRequest:
    """One operation. `path` follows the connection's address and is still percent-encoded, as on the wire:
    Azure evaluates a path such as `/v2/storageAccounts/@{encodeURIComponent(encodeURIComponent('a'))}/…` and sends it
    as it comes out. `body` is a JSON value of the language (or None)."""

    method: str
    path: str
    queries: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class ConnectorResponse:
    """The connector's answer; `body` is a JSON value of the language (or None where there is none)."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
