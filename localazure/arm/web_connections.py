"""The documents of API connections: made of a PUT's body, shown without a secret.

Source: azure-rest-api-specs, Microsoft.Web 2016-06-01 (logicAppsManagementClient), answers quoted in public exports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localazure.arm.envelope import ArmError
from localazure.arm.resource_ids import parse_id
from localazure.connectors.catalogue import ManagedApi, managed_api
from localazure.connectors.connection import MANAGED_IDENTITY, UNAUTHENTICATED, Connection, ConnectionFault

TYPE = "Microsoft.Web/connections"
PREVIEW = "2018-07-01-preview"

_API_ID = re.compile(r"/?subscriptions/[^/]+/providers/Microsoft\.Web/locations/[^/]+/managedApis/[^/]+", re.IGNORECASE)


def new_document(resource_id: str, body: Any, now: str, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """The document of a PUT, without statuses; raises ArmError. What Azure does not know is dropped."""
    if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
        raise _invalid("The connection must have 'properties'.")
    if not isinstance(body.get("location"), str):
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    given, name = body["properties"], resource_id.rsplit("/", 1)[-1]
    properties: dict[str, Any] = {
        "displayName": given.get("displayName") or name,
        "customParameterValues": given.get("customParameterValues") or {},
        "createdTime": old["properties"]["createdTime"] if old else now,
        "changedTime": now,
        "api": _api(given),
        "testLinks": [],
    }
    document = {"id": resource_id, "name": name, "type": TYPE, "location": body["location"], "properties": properties}
    document["kind"] = body.get("kind") or (old or {}).get("kind") or "V1"
    if body.get("tags"):
        document["tags"] = body["tags"]
    return document


def new_secrets(body: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """The private data of a PUT: values that are not given stay. Raises ArmError for a parameter the API lacks."""
    given = body["properties"]
    secrets = dict(old)
    if isinstance(given.get("parameterValues"), dict):
        secrets["parameterValues"] = given["parameterValues"]
    value_set = given.get("parameterValueSet")
    if isinstance(value_set, dict) and value_set.get("name"):
        secrets["valueSet"] = value_set["name"]
        values = value_set.get("values") or {}
        secrets["parameterValues"] = {name: _value(item) for name, item in values.items()}
    elif str(given.get("parameterValueType", "")).lower() == "alternative":
        secrets["valueSet"] = MANAGED_IDENTITY
    elif "parameterValues" in given:
        secrets.pop("valueSet", None)
    _check_parameters(managed_api(_api_name(given)), secrets)
    return secrets


def connection_of(document: Mapping[str, Any], secrets: Mapping[str, Any]) -> Connection:
    """The connection as the connector host uses it."""
    api = managed_api(document["properties"]["api"]["name"])
    values = {name: _text(value) for name, value in (secrets.get("parameterValues") or {}).items()}
    return Connection(
        id=document["id"],
        api=api.name.lower(),
        parameter_values=values,
        fault=_fault(api, secrets),
        value_set=secrets.get("valueSet"),
        authenticated_user=secrets.get("consentedBy"),
    )


def shown(document: Mapping[str, Any], secrets: Mapping[str, Any], version: str, runtime_url: str) -> dict[str, Any]:
    """What a GET returns. The newer api-version shows more; neither shows a secret."""
    connection = connection_of(document, secrets)
    properties = {**document["properties"], "statuses": [_status(connection)]}
    if plain := _plain_values(managed_api(connection.api), secrets):
        properties["nonSecretParameterValues"] = plain
    if version == PREVIEW:
        properties["overallStatus"] = connection.status
        properties["connectionState"] = "Enabled"
        if connection.authenticated_user:
            properties["authenticatedUser"] = {"name": connection.authenticated_user}
        if connection.value_set:
            properties["parameterValueSet"] = {"name": connection.value_set, "values": {}}
        if document.get("kind") == "V2":
            properties["connectionRuntimeUrl"] = runtime_url
    return {**document, "properties": properties}


def _api(given: Mapping[str, Any]) -> dict[str, Any]:
    api = managed_api(_api_name(given))
    return {
        "name": api.name,
        "displayName": api.display_name,
        "description": api.description,
        "iconUri": f"https://connectoricons-prod.azureedge.net/{api.name}/icon.png",
        "brandColor": api.brand_color,
        "id": given["api"]["id"],
        "type": "Microsoft.Web/locations/managedApis",
    }


def _api_name(given: Mapping[str, Any]) -> str:
    api = given.get("api")
    text = api.get("id") if isinstance(api, dict) else None
    if not isinstance(text, str) or not _API_ID.fullmatch(text):
        raise _invalid(
            "The property 'api.id' must be the id of a managed API: "
            "/subscriptions/{subscription}/providers/Microsoft.Web/locations/{location}/managedApis/{api}."
        )
    return parse_id(text).names[-1]


def _check_parameters(api: ManagedApi, secrets: Mapping[str, Any]) -> None:
    given = secrets.get("parameterValues") or {}
    if not api.parameters or secrets.get("valueSet"):
        return
    for name in given:
        if api.parameter(name) is None and not name.startswith("token:"):
            raise ArmError(
                400,
                "BadRequest",
                "Input parameters are invalid. See details for more information. Details: errorCode: "
                f"ParameterNotDefined. Message: Parameter '{name}' is not allowed on the connection since it was not "
                "defined as a connection parameter when the API was registered.",
            )


def _fault(api: ManagedApi, secrets: Mapping[str, Any]) -> ConnectionFault | None:
    if secrets.get("valueSet") == MANAGED_IDENTITY and api.managed_identity:
        return None
    if api.needs_consent:
        return None if secrets.get("consentedBy") else UNAUTHENTICATED
    given = {name.lower() for name, value in (secrets.get("parameterValues") or {}).items() if value not in (None, "")}
    for name in api.parameters:
        if name not in api.optional and name.lower() not in given:
            return ConnectionFault(name, "ConfigurationNeeded", "Parameter value missing.")
    return None


def _status(connection: Connection) -> dict[str, Any]:
    if (fault := connection.fault) is None:
        return {"status": "Connected"}
    error = {"code": fault.code, "message": fault.message}
    return {"status": "Error", "target": fault.parameter, "error": error}


def _plain_values(api: ManagedApi, secrets: Mapping[str, Any]) -> dict[str, Any]:
    values = secrets.get("parameterValues") or {}
    return {api.parameter(name) or name: value for name, value in values.items() if not api.is_secret(name)}


def _value(item: Any) -> Any:
    return item.get("value") if isinstance(item, dict) else item


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _invalid(reason: str) -> ArmError:
    return ArmError(400, "InvalidRequestContent", f"The request content is not valid: {reason}")
