"""Run a local cloud in this process until a signal ends it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from datetime import UTC, datetime

from localazure.cloud import Cloud, Settings
from localazure.data_folder import DataFolder
from localazure.files import write_private

# What these log may show addresses with signatures in them.
_QUIET = ("httpx", "httpcore", "azure", "uvicorn", "mail.log", "asyncio")


def run(folder: DataFolder, settings: Settings) -> None:
    """Start, tell that all is ready, and stop on SIGTERM, SIGINT or SIGHUP. Raises what `Cloud.start` raises."""
    os.umask(0o077)
    _set_up_log()
    asyncio.run(_run(folder, settings))


async def _run(folder: DataFolder, settings: Settings) -> None:
    from localazure import daemon

    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    cloud = Cloud(folder.path, settings)
    await cloud.start()
    try:
        write_private(folder.state, json.dumps(_state(cloud)))
        logging.getLogger("localazure").info("ready: ARM %s, inbox %s", cloud.arm_endpoint, cloud.http_endpoint)
        daemon.notify_ready()
        await ended.wait()
    finally:
        folder.state.unlink(missing_ok=True)
        await cloud.stop()
        logging.getLogger("localazure").info("stopped")


def _state(cloud: Cloud) -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "armEndpoint": cloud.arm_endpoint,
        "inbox": cloud.http_endpoint,
        "smtp": f"127.0.0.1:{cloud.ports['smtp']}",
        "provider": f"127.0.0.1:{cloud.ports['provider']}",
        "autoConsent": cloud.settings.auto_consent,
    }


def _set_up_log() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
