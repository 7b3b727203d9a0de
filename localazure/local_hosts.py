"""Which host names mean this machine: the guard against DNS rebinding, and what no proxy of the user's can reach."""

from __future__ import annotations

from urllib.parse import urlsplit

_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
NO_PROXY = {f"all://{name}": None for name in ("localhost", "127.0.0.1", "[::1]")}
"""For the `mounts` of an httpx client: this machine is reached directly, whatever HTTP_PROXY says."""


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
