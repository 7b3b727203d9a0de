"""`python -m localazure.pulumi_provider --port PORT`: the provider alone, against the ARM of `localazure env`."""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType

from localazure.pulumi_provider.configuration import ConfigurationError, from_environment
from localazure.pulumi_provider.server import serve_configuration


def main() -> int:
    """Serve until interrupted; the first line of output is the port."""
    parser = argparse.ArgumentParser(prog="python -m localazure.pulumi_provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    arguments = parser.parse_args()
    try:
        server = serve_configuration(arguments.port, from_environment())
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    _exit_on_signal()
    print(server.port, flush=True)
    try:
        server.wait()
    finally:
        server.stop()
    return 0


def _exit_on_signal() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        # Not from the handler itself: the server's own locks may be held by the interrupted thread.
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


if __name__ == "__main__":
    sys.exit(main())
