"""Secrets are hidden in what run history shows; leads and errors are not."""

from __future__ import annotations

from typing import Any

import pytest

from leads.redaction import HIDDEN, Redactor, key_of, with_key

KEY = "Zm9v+/Lw=="
STRING = f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={KEY};EndpointSuffix=core.windows.net"


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ({"Authorization": "Bearer abc"}, {"Authorization": HIDDEN}),
        ({"headers": {"Ocp-Apim-Subscription-Key": "abc"}}, {"headers": {"Ocp-Apim-Subscription-Key": HIDDEN}}),
        (
            {"password": "p", "sharedkey": "k", "client_secret": "s"},
            dict.fromkeys(("password", "sharedkey", "client_secret"), HIDDEN),
        ),
        ([{"Set-Cookie": "a=b"}], [{"Set-Cookie": HIDDEN}]),
        ("https://x/a?sp=r&sig=abc%2F&se=1", f"https://x/a?sp=r&sig={HIDDEN}&se=1"),
        (STRING, f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={HIDDEN};EndpointSuffix=core.windows.net"),
        ("Bearer eyJ.x.y and more", f"Bearer {HIDDEN} and more"),
        ("SharedKey account:abc=", f"SharedKey account:{HIDDEN}"),
    ],
)
def test_secrets_are_hidden_by_name_and_by_form(found: Any, shown: Any) -> None:
    assert Redactor().value(found) == shown


@pytest.mark.parametrize(
    "found",
    [
        {"error": {"code": "Unauthorized", "message": "Ann <ann@example.com>"}},
        {"CustomerInfo": '{"Email":"ann@example.com"}', "PartitionKey": "11:2F24:2F2026", "RowKey": "r"},
        {"nextToken": None, "tokens": 3, "x-ms-continuationToken": "abc"},
        {"host": {"connection": {"name": "/subscriptions/s/resourceGroups/g"}}, "ok": True, "n": 1.5},
    ],
)
def test_what_is_no_secret_stays(found: Any) -> None:
    assert Redactor().value(found) == found


def test_a_known_key_is_hidden_wherever_it_stands() -> None:
    assert Redactor([KEY, ""]).value({"note": f"<{KEY}>"}) == {"note": f"<{HIDDEN}>"}


def test_the_key_of_a_connection_string_is_found_and_replaced() -> None:
    assert key_of(STRING) == KEY
    assert key_of("UseDevelopmentStorage=true") == ""
    assert with_key(STRING, "bmV3==") == STRING.replace(KEY, "bmV3==")
