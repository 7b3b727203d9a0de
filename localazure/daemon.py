"""The local cloud as a background process: start it and wait until it answers, stop it, tell how it is.

The process holds a lock on its data folder for as long as it lives, so a process id is never taken for a running cloud
by mistake, and of two starts at once one waits for the other. Loads nothing heavy: `status` must answer at once.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from localazure.data_folder import DataFolder
from localazure.explained import Explained
from localazure.files import private_folder
from localazure.locks import is_free

READY_VARIABLE = "LOCALAZURE_READY_FD"
"""Number of the pipe on which a background process tells its parent that it is ready, or what went wrong."""

_START_SECONDS = 180.0  # longer than one Azurite may take
_STOP_SECONDS = 90.0
_END_SECONDS = 30.0
_LOG_BYTES = 5_000_000
_NAP_SECONDS = 0.02
_BUSY = b"busy"
_READY = b"ready"


class DaemonError(Explained):
    """The cloud could not be started or stopped; the message ends with its log or with what to do."""


def start(folder: DataFolder, options: Sequence[str] = ()) -> tuple[dict[str, Any], bool]:
    """Start a cloud in the background, or wait for the one that another process is starting.

    Returns what `DataFolder.read_state` returns, and whether this call started it. `options` are passed on to
    `localazure start --foreground`.
    """
    end = time.monotonic() + _START_SECONDS
    private_folder(folder.path)
    while time.monotonic() < end:
        if (state := folder.read_state()) is not None:
            return state, False
        # A cloud that has the lock but no state is starting or stopping: one try waits for its end.
        if folder.running_pid() is None and (state := _launch(folder, options, end)) is not None:
            return state, True
        time.sleep(_NAP_SECONDS)
    raise DaemonError(f"The local cloud in {folder.path} did not become ready.\n{tail(folder.log)}")


def stop(folder: DataFolder) -> bool:
    """Stop the cloud of a data folder and its children; False if none runs. Returns when all is on disk."""
    # One that has just begun writes its process id in a moment.
    _wait(lambda: folder.running_pid() != 0, _STOP_SECONDS)
    pid = folder.running_pid()
    if not pid:
        _wait_for_children(folder)
        return False
    _signal(pid, signal.SIGTERM)
    if not _wait(lambda: folder.running_pid() != pid, _STOP_SECONDS):
        _signal(pid, signal.SIGKILL)
        _wait(lambda: folder.running_pid() != pid, _STOP_SECONDS)
    _wait_for_children(folder)
    # It gives up its lock when all is on disk, a moment before it ends: nobody shall find a process afterwards.
    _wait(lambda: _has_ended(pid), _END_SECONDS)
    return True


def notify_ready() -> None:
    """Tell the parent, if there is one that waits, that this process is ready."""
    _notify(_READY)


def notify_busy() -> None:
    """Tell the parent that another process runs the cloud."""
    _notify(_BUSY)


def notify_failure(message: str) -> None:
    """Tell the parent why this process cannot start."""
    _notify(message.encode())


def tail(log: Path, lines: int = 30) -> str:
    """The end of a log, with a line that says what it is."""
    try:
        text = log.read_text(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        return f"(there is no log {log})"
    return "\n".join([f"The end of {log}:", *text])


def _launch(folder: DataFolder, options: Sequence[str], end: float) -> dict[str, Any] | None:
    """Start the process; None if another process was faster."""
    _rotate(folder.log)
    reading, writing = os.pipe()
    with os.fdopen(os.open(folder.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "localazure", "start", "--foreground", *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "LOCALAZURE_HOME": str(folder.path), READY_VARIABLE: str(writing)},
            pass_fds=(writing,),
            start_new_session=True,
        )
    os.close(writing)
    message = _read(reading, end)
    if message == _READY:
        return folder.read_state()
    if message == _BUSY:
        return None
    if message is None:
        process.kill()
        raise DaemonError(f"The local cloud did not become ready in time.\n{tail(folder.log)}")
    said = message.decode(errors="replace") or f"The local cloud could not start.\n{tail(folder.log)}"
    raise DaemonError(said)


def _read(pipe: int, end: float) -> bytes | None:
    """Everything until the other end closes; None if that takes too long."""
    message = b""
    try:
        while select.select([pipe], [], [], max(end - time.monotonic(), 0))[0]:
            if not (part := os.read(pipe, 65536)):
                return message
            message += part
        return None
    finally:
        os.close(pipe)


def _notify(message: bytes) -> None:
    if (number := os.environ.pop(READY_VARIABLE, None)) is not None:
        with os.fdopen(int(number), "wb") as pipe:
            pipe.write(message)


def _rotate(log: Path) -> None:
    with suppress(FileNotFoundError):  # there is none yet, or another start was faster
        if log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        # One that nobody has asked for yet (a container without an init process) has ended all the same.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(_NAP_SECONDS)
    return True


def _wait_for_children(folder: DataFolder) -> None:
    """Azurites of a cloud that was killed are saving their tables: their locks tell when they are done.

    Those of a cloud that somebody starts meanwhile are not waited for.
    """

    def is_done(lock: Path) -> bool:
        return is_free(lock) or folder.running_pid() is not None

    for lock in folder.children.glob("*.lock"):
        _wait(partial(is_done, lock), _STOP_SECONDS)
