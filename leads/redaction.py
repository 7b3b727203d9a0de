"""Secrets out of what a run's history shows: keys, tokens, signatures. Leads stay: they are what a person looks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

HIDDEN = "(hidden; --show-secrets shows it)"

_NAMES = re.compile(
    r"authorization|password|passwd|secret|sharedkey|accountkey|accesskey|api-?key|token|cookie|subscription-key|^x-api"
    r"|connectionstring|^sig$|^code$|pfx|credential",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r"continuationtoken|continuation-token|^tokentype$", re.IGNORECASE)
_IN_TEXTS = re.compile(
    r"(?i)((?:AccountKey|SharedAccessSignature|SharedAccessKey|[?&;]sig|[?&]code)=|\bBearer\s+|\bSharedKey(?:Lite)?\s+\S+?:)"
    r"[^\s;&\"'<>]+"
)


class Redactor:
    """Hides secrets in JSON: what their names or their form tell, and `known`: texts such as an account's keys."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        self._known = [text for text in known if text]

    def value(self, found: Any) -> Any:
        """The same JSON without secrets."""
        if isinstance(found, Mapping):
            return {name: HIDDEN if _is_secret(name, item) else self.value(item) for name, item in found.items()}
        if isinstance(found, list):
            return [self.value(item) for item in found]
        return self.text(found) if isinstance(found, str) else found

    def text(self, text: str) -> str:
        """The same text without secrets."""
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        return _IN_TEXTS.sub(rf"\1{HIDDEN}", text)


def key_of(connection_string: str) -> str:
    """The account key inside a connection string; empty if there is none."""
    parts = (part.partition("=") for part in connection_string.split(";"))
    return next((value for name, _, value in parts if name.lower() == "accountkey"), "")


def with_key(connection_string: str, key: str) -> str:
    """The same connection string with another account key."""
    parts = [part.partition("=") for part in connection_string.split(";")]
    return ";".join(f"{name}={key if name.lower() == 'accountkey' else value}" for name, _, value in parts)


def _is_secret(name: str, value: Any) -> bool:
    """Names such as `code` hold secrets only as texts of some length: `{"code": "BadRequest"}` is an error's."""
    if not isinstance(value, str) or not value or _HARMLESS.search(name):
        return False
    return bool(_NAMES.search(name)) and not (name.lower() == "code" and len(value) < 40)
