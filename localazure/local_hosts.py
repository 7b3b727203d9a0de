"""Which Host headers mean this machine: the guard against DNS rebinding of every plain HTTP page of the local cloud."""

from __future__ import annotations

from urllib.parse import urlsplit

_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_local(host: str) -> bool:
    """True for `localhost`, `127.0.0.1` and `[::1]`, with or without a port; False for any other Host header."""
    try:
        parts = urlsplit(f"//{host}")
        return (
            parts.hostname in _NAMES
            and parts.netloc == host
            and "@" not in host
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        return False
