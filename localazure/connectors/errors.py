"""How managed connectors fail: a status and a body `{"status", "message", "error": {"message"}, "source"}`.

Source of the shape: answers quoted in public issues (Azure/logicapps #1054,
Azure/remote-monitoring-services-java #132).
"""

from __future__ import annotations

import uuid
from typing import Any

from localazure.connectors.connection import Connection
from localazure.connectors.request import ConnectorResponse


class ConnectorError(Exception):
    """A connector's refusal: HTTP status and message; the host words the body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def failure(api: str, error: ConnectorError) -> ConnectorResponse:
    """The answer a connector gives for an error of its own."""
    # A request id per call, as Azure; made of random bits because nothing depends on it.
    message = f"{error.message}\r\nclientRequestId: {uuid.uuid4()}"
    body: dict[str, Any] = {
        "status": error.status,
        "message": message,
        "error": {"message": error.message},
        "source": f"{api}-local.azconn-local-001.p.azurewebsites.net",
    }
    return json_answer(error.status, body)


def blocked(connection: Connection) -> ConnectorResponse:
    """The answer for a connection without consent: the token exchange in front of the connector refuses it."""
    fault = connection.fault
    assert fault is not None
    message = (
        "Error from token exchange: Runtime call was blocked because connection has error status: Enabled| Error, "
        f"and {connection.api} is in the block list. Connection errors: [ParameterName: {fault.parameter}, "
        f"Error: Code: {fault.code}, Message: '{fault.message}']"
    )
    source = f"https://logic-apis-local.token.azure-apim.net:443/tokens/logic-apis-local/{connection.api}/exchange"
    return json_answer(401, {"status": 401, "source": source, "message": message})


def json_answer(status: int, body: Any) -> ConnectorResponse:
    """An answer with a JSON body."""
    return ConnectorResponse(status, {"Content-Type": "application/json; charset=utf-8"}, body)
