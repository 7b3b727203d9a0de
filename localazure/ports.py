"""Ports: chosen once, kept in the data folder, so that an address survives a restart."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import socket
from pathlib import Path

from localazure.explained import Explained
from localazure.files import write_private

HOST = "127.0.0.1"
VARIABLE = "LOCALAZURE_PORTS"
"""From which ports new ones are chosen: `FIRST-LAST`."""

# Below the range from which systems take ports for outgoing connections (32768 on Linux, 49152 on macOS): a stopped
# cloud finds its ports free again.
_FIRST, _LAST = 10240, 32700
_BACKLOG = 2048


class PortTaken(Explained):
    """A kept port is used by somebody else; the message says what to do."""


class PortsUnknown(Explained):
    """LOCALAZURE_PORTS is not what it should be; the message says what that is."""


def port_range() -> tuple[int, int]:
    """The first and the last port that may be chosen. Raises `PortsUnknown`."""
    if not (given := os.environ.get(VARIABLE)):
        return _FIRST, _LAST
    found = re.fullmatch(r"(\d{1,5})-(\d{1,5})", given)
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 < first <= last <= 65535:
        raise PortsUnknown(f"{VARIABLE} is {given!r}; it is a range of ports like {_FIRST}-{_LAST}, or unset.")
    return first, last


def free_port(avoid: frozenset[int] = frozenset()) -> int:
    """A port of 127.0.0.1 that nobody listens on at the moment. Raises `PortTaken`, `PortsUnknown`."""
    with listen_anywhere(avoid) as listener:
        return port_of(listener)


def listen(port: int = 0) -> socket.socket:
    """A socket that listens on a port of 127.0.0.1 (0: the system chooses) from now on, whoever serves it later.

    Raises OSError if the port is taken.
    """
    # Named as TCP: asyncio switches Nagle's algorithm off only then, and every answer waits 40 ms with it on.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # Connections of the past that linger do not count as use.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def listen_anywhere(avoid: frozenset[int] = frozenset()) -> socket.socket:
    """A socket that listens on a port chosen from `port_range`. Raises `PortTaken`, `PortsUnknown`."""
    first, last = port_range()
    for _ in range(500):
        port = random.SystemRandom().randint(first, last)
        if port in avoid:
            continue
        try:
            return listen(port)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    raise PortTaken(f"No free port was found on {HOST} ({first}-{last}). Close some programs that listen there.")


def port_of(listener: socket.socket) -> int:
    """The port that a socket is bound to."""
    return int(listener.getsockname()[1])


class Ports:
    """Named ports in the file `ports.json` of a data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}

    def listen(self, name: str) -> socket.socket:
        """A socket that listens on the port of this name; chosen now if it has none yet. Raises `PortTaken`.

        It listens at once, so that nobody else can take the port before it is served.
        """
        port = self._known.get(name)
        if port is None:
            listener = listen_anywhere(frozenset(self._known.values()))
            self._known[name] = port_of(listener)
            write_private(self._path, json.dumps(self._known))
            return listener
        try:
            return listen(port)
        except OSError:
            raise PortTaken(
                f"Port {port} of {HOST}, which this local cloud uses for {name}, is taken by another program. "
                f"End that program, or delete {self._path} to let the local cloud choose new ports."
            ) from None
