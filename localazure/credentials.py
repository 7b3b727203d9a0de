"""Who may use a local cloud: fixed, recognisable ids, and secrets that are random for each data folder."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from localazure.files import write_private

SUBSCRIPTION_ID = "10ca1a2e-0000-4000-8000-000000000001"
TENANT_ID = "10ca1a2e-0000-4000-8000-000000000002"
CLIENT_ID = "10ca1a2e-0000-4000-8000-000000000003"
PRINCIPAL_ID = "10ca1a2e-0000-4000-8000-000000000004"
"""Object id of the application's service principal."""


@dataclass(frozen=True)
class Credentials:
    """The application's client secret and the key that signs tokens (32 bytes in base64)."""

    client_secret: str = field(repr=False)
    signing_key: str = field(repr=False)


def load_credentials(path: Path) -> Credentials:
    """Read the credentials of a data folder; made at random if there are none yet. The file has mode 0600."""
    if path.exists():
        return Credentials(**json.loads(path.read_text()))
    made = Credentials(secrets.token_urlsafe(30), base64.b64encode(secrets.token_bytes(32)).decode())
    write_private(path, json.dumps(vars(made)))
    return made
