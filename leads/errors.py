"""What every error of this package is."""

from __future__ import annotations


class LeadsError(Exception):
    """Something cannot be done; the message is one line, ends with what to do, and holds no secret and no lead."""
