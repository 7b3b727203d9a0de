"""Authentication of outgoing HTTP calls: Basic, Raw, ClientCertificate, ActiveDirectoryOAuth, ManagedServiceIdentity.

Source: Azure page "Secure access and data", authentication for outbound calls.
"""

from __future__ import annotations

import base64
import os
import ssl
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

SECRETS = ("password", "secret", "pfx", "value")
SANITIZED = "*sanitized*"
_DEFAULT_AUDIENCE = "https://management.azure.com/"


class AuthenticationError(Exception):
    """The call cannot be authenticated; the message says why, without a secret."""


class TokenSource:
    """Where tokens come from: `managed_identity(audience)` is the local cloud, `fetch(url, form)` asks an authority."""

    def __init__(
        self,
        fetch: Callable[[str, Mapping[str, str]], Awaitable[Mapping[str, Any]]],
        managed_identity: Callable[[str], str] | None = None,
    ) -> None:
        self.fetch = fetch
        self.managed_identity = managed_identity


async def authorization(authentication: Mapping[str, Any] | None, tokens: TokenSource) -> str | None:
    """The value of the Authorization header, or None where there is none."""
    kind = str((authentication or {}).get("type", "None")).lower()
    if authentication is None or kind in {"none", "clientcertificate"}:
        return None
    if kind == "basic":
        pair = f"{authentication.get('username', '')}:{authentication.get('password', '')}"
        return "Basic " + base64.b64encode(pair.encode()).decode()
    if kind == "raw":
        return str(authentication.get("value", ""))
    if kind == "managedserviceidentity":
        return f"Bearer {_managed_identity(authentication, tokens)}"
    if kind == "activedirectoryoauth":
        return f"Bearer {await _oauth(authentication, tokens)}"
    raise AuthenticationError(
        f"The authentication type '{authentication.get('type')}' is not one of None, Basic, ClientCertificate, "
        "ActiveDirectoryOAuth, ManagedServiceIdentity, Raw."
    )


def client_certificate(authentication: Mapping[str, Any] | None) -> ssl.SSLContext | None:
    """A TLS context with the client's certificate, where the authentication is by certificate."""
    if authentication is None or str(authentication.get("type", "")).lower() != "clientcertificate":
        return None
    context = ssl.create_default_context()
    # Python's TLS reads certificates from files only: one that its owner alone can read, gone at once.
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(_pem(authentication))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def sanitized(authentication: Any) -> Any:
    """The authentication as the run history shows it."""
    if not isinstance(authentication, Mapping):
        return authentication
    return {key: SANITIZED if key.lower() in SECRETS else value for key, value in authentication.items()}


def _managed_identity(authentication: Mapping[str, Any], tokens: TokenSource) -> str:
    if tokens.managed_identity is None:
        raise AuthenticationError("The workflow has no managed identity here: nothing issues tokens to it.")
    return tokens.managed_identity(str(authentication.get("audience") or _DEFAULT_AUDIENCE))


async def _oauth(authentication: Mapping[str, Any], tokens: TokenSource) -> str:
    if "secret" not in authentication:
        raise AuthenticationError("ActiveDirectoryOAuth runs here with a 'secret' only, not with a certificate.")
    authority = str(authentication.get("authority") or "https://login.microsoftonline.com").rstrip("/")
    form = {
        "grant_type": "client_credentials",
        "client_id": str(authentication.get("clientId", "")),
        "client_secret": str(authentication["secret"]),
        "resource": str(authentication.get("audience") or _DEFAULT_AUDIENCE),
    }
    answer = await tokens.fetch(f"{authority}/{authentication.get('tenant', '')}/oauth2/token", form)
    if "access_token" not in answer:
        raise AuthenticationError(f"The authority gave no token: {answer.get('error', 'no reason given')}.")
    return str(answer["access_token"])


def _pem(authentication: Mapping[str, Any]) -> bytes:
    try:
        content = base64.b64decode(str(authentication.get("pfx", "")), validate=True)
        password = str(authentication.get("password") or "").encode() or None
        key, certificate, others = pkcs12.load_key_and_certificates(content, password)
    except ValueError:
        raise AuthenticationError("The client certificate 'pfx' cannot be read with its 'password'.") from None
    if key is None or certificate is None:
        raise AuthenticationError("The client certificate 'pfx' holds no certificate with a private key.")
    parts = [key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())]
    return os.linesep.encode().join([*parts, *(one.public_bytes(Encoding.PEM) for one in (certificate, *others))])
