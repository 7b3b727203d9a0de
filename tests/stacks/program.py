"""The project's own program under mocks."""

from __future__ import annotations

import runpy
import socket
from pathlib import Path
from typing import Any

from pulumi_mocks import Deployment, run_program

ROOT = Path(__file__).resolve().parents[2]
CONFIG = {"recipients": "sales@contoso.com; partners@contoso.com"}
# Under mocks nobody is asked anything; the program only makes sure that somebody listens.
_LISTENER = socket.create_server(("127.0.0.1", 0))
LOCAL_ENVIRONMENT = {
    "LOCALAZURE_ARM_ENDPOINT": f"https://127.0.0.1:{_LISTENER.getsockname()[1]}",
    "LOCALAZURE_INBOX": "http://127.0.0.1:2",
    "PULUMI_DEBUG_PROVIDERS": "azure-native:3",
}


def deploy(config: dict[str, str] | None = None, **options: Any) -> Deployment:
    """What `__main__.py` sends to the engine for a configuration (recipients are set)."""
    return run_program(
        lambda: runpy.run_path(str(ROOT / "__main__.py")), config={**CONFIG, **(config or {})}, **options
    )
