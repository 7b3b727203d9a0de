"""Locks that the system lets go of when their process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def is_free(lock: Path) -> bool:
    """Whether no process holds the lock of this file (also if there is no such file)."""
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
