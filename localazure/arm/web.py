"""Microsoft.Web, as far as Logic Apps need it: API connections, their consent, managed APIs.

Source: azure-rest-api-specs, Microsoft.Web 2016-06-01 (logicAppsManagementClient); the newer version as public
templates use it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.routing import Route as WebRoute

from localazure.arm import refusals, web_connections
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Route
from localazure.arm.resource_ids import group_id, resource_id
from localazure.arm.web_connections import TYPE
from localazure.arm.web_consent import ConsentLinks, redirect_of
from localazure.clock import Clock, WallClock
from localazure.connectors.catalogue import ManagedApi, is_listed, managed_api, managed_apis
from localazure.connectors.connection import Connection
from localazure.connectors.office365 import DEFAULT_SENDER
from localazure.connectors.paging import PageLinks

VERSIONS = (web_connections.PREVIEW, "2016-06-01")

_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Web/connections"
_ONE = f"{_GROUP}/{{name}}"
_APIS = "/subscriptions/{subscription}/providers/Microsoft.Web/locations/{location}/managedApis"


class WebProvider:
    """Connections and managed APIs.

    `base_url` is the address of the local cloud's HTTP side (consent page, connectors). With `auto_consent` a new
    connection that needs consent is authorized at once, for `DEFAULT_SENDER`. With `put_drops_consent` every PUT of a
    connection takes its consent away, as some say Azure does (not verified).
    """

    def __init__(
        self,
        documents: Documents,
        base_url: Callable[[], str],
        *,
        clock: Clock | None = None,
        auto_consent: bool = False,
        put_drops_consent: bool = False,
    ) -> None:
        self.auto_consent = auto_consent
        self.put_drops_consent = put_drops_consent
        self._documents = documents
        self._clock = clock or WallClock()
        self._links = PageLinks(base_url)
        self._consents = ConsentLinks(documents.store, self._clock, base_url, self.consent)

    def routes(self) -> list[Route]:
        """What ARM serves."""
        table = [
            ("GET", _GROUP, self._list),
            ("GET", _ONE, self._get),
            ("PUT", _ONE, self._put),
            ("PATCH", _ONE, self._patch),
            ("DELETE", _ONE, self._delete),
            ("POST", f"{_ONE}/listConsentLinks", self._list_consent_links),
            ("POST", f"{_ONE}/confirmConsentCode", self._confirm_consent_code),
            ("GET", _APIS, self._list_apis),
            ("GET", f"{_APIS}/{{name}}", self._get_api),
        ]
        return [Route(method, template, handler, VERSIONS) for method, template, handler in table]

    def page_routes(self) -> list[WebRoute]:
        """The consent page, for the root of the local cloud's HTTP side."""
        return self._consents.routes()

    def connection(self, connection_id: str) -> Connection | None:
        """The connection of this id as the connector host uses it, or None."""
        document = self._documents.get(connection_id)
        if document is None or document.get("type") != TYPE:
            return None
        return web_connections.connection_of(document, self._documents.secrets(connection_id))

    def consent(self, connection_id: str, account: str = DEFAULT_SENDER) -> None:
        """Authorize a connection for an account, as a person does on the consent page; KeyError if there is none."""
        secrets = {**self._documents.secrets(connection_id), "consentedBy": account}
        self._documents.put_secrets(connection_id, secrets)

    def revoke(self, connection_id: str) -> None:
        """Let a connection's consent lapse."""
        secrets = self._documents.secrets(connection_id)
        secrets.pop("consentedBy", None)
        self._documents.put_secrets(connection_id, secrets)

    def consent_link(self, connection_id: str, redirect: str = "") -> str:
        """A link to the page on which a person authorizes the connection."""
        return self._consents.link(connection_id, redirect)

    def delete(self, id: str) -> None:  # noqa: A002 - Azure's name for it
        """Called when a connection goes with its resource group; nothing else belongs to it."""

    def _list(self, request: ArmRequest) -> ArmResponse:
        group = _group_of(request)
        found = [self._shown(document, request) for document in self._documents.list(TYPE, group)]
        return ArmResponse({"value": found})

    def _get(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(self._shown(self._document(request), request))

    def _put(self, request: ArmRequest) -> ArmResponse:
        identity = _id(request)
        old = self._documents.get(identity)
        document = web_connections.new_document(identity if old is None else old["id"], request.body, self._now(), old)
        before = self._documents.secrets(identity)
        if self.put_drops_consent:
            before.pop("consentedBy", None)
        secrets = web_connections.new_secrets(request.body, before)
        if old is None and self.auto_consent and managed_api(document["properties"]["api"]["name"]).needs_consent:
            secrets["consentedBy"] = DEFAULT_SENDER
        self._documents.put(identity, TYPE, document, secrets)
        return ArmResponse(self._shown(document, request), 201 if old is None else 200)

    def _patch(self, request: ArmRequest) -> ArmResponse:
        document, body = self._document(request), request.body
        if not isinstance(body, dict):
            raise refusals.invalid_content("A JSON object is expected.")
        properties: dict[str, Any] = body["properties"] if isinstance(body.get("properties"), dict) else {}
        merged = {**document["properties"], **{k: v for k, v in properties.items() if k == "displayName"}}
        document = {**document, "properties": {**merged, "changedTime": self._now()}}
        if "tags" in body:
            document["tags"] = body["tags"] or {}
        given = {**properties, "api": document["properties"]["api"]}
        secrets = web_connections.new_secrets({"properties": given}, self._documents.secrets(document["id"]))
        self._documents.put(document["id"], TYPE, document, secrets)
        return ArmResponse(self._shown(document, request))

    def _delete(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(status=200 if self._documents.delete(_id(request)) else 204)

    def _list_consent_links(self, request: ArmRequest) -> ArmResponse:
        document = self._document(request)
        connection = web_connections.connection_of(document, self._documents.secrets(document["id"]))
        if not managed_api(connection.api).needs_consent:
            raise ArmError(400, "ConsentNotSupported", f"Connections of '{connection.api}' need no consent.")
        status = "Connected" if connection.fault is None else "Unauthenticated"
        link = self.consent_link(document["id"], redirect_of(request.body))
        return ArmResponse({"value": [{"link": link, "displayName": None, "status": status}]})

    def _confirm_consent_code(self, request: ArmRequest) -> ArmResponse:
        document, body = self._document(request), request.body
        code = body.get("code") if isinstance(body, dict) else None
        known = self._consents.connection_of(code) if isinstance(code, str) else None
        if known is None or known.lower() != document["id"].lower():
            raise ArmError(
                400,
                "InvalidConsentCode",
                "The consent code is not valid for this connection: take the 'code' of a link that listConsentLinks "
                "gave within the last 24 hours, or open that link.",
            )
        if self._documents.secrets(document["id"]).get("consentedBy") is None:
            self.consent(document["id"])
        return ArmResponse({name: body[name] for name in ("code", "objectId", "tenantId") if name in body})

    def _list_apis(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse({"value": [_api_document(api, request) for api in managed_apis()]})

    def _get_api(self, request: ArmRequest) -> ArmResponse:
        name = request.parameters["name"]
        if not is_listed(name):
            listed = ", ".join(api.name for api in managed_apis())
            raise ArmError(
                404, "ApiResourceNotFound", f"The API '{name}' could not be found. The local cloud tells of: {listed}."
            )
        return ArmResponse(_api_document(managed_api(name), request))

    def _document(self, request: ArmRequest) -> dict[str, Any]:
        document = self._documents.get(_id(request))
        if document is None:
            raise refusals.resource_not_found(TYPE, request.parameters["name"], request.parameters["group"])
        return document

    def _shown(self, document: dict[str, Any], request: ArmRequest) -> dict[str, Any]:
        url = self._links.runtime_url(document["properties"]["api"]["name"], document["id"])
        return web_connections.shown(document, self._documents.secrets(document["id"]), request.api_version, url)

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")


def _group_of(request: ArmRequest) -> str:
    return group_id(request.parameters["subscription"], request.parameters["group"])


def _id(request: ArmRequest) -> str:
    parameters = request.parameters
    return resource_id(parameters["subscription"], parameters["group"], TYPE, parameters["name"])


def _api_document(api: ManagedApi, request: ArmRequest) -> dict[str, Any]:
    location = request.parameters["location"]
    path = _APIS.format(subscription=request.parameters["subscription"], location=location)
    return {
        "properties": {
            "name": api.name,
            "connectionParameters": api.connection_parameters(),
            "metadata": {"source": "marketplace", "brandColor": api.brand_color},
            "runtimeUrls": [],
            "generalInformation": {
                "iconUrl": f"https://connectoricons-prod.azureedge.net/{api.name}/icon.png",
                "displayName": api.display_name,
                "description": api.description,
                "releaseTag": "Production",
            },
            "capabilities": ["actions"],
        },
        "id": f"{path}/{api.name}",
        "name": api.name,
        "type": "Microsoft.Web/locations/managedApis",
        "location": location,
    }
