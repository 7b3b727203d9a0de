"""The local cloud as the tests of preflight and bootstrap see it, and principals that may do less than its owner."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from azure.core.credentials import AccessToken

from localazure.credentials import SUBSCRIPTION_ID, TENANT_ID
from localazure.threaded import ThreadedCloud
from scripts._arm import Arm, Json

ROOT = Path(__file__).resolve().parents[3]
SCOPE = f"/subscriptions/{SUBSCRIPTION_ID}"


class TokenOf:
    """A credential of any principal, as Entra would sign it in."""

    def __init__(self, cloud: ThreadedCloud, principal: str, client: str = "some-client") -> None:
        self._identity = cloud.cloud.parts.identity
        self._who = (client, principal)

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        issuer = f"https://sts.windows.net/{TENANT_ID}/"
        token = self._identity.issue("https://management.azure.com/", issuer, *self._who)
        return AccessToken(token, int(time.time()) + 3000)


@dataclass
class Azure:
    """The local cloud as Azure: `arm` is its owner; what is put with `put` is removed again at the end of the test."""

    cloud: ThreadedCloud
    environ: dict[str, str]
    made: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def arm(self) -> Arm:
        return Arm(self.environ, SUBSCRIPTION_ID)

    def arm_of(self, principal: str) -> Arm:
        return Arm(self.environ, SUBSCRIPTION_ID, TokenOf(self.cloud, principal))

    def put(self, id_: str, version: str, body: Json) -> Json:
        self.made.append((id_, version))
        return self.arm.put(id_, version, body)

    def group(self, name: str, **tags: str) -> str:
        id_ = f"{SCOPE}/resourceGroups/{name}"
        self.put(id_, "2021-04-01", {"location": "westeurope", "tags": tags})
        return id_

    def lock(self, scope: str, level: str) -> str:
        id_ = f"{scope}/providers/Microsoft.Authorization/locks/test"
        self.put(id_, "2020-05-01", {"properties": {"level": level}})
        return id_

    def assign(self, role: str, principal: str, scope: str = SCOPE) -> None:
        """Give a principal a built-in role by its name."""
        definitions = f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions"
        found = self.arm.list(definitions, "2022-04-01", **{"$filter": f"roleName eq '{role}'"})
        properties = {"roleDefinitionId": found[0]["id"], "principalId": principal, "principalType": "ServicePrincipal"}
        id_ = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        self.put(id_, "2022-04-01", {"properties": properties})

    def run(self, script: str, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """A script of the project as a person runs it; a variable given as "" is not set."""
        environ = {**os.environ, **self.environ, "PULUMI_DEBUG_PROVIDERS": "azure-native:1", **changes}
        return subprocess.run(
            [sys.executable, str(ROOT / "scripts" / script), *arguments],
            env={name: value for name, value in environ.items() if value},
            capture_output=True,
            text=True,
            timeout=120,
        )
