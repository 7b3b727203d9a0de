"""Tokens: what azure-identity and other clients get, and what ARM takes."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, EnvironmentCredential
from starlette.applications import Starlette

from localazure.arm.envelope import ArmError
from localazure.credentials import CLIENT_ID, TENANT_ID, Credentials, load_credentials
from localazure.identity import Identity

SECRET = "the-secret"


class StoppedClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    async def sleep_until(self, when: datetime) -> None:
        raise AssertionError(f"nothing sleeps here (until {when})")


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def identity(clock: StoppedClock) -> Identity:
    return Identity(Credentials(SECRET, "c2lnbmluZyBrZXkgb2YgMzIgYnl0ZXMgZm9yIHRlc3Rz"), clock)


class Http:
    """Calls the identity's routes in process."""

    def __init__(self, identity: Identity) -> None:
        self._transport = httpx.ASGITransport(Starlette(routes=identity.routes()))

    def get(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._call("GET", path, **options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._call("POST", path, **options))

    async def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url="https://127.0.0.1:1234") as client:
            return await client.request(method, path, **options)


@pytest.fixture
def http(identity: Identity) -> Http:
    return Http(identity)


def form(**changes: str) -> dict[str, str]:
    asked = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "scope": "https://management.azure.com/.default",
        "resource": "https://management.azure.com/",
    }
    return {name: value for name, value in {**asked, **changes}.items() if value}


def test_version_2_gives_a_token_for_the_scope(http: Http, identity: Identity) -> None:
    answer = http.post(f"/{TENANT_ID}/oauth2/v2.0/token", data=form()).json()
    assert (answer["token_type"], answer["expires_in"], answer["ext_expires_in"]) == ("Bearer", 3599, 3599)
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["aud"] == "https://management.azure.com"
    assert (claims["tid"], claims["appid"], claims["exp"] - claims["iat"]) == (TENANT_ID, CLIENT_ID, 3599)
    assert claims["oid"]
    identity.check(f"Bearer {answer['access_token']}")


def test_version_1_gives_its_numbers_as_texts(http: Http, identity: Identity) -> None:
    answer = http.post(f"/{TENANT_ID}/oauth2/token", data=form()).json()
    assert answer["expires_in"] == "3599"
    assert int(answer["expires_on"]) - int(answer["not_before"]) == 3599
    assert answer["resource"] == "https://management.azure.com/"
    identity.check(f"Bearer {answer['access_token']}")


def test_the_application_may_identify_itself_in_a_header(http: Http) -> None:
    data = form(client_id="", client_secret="")
    answer = http.post(f"/{TENANT_ID}/oauth2/v2.0/token", data=data, auth=(CLIENT_ID, SECRET))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("tenant", "change", "status", "error", "number"),
    [
        (TENANT_ID, {"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        (TENANT_ID, {"client_secret": ""}, 401, "invalid_client", 7000215),
        (TENANT_ID, {"client_id": "x"}, 400, "unauthorized_client", 700016),
        (TENANT_ID, {"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        (TENANT_ID, {"scope": "openid"}, 400, "invalid_scope", 1002012),
        ("other", {}, 400, "invalid_request", 90002),
    ],
)
def test_refusals_of_the_token_endpoint(
    http: Http, tenant: str, change: dict[str, str], status: int, error: str, number: int
) -> None:
    answer = http.post(f"/{tenant}/oauth2/v2.0/token", data=form(**change))
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert body["correlation_id"] in body["error_description"]
    assert SECRET not in answer.text


def test_metadata_has_what_the_azure_native_provider_reads(http: Http) -> None:
    found = http.get("/metadata/endpoints", params={"api-version": "2022-09-01"}).json()
    assert found["resourceManager"] == "https://127.0.0.1:1234"
    assert found["authentication"]["loginEndpoint"] == "https://127.0.0.1:1234"
    assert "https://management.azure.com/" in found["authentication"]["audiences"]
    assert {"name", "microsoftGraphResourceId"} <= set(found)
    assert {"storage", "keyVaultDns"} <= set(found["suffixes"])


@pytest.mark.parametrize("version", ["/v2.0", ""])
def test_discovery_leads_to_the_token_endpoint(http: Http, version: str) -> None:
    found = http.get(f"/{TENANT_ID}{version}/.well-known/openid-configuration").json()
    assert found["token_endpoint"] == f"https://127.0.0.1:1234/{TENANT_ID}/oauth2{version}/token"
    assert found["authorization_endpoint"].startswith(f"https://127.0.0.1:1234/{TENANT_ID}/")
    assert found["issuer"].startswith("https://127.0.0.1:1234/")


def refusal(identity: Identity, authorization: str | None) -> str:
    with pytest.raises(ArmError) as refused:
        identity.check(authorization)
    assert refused.value.status == 401
    return refused.value.code


def test_arm_takes_only_its_own_tokens(identity: Identity, clock: StoppedClock) -> None:
    token = identity.issue("https://management.azure.com/", "issuer")
    head, body, signature = token.split(".")
    unsigned = jwt.encode({"aud": "https://management.azure.com/", "exp": 9e9}, "", "none")
    assert refusal(identity, None) == "AuthenticationFailed"
    assert refusal(identity, "Basic abc") == "AuthenticationFailedInvalidHeader"
    assert refusal(identity, "Bearer abc") == "InvalidAuthenticationToken"
    assert refusal(identity, f"Bearer {head}.{body}.{signature[::-1]}") == "InvalidAuthenticationToken"
    assert refusal(identity, f"Bearer {unsigned}") == "InvalidAuthenticationToken"
    vault = identity.issue("https://vault.azure.net", "issuer")
    assert refusal(identity, f"Bearer {vault}") == "InvalidAuthenticationTokenAudience"
    assert identity.accepts(f"Bearer {vault}")
    clock.time += timedelta(seconds=3598)
    identity.check(f"bearer {token}")
    clock.time += timedelta(seconds=1)
    assert refusal(identity, f"Bearer {token}") == "ExpiredAuthenticationToken"
    assert not identity.accepts(f"Bearer {vault}")


def test_credentials_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    made = load_credentials(file)
    assert load_credentials(file) == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert made.client_secret not in repr(made)
    assert load_credentials(tmp_path / "other.json").client_secret != made.client_secret


@pytest.mark.cloud
def test_azure_identity_signs_in(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    credential = EnvironmentCredential(disable_instance_discovery=True)
    token = credential.get_token("https://management.azure.com/.default").token
    endpoint = live.environment["LOCALAZURE_ARM_ENDPOINT"]
    trusted = ssl.create_default_context(cafile=live.environment["SSL_CERT_FILE"])
    with httpx.Client(verify=trusted, trust_env=False) as http:
        answer = http.get(
            f"{endpoint}/subscriptions?api-version=2022-12-01", headers={"Authorization": f"Bearer {token}"}
        )
    assert answer.json()["value"][0]["state"] == "Enabled"


@pytest.mark.cloud
def test_azure_identity_tells_that_the_secret_is_wrong(live: Any) -> None:
    credential = ClientSecretCredential(
        TENANT_ID,
        CLIENT_ID,
        "wrong",
        authority=live.environment["AZURE_AUTHORITY_HOST"],
        disable_instance_discovery=True,
        connection_verify=live.environment["SSL_CERT_FILE"],
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential.get_token("https://management.azure.com/.default")
