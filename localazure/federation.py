"""Workload identity federation: a token of another issuer (GitHub, say) signs in as a user-assigned identity.

The issuer's keys are fetched from the issuer itself, and only of issuers that a federated credential trusts. Source:
Microsoft's page "Workload identity federation"; Entra's refusals as quoted in public issues.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import jwt

from localazure.clock import Clock
from localazure.local_hosts import NO_PROXY

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS = ["RS256", "RS384", "RS512", "ES256"]
_CHECK = "Please check your federated identity credential Subject, Audience and Issuer against the presented assertion."
KeySet = Callable[[str], jwt.PyJWKSet]


class NotFederated(Exception):  # noqa: N818 - Entra's answer, by its number and sentence
    """The assertion does not sign anybody in."""

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.number = number
        self.sentence = sentence


class Identities(Protocol):
    """What is asked of Microsoft.ManagedIdentity."""

    def find(self, client: str) -> dict[str, Any] | None:
        """The identity with a client id."""
        ...

    def credentials(self, identity: str) -> Sequence[Mapping[str, Any]]:
        """The federated credentials of an identity."""
        ...


class Federation:
    """`keys` gives an issuer's published keys; it may raise what httpx raises."""

    def __init__(self, identities: Identities, clock: Clock, keys: KeySet | None = None) -> None:
        self._identities = identities
        self._clock = clock
        self.keys = keys or published_keys

    def principal(self, client: str, assertion: str) -> str:
        """The object id of the identity that an assertion signs in as; raises `NotFederated`. May block on a fetch."""
        identity = self._identities.find(client)
        if identity is None:
            raise NotFederated(700016, f"Application with identifier '{client}' was not found in the directory.")
        claims = _claims(assertion)
        _check_trusted(claims, [item["properties"] for item in self._identities.credentials(identity["id"])])
        self._check_time(claims)
        self._check_signature(assertion, claims["iss"])
        return str(identity["properties"]["principalId"])

    def _check_time(self, claims: Mapping[str, Any]) -> None:
        now = self._clock.now().timestamp()
        if not float(claims.get("nbf", now)) - 300 <= now < float(claims.get("exp", 0)):
            raise NotFederated(700024, "Client assertion is not within its valid time range.")

    def _check_signature(self, assertion: str, issuer: str) -> None:
        options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
        try:
            key = self.keys(issuer)[jwt.get_unverified_header(assertion).get("kid", "")]
            jwt.decode(assertion, key.key, _ALGORITHMS, options=options)
        except (httpx.HTTPError, ValueError) as error:
            sentence = f"The keys of the issuer '{issuer}' cannot be fetched: {type(error).__name__}."
            raise NotFederated(50166, sentence) from None
        except (jwt.PyJWTError, KeyError):
            raise NotFederated(700027, "Client assertion failed signature validation.") from None


def published_keys(issuer: str) -> jwt.PyJWKSet:
    """The keys that an issuer publishes (OpenID Connect Discovery): over HTTPS, or from this machine."""
    place = urlsplit(issuer)
    if place.scheme != "https" and place.hostname not in ("127.0.0.1", "localhost"):
        raise ValueError(f"{issuer} is not https")
    with httpx.Client(timeout=30, mounts=NO_PROXY) as client:
        discovery = client.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration").raise_for_status()
        found = client.get(discovery.json()["jwks_uri"]).raise_for_status()
    return jwt.PyJWKSet.from_dict(found.json())


def _claims(assertion: str) -> dict[str, Any]:
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise NotFederated(50027, "JWT token is invalid or malformed.") from None
    return {"iss": "", "sub": "", **claims}


def _check_trusted(claims: Mapping[str, Any], credentials: Sequence[Mapping[str, Any]]) -> None:
    """Issuer, subject, audience: texts must be equal, case included."""
    of_issuer = [item for item in credentials if item["issuer"] == claims["iss"]]
    if not of_issuer:
        raise _no_match(700211, "issuer", claims["iss"])
    of_subject = [item for item in of_issuer if item["subject"] == claims["sub"]]
    if not of_subject:
        like = any(item["subject"].lower() == str(claims["sub"]).lower() for item in of_issuer)
        raise _no_match(7002138 if like else 700213, "subject", claims["sub"])
    audience = claims.get("aud")
    if audience not in [item["audiences"][0] for item in of_subject]:
        raise _no_match(700212, "audience", audience)


def _no_match(number: int, what: str, value: Any) -> NotFederated:
    case = " Matching is case-sensitive." if number == 7002138 else ""
    sentence = f"No matching federated identity record found for presented assertion {what} '{value}'.{case} {_CHECK}"
    return NotFederated(number, sentence)
