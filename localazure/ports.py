"""Ports: chosen once, kept in the data folder, so that an address survives a restart."""

from __future__ import annotations

import json
import random
import socket
from pathlib import Path

from localazure.explained import Explained
from localazure.files import write_private

HOST = "127.0.0.1"
# Below the range from which systems take ports for outgoing connections (32768 on Linux, 49152 on macOS): a stopped
# cloud finds its ports free again.
_FIRST, _LAST = 10240, 32700


class PortTaken(Explained):
    """A kept port is used by somebody else; the message says what to do."""


def free_port(avoid: frozenset[int] = frozenset()) -> int:
    """A port of 127.0.0.1 that nobody listens on at the moment."""
    for _ in range(500):
        port = random.SystemRandom().randint(_FIRST, _LAST)
        if port not in avoid and is_free(port):
            return port
    raise PortTaken("No free port was found on 127.0.0.1. Close some programs that listen there.")


def is_free(port: int) -> bool:
    """Whether one could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As asyncio and uvicorn do: connections of the past that linger do not count as use.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


class Ports:
    """Named ports in the file `ports.json` of a data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, name: str) -> int | None:
        """The kept port of this name, or None."""
        return self._known.get(name)

    def take(self, name: str) -> int:
        """The port of this name; chosen now if it has none yet. Raises `PortTaken`."""
        port = self._known.get(name)
        if port is None:
            port = free_port(frozenset(self._known.values()))
            self._known[name] = port
            self._write()
        elif not is_free(port):
            raise PortTaken(
                f"Port {port} of 127.0.0.1, which this local cloud uses for {name}, is taken by another program. "
                f"End that program, or delete {self._path} to let the local cloud choose new ports."
            )
        return port

    def forget(self, name: str) -> None:
        """Give a port back."""
        if self._known.pop(name, None) is not None:
            self._write()

    def _write(self) -> None:
        write_private(self._path, json.dumps(self._known))
