"""The keys of a token's issuer: fetched from the issuer, over HTTPS or from this machine; failures are told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from localazure.clock import VirtualClock
from localazure.federation import Federation, NotFederated, published_keys

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
CLIENT, PRINCIPAL = "some-client", "some-principal"


class Issuer(BaseHTTPRequestHandler):
    """OpenID Connect Discovery and one key."""

    def do_GET(self) -> None:
        base = f"http://{self.headers['Host']}"
        public = jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        pages: dict[str, Any] = {
            "/.well-known/openid-configuration": {"issuer": base, "jwks_uri": f"{base}/keys"},
            "/keys": {"keys": [{**public, "kid": "k", "alg": "ES256"}]},
        }
        self.send_response(200 if self.path in pages else 404)
        self.end_headers()
        self.wfile.write(json.dumps(pages.get(self.path, {})).encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class OneIdentity:
    def __init__(self, issuer: str) -> None:
        self._credential = {"issuer": issuer, "subject": "me", "audiences": ["api://AzureADTokenExchange"]}

    def find(self, client: str) -> dict[str, Any] | None:
        return {"id": "/identity", "properties": {"principalId": PRINCIPAL}} if client == CLIENT else None

    def credentials(self, identity: str) -> list[dict[str, Any]]:
        return [{"properties": self._credential}]


def assertion(issuer: str, kid: str = "k") -> str:
    at = int(NOW.timestamp())
    claims = {"iss": issuer, "sub": "me", "aud": "api://AzureADTokenExchange", "nbf": at, "exp": at + 60}
    return jwt.encode(claims, KEY, "ES256", headers={"kid": kid})


def test_the_keys_come_from_the_issuer(issuer: str) -> None:
    federation = Federation(OneIdentity(issuer), VirtualClock(NOW))
    assert federation.principal(CLIENT, assertion(issuer)) == PRINCIPAL
    with pytest.raises(NotFederated) as refused:
        federation.principal(CLIENT, assertion(issuer, kid="another"))
    assert refused.value.number == 700027


@pytest.mark.parametrize("issuer_of", ["http://127.0.0.1:9", "{}/nowhere", "http://issuer.example"])
def test_an_issuer_without_keys(issuer: str, issuer_of: str) -> None:
    place = issuer_of.format(issuer)
    federation = Federation(OneIdentity(place), VirtualClock(NOW))
    with pytest.raises(NotFederated, match="cannot be fetched") as refused:
        federation.principal(CLIENT, assertion(place))
    assert refused.value.number == 50166


def test_an_issuer_that_is_not_trusted_is_not_asked(issuer: str) -> None:
    asked: list[str] = []

    def keys(place: str) -> jwt.PyJWKSet:
        asked.append(place)
        return published_keys(place)

    with pytest.raises(NotFederated):
        Federation(OneIdentity("https://elsewhere.example"), VirtualClock(NOW), keys).principal(
            CLIENT, assertion(issuer)
        )
    assert asked == []
