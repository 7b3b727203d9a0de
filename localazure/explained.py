"""Errors that a person is meant to read."""

from __future__ import annotations


class Explained(Exception):  # noqa: N818 - what it is matters, not that it is an error
    """Its text says what is wrong and what to do; commands print it alone, without a traceback."""
