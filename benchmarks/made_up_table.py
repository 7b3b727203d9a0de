"""A table service whose rows are made up as they are asked for: pages of 1,000, and after each an empty one.

To fill an Azurite with 100,000 rows takes minutes. What matters to a reader is the same: the protocol, the sizes of the
pages, and that an empty page may be followed by others (REST reference, "Query timeout and pagination").
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from leads.samples import Kind, sample_row

PAGE = 1_000
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_KEY = "a2V5"  # nobody checks it


@contextmanager
def made_up_table(size: int, repeats_after: int | None = None) -> Iterator[str]:
    """Serve `size` rows; yields a connection string. After `repeats_after` pages the same one comes for ever."""
    handler = type("Handler", (_Handler,), {"size": size, "repeats_after": repeats_after})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"AccountName=a;AccountKey={_KEY};TableEndpoint=http://127.0.0.1:{server.server_address[1]}/a"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    size: int
    repeats_after: int | None

    def do_GET(self) -> None:
        """Pages 0, 2, 4, … have rows; the others none."""
        asked = parse_qs(urlsplit(self.path).query)
        page = int(asked.get("NextRowKey", ["0"])[0])
        first = page // 2 * PAGE
        rows = [] if page % 2 else _rows(first, min(first + PAGE, self.size))
        body = json.dumps({"value": rows}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json;odata=minimalmetadata")
        self.send_header("Content-Length", str(len(body)))
        if first + PAGE < self.size or not page % 2:
            following = page if self.repeats_after is not None and page >= self.repeats_after else page + 1
            self.send_header("x-ms-continuation-NextPartitionKey", "p")
            self.send_header("x-ms-continuation-NextRowKey", str(following))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def _rows(first: int, end: int) -> list[dict[str, Any]]:
    return [_row(number) for number in range(first, end)]


def _row(number: int) -> dict[str, Any]:
    moment = _BEGIN + timedelta(minutes=number)
    row = sample_row(Kind.CONTACT, moment, random.Random(number))
    return {**row, "Timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.0000001Z")}
