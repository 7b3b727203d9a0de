"""The front door: what ARM does before a resource provider sees a call."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Route

ROOT = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Test/things"
THING = "/resourceGroups/group/providers/Microsoft.Test/things/one"
VERSION = "2020-01-01"


class Things:
    """A provider that shows what it was asked."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def routes(self) -> list[Route]:
        versions = (VERSION,)
        return [
            Route("GET", ROOT + "/{name}", self.show, versions),
            Route("PUT", ROOT + "/{name}", self.show_later, versions),
            Route("POST", ROOT + "/{name}/poke", self.show, versions),
            Route("GET", "/{scope}/providers/Microsoft.Test/marks/{mark}", self.show, versions),
        ]

    def show(self, request: ArmRequest) -> ArmResponse:
        if self.error:
            raise self.error
        seen = {"parameters": dict(request.parameters), "body": request.body, "base": request.base_url}
        return ArmResponse({**seen, "top": request.query.get("$TOP")})

    async def show_later(self, request: ArmRequest) -> ArmResponse:
        await asyncio.sleep(0)
        return self.show(request)


@pytest.fixture
def things() -> Things:
    return Things()


@pytest.fixture
def call(arm_over: Callable[..., Any], things: Things) -> Callable[..., Any]:
    arm = arm_over(things)

    def run(method: str, path: str, body: Any = None, version: str = VERSION, **query: str) -> Any:
        return asyncio.run(arm(method, path, body, version, **query))

    return run


def error_of(response: Any) -> tuple[int, str, str]:
    error = response.json()["error"]
    return response.status_code, error["code"], error["message"]


def test_a_path_matches_in_any_case_and_keeps_the_callers_spelling(call: Callable[..., Any]) -> None:
    answer = call("GET", "/resourcegroups/GROUP/PROVIDERS/microsoft.test/Things/My%2FThing", **{"$top": "3"})
    assert answer.json()["parameters"]["name"] == "My/Thing"
    assert answer.json()["parameters"]["group"] == "GROUP"
    assert answer.json()["top"] == "3"
    assert answer.json()["base"] == "https://arm.test"


def test_a_scope_keeps_its_slashes(call: Callable[..., Any]) -> None:
    answer = call("GET", f"/{THING}/providers/Microsoft.Test/marks/m".replace("//", "/"))
    assert answer.json()["parameters"]["scope"].endswith("/things/one")
    assert answer.json()["parameters"]["mark"] == "m"


def test_an_asynchronous_handler_gets_the_body(call: Callable[..., Any]) -> None:
    assert call("PUT", THING, {"a": [1, None]}).json()["body"] == {"a": [1, None]}


def test_every_answer_has_arms_headers(call: Callable[..., Any]) -> None:
    headers = call("GET", THING).headers
    for name in ("x-ms-request-id", "x-ms-correlation-request-id", "x-ms-routing-request-id"):
        assert headers[name]
    assert headers["x-ms-ratelimit-remaining-subscription-reads"].isdigit()
    assert headers["content-type"] == "application/json; charset=utf-8"


def test_no_token_is_refused_before_everything_else(arm_over: Callable[..., Any], things: Things) -> None:
    arm = arm_over(things)
    del arm.http.headers["Authorization"]
    answer = asyncio.run(arm("GET", "/subscriptions/unknown/anything"))
    assert error_of(answer)[:2] == (401, "AuthenticationFailed")
    assert answer.headers["x-ms-failure-cause"] == "gateway"


@pytest.mark.parametrize(
    ("method", "path", "version", "status", "code", "part"),
    [
        ("GET", THING, "", 400, "MissingApiVersionParameter", "(?api-version=) is required for all requests."),
        ("GET", "/subscriptions/abc/x", VERSION, 404, "SubscriptionNotFound", "The subscription 'abc' could not"),
        ("GET", THING.replace("group/", "gone/"), VERSION, 404, "ResourceGroupNotFound", "group 'gone' could"),
        ("GET", THING, "1999-01-01", 404, "InvalidResourceType", f"supported api-versions are '{VERSION}'"),
        ("PATCH", THING, VERSION, 405, "MethodNotAllowed", "serves: GET, PUT"),
        ("GET", THING.replace("things", "toys"), VERSION, 404, "InvalidResourceType", "Microsoft.Test/things"),
        ("GET", THING.replace("Microsoft.Test", "Microsoft.Sql"), VERSION, 404, "InvalidResourceNamespace", "Sql"),
        ("GET", "/nowhere", VERSION, 404, "NotFound", "does not serve"),
    ],
)
def test_arms_refusals(
    call: Callable[..., Any], method: str, path: str, version: str, status: int, code: str, part: str
) -> None:
    found = error_of(call(method, path, version=version))
    assert found[:2] == (status, code)
    assert part in found[2]


def test_a_put_with_a_location_names_it_when_the_api_version_is_wrong(call: Callable[..., Any]) -> None:
    status, code, message = error_of(call("PUT", THING, {"location": "West US"}, version="1999-01-01"))
    assert (status, code) == (400, "NoRegisteredProviderFound")
    assert "location 'westus' and API version '1999-01-01' for type 'things'" in message


def test_a_group_that_is_being_deleted_takes_nothing_new(call: Callable[..., Any], documents: Documents) -> None:
    group = documents.list("Microsoft.Resources/resourceGroups")[0]
    group["properties"]["provisioningState"] = "Deleting"
    documents.put(group["id"], group["type"], group)
    assert error_of(call("PUT", THING, {}))[:2] == (409, "ResourceGroupBeingDeleted")
    assert call("GET", THING).status_code == 200


def test_a_body_that_is_not_json_is_refused(arm_over: Callable[..., Any], things: Things) -> None:
    arm = arm_over(things)
    url = f"/subscriptions/10ca1a2e-0000-4000-8000-000000000001{THING}?api-version={VERSION}"
    answer = asyncio.run(arm.http.put(url, content=b'{"a":'))
    assert error_of(answer)[:2] == (400, "InvalidRequestContent")


def test_a_providers_error_keeps_code_status_and_details(call: Callable[..., Any], things: Things) -> None:
    things.error = ArmError(409, "Conflict", "no", target="t", details=[{"code": "x"}])
    answer = call("GET", THING)
    assert answer.status_code == 409
    assert answer.json() == {"error": {"code": "Conflict", "message": "no", "target": "t", "details": [{"code": "x"}]}}


def test_an_unexpected_error_shows_and_logs_no_data(
    call: Callable[..., Any], things: Things, caplog: pytest.LogCaptureFixture
) -> None:
    things.error = ValueError("AccountKey=secret")
    answer = call("GET", THING)
    assert error_of(answer)[:2] == (500, "InternalServerError")
    assert "secret" not in answer.text + caplog.text
    assert "ValueError" in caplog.text


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), sqlite3.OperationalError("full")])
def test_a_full_disk_is_said_clearly_and_not_retried(
    call: Callable[..., Any], things: Things, error: Exception
) -> None:
    if isinstance(error, sqlite3.Error):
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
    things.error = error
    status, code, message = error_of(call("GET", THING))
    assert (status, code) == (507, "InsufficientStorage")
    assert "Free some space" in message


def test_head_of_a_resource_tells_that_it_exists(call: Callable[..., Any]) -> None:
    answer = call("HEAD", THING)
    assert (answer.status_code, answer.content) == (204, b"")
