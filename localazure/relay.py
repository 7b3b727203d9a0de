"""Passes TCP connections of 127.0.0.1 on to a Unix socket.

gRPC opens an IPv4 address as an IPv6 socket (`::ffff:127.0.0.1`). It reaches no further, but nobody who looks at a list
of listeners should have to know that: gRPC listens on a Unix socket in a private folder, and this listens for it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import socket
import socketserver
import tempfile
import threading
from pathlib import Path

from localazure.ports import listen

_CHUNK = 256 * 1024
_LONGEST_FOLDER = 70


class Relay:
    """Listens from `start(port)` to `stop()`. `path` is the Unix socket that the server behind it must listen on."""

    def __init__(self) -> None:
        # The path of a Unix socket may have about 100 characters only: not in the data folder, nor in a long $TMPDIR.
        is_short = len(os.fsencode(tempfile.gettempdir())) <= _LONGEST_FOLDER
        self._folder = Path(tempfile.mkdtemp(prefix="localazure-", dir=None if is_short else "/tmp"))  # noqa: S108
        self.path = self._folder / "socket"
        self._server: _Listener | None = None

    def start(self, place: int | socket.socket = 0) -> int:
        """Serve a port (0: any free one; raises OSError if it is taken), or what listens already; returns the port."""
        self._server = _Listener(listen(place) if isinstance(place, int) else place)
        self._server.target = str(self.path)
        self._server.folder = self._folder
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="relay", daemon=True).start()
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.close_connections()
        shutil.rmtree(self._folder, ignore_errors=True)


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    target: str
    folder: Path

    def __init__(self, listener: socket.socket) -> None:
        self.open: set[socket.socket] = set()
        self.numbers = itertools.count()
        super().__init__(listener.getsockname(), _Passage, bind_and_activate=False)
        self.socket.close()
        self.socket = listener

    def close_connections(self) -> None:
        for connection in list(self.open):
            _shut(connection, socket.SHUT_RDWR)


class _Passage(socketserver.BaseRequestHandler):
    server: _Listener
    request: socket.socket

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with socket.socket(socket.AF_UNIX) as inner:
            self.server.open |= {self.request, inner}
            # A name of its own: by it the server behind tells its connections apart (`peer` in gRPC).
            name = self.server.folder / str(next(self.server.numbers))
            try:
                inner.bind(str(name))
                inner.connect(self.server.target)
                back = threading.Thread(target=_pump, args=(inner, self.request), daemon=True)
                back.start()
                _pump(self.request, inner)
                back.join()
            except OSError:
                return
            finally:
                self.server.open -= {self.request, inner}
                name.unlink(missing_ok=True)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Until one side has ended; then tell the other."""
    with contextlib.suppress(OSError):
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
    _shut(sink, socket.SHUT_WR)


def _shut(connection: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(how)
