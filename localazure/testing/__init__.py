"""The local cloud in tests: one object that is decorator, context manager and fixture.

    @mock_azure
    def test_something(): ...

    with mock_azure() as azure:
        group = azure.create_group()

With pytest the fixtures of `localazure.pytest_plugin` (`mock_azure`, `virtual_azure`, `azure_table`, `azure_inbox`,
`deploy_workflow`, `make_localazure`) need no import at all.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, overload

from localazure.clock import VirtualClock
from localazure.cloud import Settings
from localazure.connectors.errors import ConnectorError
from localazure.connectors.faults import Fault
from localazure.connectors.given import FunctionConnector, RecordedAnswer, RecordedConnector
from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.testing.azure import ArmCallError, MockAzure, unique_name
from localazure.testing.inbox import Inbox
from localazure.testing.workflow import DeployedWorkflow, WorkflowRun
from localazure.threaded import ThreadedCloud

T = TypeVar("T")
P = ParamSpec("P")


@overload
def mock_azure(function: Callable[P, T]) -> Callable[P, T]: ...
@overload
def mock_azure(*, cloud: ThreadedCloud | None = None, settings: Settings | None = None) -> MockAzure: ...
def mock_azure(
    function: Callable[P, T] | None = None,
    *,
    cloud: ThreadedCloud | None = None,
    settings: Settings | None = None,
) -> Callable[P, T] | MockAzure:
    """Decorator (with or without parentheses) or context manager; see `MockAzure`."""
    azure = MockAzure(cloud, settings)
    return azure if function is None else azure(function)


__all__ = [
    "ArmCallError",
    "ConnectorError",
    "ConnectorRequest",
    "ConnectorResponse",
    "DeployedWorkflow",
    "Fault",
    "FunctionConnector",
    "Inbox",
    "MockAzure",
    "RecordedAnswer",
    "RecordedConnector",
    "VirtualClock",
    "WorkflowRun",
    "mock_azure",
    "unique_name",
]
