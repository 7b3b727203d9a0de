"""Microsoft.Web: API connections, consent, managed APIs. Shapes as in azure-rest-api-specs' examples."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from localazure.arm.documents import Documents
from localazure.arm.web import WebProvider
from localazure.connectors.connection import MANAGED_IDENTITY

SUBSCRIPTION = "10ca1a2e-0000-4000-8000-000000000001"
GROUP = "/resourceGroups/group/providers/Microsoft.Web/connections"
OLD, NEW = "2016-06-01", "2018-07-01-preview"


class MovableClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 10, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    async def sleep_until(self, when: datetime) -> None: ...


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def web(documents: Documents, clock: MovableClock) -> WebProvider:
    return WebProvider(documents, lambda: "http://127.0.0.1:8080", clock=clock)


@pytest.fixture
def call(web: WebProvider, arm_over: Callable[..., Any]) -> Callable[..., httpx.Response]:
    """`call(method, path, body, version)` on connections: `path` is what follows `…/connections`."""
    arm = arm_over(web)

    def call(method: str, path: str, body: Any = None, version: str = OLD) -> httpx.Response:
        full = path if path.startswith("/subscriptions") else GROUP + path
        return asyncio.run(arm(method, full, body, version=version))

    return call


def api_id(api: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/{api}"


def body(api: str = "azuretables", **properties: Any) -> dict[str, Any]:
    return {"location": "westeurope", "properties": {"api": {"id": api_id(api)}, **properties}}


def keyed() -> dict[str, Any]:
    return body(displayName="Leads", parameterValues={"storageaccount": "leads", "sharedkey": "c2VjcmV0"})


def full_id(name: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}{GROUP}/{name}"


def test_a_connection_is_made_changed_listed_and_deleted(call: Any) -> None:
    created = call("PUT", "/tables", keyed())
    assert created.status_code == 201
    shown = created.json()
    assert (shown["id"], shown["name"], shown["type"]) == (full_id("tables"), "tables", "Microsoft.Web/connections")
    properties = shown["properties"]
    assert properties["statuses"] == [{"status": "Connected"}]
    assert properties["displayName"] == "Leads" and properties["customParameterValues"] == {}
    assert properties["createdTime"] == properties["changedTime"] == "2026-11-24T10:00:00.000000Z"
    assert properties["api"]["id"] == api_id("azuretables")
    assert {"name", "displayName", "description", "iconUri", "brandColor", "id", "type"} == set(properties["api"])
    assert call("PUT", "/TABLES", keyed()).status_code == 200
    assert call("GET", "/tables").json() == shown
    assert call("GET", "").json() == {"value": [shown]}
    assert call("DELETE", "/tables").status_code == 200
    assert call("DELETE", "/tables").status_code == 204
    missing = call("GET", "/tables")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "ResourceNotFound")


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("how", ["parameterValues", "parameterValueSet"])
def test_no_answer_shows_a_secret(call: Any, version: str, how: str) -> None:
    given = keyed()
    if how == "parameterValueSet":
        values = given["properties"].pop("parameterValues")
        wrapped = {name: {"value": value} for name, value in values.items()}
        given["properties"]["parameterValueSet"] = {"name": "keyBasedAuth", "values": wrapped}
    answers = [call("PUT", "/tables", given, version), call("PUT", "/tables", given, version)]
    answers += [call("GET", "/tables", None, version), call("GET", "", None, version)]
    answers += [call("PATCH", "/tables", {"tags": {"a": "b"}, "properties": given["properties"]}, version)]
    for answer in answers:
        assert answer.status_code in (200, 201)
        assert "c2VjcmV0" not in answer.text and "parameterValues" not in answer.text


def test_the_host_gets_the_secret(call: Any, web: WebProvider) -> None:
    call("PUT", "/tables", keyed())
    connection = web.connection(full_id("TABLES"))
    assert connection is not None and connection.parameter("SharedKey") == "c2VjcmV0"
    assert "c2VjcmV0" not in repr(connection)
    assert web.connection(full_id("other")) is None
    assert web.connection(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/group") is None


def test_values_that_are_not_secret_are_shown(call: Any) -> None:
    shown = call("PUT", "/tables", keyed()).json()
    assert shown["properties"]["nonSecretParameterValues"] == {"storageaccount": "leads"}


def test_a_put_without_values_keeps_them_and_one_with_values_replaces_them(call: Any, web: WebProvider) -> None:
    call("PUT", "/tables", keyed())
    call("PUT", "/tables", body(displayName="Other"))
    kept = web.connection(full_id("tables"))
    assert kept is not None and kept.parameter("sharedkey") == "c2VjcmV0"
    replaced = call("PUT", "/tables", body(parameterValues={"storageaccount": "leads"})).json()
    assert replaced["properties"]["statuses"] == [
        {
            "status": "Error",
            "target": "sharedkey",
            "error": {"code": "ConfigurationNeeded", "message": "Parameter value missing."},
        }
    ]


def test_what_azure_does_not_know_is_dropped_and_what_it_computes_is_not_taken(call: Any) -> None:
    given = keyed()
    given["unknown"] = 1
    given["properties"] |= {"unknown": 1, "statuses": [{"status": "Error"}], "createdTime": "1999-01-01T00:00:00Z"}
    shown = call("PUT", "/tables", given).json()
    assert "unknown" not in shown and "unknown" not in shown["properties"]
    assert shown["properties"]["statuses"] == [{"status": "Connected"}]
    assert shown["properties"]["createdTime"].startswith("2026")


def test_managed_identity_needs_no_values(call: Any, web: WebProvider) -> None:
    given = {**body(parameterValueSet={"name": MANAGED_IDENTITY, "values": {}}), "kind": "V1"}
    shown = call("PUT", "/tables", given, NEW).json()
    assert shown["properties"]["overallStatus"] == "Connected"
    assert shown["properties"]["parameterValueSet"] == {"name": MANAGED_IDENTITY, "values": {}}
    connection = web.connection(full_id("tables"))
    assert connection is not None and connection.value_set == MANAGED_IDENTITY


def test_the_newer_version_shows_more(call: Any) -> None:
    shown = call("PUT", "/tables", {**keyed(), "kind": "V2"}, NEW).json()
    assert shown["kind"] == "V2" and shown["properties"]["connectionState"] == "Enabled"
    assert shown["properties"]["connectionRuntimeUrl"].startswith("http://127.0.0.1:8080/apim/azuretables/")
    assert "overallStatus" not in call("GET", "/tables").json()["properties"]


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (None, "InvalidRequestContent", "properties"),
        ({"location": "westeurope"}, "InvalidRequestContent", "properties"),
        ({"properties": {"api": {"id": api_id("smtp")}}}, "LocationRequired", "location"),
        ({"location": "westeurope", "properties": {}}, "InvalidRequestContent", "api.id"),
        ({"location": "westeurope", "properties": {"api": {"id": "smtp"}}}, "InvalidRequestContent", "api.id"),
        (
            body("azuretables", parameterValues={"sharedKeys": "x"}),
            "BadRequest",
            "Parameter 'sharedKeys' is not allowed",
        ),
    ],
)
def test_a_bad_connection_is_refused(call: Any, given: Any, code: str, words: str) -> None:
    refused = call("PUT", "/tables", given)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, code)
    assert words in refused.json()["error"]["message"]
    assert call("GET", "/tables").status_code == 404


def test_tags_and_name_can_be_patched(call: Any, web: WebProvider) -> None:
    call("PUT", "/tables", {**keyed(), "tags": {"a": "b"}})
    patched = call("PATCH", "/tables", {"tags": {"c": "d"}, "properties": {"displayName": "New"}}).json()
    assert patched["tags"] == {"c": "d"} and patched["properties"]["displayName"] == "New"
    connection = web.connection(full_id("tables"))
    assert connection is not None and connection.parameter("sharedkey") == "c2VjcmV0"
    assert call("PATCH", "/none", {}).status_code == 404


def test_a_put_with_other_api_parameters_in_any_case(call: Any) -> None:
    given = body(parameterValues={"storageAccount": "leads", "sharedKey": "c2VjcmV0"})
    assert call("PUT", "/tables", given).json()["properties"]["statuses"] == [{"status": "Connected"}]


def test_smtp_needs_only_its_server(call: Any, web: WebProvider) -> None:
    values = {"serverAddress": "mail.contoso.com", "port": 587, "enableSSL": True, "password": "s3cret"}
    shown = call("PUT", "/smtp", body("smtp", parameterValues=values))
    assert shown.json()["properties"]["statuses"] == [{"status": "Connected"}] and "s3cret" not in shown.text
    connection = web.connection(full_id("smtp"))
    assert connection is not None
    assert (connection.parameter("port"), connection.parameter("enableSSL")) == ("587", "true")


def statuses(call: Any, name: str = "mail") -> Any:
    return call("GET", f"/{name}").json()["properties"]["statuses"]


UNAUTHENTICATED = [
    {
        "status": "Error",
        "target": "token",
        "error": {"code": "Unauthenticated", "message": "This connection is not authenticated."},
    }
]


def test_office365_starts_unauthenticated_and_its_link_s_code_connects_it(call: Any) -> None:
    call("PUT", "/mail", body("office365"))
    assert statuses(call) == UNAUTHENTICATED
    wanted = {"parameters": [{"parameterName": "token", "redirectUrl": "https://portal.azure.com", "objectId": "o"}]}
    link = call("POST", "/mail/listConsentLinks", wanted).json()["value"][0]["link"]
    assert link.startswith("http://127.0.0.1:8080/consent?code=")
    given = {"code": link.split("code=")[1], "objectId": "o", "tenantId": "t"}
    confirmed = call("POST", "/mail/confirmConsentCode", given)
    assert confirmed.status_code == 200 and confirmed.json() == given
    assert statuses(call) == [{"status": "Connected"}]
    assert call("GET", "/mail", None, NEW).json()["properties"]["authenticatedUser"]["name"]


def test_a_code_is_good_for_its_connection_and_its_day_only(call: Any, clock: MovableClock) -> None:
    for name in ("mail", "other"):
        call("PUT", f"/{name}", body("office365"))
    code = call("POST", "/mail/listConsentLinks", {}).json()["value"][0]["link"].split("code=")[1]
    for name, wrong in [("other", code), ("mail", "guess"), ("mail", ""), ("mail", None)]:
        refused = call("POST", f"/{name}/confirmConsentCode", {"code": wrong})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "InvalidConsentCode")
    clock.at += timedelta(hours=25)
    assert call("POST", "/mail/confirmConsentCode", {"code": code}).status_code == 400
    assert statuses(call) == statuses(call, "other") == UNAUTHENTICATED


def test_consent_survives_a_put_unless_puts_drop_it(call: Any, web: WebProvider) -> None:
    call("PUT", "/mail", body("office365"))
    web.consent(full_id("mail"), "ann@contoso.com")
    call("PUT", "/mail", body("office365", displayName="New"))
    connection = web.connection(full_id("mail"))
    assert connection is not None and (connection.fault, connection.authenticated_user) == (None, "ann@contoso.com")
    web.put_drops_consent = True
    call("PUT", "/mail", body("office365", displayName="Newer"))
    assert statuses(call) == UNAUTHENTICATED


def test_consent_may_be_revoked(call: Any, web: WebProvider) -> None:
    call("PUT", "/mail", body("office365"))
    web.consent(full_id("mail"))
    web.revoke(full_id("mail"))
    assert statuses(call) == UNAUTHENTICATED
    with pytest.raises(KeyError):
        web.consent(full_id("none"))


def test_auto_consent_connects_what_needs_consent(call: Any, web: WebProvider) -> None:
    web.auto_consent = True
    call("PUT", "/mail", body("office365"))
    call("PUT", "/tables", body())
    assert statuses(call) == [{"status": "Connected"}]
    assert statuses(call, "tables")[0]["error"]["code"] == "ConfigurationNeeded"


def test_connections_without_consent_have_no_links(call: Any) -> None:
    call("PUT", "/tables", keyed())
    assert call("POST", "/tables/listConsentLinks", {}).status_code == 400
    assert call("POST", "/none/listConsentLinks", {}).status_code == 404


class Person:
    """Opens the consent page."""

    def __init__(self, web: WebProvider) -> None:
        self._transport = httpx.ASGITransport(Starlette(routes=web.page_routes()))

    def open(self, url: str, form: dict[str, str] | None = None, host: str = "127.0.0.1:8080") -> httpx.Response:
        async def request() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport) as client:
                return await client.request("GET" if form is None else "POST", url, data=form, headers={"Host": host})

        return asyncio.run(request())


def test_a_person_consents_on_the_page(call: Any, web: WebProvider) -> None:
    call("PUT", "/mail", body("office365"))
    link, person = web.consent_link(full_id("mail")), Person(web)
    page = person.open(link)
    assert (
        page.status_code == 200
        and "mail" in page.text
        and "default-src 'none'" in page.headers["content-security-policy"]
    )
    code = link.split("code=")[1]
    done = person.open("http://127.0.0.1:8080/consent", {"code": code, "account": "ann@contoso.com"})
    assert done.status_code == 200 and "Connected" in done.text
    connection = web.connection(full_id("mail"))
    assert connection is not None and connection.authenticated_user == "ann@contoso.com"


def test_the_page_takes_an_address_only_and_no_deleted_connection(call: Any, web: WebProvider) -> None:
    call("PUT", "/mail", body("office365"))
    code, person = web.consent_link(full_id("mail")).split("code=")[1], Person(web)
    for account in ("nobody", "<script>", "a@b.c;d@e.f"):
        wrong = person.open("http://x/consent", {"code": code, "account": account})
        assert wrong.status_code == 400 and "no e-mail address" in wrong.text and "<script>" not in wrong.text
    assert statuses(call) == UNAUTHENTICATED
    call("DELETE", "/mail")
    assert person.open("http://x/consent", {"code": code}).status_code == 404


def test_a_program_on_this_machine_gets_the_code_back_and_nobody_else(call: Any, web: WebProvider) -> None:
    call("PUT", "/mail", body("office365"))
    for redirect, location in [
        ("http://127.0.0.1:5000/back", "http://127.0.0.1:5000/back?code="),
        ("http://localhost:5000/back?a=b", "http://localhost:5000/back?a=b&code="),
        ("https://evil.example/", None),
        ("javascript:alert(1)", None),
        ("http://127.0.0.1@evil.example/", None),
    ]:
        code = web.consent_link(full_id("mail"), redirect).split("code=")[1]
        answer = Person(web).open("http://127.0.0.1:8080/consent", {"code": code})
        assert answer.headers.get("location") == (location and location + code)


def test_the_page_refuses_wrong_codes_and_foreign_hosts(call: Any, web: WebProvider) -> None:
    call("PUT", "/mail", body("office365"))
    link, person = web.consent_link(full_id("mail")), Person(web)
    code = link.split("code=")[1]
    assert person.open("http://x/consent?code=guess").status_code == 404
    assert person.open("http://x/consent", {"code": "guess"}).status_code == 404
    assert person.open(link, host="evil.example").status_code == 421
    assert person.open("http://x/consent", {"code": code}, host="evil.example").status_code == 421
    assert statuses(call) == UNAUTHENTICATED


def test_managed_apis(call: Any) -> None:
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis"
    listed = call("GET", path).json()["value"]
    assert {"azuretables", "office365", "smtp", "acsemail"} <= {item["name"] for item in listed}
    one = call("GET", f"{path}/AzureTables").json()
    assert one == next(item for item in listed if item["name"] == "azuretables")
    assert one["id"] == f"{path}/azuretables" and one["location"] == "westeurope"
    assert one["properties"]["connectionParameters"]["sharedkey"]["type"] == "securestring"
    assert (
        call("GET", f"{path}/office365").json()["properties"]["connectionParameters"]["token"]["type"] == "oauthSetting"
    )
    assert call("GET", f"{path}/none").status_code == 404


def test_other_versions_are_refused_by_name(call: Any) -> None:
    refused = call("GET", "/tables", None, "2099-01-01")
    assert refused.status_code in (400, 404) and "2016-06-01" in refused.json()["error"]["message"]
