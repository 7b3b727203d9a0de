"""An API connection as the connector host sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

MANAGED_IDENTITY = "managedIdentityAuth"
"""Name of the parameter value set of a connection that uses the workflow's managed identity."""


@dataclass(frozen=True)
class ConnectionFault:
    """Why a connection cannot be used; `parameter` is the connection parameter that lacks (`token`)."""

    parameter: str
    code: str
    message: str


UNAUTHENTICATED = ConnectionFault("token", "Unauthenticated", "This connection is not authenticated.")


@dataclass(frozen=True)
class Connection:
    """`api` is the managed API's name in lower case; `parameter_values` hold secrets and stay out of every text.

    `fault` is None for a usable connection. `value_set` names the parameter value set, if the connection was made of
    one. `authenticated_user` is the address of the account that gave its consent.
    """

    id: str
    api: str
    parameter_values: Mapping[str, str] = field(default_factory=dict, repr=False)
    fault: ConnectionFault | None = None
    value_set: str | None = None
    authenticated_user: str | None = None

    def parameter(self, *names: str) -> str | None:
        """The value of the first of these parameters that is set; names match in any case, as Azure's do."""
        values = {name.lower(): value for name, value in self.parameter_values.items()}
        return next((values[name.lower()] for name in names if values.get(name.lower())), None)

    @property
    def status(self) -> str:
        """`Connected` or `Error`, as in the resource's `statuses`."""
        return "Connected" if self.fault is None else "Error"


class Connections(Protocol):
    """Where the host finds connections."""

    def __call__(self, connection_id: str) -> Connection | None:
        """The connection of this ARM id, or None."""
        ...
