"""Reading the text of a document: JSON, with the comments that ARM templates allow."""

from __future__ import annotations

import json
import re
from typing import Any

_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


class SourceError(Exception):
    """A text that is no JSON; the message names the place."""


def read(text: str) -> Any:
    """The document in a text. Raises `SourceError`."""
    try:
        return json.loads(without_comments(text), strict=False)
    except json.JSONDecodeError as error:
        raise SourceError(f"line {error.lineno}, column {error.colno}: it is no JSON: {error.msg}") from None
    except RecursionError:
        raise SourceError("it is nested too deeply to be read") from None


def without_comments(text: str) -> str:
    """The text with every comment replaced by spaces, so that all places stay the same."""
    return _COMMENT.sub(_blanked, text)


def _blanked(match: re.Match[str]) -> str:
    found = match[0]
    return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)
