"""A lapsed consent is found, and asked for anew."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from leads import consent
from leads.arm_errors import FlowError
from leads.connections import ApiConnection

ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/connections/office365"


def connection(api: str = "office365", status: str = "Error") -> ApiConnection:
    return ApiConnection(ID, "office365", api, status, "This connection is not authenticated.", True)


class Answer:
    def __init__(self, body: dict[str, Any] | None, status: int = 200) -> None:
        self.content = json.dumps(body).encode() if body is not None else b""
        self._body, self._status = body, status

    def raise_for_status(self) -> None:
        if self._status >= 400:
            error = HttpResponseError(message="token abcdef is quoted here")
            error.error = SimpleNamespace(code="ConsentRefused")  # type: ignore[assignment]
            raise error

    def json(self) -> Any:
        return self._body


class Clients:
    """Takes one request, gives one answer."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.resources = self
        self.sent: Any = None

    def send_request(self, request: Any) -> Answer:
        self.sent = request
        return self._answer


def test_what_waits_for_a_person_is_told_apart_from_what_has_a_key() -> None:
    waiting = connection()
    assert consent.lapsed([waiting, connection(status="Connected"), connection(api="azuretables")]) == [waiting]
    assert consent.lapsed([connection(api="Office365")]) != []


def test_the_page_of_consent_is_asked_for() -> None:
    clients: Any = Clients(Answer({"value": [{"link": None}, {"link": "https://login.example/consent"}]}))
    assert consent.link(clients, connection(), "http://127.0.0.1:1/x") == "https://login.example/consent"
    assert clients.sent.url.startswith(f"{ID}/listConsentLinks")
    asked = json.loads(clients.sent.content)["parameters"]
    assert asked == [{"parameterName": "token", "redirectUrl": "http://127.0.0.1:1/x"}]


def test_the_code_is_handed_in() -> None:
    clients: Any = Clients(Answer(None))
    consent.confirm(clients, connection(), "code-1")
    assert clients.sent.url.startswith(f"{ID}/confirmConsentCode")
    assert json.loads(clients.sent.content) == {"code": "code-1"}


def test_no_link_leads_to_the_portal() -> None:
    clients: Any = Clients(Answer({"value": []}))
    with pytest.raises(FlowError, match=rf"https://portal\.azure\.com/#resource{ID}/edit"):
        consent.link(clients, connection(), "")


def test_a_refusal_is_one_line_without_what_the_service_quotes() -> None:
    clients: Any = Clients(Answer(None, 400))
    with pytest.raises(FlowError) as refused:
        consent.confirm(clients, connection(), "code-1")
    assert str(refused.value) == "connection office365: ConsentRefused"


def test_the_command_that_renews_names_the_stack() -> None:
    assert consent.renewal("prod") == "scripts/renew_consent.py --stack prod"
