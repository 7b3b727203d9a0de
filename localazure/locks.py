"""Locks that the system lets go of when their process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAP_SECONDS = 0.001


def is_free(lock: Path) -> bool:
    """Whether no process holds the lock of this file (also if there is no such file).

    Asked with a shared lock: two that ask at once must not take each other for its holder.
    """
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        return _try(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


@contextmanager
def held(lock: Path) -> Iterator[int | None]:
    """Hold the lock of a file, made if missing and emptied; yields its descriptor, None if another process has it.

    The lock is held as long as any process has the descriptor open: a child that inherits it holds it too.
    """
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if not _take(descriptor):
            yield None
            return
        os.ftruncate(descriptor, 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    while not _try(descriptor, fcntl.LOCK_EX):
        if not _try(descriptor, fcntl.LOCK_SH):
            return False
        # It is only being asked for (`is_free`): that is over in a moment.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        time.sleep(_NAP_SECONDS)
    return True


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
