"""What carries out the engine's calls: managed connectors in process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.workflows.state import Instruction, RunData

_LOG = logging.getLogger(__name__)


class Connectors(Protocol):
    """The connector host, or whatever stands in for it."""

    async def call(self, connection_id: str, request: ConnectorRequest) -> ConnectorResponse:
        """Carry out one operation of a connection."""
        ...


class ConnectorCarrier:
    """Carries out `connector` instructions."""

    def __init__(self, connectors: Connectors) -> None:
        self._connectors = connectors

    async def __call__(self, _: RunData, instruction: Instruction) -> dict[str, Any]:
        request = instruction["request"]
        call = ConnectorRequest(
            request["method"], request["path"], request["queries"], request["headers"], request["body"]
        )
        try:
            response = await self._connectors.call(request["connection"], call)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            _LOG.warning("connector call of action %s failed: %s", instruction["action"], type(error).__name__)
            return failure("BadGateway", f"The connector failed without an answer ({type(error).__name__}).")
        return {"status": response.status, "headers": dict(response.headers), "body": response.body}


Function = Callable[[ConnectorRequest], Awaitable[ConnectorResponse]]


class FunctionCarrier:
    """Carries out `function` instructions. `functions`: resource id in lower case → what stands for the function."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = functions

    async def __call__(self, _: RunData, instruction: Instruction) -> dict[str, Any]:
        request = instruction["request"]
        function = self._functions.get(request["function"].lower())
        if function is None:
            name = request["function"].rsplit("/", 1)[-1]
            message = f"The function '{name}' does not run here: give the runtime something that stands for it."
            return failure("NotFound", message, retry=False)
        call = ConnectorRequest(request["method"], "/", request["queries"], request["headers"], request["body"])
        try:
            response = await function(call)
        except Exception as error:
            _LOG.warning("function of action %s failed: %s", instruction["action"], type(error).__name__)
            return failure("BadGateway", f"The function failed without an answer ({type(error).__name__}).")
        return {"status": response.status, "headers": dict(response.headers), "body": response.body}


def failure(code: str, message: str, retry: bool = True) -> dict[str, Any]:
    """The answer that stands for none. `retry`: whether it counts as a connectivity failure."""
    return {"failure": {"code": code, "message": message, "retry": retry}}
