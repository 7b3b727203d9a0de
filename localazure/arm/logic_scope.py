"""What the parts of Microsoft.Logic share: finding the workflow that a call is about, and wording refusals."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from localazure.arm import refusals
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError, ArmRequest, ArmResponse, Handler
from localazure.arm.logic_documents import TYPE, shown, shown_version
from localazure.arm.logic_shapes import Shapes
from localazure.arm.resource_ids import resource_id
from localazure.workflows.catalog import Workflow
from localazure.workflows.errors import WorkflowError
from localazure.workflows.runtime import WorkflowRuntime

VERSIONS = ("2019-05-01", "2016-06-01")
ONE = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Logic/workflows/{name}"

Table = list[tuple[str, str, Callable[[ArmRequest], ArmResponse]]]


class Workflows:
    """Documents and runtime seen together."""

    def __init__(self, documents: Documents, runtime: WorkflowRuntime) -> None:
        self.documents, self.runtime = documents, runtime

    def document(self, request: ArmRequest) -> dict[str, Any]:
        """The document of the workflow that the call names; ArmError 404 if there is none."""
        parameters = request.parameters
        found = self.documents.get(
            resource_id(parameters["subscription"], parameters["group"], TYPE, parameters["name"])
        )
        if found is None:
            raise refusals.resource_not_found(TYPE, parameters["name"], parameters["group"])
        return found

    def workflow(self, request: ArmRequest) -> Workflow:
        """What the runtime knows of it."""
        return self.runtime.workflow(self.document(request)["id"])

    def shapes(self, workflow: Workflow, version: str | None = None) -> Shapes:
        """What makes the answers about runs of one version (None: the present one)."""
        program = self.runtime.program(workflow["guid"], version or workflow["version"])
        return Shapes(workflow, program, self.runtime.endpoint, self.runtime.clock.now())

    def shown(self, document: dict[str, Any]) -> dict[str, Any]:
        return shown(document, self.runtime.workflow(document["id"]), self.runtime.endpoint)

    def version(self, document: dict[str, Any], name: str) -> dict[str, Any]:
        """One version; ArmError 404 if there is none of that name."""
        workflow = self.runtime.workflow(document["id"])
        saved = self.runtime.catalog.version(workflow["guid"], name)
        if saved is None:
            message = f"The workflow '{document['name']}' version '{name}' could not be found."
            raise ArmError(404, "WorkflowVersionNotFound", message)
        program = self.runtime.program(workflow["guid"], name)
        return shown_version(document, workflow, name, saved, program, self.runtime.endpoint)


def guarded(handler: Callable[[ArmRequest], ArmResponse | Awaitable[ArmResponse]]) -> Handler:
    """The handler, its WorkflowErrors turned into ARM's."""

    async def answer(request: ArmRequest) -> ArmResponse:
        try:
            given = handler(request)
            return await given if inspect.isawaitable(given) else given
        except WorkflowError as error:
            raise ArmError(error.status, error.code, error.message) from None

    return answer
