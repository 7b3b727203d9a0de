"""Action groups: who is told of an alert. E-mail receivers get mails; the other kinds are kept and not acted on.

Source: azure-rest-api-specs, Microsoft.Insights 2023-01-01 (actionGroups_API).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler, Route
from localazure.arm.insights_documents import InsightsDocuments
from localazure.connectors.errors import ConnectorError
from localazure.connectors.mail import addresses

TYPE = "Microsoft.Insights/actionGroups"
VERSIONS = (
    "2024-10-01-preview",
    "2023-09-01-preview",
    "2023-01-01",
    "2022-06-01",
    "2022-04-01",
    "2021-09-01",
    "2019-06-01",
    "2019-03-01",
    "2018-09-01",
    "2018-03-01",
    "2017-04-01",
)

_SUBSCRIPTION = "/subscriptions/{subscription}/providers/Microsoft.Insights/actionGroups"
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Insights/actionGroups"
_ONE = f"{_GROUP}/{{name}}"

_RECEIVERS = ["email", "sms", "webhook", "itsm", "azureAppPush", "automationRunbook", "voice", "logicApp"]
_RECEIVERS += ["azureFunction", "armRole", "eventHub"]
_WITH_STATUS = ("email", "sms")
_WITH_SCHEMA = ("email", "webhook", "automationRunbook", "logicApp", "azureFunction", "armRole", "eventHub")


class ActionGroups(InsightsDocuments):
    """The routes of action groups."""

    TYPE = TYPE

    def routes(self) -> list[Route]:
        """What ARM serves."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", _SUBSCRIPTION, self._list_all),
            ("GET", _GROUP, self._list),
            ("GET", _ONE, self._get),
            ("PUT", _ONE, self._put),
            ("PATCH", _ONE, self._patch),
            ("DELETE", _ONE, self._delete),
            ("POST", f"{_ONE}/subscribe", self._enable_receiver),
            ("POST", f"{_ONE}/createNotifications", self._test),
            ("GET", f"{_ONE}/notificationStatus/{{notification}}", self._test_status),
        ]
        return [Route(method, template, handler, VERSIONS) for method, template, handler in table]

    def _put(self, request: ArmRequest) -> ArmResponse:
        identity = self._id(request)
        old = self._documents.get(identity)
        document = _new_document(identity if old is None else old["id"], request.body, old)
        self._documents.put(identity, TYPE, document)
        return ArmResponse(document, 201 if old is None else 200)

    def _patch(self, request: ArmRequest) -> ArmResponse:
        document, body = self._document(request), _object(request.body, "the body")
        if "tags" in body:
            document["tags"] = body["tags"] or {}
        enabled = _object(body.get("properties") or {}, "properties").get("enabled")
        if enabled is not None:
            document["properties"]["enabled"] = _boolean(enabled)
        self._documents.put(document["id"], TYPE, document)
        return ArmResponse(document)

    def _delete(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(status=200 if self._documents.delete(self._id(request)) else 204)

    def _enable_receiver(self, request: ArmRequest) -> ArmResponse:
        document, wanted = self._document(request), _object(request.body, "the body").get("receiverName")
        for kind in _WITH_STATUS:
            for receiver in document["properties"][f"{kind}Receivers"]:
                if receiver.get("name") == wanted:
                    return self._enable(document, receiver)
        raise ArmError(404, "ReceiverNotFound", f"The action group has no e-mail or SMS receiver '{wanted}'.")

    def _enable(self, document: dict[str, Any], receiver: dict[str, Any]) -> ArmResponse:
        if receiver.get("status") == "Enabled":
            raise ArmError(409, "ReceiverAlreadyEnabled", "The receiver is enabled already.")
        receiver["status"] = "Enabled"
        self._documents.put(document["id"], TYPE, document)
        return ArmResponse(None)

    async def _test(self, request: ArmRequest) -> ArmResponse:
        document, body = self._document(request), _object(request.body, "the body")
        receivers = _receivers(body)["emailReceivers"]
        await self._alerts.send_test(document["name"], [receiver["emailAddress"] for receiver in receivers])
        path = f"{document['id']}/notificationStatus/{uuid.uuid4().int % 10**14}"
        location = f"{request.base_url}{path}?api-version={request.api_version}"
        return ArmResponse(None, 202, {"Location": location, "retry-after-ms": "50"})

    def _test_status(self, request: ArmRequest) -> ArmResponse:
        self._document(request)
        return ArmResponse({"state": "Completed", "actionDetails": []})


def _new_document(identity: str, body: Any, old: Mapping[str, Any] | None) -> dict[str, Any]:
    given = _object(_object(body, "the body").get("properties"), "properties")
    name, short = identity.rsplit("/", 1)[-1], given.get("groupShortName")
    if not isinstance(short, str) or not 1 <= len(short) <= 12:
        raise _invalid("groupShortName is required and has 1 to 12 characters.")
    properties = {"groupShortName": short, "enabled": _boolean(given.get("enabled", True)), **_receivers(given, old)}
    document = {"id": identity, "type": TYPE, "name": name, "location": body.get("location") or "Global"}
    return {**document, "tags": body.get("tags") or {}, "properties": properties}


def _receivers(given: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> dict[str, list[dict[str, Any]]]:
    found = {f"{kind}Receivers": _of_kind(given, kind) for kind in _RECEIVERS}
    for receiver in found["emailReceivers"]:
        receiver["status"] = _status(receiver, old)
    names = [item["name"].lower() for items in found.values() for item in items]
    if len(names) != len(set(names)):
        raise _invalid("the names of the receivers must be unique within the action group.")
    return found


def _of_kind(given: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    items = given.get(f"{kind}Receivers") or []
    if not isinstance(items, list):
        raise _invalid(f"{kind}Receivers must be a list.")
    return [_receiver(item, kind) for item in items]


def _receiver(item: Any, kind: str) -> dict[str, Any]:
    receiver = dict(_object(item, f"each of {kind}Receivers"))
    if not isinstance(receiver.get("name"), str) or not receiver["name"]:
        raise _invalid(f"each of {kind}Receivers needs a name.")
    if kind == "email":
        _check_address(receiver)
    if kind in _WITH_STATUS:
        receiver["status"] = "Enabled"
    if kind in _WITH_SCHEMA:
        receiver.setdefault("useCommonAlertSchema", False)
    return receiver


def _check_address(receiver: Mapping[str, Any]) -> None:
    try:
        found = addresses(receiver.get("emailAddress"), "emailAddress")
    except ConnectorError:
        found = []
    if len(found) != 1:
        raise _invalid(f"the e-mail address of the receiver '{receiver['name']}' is not valid.")


def _status(receiver: Mapping[str, Any], old: Mapping[str, Any] | None) -> str:
    # A receiver that unsubscribed stays switched off as long as its address is the same.
    known = (old or {}).get("properties", {}).get("emailReceivers", [])
    address = receiver["emailAddress"].lower()
    return next((item["status"] for item in known if item["emailAddress"].lower() == address), "Enabled")


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(f"{what} must be a JSON object.")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _invalid("enabled must be true or false.")
    return value


def _invalid(reason: str) -> ArmError:
    return ArmError(400, "BadRequest", f"The action group is not valid: {reason}")
