"""Azure Resource Manager as it answers: status, headers and body, an error no exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.rest import HttpRequest

from leads.environment import arm_options, credential
from leads.errors import LeadsError

if TYPE_CHECKING:
    from azure.mgmt.resource.resources import ResourceManagementClient

RESOURCES, STORAGE, LOGIC, WEB, ALERTS, METRICS = (
    "2024-03-01",
    "2024-01-01",
    "2019-05-01",
    "2016-06-01",
    "2018-03-01",
    "2018-01-01",
)


class ArmError(LeadsError):
    """ARM could not be asked, or answered what a probe cannot go on with."""


@dataclass(frozen=True)
class Answer:
    """One answer; `body` is parsed JSON, None if there is none."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        """Azure's code of an error, "" where there is none; also of the flat errors of Microsoft.Insights."""
        error = self.body.get("error", self.body) if isinstance(self.body, dict) else {}
        return str(error.get("code", "")) if isinstance(error, dict) else ""

    @property
    def is_fine(self) -> bool:
        return self.status < 400

    def needed(self, what: str) -> Any:
        """The body of an answer that must be fine; raises `ArmError`."""
        if not self.is_fine:
            raise ArmError(f"{what}: {self.status} {self.code}")
        return self.body


class Arm:
    """One subscription, with the sign-in that `environ` tells (`az login` and the like, or the local cloud's own)."""

    def __init__(self, environ: Mapping[str, str], subscription: str) -> None:
        from azure.mgmt.resource.resources import ResourceManagementClient

        self.subscription = subscription
        self._client: ResourceManagementClient = ResourceManagementClient(
            credential(environ), subscription, **arm_options(environ)
        )

    def call(self, method: str, path: str, version: str = "", body: Any = None, **query: str) -> Answer:
        """One call. `path` is an id, or an address that ARM has given (which has its version in it)."""
        params = {**query, **({"api-version": version} if version else {})}
        request = HttpRequest(method, path, params=params, json=body)
        try:
            answer = self._client.send_request(request)
        except ClientAuthenticationError:
            raise ArmError('sign-in failed; run `az login` (on the local cloud: eval "$(localazure env)")') from None
        except AzureError as error:
            raise ArmError(f"Azure Resource Manager does not answer ({type(error).__name__})") from None
        return Answer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, _parsed(answer))

    def pages(self, path: str, version: str, **query: str) -> list[list[Any]]:
        """All pages of a list; raises `ArmError`."""
        page = self.call("GET", path, version, **query).needed(path)
        found = [page["value"]]
        while link := page.get("nextLink"):
            page = self.call("GET", link).needed(path)
            found.append(page["value"])
        return found

    def list(self, path: str, version: str, **query: str) -> list[Any]:
        """All items of a list, page by page; raises `ArmError`."""
        return [item for page in self.pages(path, version, **query) for item in page]


def _parsed(answer: Any) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
