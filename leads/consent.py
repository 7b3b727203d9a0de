"""A person's consent to a connection: found lapsed, and given anew.

An Office 365 connection sends mails in the name of whoever consented to it. The consent lapses without anybody touching
the stack: a changed password, a rule of conditional access, an account that was disabled. Only a person can give it.

Source: azure-rest-api-specs, Microsoft.Web 2016-06-01 (listConsentLinks, confirmConsentCode).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from azure.core.rest import HttpRequest

from leads.arm_errors import Explained, FlowError
from leads.clients import Clients
from leads.connections import VERSION, ApiConnection

CONSENTED_APIS = ("office365",)
"""The managed APIs of this project that a person consents to; every other one has its key or password in the stack."""
_PARAMETER = "token"  # of the connection: what the consent is kept in


def needs_consent(connection: ApiConnection) -> bool:
    """Whether a person consents to connections of this kind."""
    return connection.api.lower() in CONSENTED_APIS


def lapsed(connections: Sequence[ApiConnection]) -> list[ApiConnection]:
    """Those that wait for a person's consent, whether it was never given or is not valid any more."""
    return [one for one in connections if needs_consent(one) and not one.is_connected]


def renewal(stack: str) -> str:
    """The command that renews a lapsed consent."""
    return f"scripts/renew_consent.py --stack {stack}"


def portal_page(connection: ApiConnection) -> str:
    """The page of Azure's portal on which a person does the same: Authorize, then Save."""
    return f"https://portal.azure.com/#resource{connection.id}/edit"


def link(clients: Clients, connection: ApiConnection, redirect: str) -> str:
    """The address at which a person signs in and consents; it then leads to `redirect` with a code.

    Whoever has it can consent for the connection: it is for the person at this machine. Raises `FlowError`.
    """
    parameters = [{"parameterName": _PARAMETER, "redirectUrl": redirect}]
    answer = _post(clients, connection, "listConsentLinks", {"parameters": parameters})
    found = [str(one["link"]) for one in answer.get("value") or [] if one.get("link")]
    if not found:
        raise FlowError(f"connection {connection.name}: Azure gives no consent link; use {portal_page(connection)}")
    return found[0]


def confirm(clients: Clients, connection: ApiConnection, code: str) -> None:
    """Hand in the code that a consent led to; the connection is then connected. Raises `FlowError`."""
    _post(clients, connection, "confirmConsentCode", {"code": code})


def _post(clients: Clients, connection: ApiConnection, action: str, body: dict[str, Any]) -> dict[str, Any]:
    request = HttpRequest("POST", f"{connection.id}/{action}", params={"api-version": VERSION}, json=body)
    with Explained(f"connection {connection.name}"):
        answer = clients.resources.send_request(request)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json() if answer.content else {}
    return found
