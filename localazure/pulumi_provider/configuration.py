"""The provider's configuration: what `Configure` sets, on top of what the local cloud was started with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

_PREFIX = "azure-native:config:"
_TOO_OLD = "Azure Native provider requires Pulumi CLI v3.74.0 or later"


class ConfigurationError(Exception):
    """The provider cannot work with what it was given; the message says what to set."""


@dataclass(frozen=True)
class Configuration:
    """Where ARM is and who asks. `location` is the default region, `ca_file` a bundle that signs ARM's certificate."""

    arm_endpoint: str
    subscription_id: str
    tenant_id: str
    client_id: str
    client_secret: str
    ca_file: str | None = None
    location: str | None = None
    skip_read_on_update: bool = False

    def __repr__(self) -> str:
        return f"Configuration({self.arm_endpoint!r}, subscription {self.subscription_id!r})"

    def credentials(self) -> Configuration:
        """What a client of ARM depends on: the same for all regions and subscriptions."""
        return replace(self, subscription_id="", location=None, skip_read_on_update=False)

    def configured(self, variables: Mapping[str, str]) -> Configuration:
        """The same with the `azure-native:*` settings of one Configure call (its `variables`)."""
        given = {name.removeprefix(_PREFIX): value for name, value in variables.items() if value}
        return replace(
            self,
            subscription_id=given.get("subscriptionId", self.subscription_id),
            tenant_id=given.get("tenantId", self.tenant_id),
            client_id=given.get("clientId", self.client_id),
            client_secret=given.get("clientSecret", self.client_secret),
            location=given.get("location", self.location),
            skip_read_on_update=given.get("skipReadOnUpdate", str(self.skip_read_on_update)).lower() == "true",
        )


def from_environment(environment: Mapping[str, str] = os.environ) -> Configuration:
    """The configuration of `localazure env`: LOCALAZURE_ARM_ENDPOINT, ARM_* and SSL_CERT_FILE."""
    names = ("LOCALAZURE_ARM_ENDPOINT", "ARM_SUBSCRIPTION_ID", "ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET")
    missing = [name for name in names if not environment.get(name)]
    if missing:
        raise ConfigurationError(f'{", ".join(missing)} not set: run `eval "$(localazure env)"` first.')
    endpoint, subscription, tenant, client, secret = (environment[name] for name in names)
    return Configuration(
        endpoint,
        subscription,
        tenant,
        client,
        secret,
        ca_file=environment.get("SSL_CERT_FILE") or None,
        skip_read_on_update=environment.get("ARM_SKIP_READ_ON_UPDATE") == "true",
    )


def require_old_inputs(*, sends_old_inputs: bool, sends_old_inputs_to_delete: bool) -> None:
    """Refuse an engine that is too old for this provider, with its words."""
    if not (sends_old_inputs and sends_old_inputs_to_delete):
        raise ConfigurationError(_TOO_OLD)
