"""The official management clients for a deployed stack, each made when it is first used, all with one sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from leads.environment import Deployed, arm_options, credential

if TYPE_CHECKING:
    from azure.mgmt.logic import LogicManagementClient
    from azure.mgmt.monitor import MonitorManagementClient
    from azure.mgmt.resource.resources import ResourceManagementClient
    from azure.mgmt.storage import StorageManagementClient


class Clients:
    """Clients on Azure, or on the local cloud where `environ` leads there. Importing one takes half a second."""

    def __init__(self, deployed: Deployed, environ: Mapping[str, str]) -> None:
        self.deployed = deployed
        self._environ = environ

    @cached_property
    def logic(self) -> LogicManagementClient:
        from azure.mgmt.logic import LogicManagementClient

        return LogicManagementClient(self._credential, self.deployed.subscription, **self._options)

    @cached_property
    def storage(self) -> StorageManagementClient:
        from azure.mgmt.storage import StorageManagementClient

        return StorageManagementClient(self._credential, self.deployed.subscription, **self._options)

    @cached_property
    def monitor(self) -> MonitorManagementClient:
        from azure.mgmt.monitor import MonitorManagementClient

        return MonitorManagementClient(self._credential, self.deployed.subscription, **self._options)

    @cached_property
    def resources(self) -> ResourceManagementClient:
        """For API connections, which no management client of their own serves."""
        from azure.mgmt.resource.resources import ResourceManagementClient

        return ResourceManagementClient(self._credential, self.deployed.subscription, **self._options)

    @cached_property
    def _credential(self) -> Any:
        return credential(self._environ)

    @property
    def _options(self) -> dict[str, Any]:
        return arm_options(self._environ)
