"""What the kinds of Microsoft.Insights resource have in common: documents in a group, read and listed alike."""

from __future__ import annotations

from typing import Any, ClassVar

from localazure.arm import refusals
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmRequest, ArmResponse
from localazure.arm.resource_ids import group_id, resource_id
from localazure.monitor.alerts import Alerts


class InsightsDocuments:
    """Reads and lists of one kind; `TYPE` is its full type."""

    TYPE: ClassVar[str]

    def __init__(self, documents: Documents, alerts: Alerts) -> None:
        self._documents = documents
        self._alerts = alerts

    def _list_all(self, request: ArmRequest) -> ArmResponse:
        under = f"/subscriptions/{request.parameters['subscription']}"
        return ArmResponse({"value": self._documents.list(self.TYPE, under)})

    def _list(self, request: ArmRequest) -> ArmResponse:
        under = group_id(request.parameters["subscription"], request.parameters["group"])
        return ArmResponse({"value": self._documents.list(self.TYPE, under)})

    def _get(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(self._document(request))

    def _document(self, request: ArmRequest) -> dict[str, Any]:
        document = self._documents.get(self._id(request))
        if document is None:
            raise refusals.resource_not_found(self.TYPE, request.parameters["name"], request.parameters["group"])
        return document

    def _id(self, request: ArmRequest) -> str:
        parameters = request.parameters
        return resource_id(parameters["subscription"], parameters["group"], self.TYPE, parameters["name"])
