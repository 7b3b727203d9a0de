"""What a stack tells its people."""

import base64
import re

import pytest
from azure.data.tables import TableServiceClient
from hypothesis import given
from hypothesis import strategies as st

from stacks import outputs

# Public JSON schema of Partner Center's lead configuration (its pattern for a storage account's connection string).
PARTNER_CENTER = re.compile(
    r"^DefaultEndpointsProtocol=https;AccountName=[a-z0-9]{3,24};AccountKey=[0-9a-zA-Z=+/]*"
    r"(;|;EndpointSuffix=(core\.chinacloudapi\.cn|core\.cloudapi\.de|core\.usgovcloudapi\.net|core\.windows\.net))?$"
)
KEY = base64.b64encode(bytes(range(64))).decode()
EMULATOR = "http://127.0.0.1:15705/leadslocal0123abcd/"


def test_the_connection_string_has_exactly_microsofts_form() -> None:
    found = outputs.connection_string("leadsdev0123abcd", KEY, "https://leadsdev0123abcd.table.core.windows.net/")
    assert found == (
        f"DefaultEndpointsProtocol=https;AccountName=leadsdev0123abcd;AccountKey={KEY};EndpointSuffix=core.windows.net"
    )


@given(
    account=st.from_regex(r"[a-z0-9]{3,24}", fullmatch=True),
    key=st.binary(min_size=64, max_size=64),
    suffix=st.sampled_from(outputs.AZURE_SUFFIXES),
)
def test_on_azure_it_always_fits_partner_centers_pattern(account: str, key: bytes, suffix: str) -> None:
    endpoint = f"https://{account}.table.{suffix}/"
    assert PARTNER_CENTER.match(outputs.connection_string(account, base64.b64encode(key).decode(), endpoint))


@pytest.mark.parametrize(
    "endpoint",
    [
        EMULATOR,
        "https://leads.contoso.com/",
        "https://leadslocal0123abcd.z01.table.storage.azure.net/",
        "http://leadslocal0123abcd.table.core.windows.net/",
        "https://other.table.core.windows.net/",
        "https://leadslocal0123abcd.table.core.windows.net:444/",
    ],
)
def test_elsewhere_it_names_the_table_endpoint_and_does_not_fit(endpoint: str) -> None:
    found = outputs.connection_string("leadslocal0123abcd", KEY, endpoint)
    assert found.endswith(f";TableEndpoint={endpoint}")
    assert not PARTNER_CENTER.match(found)


@pytest.mark.parametrize("endpoint", [EMULATOR, "https://leadslocal0123abcd.table.core.windows.net/"])
def test_the_official_client_goes_where_the_connection_string_says(endpoint: str) -> None:
    found = outputs.connection_string("leadslocal0123abcd", KEY, endpoint)
    with TableServiceClient.from_connection_string(found) as client:
        assert client.url.rstrip("/") == endpoint.rstrip("/")
        assert client.account_name == "leadslocal0123abcd"


def test_next_steps_lead_through_partner_center() -> None:
    text = outputs.next_steps("prod", "leads", "https://leads.table.core.windows.net/")
    order = ["pulumi stack output connectionString --show-secrets --stack prod", "Customer leads", "Azure\n   Table"]
    order += ["Validate", "Connect, then Save draft", "Publish the offer again"]
    places = [text.index(step) for step in order]
    assert places == sorted(places)


def test_next_steps_refuse_to_offer_an_emulators_connection_string() -> None:
    text = outputs.next_steps("local", "leadslocal0123abcd", EMULATOR)
    assert text.startswith("Not for Partner Center")
    assert "connectionString" not in text


def test_the_portal_shows_the_resource() -> None:
    assert outputs.portal_url("/subscriptions/s/x") == "https://portal.azure.com/#resource/subscriptions/s/x"


def test_authorization_leads_to_the_connection() -> None:
    assert "https://portal.azure.com/#resource/x/edit" in outputs.authorization(outputs.portal_url("/x"))
