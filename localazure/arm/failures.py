"""What went wrong inside a resource provider, as the error a client gets. The log gets the place, never the data."""

from __future__ import annotations

import errno
import logging
import sqlite3
import traceback

from localazure.arm import refusals
from localazure.arm.envelope import ArmError

_LOG = logging.getLogger(__name__)


def as_arm_error(error: Exception) -> ArmError:
    """An ArmError stays itself; a full disk is 507 (clients do not repeat it for minutes); all else is 500."""
    if isinstance(error, ArmError):
        return error
    if is_disk_full(error):
        _LOG.error("the disk is full: a request was refused and nothing was changed")
        return refusals.disk_full()
    _LOG.error("%s", describe_place(error))
    return refusals.internal_error()


def is_disk_full(error: BaseException) -> bool:
    """True if this error, or one that caused it, says that no space is left (or the quota is used up)."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return True
    cause = error.__cause__ or error.__context__
    return cause is not None and is_disk_full(cause)


def describe_place(error: Exception) -> str:
    """The error's type and the lines it passed through. Not its text: that may quote a key or a lead."""
    frames = traceback.extract_tb(error.__traceback__)
    places = "\n".join(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
    return f"{type(error).__name__} in a request:\n{places}"
