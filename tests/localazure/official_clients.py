"""Microsoft's management clients on a local cloud."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx
from azure.identity import ClientSecretCredential
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient

from localazure.threaded import ThreadedCloud

SUBSCRIPTION = "10ca1a2e-0000-4000-8000-000000000001"


@dataclass
class Clients:
    """A running cloud and Microsoft's management clients on it."""

    cloud: ThreadedCloud
    environment: dict[str, str]

    @cached_property
    def credential(self) -> ClientSecretCredential:
        known = self.environment
        return ClientSecretCredential(
            known["AZURE_TENANT_ID"],
            known["AZURE_CLIENT_ID"],
            known["AZURE_CLIENT_SECRET"],
            authority=known["AZURE_AUTHORITY_HOST"],
            disable_instance_discovery=True,
            connection_verify=known["SSL_CERT_FILE"],
        )

    @cached_property
    def resources(self) -> ResourceManagementClient:
        return ResourceManagementClient(self.credential, SUBSCRIPTION, **self.options)

    @cached_property
    def storage(self) -> StorageManagementClient:
        return StorageManagementClient(self.credential, SUBSCRIPTION, **self.options)

    @property
    def options(self) -> dict[str, Any]:
        endpoint = self.environment["LOCALAZURE_ARM_ENDPOINT"]
        return {
            "base_url": endpoint,
            "credential_scopes": [f"{endpoint}/.default"],
            "connection_verify": self.environment["SSL_CERT_FILE"],
            "retry_total": 0,
        }

    def http(self) -> httpx.Client:
        """A plain client with a token, for what no official client says."""
        token = self.credential.get_token("https://management.azure.com/.default").token
        trusted = ssl.create_default_context(cafile=self.environment["SSL_CERT_FILE"])
        endpoint = self.environment["LOCALAZURE_ARM_ENDPOINT"]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=endpoint, verify=trusted, headers=headers, trust_env=False, timeout=120)
