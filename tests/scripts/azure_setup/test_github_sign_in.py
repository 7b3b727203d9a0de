"""A workflow's token signs in as the pipeline's identity, by Microsoft's client; no other token does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientAssertionCredential
from azure_world import Azure
from cryptography.hazmat.primitives.asymmetric import rsa

from localazure.credentials import SUBSCRIPTION_ID, TENANT_ID
from scripts._arm import Arm, ArmRefusedError
from scripts._bootstrap import Bootstrap
from scripts._bootstrap_destroy import Destroy
from scripts._bootstrap_plan import GROUPS, Plan, Wanted
from scripts._github import AUDIENCE, ISSUER

pytestmark = pytest.mark.cloud

PREFIX = "repo:contoso@12/leads@34"
PLAN = Plan(Wanted(SUBSCRIPTION_ID, TENANT_ID, "oidc-leads", "westeurope", "Standard_LRS", PREFIX, ("prod",), "main"))
KEY, STRANGE_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


def github_keys(issuer: str) -> jwt.PyJWKSet:
    """What GitHub publishes; asked for no other issuer."""
    assert issuer == ISSUER
    public = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    return jwt.PyJWKSet.from_dict({"keys": [{**public, "kid": "github", "use": "sig", "alg": "RS256"}]})


def token(subject: str, key: rsa.RSAPrivateKey = KEY, **changes: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": subject, "aud": AUDIENCE, "iat": now, "nbf": now, "exp": now + 300, **changes}
    return jwt.encode(claims, key, "RS256", headers={"kid": "github"})


@pytest.fixture(scope="module")
def identities(whole: Azure) -> Iterator[dict[str, str]]:
    """Client ids of the identities, on a cloud that knows GitHub's keys."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in whole.environ.items():
            patch.setenv(name, value)
        patch.setattr(whole.cloud.cloud.parts.federation, "keys", github_keys)
        making = Bootstrap(whole.arm, PLAN, lambda _: None)
        list(making.run())
        yield {use: making.made[use]["properties"]["clientId"] for use in ("deploy", "preview")}
        list(Destroy(whole.arm, PLAN, lambda _: None).run())


@pytest.fixture
def sign_in(azure: Azure, identities: dict[str, str]) -> Callable[..., Arm]:
    """`sign_in("deploy", assertion)`: ARM as that identity sees it."""

    def sign_in(use: str, assertion: str) -> Arm:
        credential = ClientAssertionCredential(
            TENANT_ID,
            identities[use],
            lambda: assertion,
            authority=azure.environ["AZURE_AUTHORITY_HOST"],
            disable_instance_discovery=True,
        )
        return Arm(azure.environ, SUBSCRIPTION_ID, credential)

    return sign_in


def test_a_run_in_the_environment_signs_in_as_deployer(sign_in: Callable[..., Arm]) -> None:
    arm = sign_in("deploy", token(f"{PREFIX}:environment:prod"))
    assert arm.claims()["idtyp"] == "app"
    assert arm.put(f"{arm.scope}/resourceGroups/by-github", GROUPS, {"location": "westeurope"})["name"] == "by-github"
    assert arm.delete(f"{arm.scope}/resourceGroups/by-github", GROUPS)


def test_a_pull_request_previews_and_does_not_deploy(sign_in: Callable[..., Arm]) -> None:
    arm = sign_in("preview", token(f"{PREFIX}:pull_request"))
    assert arm.get(PLAN.group, GROUPS) is not None
    with pytest.raises(ArmRefusedError, match="AuthorizationFailed"):
        arm.put(f"{arm.scope}/resourceGroups/by-github", GROUPS, {"location": "westeurope"})


@pytest.mark.parametrize(
    ("assertion", "number"),
    [
        (lambda: token(f"{PREFIX}:pull_request"), 700213),
        (lambda: token(f"{PREFIX}:environment:PROD"), 7002138),
        (lambda: token("repo:contoso/leads:environment:prod"), 700213),
        (lambda: token(f"{PREFIX}:environment:prod", iss="https://elsewhere.example"), 700211),
        (lambda: token(f"{PREFIX}:environment:prod", aud="https://github.com/contoso"), 700212),
        (lambda: token(f"{PREFIX}:environment:prod", exp=int(time.time()) - 1), 700024),
        (lambda: token(f"{PREFIX}:environment:prod", STRANGE_KEY), 700027),
        (
            lambda: jwt.encode(
                {"iss": ISSUER, "sub": f"{PREFIX}:environment:prod", "aud": AUDIENCE, "exp": 9e9}, "", "none"
            ),
            700027,
        ),
        (lambda: "no token", 50027),
    ],
)
def test_no_other_token_signs_in(sign_in: Callable[..., Arm], assertion: Callable[[], str], number: int) -> None:
    arm = sign_in("deploy", assertion())
    with pytest.raises(ClientAuthenticationError, match=f"AADSTS{number}: "):
        arm._credential.get_token("https://management.azure.com/.default")


def test_an_identity_that_does_not_exist(azure: Azure, sign_in: Callable[..., Arm], identities: dict[str, str]) -> None:
    identities_before = dict(identities)
    identities["deploy"] = "7b0a2c1e-0000-4000-8000-000000000009"
    arm = sign_in("deploy", token(f"{PREFIX}:environment:prod"))
    identities.update(identities_before)
    with pytest.raises(ClientAuthenticationError, match="AADSTS700016: "):
        arm._credential.get_token("https://management.azure.com/.default")
