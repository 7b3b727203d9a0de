"""Official management clients, led to the local cloud by the environment that `localazure env` prints."""

from __future__ import annotations

from typing import Any

from azure.identity import ClientSecretCredential
from azure.mgmt.logic import LogicManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient


class ArmClients:
    """One credential, several clients."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._options: dict[str, Any] = {
            "base_url": environment["LOCALAZURE_ARM_ENDPOINT"],
            "credential_scopes": [environment["LOCALAZURE_ARM_ENDPOINT"] + "/.default"],
            "connection_verify": environment["REQUESTS_CA_BUNDLE"],
        }
        self._credential = ClientSecretCredential(
            environment["AZURE_TENANT_ID"],
            environment["AZURE_CLIENT_ID"],
            environment["AZURE_CLIENT_SECRET"],
            authority=environment["AZURE_AUTHORITY_HOST"],
            disable_instance_discovery=True,
            connection_verify=environment["REQUESTS_CA_BUNDLE"],
        )

    def logic(self) -> LogicManagementClient:
        return LogicManagementClient(self._credential, self._subscription, **self._options)

    def storage(self) -> StorageManagementClient:
        return StorageManagementClient(self._credential, self._subscription, **self._options)

    def resources(self) -> ResourceManagementClient:
        return ResourceManagementClient(self._credential, self._subscription, **self._options)

    def resource_groups(self) -> list[str]:
        return [str(group.name) for group in self.resources().resource_groups.list()]

    def account_keys(self, group: str, account: str) -> list[str]:
        listed = self.storage().storage_accounts.list_keys(group, account)
        return [key["value"] for key in listed["keys"]]  # `.keys` is the method of a mapping in this model

    @property
    def _subscription(self) -> str:
        return self._environment["LOCALAZURE_SUBSCRIPTION_ID"]
