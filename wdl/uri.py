"""Absolute URIs as .NET's `Uri` class reads and shows them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from wdl.percent import escape_data

_URI: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?P<rest>.*)\Z", re.DOTALL)
_AUTHORITY: Final = re.compile(r"//(?P<authority>[^/?#\\]*)(?P<rest>.*)\Z", re.DOTALL)
_REST: Final = re.compile(r"(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?P<fragment>#.*)?\Z", re.DOTALL)
_PORTS: Final = {
    "http": 80, "https": 443, "ftp": 21, "ws": 80, "wss": 443, "gopher": 70, "nntp": 119, "telnet": 23, "ldap": 389,
    "net.tcp": 808, "mailto": 25,
}  # fmt: skip
_NEEDS_HOST: Final = frozenset(("http", "https", "ftp", "ws", "wss", "gopher", "nntp", "telnet", "net.tcp", "net.pipe"))
_HIERARCHICAL: Final = _NEEDS_HOST | {"file"}
_KEEPS_STEPS: Final = frozenset(("gopher", "nntp", "telnet", "ldap"))
_HOST: Final = re.compile(r"[^\s/\\?#@:\[\]<>\"{}|^`%]+\Z")
_ESCAPED: Final = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]", re.DOTALL)
_DOS_PATH: Final = re.compile(r"[A-Za-z]:[\\/]")
_MAX_LENGTH: Final = 65519


@dataclass(frozen=True, slots=True)
class Uri:
    """The parts of an absolute URI; `port` is -1 where the scheme has none."""

    scheme: str
    host: str
    port: int
    path: str
    query: str


def parse(text: str) -> Uri | None:
    """The parts of an absolute URI, or None for any other text."""
    text = text.strip(" \t\r\n\v\f")
    match = _URI.match(text)
    if match is None or len(text) > _MAX_LENGTH:
        return None
    if _DOS_PATH.match(text):
        return _file(text.replace("\\", "/"))
    scheme = match["scheme"].lower()
    return _hierarchical(scheme, match["rest"]) if scheme in _HIERARCHICAL else _generic(scheme, match["rest"])


def _file(path: str) -> Uri:
    return Uri("file", "", -1, _compact(_escape(path)), "")


def _generic(scheme: str, rest: str) -> Uri | None:
    match = _AUTHORITY.match(rest)
    if match:
        return _with_authority(scheme, match["authority"], match["rest"])
    path, query = _split(rest)
    return Uri(scheme, "", _PORTS.get(scheme, -1), path, query)


def _hierarchical(scheme: str, rest: str) -> Uri | None:
    match = _AUTHORITY.match(rest.replace("\\", "/") if "?" not in rest else rest)
    if match is None or (scheme in _NEEDS_HOST and not match["authority"]):
        return None
    return _with_authority(scheme, match["authority"], match["rest"])


def _with_authority(scheme: str, authority: str, rest: str) -> Uri | None:
    host, port = _host_and_port(authority.rpartition("@")[2])
    if host is None or port is None:
        return None
    path, query = _split(rest)
    if scheme not in _KEEPS_STEPS:
        path = _compact(path.replace("\\", "/")) or "/"
    if scheme == "file" and _DOS_PATH.match(path, 1):
        path = path[1:]
    return Uri(scheme, host, port if port >= 0 else _PORTS.get(scheme, -1), path, query)


def _host_and_port(authority: str) -> tuple[str | None, int | None]:
    match = re.match(r"(\[[^\]]*\]|[^:]*)(?::(\d*))?\Z", authority)
    if match is None:
        return None, None
    port = int(match[2]) if match[2] else -1
    return _host(match[1]), port if port <= 65535 else None


def _host(host: str) -> str | None:
    if host.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(host[1:-1])}]"
        except ValueError:
            return None
    return host.lower() if not host or _HOST.match(host) else None


def _split(rest: str) -> tuple[str, str]:
    match = _REST.match(rest)
    if match is None:
        return "", ""
    return _escape(match["path"]), _escape(match["query"] or "")


def _escape(text: str) -> str:
    return _ESCAPED.sub(_escape_one, text)


def _escape_one(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) == 3 and found[0] == "%":
        character = chr(int(found[1:], 16))
        return character if character.isascii() and (character.isalnum() or character in "-._~") else found
    return escape_data(found)


def _compact(path: str) -> str:
    """The path without `.` and `..` steps."""
    kept: list[str] = []
    segments = path.split("/")
    for step in segments:
        if step == "..":
            if len(kept) > 1:
                kept.pop()
        elif step != ".":
            kept.append(step)
    if segments[-1] in (".", "..") and kept[-1:] != [""]:
        kept.append("")
    return "/".join(kept)
