"""The local cloud's stand-in for Microsoft Entra: one tenant, one application with a client secret, bearer tokens.

User-assigned identities sign in by the federated credentials that they have (`localazure.federation`).

Serves what azure-identity, MSAL and the azure-native provider ask: the metadata of the cloud, OpenID discovery and the
token endpoint in both versions. Tokens are JWTs signed with a key of the data folder; `check` accepts only those.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.arm.envelope import ArmError
from localazure.clock import Clock
from localazure.credentials import CLIENT_ID, PRINCIPAL_ID, TENANT_ID, Credentials
from localazure.federation import ASSERTION, Federation, NotFederated

LIFETIME = 3599
"""Seconds that a token is valid, as Entra's."""

# Azure's own names for ARM, and the local cloud's.
_ARM_HOSTS = {"management.azure.com", "management.core.windows.net", "127.0.0.1", "localhost"}
# Names under which clients ask for the tenant without knowing it.
_ANY_TENANT = {"common", "organizations"}


class _Refused(Exception):  # noqa: N818
    """What the token endpoint answers to a bad request: OAuth's error, Entra's number and sentence."""

    def __init__(self, status: int, error: str, number: int, sentence: str) -> None:
        super().__init__(error)
        self.status, self.error, self.number, self.sentence = status, error, number, sentence


