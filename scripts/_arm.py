"""Azure Resource Manager by id, through Microsoft's resource client: what preflight and bootstrap ask and make.

The same code serves Azure and the local cloud. Documents are the JSON that ARM answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.core.rest import HttpRequest, HttpResponse
from azure.mgmt.resource.resources import ResourceManagementClient

from leads.arm_errors import code_of
from leads.environment import arm_options, credential
from leads.errors import LeadsError

_SCOPE = "https://management.azure.com/.default"
Json = dict[str, Any]


class ArmRefusedError(LeadsError):
    """ARM said no, or could not be asked. `code` is Azure's, "" if there was no answer; `status` likewise, else 0."""

    def __init__(self, message: str, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class Arm:
    """One subscription. `sign_in` is a credential; by default `az login` and the like, or the local cloud's own."""

    def __init__(self, environ: Mapping[str, str], subscription: str, sign_in: Any = None) -> None:
        self.subscription = subscription
        self.scope = f"/subscriptions/{subscription}"
        self._credential = sign_in or credential(environ)
        options = {**arm_options(environ), "retry_backoff_factor": 0.2}
        self._client = ResourceManagementClient(self._credential, subscription, **options)

    def claims(self) -> Json:
        """What the token says of who is signed in (`oid`, `tid`, `idtyp`); it is ARM that verifies it."""
        try:
            token = self._credential.get_token(_SCOPE).token
        except AzureError as error:
            raise _refusal(error, "signing in") from None
        return dict(jwt.decode(token, options={"verify_signature": False}))

    def get(self, id_: str, version: str) -> Json | None:
        """A document, None if there is none (404)."""
        answer = self._send("GET", id_, version)
        return None if answer.status_code == 404 else _json(answer)

    def list(self, path: str, version: str, **query: str) -> list[Json]:
        """All items of a list, page by page."""
        page = _json(self._checked(self._send("GET", path, version, query), path))
        found = list(page["value"])
        while link := page.get("nextLink"):
            page = _json(self._checked(self._ask(HttpRequest("GET", link), link), link))
            found += page["value"]
        return found

    def put(self, id_: str, version: str, body: Mapping[str, Any]) -> Json:
        """Create or change something, wait until it is done, and read it."""
        try:
            self._client.resources.begin_create_or_update_by_id(id_, dict(body), api_version=version).result()
        except AzureError as error:
            raise _refusal(error, id_) from None
        return _json(self._checked(self._send("GET", id_, version), id_))

    def delete(self, id_: str, version: str) -> bool:
        """Delete something and wait until it is gone; False if it was not there."""
        if self.get(id_, version) is None:
            return False
        try:
            self._client.resources.begin_delete_by_id(id_, api_version=version).result()
        except AzureError as error:
            raise _refusal(error, id_) from None
        return True

    def _send(self, method: str, path: str, version: str, query: Mapping[str, str] | None = None) -> HttpResponse:
        request = HttpRequest(method, path, params={"api-version": version, **(query or {})})
        answer = self._ask(request, path)
        return answer if answer.status_code == 404 else self._checked(answer, path)

    def _ask(self, request: HttpRequest, path: str) -> HttpResponse:
        try:
            return self._client.send_request(request)
        except AzureError as error:
            raise _refusal(error, path) from None

    def _checked(self, answer: HttpResponse, path: str) -> HttpResponse:
        try:
            answer.raise_for_status()
        except HttpResponseError as error:
            raise _refusal(error, path) from None
        return answer


def _json(answer: HttpResponse) -> Json:
    found: Json = answer.json()
    return found


def _refusal(error: AzureError, subject: str) -> ArmRefusedError:
    """In one line. What ARM says holds no secret: ids, names, actions."""
    if isinstance(error, HttpResponseError) and not isinstance(error, ClientAuthenticationError):
        said = error.error.message if error.error is not None else error.message
        first = str(said or "").strip().split("\n")[0]
        return ArmRefusedError(f"{subject}: {code_of(error)}: {first}", code_of(error), error.status_code or 0)
    if isinstance(error, ServiceRequestError):
        return ArmRefusedError("Azure Resource Manager does not answer; look at the network, or start the local cloud")
    return ArmRefusedError(
        'sign-in failed; run `az login` (on the local cloud: eval "$(localazure env)")', "SignIn", 401
    )