class Identity:
    """Issues and checks tokens."""

    def __init__(self, credentials: Credentials, clock: Clock, federation: Federation | None = None) -> None:
        self._credentials = credentials
        self._clock = clock
        self._federation = federation

    def routes(self) -> list[Route]:
        """Metadata, discovery and tokens: what needs no token itself."""
        return [
            Route("/metadata/endpoints", self._metadata),
            Route("/common/discovery/instance", self._instances),
            Route("/{tenant}/v2.0/.well-known/openid-configuration", self._discovery),
            Route("/{tenant}/.well-known/openid-configuration", self._discovery),
            Route("/{tenant}/oauth2/v2.0/token", self._token_v2, methods=["POST"]),
            Route("/{tenant}/oauth2/token", self._token_v1, methods=["POST"]),
        ]

    def check(self, authorization: str | None) -> Mapping[str, Any]:
        """The claims of a valid token for Azure Resource Manager; raise `ArmError` 401 for any other header."""
        if not authorization:
            raise _unauthorized("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        claims = self._claims(_bearer(authorization))
        self._check_time(claims)
        _check_audience(claims)
        return claims

    def accepts(self, authorization: str | None) -> bool:
        """Whether the header holds a valid token for whatever audience: what connectors ask for."""
        try:
            self._check_time(self._claims(_bearer(authorization or "")))
        except ArmError:
            return False
        return True

    def issue(self, audience: str, issuer: str, client: str = CLIENT_ID, principal: str = PRINCIPAL_ID) -> str:
        """A token for an audience: the application's, or that of another client and its service principal."""
        now = int(self._clock.now().timestamp())
        claims = {
            "aud": audience,
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "appid": client,
            "appidacr": "1",
            "idtyp": "app",
            "idp": issuer,
            "oid": principal,
            "sub": principal,
            "tid": TENANT_ID,
            "uti": secrets.token_urlsafe(16),
            "ver": "1.0",
        }
        return jwt.encode(claims, self._key, "HS256")

    @property
    def _key(self) -> bytes:
        return base64.b64decode(self._credentials.signing_key)

    def _claims(self, token: str) -> Mapping[str, Any]:
        # Expiry is judged by the cloud's own clock below, not by the library's.
        options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
        try:
            return jwt.decode(token, self._key, ["HS256"], options=options)
        except jwt.InvalidTokenError:
            message = "The access token is invalid: it was not issued by this local cloud. Sign in again."
            raise _unauthorized("InvalidAuthenticationToken", message) from None

    def _check_time(self, claims: Mapping[str, Any]) -> None:
        now = self._clock.now()
        if claims["exp"] <= now.timestamp():
            message = f"The access token expiry UTC time is earlier than current UTC time '{now:%m/%d/%Y %H:%M:%S}'."
            raise _unauthorized("ExpiredAuthenticationToken", message)

    async def _metadata(self, request: Request) -> Response:
        base = _base(request)
        return JSONResponse(
            {
                "name": "localazure",
                "portal": base,
                "resourceManager": base,
                "microsoftGraphResourceId": f"{base}/graph/",
                "authentication": {
                    "loginEndpoint": base,
                    "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
                    "tenant": "common",
                    "identityProvider": "AAD",
                },
                "suffixes": {"storage": "core.windows.net", "keyVaultDns": "vault.azure.net"},
            }
        )

    async def _instances(self, request: Request) -> Response:
        host = urlsplit(_base(request)).netloc
        metadata = [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}]
        endpoint = f"{_base(request)}/{TENANT_ID}/v2.0/.well-known/openid-configuration"
        return JSONResponse(
            {"tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": metadata},
        )

    async def _discovery(self, request: Request) -> Response:
        tenant, base = request.path_params["tenant"], _base(request)
        if not _is_tenant(tenant):
            return _failure(_unknown_tenant(tenant), self._clock)
        version = "/v2.0" if "/v2.0/" in request.url.path else ""
        oauth = f"{base}/{tenant}/oauth2{version}"
        return JSONResponse(
            {
                "issuer": f"{base}/{TENANT_ID}{version or '/'}",
                "authorization_endpoint": f"{oauth}/authorize",
                "token_endpoint": f"{oauth}/token",
                "device_authorization_endpoint": f"{oauth}/devicecode",
                "jwks_uri": f"{base}/{tenant}/discovery/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
                "response_types_supported": ["token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["HS256"],
                "scopes_supported": ["openid"],
                "tenant_region_scope": None,
            }
        )

    async def _token_v2(self, request: Request) -> Response:
        try:
            form, who = await self._signed_in(request)
            scope = form.get("scope", "")
            if not scope.endswith("/.default"):
                raise _Refused(400, "invalid_scope", 1002012, f"The provided value for scope {scope} is not valid.")
            token = self.issue(scope.removesuffix("/.default"), f"https://sts.windows.net/{TENANT_ID}/", *who)
        except _Refused as refused:
            return _failure(refused, self._clock)
        answer = {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": token}
        return JSONResponse(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    async def _token_v1(self, request: Request) -> Response:
        try:
            form, who = await self._signed_in(request)
            if not (resource := form.get("resource", "")):
                raise _Refused(400, "invalid_resource", 50001, "The resource principal was not given.")
            token = self.issue(resource, f"https://sts.windows.net/{TENANT_ID}/", *who)
        except _Refused as refused:
            return _failure(refused, self._clock)
        now = int(self._clock.now().timestamp())
        numbers = {"expires_in": LIFETIME, "ext_expires_in": LIFETIME, "expires_on": now + LIFETIME, "not_before": now}
        texts = {name: str(number) for name, number in numbers.items()}
        answer = {"token_type": "Bearer", **texts, "resource": resource, "access_token": token}
        return JSONResponse(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    async def _signed_in(self, request: Request) -> tuple[Mapping[str, str], tuple[str, str]]:
        """The form of a token request, and (client id, object id) of who asks; raises `_Refused`."""
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        form.update(_basic(request.headers.get("authorization", "")))
        if not _is_tenant(tenant := request.path_params["tenant"]):
            raise _unknown_tenant(tenant)
        if (grant := form.get("grant_type")) != "client_credentials":
            sentence = (
                f"The app requested an unsupported grant type '{grant}'. The local cloud takes client_credentials."
            )
            raise _Refused(400, "unsupported_grant_type", 70003, sentence)
        if self._federation is not None and form.get("client_assertion_type") == ASSERTION:
            return form, await self._federated(self._federation, form)
        self._check_application(form)
        return form, (CLIENT_ID, PRINCIPAL_ID)

    async def _federated(self, federation: Federation, form: Mapping[str, str]) -> tuple[str, str]:
        client = form.get("client_id", "").lower()
        try:
            # In a thread: the keys of the issuer may have to be fetched.
            principal = await asyncio.to_thread(federation.principal, client, form.get("client_assertion", ""))
        except NotFederated as error:
            raise _Refused(401, "invalid_client", error.number, error.sentence) from None
        return client, principal

    def _check_application(self, form: Mapping[str, str]) -> None:
        if (client := form.get("client_id", "")).lower() != CLIENT_ID:
            sentence = f"Application with identifier '{client}' was not found in the directory 'localazure'."
            raise _Refused(400, "unauthorized_client", 700016, sentence)
        if not hmac.compare_digest(form.get("client_secret", "").encode(), self._credentials.client_secret.encode()):
            sentence = (
                f"Invalid client secret provided for the app '{CLIENT_ID}'. `localazure env` prints the right one."
            )
            raise _Refused(401, "invalid_client", 7000215, sentence)


def _bearer(authorization: str) -> str:
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        message = "Authentication failed. The 'Authorization' header is provided in an invalid format."
        raise _unauthorized("AuthenticationFailedInvalidHeader", message)
    return token.strip()


def _check_audience(claims: Mapping[str, Any]) -> None:
    if urlsplit(claims["aud"]).hostname in _ARM_HOSTS:
        return
    message = (
        f"The access token has been obtained for wrong audience or resource '{claims['aud']}'. It should exactly match "
        "with one of the allowed audiences 'https://management.azure.com/'."
    )
    raise _unauthorized("InvalidAuthenticationTokenAudience", message)


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _is_tenant(name: str) -> bool:
    return name.lower() in {TENANT_ID, *_ANY_TENANT}


def _basic(authorization: str) -> dict[str, str]:
    """Client id and secret from a Basic header (RFC 6749, 2.3.1), {} if there is none."""
    kind, _, encoded = authorization.partition(" ")
    if kind.lower() != "basic":
        return {}
    try:
        client, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": unquote(client), "client_secret": unquote(secret)}


def _unknown_tenant(tenant: str) -> _Refused:
    sentence = f"Tenant '{tenant}' not found. The tenant of the local cloud is {TENANT_ID}."
    return _Refused(400, "invalid_request", 90002, sentence)


def _failure(refused: _Refused, clock: Clock) -> Response:
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    stamp = f"{clock.now():%Y-%m-%d %H:%M:%SZ}"
    marks = f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
    body = {
        "error": refused.error,
        "error_description": f"AADSTS{refused.number}: {refused.sentence} {marks}",
        "error_codes": [refused.number],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
    }
    return JSONResponse(body, refused.status, headers={"Cache-Control": "no-store"})


def _unauthorized(code: str, message: str) -> ArmError:
    return ArmError(401, code, message)
